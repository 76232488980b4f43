#include "pfa/report/breakdown.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pfa/base/units.h"
#include "pfa/report/table.h"
#include "pfa/report/tally.h"
#include "pfa/report/view.h"

struct breakdown {
	struct text *out;
	const struct view *view;
	const struct tally *tally;
};

static void add_counts_header(struct table *t, bool times)
{
	static const char *const names[] = { "faults", "major", "minor", "cow",
					     "invalid" };

	for (int i = 0; i < 5; i++)
		table_cell(t, names[i]);
	if (times) {
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

static void name_of_place(const struct group *g, char *buf, size_t size)
{
	char at[UNITS_MAX];

	snprintf(buf, size, "%s at %s", g->name, units_size(at, g->offset_bytes));
}

static void add_name(struct table *t, enum tally_group which, const struct group *g)
{
	char buf[128];

	if (which == GROUP_KIND) {
		snprintf(buf, sizeof(buf), "%s %s", fault_type_name(g->type),
			 g->name);
		table_cell(t, buf);
	} else if (which == GROUP_MAJOR_PLACE) {
		name_of_place(g, buf, sizeof(buf));
		table_cell(t, buf);
	} else {
		table_cell(t, g->name);
	}
}

static void print_groups(const struct breakdown *b, enum tally_group which,
			 const char *title, const char *what)
{
	bool times = !b->view->fixed_ts && b->tally->total.timed;
	const struct group **groups;
	struct table table;
	size_t count, i;

	groups = tally_sorted(b->tally, which, &count);
	if (!count) {
		free(groups);
		return;
	}
	text_printf(b->out, "\n%s\n", title);
	table_init(&table, times ? "lrrrrrrr" : "lrrrrr");
	table_cell(&table, what);
	add_counts_header(&table, times);
	for (i = 0; i < count && i < b->view->top; i++) {
		add_name(&table, which, groups[i]);
		add_counts(&table, &groups[i]->counts, times);
	}
	table_print(&table, b->out);
	if (i < count)
		text_printf(b->out, "  ... %zu more (--top=%zu shows them)\n",
			    count - i, count);
	table_release(&table);
	free(groups);
}

static void print_slowest(const struct breakdown *b)
{
	const struct tally *t = b->tally;
	struct table table;
	char buf[UNITS_MAX];

	if (!t->slowest_count)
		return;
	text_str(b->out, "\nSlowest faults\n");
	table_init(&table, "rlll");
	table_cell(&table, "latency");
	table_cell(&table, "kind");
	table_cell(&table, "address");
	table_cell(&table, "region");
	for (size_t i = 0; i < t->slowest_count && i < b->view->top; i++) {
		const struct fault *f = &t->slowest[i];

		table_time_cell(&table, f->latency_ns);
		table_cell(&table, f->kind);
		snprintf(buf, sizeof(buf), "0x%" PRIx64, f->addr);
		table_cell(&table, buf);
		table_cell(&table, f->region->text);
	}
	table_print(&table, b->out);
	table_release(&table);
}

void breakdown_print(struct text *out, const struct view *view,
		     const struct tally *tally)
{
	const struct breakdown b = { out, view, tally };

	print_groups(&b, GROUP_KIND, "Faults by kind", "kind");
	print_groups(&b, GROUP_REGION, "Faults by region", "region");
	print_groups(&b, GROUP_MAJOR_PLACE,
		     "Major faults by file offset (windows of 1M)", "file");
	if (!view->fixed_ts)
		print_slowest(&b);
}
