/*
 * The memory of the traced processes, looked at while the trace goes on, as notes in
 * the stream:
 *
 *     memory when=WORD begin=NS peak=N hwm=N size=N anon=N file=N shmem=N swap=N tables=N
 *
 * WORD is a sample_reason of model/observation.h: what made us look. Numbers are bytes,
 * of /proc/PID/status (source/mem_status.h); reading began at NS and was over at the
 * note's time. Nothing is told of who is gone by then: source/exit_stats.h has what the
 * kernel itself says of it at its end.
 *
 * All of it happens between drains, and takes one part of time in fifty at most, however
 * many processes there are: then each is looked at less often.
 */
#ifndef PFA_SOURCE_SAMPLER_H
#define PFA_SOURCE_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "pfa/source/procfs.h"

struct composer;
struct followed;
struct perf_event_header;

enum { SAMPLER_DUE_MAX = 256 };

/* Embedded in its owner; all 0 but for the interval to begin with. */
struct sampler {
	uint64_t interval_ns; /* 0: nothing is ever looked at */
	struct pids pids; /* of this turn */
	size_t at;	  /* of them, who comes next */
	uint64_t turn_ns; /* when it began */
	uint64_t next_ns; /* not before */
	/* Whose fork or exec was seen: before those of the turn. When there are too many
	 * the turn has to do. */
	struct sampler_due {
		uint32_t pid;
		const char *when;
	} due[SAMPLER_DUE_MAX];
	size_t due_count;
};

void sampler_release(struct sampler *sampler);

/* Looks at a record for a fork or an exec. */
void sampler_see(struct sampler *sampler, const struct perf_event_header *record);

/* Some of those whose turn it is. */
void sampler_some(struct sampler *sampler, const struct followed *followed,
		  const struct composer *composer);

/* All processes, now: the trace ends. */
void sampler_all(const struct sampler *sampler, const struct followed *followed,
		 const struct composer *composer);

#endif
