/*
 * Records of our own events, laid by hand: births, ends, and what else threads do.
 * All carry what every event of a session has (base_sample of source/events.c).
 */
#ifndef PFA_TESTS_UNIT_TASK_RECORDS_H
#define PFA_TESTS_UNIT_TASK_RECORDS_H

#include <linux/perf_event.h>
#include <stdint.h>

#include "../support/record_bytes.h"

enum {
	BASE_FIELDS = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
		      PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
	SIDEBAND_ID = 11,
};

static const struct perf_event_attr base_attr = { .sample_type = BASE_FIELDS,
						  .sample_id_all = 1 };

struct task {
	uint32_t pid, tid;
};

/* FORK and EXIT are alike; the thread that ran is in the tail. */
static inline const struct perf_event_header *
lay_life(struct record_bytes *r, uint32_t type, struct task of, struct task parent,
	 struct task current)
{
	const struct sample_values v = { .id = SIDEBAND_ID, .pid = current.pid,
					 .tid = current.tid, .time_ns = 1000 };

	record_begin(r, type, 0);
	record_u32(r, of.pid);
	record_u32(r, parent.pid);
	record_u32(r, of.tid);
	record_u32(r, parent.tid);
	record_u64(r, v.time_ns);
	record_tail(r, &base_attr, &v);
	return record_end(r);
}

static inline const struct perf_event_header *
lay_fork(struct record_bytes *r, struct task parent, struct task child)
{
	return lay_life(r, PERF_RECORD_FORK, child, parent, parent);
}

static inline const struct perf_event_header *lay_exit(struct record_bytes *r,
						       struct task of)
{
	return lay_life(r, PERF_RECORD_EXIT, of, (struct task){ 1, 1 }, of);
}

/* Another record of a thread, without what such a record says. */
static inline const struct perf_event_header *lay_other(struct record_bytes *r,
							uint32_t type, struct task of)
{
	const struct sample_values v = { .id = SIDEBAND_ID, .pid = of.pid,
					 .tid = of.tid, .time_ns = 1000 };

	if (type == PERF_RECORD_SAMPLE)
		return record_sample(r, 0, &base_attr, &v);
	record_begin(r, type, 0);
	record_u64(r, 0);
	record_u64(r, 0);
	record_tail(r, &base_attr, &v);
	return record_end(r);
}

#endif
