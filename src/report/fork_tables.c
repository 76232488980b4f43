#include "pfa/report/fork_tables.h"

#include <inttypes.h>
#include <stdlib.h>

#include "pfa/base/units.h"
#include "pfa/report/forks.h"
#include "pfa/report/table.h"
#include "pfa/report/view.h"

struct printer {
	struct text *out;
	const struct view *view;
	struct naming *naming;
	uint64_t origin_ns;
	size_t rows; /* of each fork */
};

static const char *const side_names[] = { "parent", "child" };

static void print_title(const struct printer *p, const struct fork_group *g)
{
	char at[UNITS_MAX];

	text_spaces(p->out, 2);
	view_put_process(p->out, p->view, &g->actors[SIDE_PARENT]);
	text_str(p->out, " -> ");
	view_put_process(p->out, p->view, &g->actors[SIDE_CHILD]);
	if (!p->view->fixed_ts)
		text_printf(p->out, " at %s",
			    units_time(at, g->time_ns > p->origin_ns ?
						   g->time_ns - p->origin_ns : 0));
	text_char(p->out, '\n');
}

static void print_side(const struct printer *p, const struct fork_group *g,
		       enum fork_side side)
{
	const struct cow_counts *c = &g->sides[side];
	char size[UNITS_MAX], time[UNITS_MAX];

	text_printf(p->out, "    %s copied %" PRIu64 " pages (%s), reused %" PRIu64,
		    side_names[side], c->copied, units_size(size, c->copied_bytes),
		    c->reused);
	if (c->untold)
		text_printf(p->out, ", one or the other %" PRIu64, c->untold);
	if (!p->view->fixed_ts && c->timed)
		text_printf(p->out, ", in %s", units_time(time, c->time_ns));
	text_char(p->out, '\n');
}

static bool has_untold(const struct fork_group *g)
{
	return g->sides[SIDE_PARENT].untold || g->sides[SIDE_CHILD].untold;
}

static void add_header(struct table *t, bool untold, bool times)
{
	static const char *const names[] = { "side", "region", "code", "copied", "bytes",
					     "reused" };

	for (int i = 0; i < 6; i++)
		table_cell(t, names[i]);
	if (untold)
		table_cell(t, "either");
	if (times)
		table_cell(t, "time");
}

static void add_place(struct table *t, const struct cow_place *place, bool untold,
		      bool times)
{
	const struct cow_counts *c = &place->counts;

	table_cell(t, side_names[place->side]);
	table_cell(t, place->region->text);
	table_cell(t, place->by);
	table_count_cell(t, c->copied);
	table_size_cell(t, c->copied_bytes);
	table_count_cell(t, c->reused);
	if (untold)
		table_count_cell(t, c->untold);
	if (times && c->timed)
		table_time_cell(t, c->time_ns);
	else if (times)
		table_cell(t, "-");
}

static void print_places(const struct printer *p, const struct fork_group *g)
{
	static const char *const alignments[] = { "lllrrr", "lllrrrr", "lllrrrrr" };
	bool untold = has_untold(g), times = !p->view->fixed_ts;
	struct table table;
	size_t count, i;
	struct cow_place *places = fork_places(g, p->naming, &count);

	table_init(&table, alignments[untold + times]);
	add_header(&table, untold, times);
	for (i = 0; i < count && i < p->rows; i++)
		add_place(&table, &places[i], untold, times);
	table_print(&table, p->out);
	if (i < count)
		text_printf(p->out, "  ... %zu more places\n", count - i);
	table_release(&table);
	free(places);
}

static void print_fork(const struct printer *p, const struct fork_group *g)
{
	print_title(p, g);
	print_side(p, g, SIDE_PARENT);
	print_side(p, g, SIDE_CHILD);
	print_places(p, g);
}

void fork_tables_print(struct text *out, const struct view *view,
		       struct naming *naming, const struct forks *forks,
		       uint64_t origin_ns)
{
	struct printer p = { .out = out, .view = view, .naming = naming,
			     .origin_ns = origin_ns };
	size_t count, shown;
	const struct fork_group **groups = forks_sorted(forks, &count);

	shown = count < view->top ? count : view->top;
	if (count) {
		text_str(out, "\nCopied after fork\n");
		p.rows = shown && view->top > shown ? view->top / shown : 1;
	}
	for (size_t i = 0; i < shown; i++)
		print_fork(&p, groups[i]);
	count += forks->dropped;
	if (shown < count)
		text_printf(out, "  ... %zu more forks (--top=%zu shows them)\n",
			    count - shown, count);
	free(groups);
}
