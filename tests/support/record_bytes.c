#include "record_bytes.h"

#include <stdlib.h>
#include <string.h>

void record_put(struct record_bytes *r, const void *bytes, size_t length)
{
	if (length > sizeof(r->bytes) - r->used)
		abort(); /* the test wants more than the builder has */
	if (length)
		memcpy(r->bytes + r->used, bytes, length);
	r->used += length;
}

void record_u32(struct record_bytes *r, uint32_t value)
{
	record_put(r, &value, sizeof(value));
}

void record_u64(struct record_bytes *r, uint64_t value)
{
	record_put(r, &value, sizeof(value));
}

void record_string(struct record_bytes *r, const char *s)
{
	static const char zeros[8];

	record_put(r, s, strlen(s));
	record_put(r, zeros, 8 - strlen(s) % 8);
}

void record_begin(struct record_bytes *r, uint32_t type, uint16_t misc)
{
	const struct perf_event_header header = { .type = type, .misc = misc };

	r->used = 0;
	record_put(r, &header, sizeof(header));
}

const struct perf_event_header *record_end(struct record_bytes *r)
{
	const uint16_t size = (uint16_t)r->used;

	memcpy(r->bytes + offsetof(struct perf_event_header, size), &size,
	       sizeof(size));
	return (const void *)r->bytes;
}

/* ---- the fields of a sample, one function each that has more than a number ---- */

static void put_ids(struct record_bytes *r, const struct sample_values *v)
{
	record_u32(r, v->pid);
	record_u32(r, v->tid);
}

static void put_cpu(struct record_bytes *r, const struct sample_values *v)
{
	record_u32(r, v->cpu);
	record_u32(r, 0);
}

/* struct read_format: one count, or two in a group. */
static void put_read(struct record_bytes *r, uint64_t read_format)
{
	unsigned counts = read_format & PERF_FORMAT_GROUP ? 2 : 1;

	if (read_format & PERF_FORMAT_GROUP)
		record_u64(r, counts);
	if (read_format & PERF_FORMAT_TOTAL_TIME_ENABLED)
		record_u64(r, 0xe1);
	if (read_format & PERF_FORMAT_TOTAL_TIME_RUNNING)
		record_u64(r, 0xe2);
	for (; counts; counts--) {
		record_u64(r, 0xc0);
		if (read_format & PERF_FORMAT_ID)
			record_u64(r, 0xc1);
		if (read_format & PERF_FORMAT_LOST)
			record_u64(r, 0xc2);
	}
}

static void put_callchain(struct record_bytes *r, uint64_t count)
{
	record_u64(r, count);
	for (uint64_t i = 0; i < count; i++)
		record_u64(r, 0xca11 + i);
}

static void put_raw(struct record_bytes *r, const struct sample_values *v)
{
	record_u32(r, v->raw_bytes);
	record_put(r, v->raw, v->raw_bytes);
}

static void put_branches(struct record_bytes *r, uint64_t branch_sample_type)
{
	record_u64(r, 2);
	if (branch_sample_type & PERF_SAMPLE_BRANCH_HW_INDEX)
		record_u64(r, 7);
	for (uint64_t i = 0; i < 6; i++)
		record_u64(r, 0xb0 + i);
}

static void put_registers(struct record_bytes *r, uint64_t mask)
{
	record_u64(r, mask ? PERF_SAMPLE_REGS_ABI_64 : PERF_SAMPLE_REGS_ABI_NONE);
	for (; mask; mask &= mask - 1)
		record_u64(r, 0x4e6);
}

static void put_stack(struct record_bytes *r)
{
	record_u64(r, 16);
	record_u64(r, 0x57ac);
	record_u64(r, 0x57ad);
	record_u64(r, 16); /* the dynamic size */
}

static void put_number_if(struct record_bytes *r, uint64_t wanted, uint64_t value)
{
	if (wanted)
		record_u64(r, value);
}

static void put_first_half(struct record_bytes *r, uint64_t type,
			   const struct sample_values *v)
{
	put_number_if(r, type & PERF_SAMPLE_IDENTIFIER, v->id);
	put_number_if(r, type & PERF_SAMPLE_IP, v->ip);
	if (type & PERF_SAMPLE_TID)
		put_ids(r, v);
	put_number_if(r, type & PERF_SAMPLE_TIME, v->time_ns);
	put_number_if(r, type & PERF_SAMPLE_ADDR, v->addr);
	put_number_if(r, type & PERF_SAMPLE_ID, v->id);
	put_number_if(r, type & PERF_SAMPLE_STREAM_ID, 0x57);
	if (type & PERF_SAMPLE_CPU)
		put_cpu(r, v);
	put_number_if(r, type & PERF_SAMPLE_PERIOD, 1);
}

void record_sample_fields(struct record_bytes *r, const struct perf_event_attr *attr,
			  const struct sample_values *v)
{
	const uint64_t type = attr->sample_type;

	put_first_half(r, type, v);
	if (type & PERF_SAMPLE_READ)
		put_read(r, attr->read_format);
	if (type & PERF_SAMPLE_CALLCHAIN)
		put_callchain(r, v->no_frames ? 0 : 3);
	if (type & PERF_SAMPLE_RAW)
		put_raw(r, v);
	if (type & PERF_SAMPLE_BRANCH_STACK)
		put_branches(r, attr->branch_sample_type);
	if (type & PERF_SAMPLE_REGS_USER)
		put_registers(r, attr->sample_regs_user);
	if (type & PERF_SAMPLE_STACK_USER)
		put_stack(r);
	put_number_if(r, type & (PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT), 9);
	put_number_if(r, type & PERF_SAMPLE_DATA_SRC, 0xd5);
	put_number_if(r, type & PERF_SAMPLE_TRANSACTION, 0x7a);
	if (type & PERF_SAMPLE_REGS_INTR)
		put_registers(r, attr->sample_regs_intr);
	put_number_if(r, type & PERF_SAMPLE_PHYS_ADDR, v->phys);
	put_number_if(r, type & PERF_SAMPLE_CGROUP, 0xc6);
	put_number_if(r, type & PERF_SAMPLE_DATA_PAGE_SIZE, v->page_size);
	put_number_if(r, type & PERF_SAMPLE_CODE_PAGE_SIZE, 0x1000);
}

void record_tail(struct record_bytes *r, const struct perf_event_attr *attr,
		 const struct sample_values *v)
{
	const uint64_t type = attr->sample_type;

	if (!attr->sample_id_all)
		return;
	if (type & PERF_SAMPLE_TID)
		put_ids(r, v);
	put_number_if(r, type & PERF_SAMPLE_TIME, v->time_ns);
	put_number_if(r, type & PERF_SAMPLE_ID, v->id);
	put_number_if(r, type & PERF_SAMPLE_STREAM_ID, 0x57);
	if (type & PERF_SAMPLE_CPU)
		put_cpu(r, v);
	put_number_if(r, type & PERF_SAMPLE_IDENTIFIER, v->id);
}

const struct perf_event_header *record_sample(struct record_bytes *r, uint16_t misc,
					      const struct perf_event_attr *attr,
					      const struct sample_values *v)
{
	record_begin(r, PERF_RECORD_SAMPLE, misc);
	record_sample_fields(r, attr, v);
	return record_end(r);
}
