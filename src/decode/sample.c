#include "pfa/decode/sample.h"

#include <string.h>

#include "pfa/base/bytes.h"
#include "pfa/decode/record.h"

/* PERF_SAMPLE_READ: a count, or a group of them, as read_format says. */
static void skip_read(struct cursor *c, uint64_t read_format)
{
	uint64_t counts = 1, words = 0, per_count = 1;

	if (read_format & PERF_FORMAT_TOTAL_TIME_ENABLED)
		words++;
	if (read_format & PERF_FORMAT_TOTAL_TIME_RUNNING)
		words++;
	if (read_format & PERF_FORMAT_ID)
		per_count++;
	if (read_format & PERF_FORMAT_LOST)
		per_count++;
	if (read_format & PERF_FORMAT_GROUP)
		counts = cursor_u64(c);
	if (counts > c->left / 8)
		c->bad = true;
	else
		cursor_take(c, (words + counts * per_count) * 8);
}

static void skip_words(struct cursor *c, uint64_t count)
{
	if (count > c->left / 8)
		c->bad = true;
	else
		cursor_take(c, count * 8);
}

static void skip_branches(struct cursor *c, uint64_t branch_sample_type)
{
	uint64_t count = cursor_u64(c);

	if (branch_sample_type & PERF_SAMPLE_BRANCH_HW_INDEX)
		cursor_u64(c);
	if (count > c->left / 24)
		c->bad = true;
	else
		cursor_take(c, count * 24);
}

static void skip_regs(struct cursor *c, uint64_t mask)
{
	if (cursor_u64(c))
		skip_words(c, (uint64_t)__builtin_popcountll(mask));
}

static void skip_stack(struct cursor *c)
{
	uint64_t size = cursor_u64(c);

	if (!size)
		return;
	skip_words(c, size / 8);
	cursor_u64(c); /* the dynamic size */
}

static void parse_fixed_part(struct cursor *c, uint64_t type, struct sample *s)
{
	if (type & PERF_SAMPLE_IDENTIFIER)
		cursor_u64(c);
	if (type & PERF_SAMPLE_IP)
		s->ip = cursor_u64(c);
	if (type & PERF_SAMPLE_TID) {
		s->pid = cursor_u32(c);
		s->tid = cursor_u32(c);
	}
	if (type & PERF_SAMPLE_TIME)
		s->time_ns = cursor_u64(c);
	if (type & PERF_SAMPLE_ADDR)
		s->addr = cursor_u64(c);
	if (type & PERF_SAMPLE_ID)
		cursor_u64(c);
	if (type & PERF_SAMPLE_STREAM_ID)
		cursor_u64(c);
	if (type & PERF_SAMPLE_CPU) {
		s->cpu = cursor_u32(c);
		cursor_u32(c);
	}
	if (type & PERF_SAMPLE_PERIOD)
		cursor_u64(c);
}

static void parse_variable_part(struct cursor *c,
				const struct perf_event_attr *attr,
				struct sample *s)
{
	uint64_t type = attr->sample_type;

	if (type & PERF_SAMPLE_READ)
		skip_read(c, attr->read_format);
	if (type & PERF_SAMPLE_CALLCHAIN)
		skip_words(c, cursor_u64(c));
	if (type & PERF_SAMPLE_RAW) {
		s->raw_bytes = cursor_u32(c);
		s->raw = cursor_take(c, s->raw_bytes);
	}
	if (type & PERF_SAMPLE_BRANCH_STACK)
		skip_branches(c, attr->branch_sample_type);
	if (type & PERF_SAMPLE_REGS_USER)
		skip_regs(c, attr->sample_regs_user);
	if (type & PERF_SAMPLE_STACK_USER)
		skip_stack(c);
	if (type & (PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT))
		cursor_u64(c);
	if (type & PERF_SAMPLE_DATA_SRC)
		cursor_u64(c);
	if (type & PERF_SAMPLE_TRANSACTION)
		cursor_u64(c);
	if (type & PERF_SAMPLE_REGS_INTR)
		skip_regs(c, attr->sample_regs_intr);
	if (type & PERF_SAMPLE_PHYS_ADDR)
		s->phys = cursor_u64(c);
	if (type & PERF_SAMPLE_CGROUP)
		cursor_u64(c);
	if (type & PERF_SAMPLE_DATA_PAGE_SIZE)
		s->page_size = cursor_u64(c);
}

bool sample_parse(const struct perf_event_attr *attr,
		  const struct perf_event_header *record, struct sample *sample)
{
	size_t size = record_size(record);
	struct cursor c;

	memset(sample, 0, sizeof(*sample));
	if (size < sizeof(*record))
		return false;
	c = cursor_of((const char *)record + sizeof(*record),
		      size - sizeof(*record));
	parse_fixed_part(&c, attr->sample_type, sample);
	parse_variable_part(&c, attr, sample);
	return !c.bad;
}
