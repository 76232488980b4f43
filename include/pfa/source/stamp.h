/*
 * Who a record is from, and when, read without decoding it.
 *
 * For records of our own events only: all carry base_sample of events.c, so that id,
 * thread and time are at the same place in each sample, and at the same distance
 * from the end of every other record.
 */
#ifndef PFA_SOURCE_STAMP_H
#define PFA_SOURCE_STAMP_H

#include <linux/perf_event.h>
#include <stdint.h>

/* All 0 when the record is too short. */
struct stamp {
	uint64_t id; /* of the event */
	uint32_t pid, tid;
	uint64_t time_ns;
};

struct stamp stamp_of(const struct perf_event_header *record);

/* Changes id and time in the record. Nothing when it is too short. */
void stamp_set(struct perf_event_header *record, const struct stamp *stamp);

#endif
