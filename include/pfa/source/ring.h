/*
 * One CPU's perf ring buffer, mapped and read.
 *
 * Source: perf_event_open(2), "MMAP layout". The ring hangs on an event of our own
 * process so that it outlives every target; the targets' events write into it.
 */
#ifndef PFA_SOURCE_RING_H
#define PFA_SOURCE_RING_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"

struct evsel;

struct ring {
	int fd;
	uint32_t cpu;
	struct perf_event_mmap_page *page;
	unsigned char *data;
	uint64_t size_bytes; /* a power of two */
	unsigned char *scratch; /* for the record that wraps around, or is changed */

	/* After the record that is being read, if it is there and in one piece. */
	const struct perf_event_header *next;
	/* What the sieve knows (sieve.h): */
	uint64_t last_ns; /* the time of the record read before */
	struct copied {	  /* the record that passed last */
		uint32_t type, tid;
		uint16_t size;
		const struct evsel *evsel;
		uint64_t id, time_ns;
	} passed;
	uint64_t lost;	 /* records, by its LOST records */
	uint64_t looked; /* births are known up to here */
};

/* Takes a record; it is borrowed for the call. */
struct record_sink {
	void (*put)(void *context, const struct perf_event_header *record);
	void *context;
};

/* Maps `size_bytes` (a power of two of pages) of ring on `fd`, which it takes. */
enum pfa_status ring_open(struct ring *ring, int fd, uint32_t cpu,
			  uint64_t size_bytes, struct pfa_error *err) PFA_MUST_CHECK;
void ring_close(struct ring *ring);

/*
 * Where the writer is. Positions count bytes from the ring's beginning; what lies
 * before the head is complete.
 */
uint64_t ring_head(const struct ring *ring);
/* What lies before the tail has been drained. */
uint64_t ring_tail(const struct ring *ring);

/*
 * Hands every record from one position to another to the sink. A record whose size
 * cannot be ends it: false, and what is left is skipped.
 */
bool ring_read(struct ring *ring, uint64_t from, uint64_t to,
	       const struct record_sink *sink);

/*
 * Reads what was not drained before, up to `head`, and frees its space. Returns how
 * many bytes there were; sets *corrupt when a part was skipped.
 */
uint64_t ring_drain(struct ring *ring, uint64_t head, const struct record_sink *sink,
		    bool *corrupt);

#endif
