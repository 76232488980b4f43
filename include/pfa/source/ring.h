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

struct ring {
	int fd;
	uint32_t cpu;
	struct perf_event_mmap_page *page;
	unsigned char *data;
	uint64_t size_bytes; /* a power of two */
	unsigned char *scratch; /* for the record that wraps around */
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
 * Hands every record to the sink and frees its space. Returns how many bytes
 * there were. A record whose size cannot be ends the drain: what is left is
 * skipped and *corrupt set.
 */
uint64_t ring_drain(struct ring *ring, const struct record_sink *sink,
		    bool *corrupt);

#endif
