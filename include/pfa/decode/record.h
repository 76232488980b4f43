/*
 * A perf record with the little that must be known before it is decoded: when,
 * where, and of which event. The bytes are borrowed and may be unaligned.
 */
#ifndef PFA_DECODE_RECORD_H
#define PFA_DECODE_RECORD_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

struct evlist;
struct evsel;

/* User-space record types that perf.data adds (tools/perf/util/event.h). */
enum {
	RECORD_USER_START = 64,
	RECORD_FINISHED_ROUND = 68,
};

/* On an EXIT record made by pfa: the whole process is gone, whatever threads it had. */
enum { RECORD_MISC_EXIT_ALL = 1 << 13 };

/*
 * On a FORK record made by pfa or perf for a process that already existed: the
 * child is not a copy of its parent (tools/perf/util/synthetic-events.c).
 */
#ifndef PERF_RECORD_MISC_FORK_EXEC
#define PERF_RECORD_MISC_FORK_EXEC (1 << 13)
#endif

struct record {
	const struct perf_event_header *header;
	const struct evsel *evsel; /* NULL: unknown id */
	uint64_t time_ns;
	uint32_t cpu;
	uint16_t size; /* read once: a capture may be written to meanwhile */
};

/* Fills everything but the contents. Times are 0 where the record has none. */
struct record record_of(const struct evlist *list,
			const struct perf_event_header *header);

static inline uint32_t record_type(const struct perf_event_header *header)
{
	uint32_t type;

	__builtin_memcpy(&type, header, sizeof(type));
	return type;
}

static inline uint16_t record_misc(const struct perf_event_header *header)
{
	uint16_t misc;

	__builtin_memcpy(&misc, (const char *)header + 4, sizeof(misc));
	return misc;
}

static inline bool record_is_kernel_mode(const struct perf_event_header *header)
{
	return (record_misc(header) & PERF_RECORD_MISC_CPUMODE_MASK) ==
	       PERF_RECORD_MISC_KERNEL;
}

static inline uint16_t record_size(const struct perf_event_header *header)
{
	uint16_t size;

	__builtin_memcpy(&size, (const char *)header + 6, sizeof(size));
	return size;
}

#endif
