#include "pfa/report/memory_tables.h"

#include <stdlib.h>

#include "pfa/base/units.h"
#include "pfa/report/census.h"
#include "pfa/report/table.h"
#include "pfa/report/view.h"

/* The processes that were looked at, and how many it was too late for. */
struct looked_at {
	const struct census_process **list;
	size_t count, missed;
	bool some_unsure; /* of some the end was missed */
};

/* Largest first, then by appearance. */
static int compare(const void *a, const void *b)
{
	const struct census_process *x = *(const struct census_process *const *)a;
	const struct census_process *y = *(const struct census_process *const *)b;

	if (x->memory.rss_peak_bytes != y->memory.rss_peak_bytes)
		return x->memory.rss_peak_bytes > y->memory.rss_peak_bytes ? -1 : 1;
	return (x->serial > y->serial) - (x->serial < y->serial);
}

static struct looked_at look(const struct census *census)
{
	struct looked_at all = { 0 };
	size_t count;

	all.list = census_processes(census, &count);
	for (size_t i = 0; i < count; i++) {
		const struct census_process *p = all.list[i];

		if (p->memory.samples) {
			all.list[all.count++] = p;
			all.some_unsure |= !p->memory.final;
		} else if (!p->shared_space && !census_is_idle(p)) {
			all.missed++;
		}
	}
	qsort(all.list, all.count, sizeof(*all.list), compare);
	return all;
}

static void add_name(struct table *t, const struct view *view,
		     const struct census_process *p)
{
	struct text name;

	text_init(&name);
	view_put_process(&name, view, &p->actor);
	table_cell(t, text_cstr(&name));
	text_release(&name);
}

/* ---- peaks ---- */

static void add_header(struct table *t)
{
	static const char *const names[] = { "process", "VmHWM", "VmPeak", "heap", "stack",
					     "swap", "page tables", "samples" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		table_cell(t, names[i]);
}

/* What was read while it lived may have been exceeded later. */
static void add_kernels(struct table *t, const struct memory *m, uint64_t bytes)
{
	char size[UNITS_MAX];
	struct text cell;

	text_init(&cell);
	text_printf(&cell, "%s%s", m->final ? "" : ">", units_size(size, bytes));
	table_cell(t, text_cstr(&cell));
	text_release(&cell);
}

static void add_ours(struct table *t, const struct memory *m, uint64_t bytes)
{
	if (m->looked)
		table_size_cell(t, bytes);
	else
		table_cell(t, "-");
}

static void add_process(struct table *t, const struct view *view,
			const struct census_process *p)
{
	const struct memory *m = &p->memory;

	add_name(t, view, p);
	add_kernels(t, m, m->rss_peak_bytes);
	add_kernels(t, m, m->size_peak_bytes);
	table_size_cell(t, p->totals.heap_peak_bytes);
	table_size_cell(t, p->totals.stack_peak_bytes);
	add_ours(t, m, m->swap_peak_bytes);
	add_ours(t, m, m->table_peak_bytes);
	table_count_cell(t, m->samples);
}

static void print_peaks(struct text *out, const struct view *view,
			const struct looked_at *all)
{
	struct table table;

	text_str(out, "\nMemory (peaks since exec)\n");
	table_init(&table, "lrrrrrrr");
	add_header(&table);
	for (size_t i = 0; i < all->count && i < view->top; i++)
		add_process(&table, view, all->list[i]);
	table_print(&table, out);
	table_release(&table);
	if (all->count > view->top)
		text_printf(out, "  ... %zu more (--top=%zu shows them)\n",
			    all->count - view->top, all->count);
	if (all->some_unsure)
		text_str(out, "  > at least: its end nobody saw\n");
	if (all->missed)
		text_printf(out, "  %zu process%s ended before anybody looked\n", all->missed,
			    all->missed == 1 ? "" : "es");
}

/* ---- the course over time ---- */

/* Buckets are to be as long as the samples are apart: a gap is one that nobody took. */
static bool has_gaps(const struct series *s)
{
	int first = 0, last = SERIES_BUCKETS - 1;

	while (first < last && !s->values[first])
		first++;
	while (last > first && !s->values[last])
		last--;
	while (first < last && s->values[first])
		first++;
	return first < last;
}

static uint64_t resolution(const struct census *census)
{
	enum { BUCKETS_AT_LEAST = 8 };
	struct series s = census->rss;
	uint64_t coarsest_ns = s.bucket_ns * (SERIES_BUCKETS / BUCKETS_AT_LEAST);

	while (has_gaps(&s) && s.bucket_ns < coarsest_ns)
		series_halve(&s);
	return s.bucket_ns;
}

static uint64_t largest_of(const struct series *s)
{
	uint64_t max = 0;

	for (int i = 0; i < SERIES_BUCKETS; i++)
		if (s->values[i] > max)
			max = s->values[i];
	return max;
}

static void add_course(struct table *t, struct series s, uint64_t bucket_ns)
{
	static const char levels[] = ".:-=+*#";
	enum { LEVELS = sizeof(levels) - 1 };
	char course[SERIES_BUCKETS + 1];
	uint64_t max = largest_of(&s);

	while (s.bucket_ns < bucket_ns)
		series_halve(&s);
	for (int i = 0; i < SERIES_BUCKETS; i++)
		course[i] = s.values[i] ? levels[(__uint128_t)(s.values[i] - 1) * LEVELS /
						 max] : ' ';
	course[SERIES_BUCKETS] = '\0';
	table_cell(t, course);
}

/* A course has a beginning, a middle and an end. */
static bool has_course(const struct memory *m, uint64_t bucket_ns)
{
	enum { MARKS_AT_LEAST = 3 };
	struct series s = m->rss;
	int marks = 0;

	while (s.bucket_ns && s.bucket_ns < bucket_ns)
		series_halve(&s);
	for (int i = 0; i < SERIES_BUCKETS; i++)
		marks += s.values[i] != 0;
	return marks >= MARKS_AT_LEAST;
}

static void print_courses(struct text *out, const struct view *view,
			  const struct census *census, const struct looked_at *all)
{
	uint64_t bucket_ns = resolution(census);
	char width[UNITS_MAX];
	struct table table;

	table_init(&table, "lrl");
	for (size_t i = 0; i < all->count && i < view->top; i++) {
		const struct memory *m = &all->list[i]->memory;

		if (!has_course(m, bucket_ns))
			continue;
		add_name(&table, view, all->list[i]);
		table_size_cell(&table, largest_of(&m->rss));
		add_course(&table, m->rss, bucket_ns);
	}
	if (table.count)
		text_printf(out, "\nResident memory of each over time (a mark is %s, # the "
			    "largest)\n", units_time(width, bucket_ns));
	table_print(&table, out);
	table_release(&table);
}

void memory_tables_print(struct text *out, const struct view *view,
			 const struct census *census)
{
	struct looked_at all = look(census);

	if (all.count && (!view->fixed_ts || view->show & SHOW_MEMORY)) {
		print_peaks(out, view, &all);
		print_courses(out, view, census, &all);
	}
	free(all.list);
}
