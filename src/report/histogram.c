#include "pfa/report/histogram.h"

#include <stdbool.h>
#include <stdint.h>

#include "pfa/base/units.h"
#include "pfa/report/table.h"
#include "pfa/report/tally.h"

/* Two bars make 80 columns. */
enum { BAR_WIDTH = 40, HALF_BAR_WIDTH = 24 };

static uint64_t largest(const uint64_t *buckets, size_t count)
{
	uint64_t max = 0;

	for (size_t i = 0; i < count; i++)
		if (buckets[i] > max)
			max = buckets[i];
	return max;
}

/* Anything there at all is worth a mark. */
static const char *bar(char buf[BAR_WIDTH + 1], uint64_t value, uint64_t max,
		       unsigned width)
{
	size_t n = max ? (size_t)((__uint128_t)value * width / max) : 0;

	if (value && !n)
		n = 1;
	for (size_t i = 0; i < n; i++)
		buf[i] = '#';
	buf[n] = '\0';
	return buf;
}

/* The buckets from the first to the last that hold anything. */
static void find_used(const uint64_t *buckets, size_t count, size_t *first, size_t *last)
{
	*first = 0;
	*last = count;
	while (*first < count && !buckets[*first])
		++*first;
	while (*last > *first && !buckets[*last - 1])
		--*last;
}

static void print_latencies(struct text *out, const uint64_t *buckets)
{
	uint64_t max = largest(buckets, LATENCY_BUCKETS);
	char low[UNITS_MAX], high[UNITS_MAX], marks[BAR_WIDTH + 1];
	struct table table;
	struct text label;
	size_t first, last;

	find_used(buckets, LATENCY_BUCKETS, &first, &last);
	table_init(&table, "rrl");
	text_init(&label);
	for (size_t i = first; i < last; i++) {
		text_clear(&label);
		text_printf(&label, "%s - %s", units_time(low, 1ULL << i),
			    units_time(high, 1ULL << (i + 1)));
		table_cell(&table, text_cstr(&label));
		table_count_cell(&table, buckets[i]);
		table_cell(&table, bar(marks, buckets[i], max, BAR_WIDTH));
	}
	table_print(&table, out);
	text_release(&label);
	table_release(&table);
}

void histogram_print_latencies(struct text *out, const struct tally *t)
{
	for (int type = 0; type < FAULT_TYPE_COUNT; type++) {
		if (!largest(t->latency[type], LATENCY_BUCKETS))
			continue;
		text_printf(out, "\nLatency of %s faults\n",
			    fault_type_name((enum fault_type)type));
		print_latencies(out, t->latency[type]);
	}
}

/* ---- over time ---- */

static void add_time(struct table *t, const struct series *faults, size_t i)
{
	uint64_t max = largest(faults->values, SERIES_BUCKETS);
	unsigned width = t->columns > 3 ? HALF_BAR_WIDTH : BAR_WIDTH;
	char marks[BAR_WIDTH + 1];

	table_time_cell(t, i * faults->bucket_ns);
	table_count_cell(t, faults->values[i]);
	table_cell(t, bar(marks, faults->values[i], max, width));
}

/* Where nobody looked, nothing is known. */
static void add_rss(struct table *t, const struct series *rss, size_t i)
{
	uint64_t max = largest(rss->values, SERIES_BUCKETS);
	char marks[BAR_WIDTH + 1];

	if (rss->values[i])
		table_size_cell(t, rss->values[i]);
	else
		table_cell(t, "");
	table_cell(t, bar(marks, rss->values[i], max, HALF_BAR_WIDTH));
}

void histogram_print_over_time(struct text *out, const struct tally *t,
			       const struct series *all_rss)
{
	struct series faults = t->over_time, rss = *all_rss;
	bool has_rss = largest(rss.values, SERIES_BUCKETS);
	char width[UNITS_MAX];
	size_t first, last, first_rss, last_rss;
	struct table table;

	while (has_rss && faults.bucket_ns < rss.bucket_ns)
		series_halve(&faults);
	while (rss.bucket_ns < faults.bucket_ns)
		series_halve(&rss);
	text_printf(out, "\nFaults%s over time (from the start, a row is %s)\n",
		    has_rss ? " and resident memory" : "",
		    units_time(width, faults.bucket_ns));
	find_used(faults.values, SERIES_BUCKETS, &first, &last);
	find_used(rss.values, SERIES_BUCKETS, &first_rss, &last_rss);
	if (has_rss && first_rss < first)
		first = first_rss;
	if (has_rss && last_rss > last)
		last = last_rss;
	table_init(&table, has_rss ? "rrlrl" : "rrl");
	for (size_t i = first; i < last; i++) {
		add_time(&table, &faults, i);
		if (has_rss)
			add_rss(&table, &rss, i);
	}
	table_print(&table, out);
	table_release(&table);
}
