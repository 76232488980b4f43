/*
 * Records made by us: what the kernel would have written, for what it cannot tell.
 *
 * Each record carries the sample_id trailer of the session's events, so that it is
 * read like any other. Times are nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef PFA_SOURCE_COMPOSE_H
#define PFA_SOURCE_COMPOSE_H

#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/source/ring.h"

struct procmap;

struct composer {
	const struct record_sink *sink;
	uint64_t sideband_id; /* stands in the trailers */
	uint64_t time_ns;
	uint32_t cpu;
};

/* CLOCK_MONOTONIC as the kernel stamps records with it. */
uint64_t compose_now_ns(void);

void compose_fork(const struct composer *c, uint32_t pid, uint32_t tid,
		  uint32_t parent_pid, uint32_t parent_tid);
void compose_comm(const struct composer *c, uint32_t pid, uint32_t tid,
		  const char *comm);
void compose_mmap(const struct composer *c, uint32_t pid, const struct procmap *map);

/* A process that is not there any more, however many threads it had. */
void compose_exit(const struct composer *c, uint32_t pid);

/* Records are missing here; 0: nobody knows how many. */
void compose_lost(const struct composer *c, uint64_t count);

/* Where the kernel's own code lies, for those who resolve its symbols. */
void compose_kernel_map(const struct composer *c, uint64_t text, uint64_t end);

/* A note (decode/note.h): text, cut at 60 KiB. */
void compose_note(const struct composer *c, uint32_t pid, const char *fmt, ...)
	PFA_PRINTF(3, 4);

#endif
