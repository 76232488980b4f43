#include "pfa/report/spaces.h"

#include <stdlib.h>

#include "pfa/model/observation.h"
#include "pfa/report/census.h"
#include "pfa/report/table.h"
#include "pfa/report/tally.h"
#include "pfa/report/view.h"

/* ---- address spaces ---- */

/* Most records first, then by appearance. */
static int compare_records(const void *a, const void *b)
{
	const struct census_process *x = *(const struct census_process *const *)a;
	const struct census_process *y = *(const struct census_process *const *)b;

	if (x->totals.records != y->totals.records)
		return x->totals.records > y->totals.records ? -1 : 1;
	return (x->serial > y->serial) - (x->serial < y->serial);
}

static void add_header(struct table *t)
{
	static const char *const names[] = {
		"process", "records", "changes", "failed", "VMAs", "VMAs peak", "mapped",
		"mapped peak", "made", "removed",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		table_cell(t, names[i]);
}

static void add_work(struct table *t, const struct totals *totals)
{
	table_count_cell(t, totals->records);
	table_count_cell(t, totals_all_changes(totals));
	table_count_cell(t, totals->failed);
}

static void add_sizes(struct table *t, const struct totals *totals)
{
	table_count_cell(t, totals->vma_count);
	table_count_cell(t, totals->vma_peak);
	table_size_cell(t, totals->size_bytes);
	table_size_cell(t, totals->size_peak_bytes);
}

static void add_churn(struct table *t, const struct totals *totals)
{
	table_size_cell(t, totals->mapped_bytes);
	table_size_cell(t, totals->unmapped_bytes);
}

static void add_process(struct table *t, const struct view *view,
			const struct census_process *p)
{
	struct text name;

	text_init(&name);
	view_put_process(&name, view, &p->actor);
	table_cell(t, text_cstr(&name));
	text_release(&name);
	add_work(t, &p->totals);
	add_sizes(t, &p->totals);
	add_churn(t, &p->totals);
}

/* Those that live now, and as many as lived together: not the sum of the rows. */
static void add_total(struct table *t, const struct census *census,
		      const struct run_facts *facts)
{
	bool some_live = facts->vmas;

	table_cell(t, "together");
	add_work(t, &census->sum);
	if (some_live)
		table_count_cell(t, facts->vmas);
	else
		table_cell(t, "-");
	table_count_cell(t, facts->vmas_peak);
	if (some_live)
		table_size_cell(t, facts->space_bytes);
	else
		table_cell(t, "-");
	table_size_cell(t, facts->space_bytes_peak);
	add_churn(t, &census->sum);
}

static size_t add_processes(struct table *t, const struct view *view,
			    const struct census *census)
{
	size_t count, printed = 0;
	const struct census_process **list = census_processes(census, &count);

	qsort(list, count, sizeof(*list), compare_records);
	for (size_t i = 0; i < count && printed < view->top; i++) {
		if (!census_has_space(list[i]))
			continue;
		add_process(t, view, list[i]);
		printed++;
	}
	free(list);
	return printed;
}

void spaces_print(struct text *out, const struct view *view,
		  const struct census *census, const struct run_facts *facts)
{
	struct table table;
	size_t printed;

	if (!census->space_count)
		return;
	text_str(out, "\nAddress spaces\n");
	table_init(&table, "lrrrrrrrrr");
	add_header(&table);
	printed = add_processes(&table, view, census);
	if (census->space_count > 1)
		add_total(&table, census, facts);
	table_print(&table, out);
	table_release(&table);
	if (printed < census->space_count)
		text_printf(out, "  ... %zu more (--top=%zu shows them)\n",
			    census->space_count - printed, census->space_count);
}

/* ---- kinds of changes ---- */

static void add_kind(struct table *t, enum change_kind kind, const struct change_counts *c)
{
	table_cell(t, change_kind_name(kind));
	table_count_cell(t, c->changes);
	table_size_cell(t, c->bytes);
	table_size_cell(t, c->made_bytes);
	table_size_cell(t, c->removed_bytes);
}

void spaces_print_kinds(struct text *out, const struct tally *tally)
{
	static const char *const header[] = { "kind", "changes", "bytes", "made",
					      "removed" };
	struct table table;
	size_t cells;

	table_init(&table, "lrrrr");
	for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++)
		table_cell(&table, header[i]);
	cells = table.count;
	for (int kind = 0; kind < CHANGE_KIND_COUNT; kind++)
		if (tally->changes[kind].changes)
			add_kind(&table, (enum change_kind)kind, &tally->changes[kind]);
	if (table.count > cells) {
		text_str(out, "\nChanges by kind\n");
		table_print(&table, out);
	}
	table_release(&table);
}
