/*
 * Which records pass, as they come from the rings: not the second copies, nor what pfa
 * itself does on the machine that it traces, nor other processes' where events are on
 * whole CPUs.
 *
 * A thread born while its process is being attached to may inherit events from the
 * thread that made it and then be armed itself. The two copies of a record follow each
 * other in the ring, under two ids; those of a software event may bear one id, and
 * then one time, which no two faults of a thread do.
 *
 * Those that pass are put right first. Where another tool samples the same page
 * faults, the kernel gathers one sample for both, and ours may bear the other's id,
 * or time, or both (do_perf_sw_event() in kernel/events/core.c; Linux 6.3 and later). And of an
 * event that was opened after the run began, a capture knows no id: all ids of one
 * event mean the same, so its first will do.
 */
#ifndef PFA_SOURCE_SIEVE_H
#define PFA_SOURCE_SIEVE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

struct evlist;
struct followed;
struct ring;
struct rings;

/* Embedded in its owner, who owns what it points to. */
struct sieve {
	const struct evlist *list;
	struct followed *followed;
	uint32_t own_pid;
	bool cpu_wide;
	bool twice;	/* a thread may have been armed twice: its records come twice */
	bool first_ids; /* events were opened after the run began */
	unsigned doubt; /* whether faults' times are of our clock */
	uint64_t minor, major; /* faults held back: the kernel's counters have them */
};

/*
 * The record, from that ring, as it is to be seen, borrowed until the next; NULL if it
 * is not. *met is the process that it is the first record of, come without a FORK
 * record; else 0.
 */
const struct perf_event_header *
sieve_pass(struct sieve *sieve, struct ring *ring,
	   const struct perf_event_header *record, uint32_t *met);

/*
 * Finds in the rings who is born, for a drain up to heads that were read before:
 * each of them is known before its first record passes.
 */
void sieve_look_ahead(struct sieve *sieve, struct rings *rings);

#endif
