/*
 * Counting: faults grouped by kind, region and place in a file, their latencies as log2
 * histograms, their course over time; changes by kind. Who they are of: census.h.
 *
 * Memory is bounded by the number of distinct groups, never by the number of
 * faults. Groups come out in a total order.
 */
#ifndef PFA_REPORT_TALLY_H
#define PFA_REPORT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/model/observation.h"
#include "pfa/report/counts.h"
#include "pfa/report/series.h"

enum tally_group {
	GROUP_KIND,
	GROUP_REGION,
	GROUP_MAJOR_PLACE, /* major faults by file, in windows of 1 MiB */
	GROUP_COUNT
};

struct group {
	const char *name;    /* kind, region, file; function, ... (by_name.h) */
	uint64_t offset_bytes; /* of the window in the file */
	enum fault_type type; /* of a kind */
	struct counts counts;
};

/* Changes of one kind. */
struct change_counts {
	uint64_t changes;
	uint64_t bytes; /* the lengths of their ranges */
	uint64_t made_bytes, removed_bytes; /* of address space */
};

enum {
	LATENCY_BUCKETS = 48,
	SLOWEST_MAX = 10,
	MAJOR_WINDOW_BYTES = 1 << 20,
	RECENT_GROUPS = 8,
};

struct tally {
	struct counts total;
	uint64_t kernel_mode;
	uint64_t latency[FAULT_TYPE_COUNT][LATENCY_BUCKETS]; /* bucket i: [2^i, 2^(i+1)) ns */
	struct series over_time; /* faults */
	uint64_t refaults; /* of memory that had been given back, or taken away */
	uint64_t from_swap; /* of these */
	struct fault slowest[SLOWEST_MAX]; /* longest first; its strings stay valid */
	size_t slowest_count;
	struct change_counts changes[CHANGE_KIND_COUNT];
	/* Private: all, and those found last by a part of their key. */
	struct group_entry *groups[GROUP_COUNT];
	struct group_entry *recent[GROUP_COUNT][RECENT_GROUPS];
};

void tally_init(struct tally *tally);
void tally_release(struct tally *tally);

/* `since_start_ns` places the fault in over_time. */
void tally_fault(struct tally *tally, const struct fault *fault,
		 uint64_t since_start_ns);

/* Not for calls that failed: they changed nothing. */
void tally_change(struct tally *tally, const struct change *change);

/* In order: most faults first, or most time, then by name. */
void groups_sort(const struct group **groups, size_t count, bool by_time);

/* The groups in that order. The caller frees the array; the groups are borrowed. */
const struct group **tally_sorted(const struct tally *tally, enum tally_group which,
				  bool by_time, size_t *count);

#endif
