/*
 * Perf records laid by hand, byte for byte as perf_event_open(2) describes them:
 * independent of the code under test.
 */
#ifndef TESTS_SUPPORT_RECORD_BYTES_H
#define TESTS_SUPPORT_RECORD_BYTES_H

#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>

struct record_bytes {
	size_t used;
	_Alignas(8) unsigned char bytes[8192];
};

/* What the fields of a sample, or of a record's tail, hold. */
struct sample_values {
	uint64_t id, ip, time_ns, addr, phys, page_size;
	uint32_t pid, tid, cpu;
	const void *raw;
	uint32_t raw_bytes;
	uint32_t no_frames; /* the call chain is empty; else of three */
};

void record_begin(struct record_bytes *r, uint32_t type, uint16_t misc);
void record_put(struct record_bytes *r, const void *bytes, size_t length);
void record_u32(struct record_bytes *r, uint32_t value);
void record_u64(struct record_bytes *r, uint64_t value);
/* With its NUL, padded to 8 bytes. */
void record_string(struct record_bytes *r, const char *s);

/* The fields of a sample that `attr` asks for, in the order of the manual page. */
void record_sample_fields(struct record_bytes *r, const struct perf_event_attr *attr,
			  const struct sample_values *v);
/* struct sample_id: what other records end with. */
void record_tail(struct record_bytes *r, const struct perf_event_attr *attr,
		 const struct sample_values *v);

/* Writes the size into the header; the record lives in `r`. */
const struct perf_event_header *record_end(struct record_bytes *r);

/* A whole sample. */
const struct perf_event_header *record_sample(struct record_bytes *r, uint16_t misc,
					      const struct perf_event_attr *attr,
					      const struct sample_values *v);

#endif
