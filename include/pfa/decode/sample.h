/*
 * The fields of a PERF_RECORD_SAMPLE, picked apart by its event's sample_type.
 *
 * Source: perf_event_open(2), "PERF_RECORD_SAMPLE". Fields that the event does not
 * carry are zero. Pointers are borrowed from the record.
 */
#ifndef PFA_DECODE_SAMPLE_H
#define PFA_DECODE_SAMPLE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

#include "pfa/decode/callers.h"

struct evsel;
struct record;

/*
 * Where the fields lie, as far as that is the same for all samples of an event: in
 * bytes from the record's start; 0: not there, or behind fields of varying size.
 */
struct sample_layout {
	uint16_t id, ip, tid, time, addr, cpu, phys, page_size;
	uint16_t fixed_bytes; /* up to the first field of varying size */
	/* Where that is a call chain and no other follows: from its end on, the last 8
	 * bytes of the chain counted. */
	bool only_chain_varies;
	uint16_t phys_behind, page_size_behind, behind_bytes;
};

struct sample_layout sample_layout_of(const struct perf_event_attr *attr);

/* But for what is known of every record: see record.h. */
struct sample {
	uint64_t ip, addr, phys, page_size;
	uint32_t pid, tid;
	const uint8_t *raw;
	uint32_t raw_bytes;
	bool has_callers; /* they are meant */
	struct callers callers;
};

/* False when the record is shorter than its fields say. It has an event. */
bool sample_parse(const struct record *record, struct sample *sample);

/*
 * Whether the record can be a sample of that event: its fields make up its size. Two
 * events whose samples have the same fields cannot be told apart in this way.
 */
bool sample_fits(const struct perf_event_header *record, const struct evsel *evsel);

#endif
