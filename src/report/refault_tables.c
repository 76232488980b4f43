#include "pfa/report/refault_tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pfa/base/units.h"
#include "pfa/report/refaults.h"
#include "pfa/report/table.h"
#include "pfa/report/view.h"

static void add_header(struct table *t, const char *const *names, size_t count,
		       bool times)
{
	for (size_t i = 0; i < count; i++)
		table_cell(t, names[i]);
	if (!times)
		return;
	table_cell(t, "time");
	table_cell(t, "max");
}

static void add_times(struct table *t, const struct refault_counts *c)
{
	if (c->timed) {
		table_time_cell(t, c->time_ns);
		table_time_cell(t, c->max_ns);
	} else {
		table_cell(t, "-");
		table_cell(t, "-");
	}
}

static uint64_t pages_of(const struct refault_counts *c)
{
	return c->bytes / 4096;
}

static void print_end(struct text *out, struct table *t, size_t shown, size_t count)
{
	table_print(t, out);
	table_release(t);
	if (shown < count)
		text_printf(out, "  ... %zu more (--top=%zu shows them)\n",
			    count - shown, count);
}

/* ---- who gave ---- */

/* What the kernel took nobody counted. */
static void add_given(struct table *t, const struct gift *g)
{
	if (g->calls) {
		table_count_cell(t, g->calls);
		table_count_cell(t, g->pages);
	} else {
		table_cell(t, "-");
		table_cell(t, "-");
	}
}

static void add_share(struct table *t, const struct gift *g)
{
	char buf[UNITS_MAX];

	if (g->pages)
		snprintf(buf, sizeof(buf), "%.1f%%",
			 100.0 * (double)pages_of(&g->counts) / (double)g->pages);
	table_cell(t, g->pages ? buf : "-");
}

static void add_gift(struct table *t, const struct gift *g, bool times)
{
	table_cell(t, g->giver->call);
	table_cell(t, g->by);
	table_cell(t, g->giver->object);
	add_given(t, g);
	table_count_cell(t, g->counts.faults);
	table_count_cell(t, pages_of(&g->counts));
	add_share(t, g);
	if (times)
		add_times(t, &g->counts);
}

static void print_gifts(struct text *out, const struct view *view,
			const struct gift *gifts, size_t count)
{
	static const char *const names[] = { "call", "code", "object", "calls", "given",
					     "refaults", "pages", "share" };
	bool times = !view->fixed_ts;
	struct table table;
	size_t i;

	text_str(out, "\nGiven back and touched again\n");
	table_init(&table, times ? "lllrrrrrrr" : "lllrrrrr");
	add_header(&table, names, 8, times);
	for (i = 0; i < count && i < view->top; i++)
		add_gift(&table, &gifts[i], times);
	print_end(out, &table, i, count);
}

/* ---- who touched ---- */

static void add_taking(struct table *t, const struct taking *g, bool times)
{
	table_cell(t, g->by);
	table_cell(t, g->giver->call);
	table_cell(t, g->given_by);
	table_cell(t, g->giver->object);
	table_count_cell(t, g->counts.faults);
	table_count_cell(t, pages_of(&g->counts));
	if (times)
		add_times(t, &g->counts);
}

static void print_takings(struct text *out, const struct view *view,
			  const struct taking *takings, size_t count)
{
	static const char *const names[] = { "touched by", "given by", "code", "object",
					     "refaults", "pages" };
	bool times = !view->fixed_ts;
	struct table table;
	size_t i;

	text_str(out, "\nTouched again, by code\n");
	table_init(&table, times ? "llllrrrr" : "llllrr");
	add_header(&table, names, 6, times);
	for (i = 0; i < count && i < view->top; i++)
		add_taking(&table, &takings[i], times);
	print_end(out, &table, i, count);
}

void refault_tables_print(struct text *out, const struct view *view,
			  struct naming *naming, const struct refaults *refaults)
{
	size_t gift_count, taking_count;
	struct gift *gifts = refaults_gifts(refaults, naming, &gift_count);
	struct taking *takings = refaults_takings(refaults, naming, &taking_count);

	if (gift_count) {
		print_gifts(out, view, gifts, gift_count);
		print_takings(out, view, takings, taking_count);
	}
	free(gifts);
	free(takings);
}
