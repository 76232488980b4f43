/*
 * Counting: faults grouped by kind, region, process and thread, their latencies as
 * log2 histograms, their course over time.
 *
 * Memory is bounded by the number of distinct groups, never by the number of
 * faults; of processes and threads that have ended only those with the most faults
 * stay, so that it does not grow with their number, either. Groups come out in a
 * total order.
 */
#ifndef PFA_REPORT_TALLY_H
#define PFA_REPORT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/model/observation.h"

struct counts {
	uint64_t faults;
	uint64_t by_type[FAULT_TYPE_COUNT];
	uint64_t timed; /* faults whose latency is known */
	uint64_t time_ns, max_ns;
};

enum tally_group {
	GROUP_KIND,
	GROUP_REGION,
	GROUP_PROCESS,
	GROUP_THREAD,
	GROUP_MAJOR_PLACE, /* major faults by file, in windows of 1 MiB */
	GROUP_COUNT
};

struct group {
	const char *name;    /* kind, region or file */
	uint64_t offset_bytes; /* of the window in the file */
	enum fault_type type; /* of a kind */
	struct actor actor;  /* of a process or thread, as it was last */
	struct counts counts;
};

enum {
	LATENCY_BUCKETS = 48,
	TIME_BUCKETS = 40,
	SLOWEST_MAX = 10,
	MAJOR_WINDOW_BYTES = 1 << 20,
	RECENT_GROUPS = 8,
};

struct tally {
	struct counts total;
	uint64_t kernel_mode;
	uint64_t latency[FAULT_TYPE_COUNT][LATENCY_BUCKETS]; /* bucket i: [2^i, 2^(i+1)) ns */
	uint64_t over_time[TIME_BUCKETS];
	uint64_t bucket_ns; /* of over_time; doubles as the run gets longer */
	struct fault slowest[SLOWEST_MAX]; /* longest first; its strings stay valid */
	size_t slowest_count;
	/* Private: all, and those found last by a part of their key. */
	struct group_entry *groups[GROUP_COUNT];
	struct group_entry *recent[GROUP_COUNT][RECENT_GROUPS];
	size_t kept; /* groups that have ended: so many, up to twice as many for a while */
	size_t ended[GROUP_COUNT];
	size_t dropped[GROUP_COUNT]; /* of those that have ended */
};

void tally_init(struct tally *tally);
void tally_release(struct tally *tally);

/* The first `count` in order are wanted of each group. Before the first fault. */
void tally_keep(struct tally *tally, size_t count);

/* `since_start_ns` places the fault in over_time. */
void tally_fault(struct tally *tally, const struct fault *fault,
		 uint64_t since_start_ns);

/* The thread has ended; so has its process, if it was the last. */
void tally_ended(struct tally *tally, const struct actor *actor, bool last);

/*
 * The groups in order, but for those that were dropped: most faults first, then by
 * name or by appearance. The caller frees the array; the groups are borrowed.
 */
const struct group **tally_sorted(const struct tally *tally,
				  enum tally_group which, size_t *count);

#endif
