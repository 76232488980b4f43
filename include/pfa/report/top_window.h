/*
 * What happened in a stretch of time, for `pfa top`: faults by type and latency, by
 * region, function and process.
 *
 * Memory is bounded: each table has TOP_ROWS_MAX rows, and what comes after that is one
 * row more, "(others)". Embedded: top_window_init(), top_window_release().
 */
#ifndef PFA_REPORT_TOP_WINDOW_H
#define PFA_REPORT_TOP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/report/counts.h"
#include "pfa/report/quantile.h"

enum top_table { TOP_REGIONS, TOP_FUNCTIONS, TOP_PROCESSES, TOP_TABLES };

enum { TOP_ROWS_MAX = 4096 };

struct top_row {
	uint64_t key;	  /* an interned pointer; of a process its serial */
	const char *name; /* NULL: a process's */
	struct counts counts;
};

/* X(below: nanoseconds, as printed): the last one has no end. */
#define TOP_LATENCIES(X)                                                       \
	X(500, "<500ns") X(1000, "<1us") X(2000, "<2us") X(4000, "<4us")       \
	X(16000, "<16us") X(64000, "<64us") X(250000, "<250us")                \
	X(1000000, "<1ms") X(10000000, "<10ms") X(UINT64_MAX, "more")

enum {
#define X(below, text) +1
	TOP_LATENCY_COUNT = TOP_LATENCIES(X)
#undef X
};

struct top_window {
	uint64_t start_ns, end_ns; /* since the run began */
	struct counts all; /* filters or not; all else is of what they let pass */
	struct counts shown;
	uint64_t lost; /* records; a loss of unknown size is one */
	uint64_t latency[TOP_LATENCY_COUNT];
	struct quantile half, most; /* of 50 and 99 percent */
	/* Private. */
	struct top_entry *entries[TOP_TABLES];
};

void top_window_init(struct top_window *window);
void top_window_release(struct top_window *window);

/* Whatever the filters are. */
void top_window_see(struct top_window *window, const struct fault *fault);
/* A fault that they let pass. */
void top_window_pass(struct top_window *window, const struct fault *fault);
/* ... its place among all latencies. */
void top_window_rank(struct top_window *window, const struct fault *fault);
/* ... in one row of a table. */
void top_window_count(struct top_window *window, enum top_table table, uint64_t key,
		      const char *name, const struct fault *fault);
/* Adds what a shorter one has: all but the ranks, which cannot be added. */
void top_window_add(struct top_window *whole, const struct top_window *part);
/* What is over makes place. */
void top_window_forget(struct top_window *window, enum top_table table, uint64_t key);

/* NULL: nothing was counted for it. Borrowed. */
const struct top_row *top_window_find(const struct top_window *window,
				      enum top_table table, uint64_t key);

/*
 * In order: most faults first, or most time, then by name. The caller frees the array;
 * the rows are borrowed.
 */
const struct top_row **top_window_sorted(const struct top_window *window,
					 enum top_table table, bool by_time,
					 size_t *count);

#endif
