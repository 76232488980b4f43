#include "pfa/report/group_table.h"

#include "pfa/report/table.h"
#include "pfa/report/tally.h"
#include "pfa/report/view.h"

static void add_header(struct table *t, const struct group_table *about)
{
	static const char *const names[] = { "faults", "major", "minor", "cow",
					     "invalid" };

	table_cell(t, about->what);
	for (int i = 0; i < 5; i++)
		table_cell(t, names[i]);
	if (about->times) {
		table_cell(t, "time");
		table_cell(t, "max");
	}
}

static void add_counts(struct table *t, const struct counts *c, bool times)
{
	table_count_cell(t, c->faults);
	for (int type = 0; type < FAULT_TYPE_COUNT; type++)
		table_count_cell(t, c->by_type[type]);
	if (!times)
		return;
	if (c->timed) {
		table_time_cell(t, c->time_ns);
		table_time_cell(t, c->max_ns);
	} else {
		table_cell(t, "-");
		table_cell(t, "-");
	}
}

static void add_name(struct table *t, const struct group_table *about,
		     const struct group *group)
{
	struct text name;

	if (!about->put_name) {
		table_cell(t, group->name);
		return;
	}
	text_init(&name);
	about->put_name(&name, group);
	table_cell(t, text_cstr(&name));
	text_release(&name);
}

void group_table_print(struct text *out, const struct view *view,
		       const struct group_table *about,
		       const struct group *const *groups, size_t count)
{
	struct table table;
	size_t i;

	if (!count)
		return;
	text_printf(out, "\n%s\n", about->title);
	table_init(&table, about->times ? "lrrrrrrr" : "lrrrrr");
	add_header(&table, about);
	for (i = 0; i < count && i < view->top; i++) {
		add_name(&table, about, groups[i]);
		add_counts(&table, &groups[i]->counts, about->times);
	}
	table_print(&table, out);
	if (i < count)
		text_printf(out, "  ... %zu more (--top=%zu shows them)\n",
			    count - i, count);
	table_release(&table);
}
