#include "pfa/report/breakdown.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pfa/base/units.h"
#include "pfa/report/group_table.h"
#include "pfa/report/table.h"
#include "pfa/report/tally.h"
#include "pfa/report/view.h"

struct breakdown {
	struct text *out;
	const struct view *view;
	const struct tally *tally;
};

static void put_kind(struct text *out, const struct group *g)
{
	text_printf(out, "%s %s", fault_type_name(g->type), g->name);
}

static void put_place(struct text *out, const struct group *g)
{
	char at[UNITS_MAX];

	text_printf(out, "%s at %s", g->name, units_size(at, g->offset_bytes));
}

static void print_groups(const struct breakdown *b, enum tally_group which,
			 const char *title, const char *what)
{
	static void (*const put_name[GROUP_COUNT])(struct text *out,
						   const struct group *g) = {
		[GROUP_KIND] = put_kind,
		[GROUP_MAJOR_PLACE] = put_place,
	};
	const struct group_table about = {
		title, what, !b->view->fixed_ts && b->tally->total.timed,
		put_name[which],
	};
	const struct group **groups;
	size_t count;

	groups = tally_sorted(b->tally, which, b->view->sort_by_time, &count);
	group_table_print(b->out, b->view, &about, groups, count);
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
