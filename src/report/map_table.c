#include "pfa/report/map_table.h"

#include <inttypes.h>

#include "pfa/base/text.h"
#include "pfa/pages/process.h"
#include "pfa/report/map_columns.h"
#include "pfa/report/map_view.h"
#include "pfa/report/table.h"

struct map_table {
	const struct map_selection *selection;
	const struct map_column *columns[MAP_COLUMNS];
	char alignment[MAP_COLUMNS + 1];
	size_t count;
	struct table table;
	struct text cell; /* being made */
};

static bool is_shown(const struct map_view *view, const struct map_selection *s, size_t i)
{
	const struct map_column *column = &map_columns[i];
	bool asked = view->columns >> i & 1 || view->sort == i;

	if (asked || (view->columns && !view->more_columns))
		return asked;
	if (column->usual == COLUMN_IF_NOT_ZERO)
		return column->kb(0, &s->sum) != 0;
	return column->usual == COLUMN_ALWAYS;
}

static void choose_columns(struct map_table *t, const struct map_view *view)
{
	for (size_t i = 0; i < MAP_COLUMNS; i++)
		if (is_shown(view, t->selection, i)) {
			t->alignment[t->count] = map_columns[i].kb ? 'r' : 'l';
			t->columns[t->count++] = &map_columns[i];
		}
}

static void add_header(struct map_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		table_cell(&t->table, t->columns[i]->name);
}

static void add_row(struct map_table *t, const struct map_vma *vma)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct map_column *column = t->columns[i];

		if (column->kb) {
			table_count_cell(&t->table, column->kb(map_vma_kb(vma),
							       &vma->smaps));
			continue;
		}
		column->put(&t->cell, vma);
		table_cell(&t->table, text_cstr(&t->cell));
		text_clear(&t->cell);
	}
}

static void add_sum(struct map_table *t, const char *name, uint64_t size_kb,
		    const struct smaps *sum)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct map_column *column = t->columns[i];

		if (column->kb)
			table_count_cell(&t->table, column->kb(size_kb, sum));
		else
			table_cell(&t->table, i ? "" : name);
	}
}

/* What --top leaves out, so that the rows are seen to add up to the total. */
static void add_others(struct map_table *t)
{
	const struct map_selection *s = t->selection;
	struct smaps sum = { 0 };
	uint64_t size_kb = 0;
	char name[32];

	if (s->shown == s->count)
		return;
	for (size_t i = s->shown; i < s->count; i++) {
		size_kb += map_vma_kb(s->vmas[i]);
		smaps_add(&sum, &s->vmas[i]->smaps);
	}
	snprintf(name, sizeof(name), "%zu more", s->count - s->shown);
	add_sum(t, name, size_kb, &sum);
}

static uint64_t pss_of_rows(const struct map_selection *s)
{
	uint64_t pss = 0;

	for (size_t i = 0; i < s->count; i++)
		pss += s->vmas[i]->smaps.pss;
	return pss;
}

static void put_rounding(struct text *out, const struct map_selection *s)
{
	uint64_t pss = pss_of_rows(s);

	if (pss != s->sum.pss)
		text_printf(out, "  the total of pss is that of smaps_rollup; the rows, each "
			    "rounded down, add up to %" PRIu64 "\n", pss);
}

void map_table_print(struct text *out, const struct map_view *view,
		     const struct map_selection *s)
{
	struct map_table t = { .selection = s };

	choose_columns(&t, view);
	table_init(&t.table, t.alignment);
	text_init(&t.cell);
	add_header(&t);
	for (size_t i = 0; i < s->shown; i++)
		add_row(&t, s->vmas[i]);
	add_others(&t);
	add_sum(&t, "total", s->size_kb, &s->sum);
	table_print(&t.table, out);
	table_release(&t.table);
	text_release(&t.cell);
	put_rounding(out, s);
}
