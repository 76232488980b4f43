#include "pfa/report/histogram.h"

#include <stdint.h>
#include <stdio.h>

#include "pfa/base/units.h"
#include "pfa/report/table.h"
#include "pfa/report/tally.h"

enum { BAR_WIDTH = 40 };

static uint64_t largest(const uint64_t *buckets, size_t count)
{
	uint64_t max = 0;

	for (size_t i = 0; i < count; i++)
		if (buckets[i] > max)
			max = buckets[i];
	return max;
}

/* Anything there at all is worth a mark. */
static const char *bar(char buf[BAR_WIDTH + 1], uint64_t value, uint64_t max)
{
	size_t n = (size_t)((__uint128_t)value * BAR_WIDTH / max);

	if (value && !n)
		n = 1;
	for (size_t i = 0; i < n; i++)
		buf[i] = '#';
	buf[n] = '\0';
	return buf;
}

/* The buckets from the first to the last that hold anything. */
static void print_buckets(struct text *out, const uint64_t *buckets, size_t count,
			  void (*label)(char *buf, size_t size, size_t bucket,
					uint64_t unit_ns), uint64_t unit_ns)
{
	uint64_t max = largest(buckets, count);
	char buf[80], marks[BAR_WIDTH + 1];
	size_t first = 0, last = count;
	struct table table;

	while (first < count && !buckets[first])
		first++;
	while (last > first && !buckets[last - 1])
		last--;
	table_init(&table, "rrl");
	for (size_t i = first; i < last; i++) {
		label(buf, sizeof(buf), i, unit_ns);
		table_cell(&table, buf);
		table_count_cell(&table, buckets[i]);
		table_cell(&table, bar(marks, buckets[i], max));
	}
	table_print(&table, out);
	table_release(&table);
}

static void log2_label(char *buf, size_t size, size_t bucket, uint64_t unit_ns)
{
	char low[UNITS_MAX], high[UNITS_MAX];

	(void)unit_ns;
	snprintf(buf, size, "%s - %s", units_time(low, 1ULL << bucket),
		 units_time(high, 1ULL << (bucket + 1)));
}

static void linear_label(char *buf, size_t size, size_t bucket, uint64_t unit_ns)
{
	char at[UNITS_MAX];

	snprintf(buf, size, "%s", units_time(at, bucket * unit_ns));
}

void histogram_print_latencies(struct text *out, const struct tally *t)
{
	for (int type = 0; type < FAULT_TYPE_COUNT; type++) {
		if (!largest(t->latency[type], LATENCY_BUCKETS))
			continue;
		text_printf(out, "\nLatency of %s faults\n",
			    fault_type_name((enum fault_type)type));
		print_buckets(out, t->latency[type], LATENCY_BUCKETS, log2_label, 0);
	}
}

void histogram_print_over_time(struct text *out, const struct tally *t)
{
	char width[UNITS_MAX];

	text_printf(out, "\nFaults over time (from the start, a row is %s)\n",
		    units_time(width, t->bucket_ns));
	print_buckets(out, t->over_time, TIME_BUCKETS, linear_label, t->bucket_ns);
}
