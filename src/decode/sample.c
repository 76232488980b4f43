#include "pfa/decode/sample.h"

#include <stddef.h>

#include "pfa/base/bytes.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/record.h"

/* ---- what is the same for all samples of an event ---- */

/* Fields of 8 bytes, in their order in the record. */
struct fixed_field {
	uint64_t bit;
	size_t place; /* in struct sample_layout; NOWHERE: nothing pfa uses */
};

#define PLACE(member) offsetof(struct sample_layout, member)
#define NOWHERE sizeof(struct sample_layout)

static const struct fixed_field fields_before[] = {
	{ PERF_SAMPLE_IDENTIFIER, PLACE(id) },
	{ PERF_SAMPLE_IP, PLACE(ip) },
	{ PERF_SAMPLE_TID, PLACE(tid) },
	{ PERF_SAMPLE_TIME, PLACE(time) },
	{ PERF_SAMPLE_ADDR, PLACE(addr) },
	{ PERF_SAMPLE_ID, PLACE(id) },
	{ PERF_SAMPLE_STREAM_ID, NOWHERE },
	{ PERF_SAMPLE_CPU, PLACE(cpu) },
	{ PERF_SAMPLE_PERIOD, NOWHERE },
	{ 0, 0 },
};

static const uint64_t varying_fields =
	PERF_SAMPLE_READ | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_RAW |
	PERF_SAMPLE_BRANCH_STACK | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER |
	PERF_SAMPLE_REGS_INTR;

/* Bits are in the order of the fields, but for the one that was moved to the front. */
static const uint64_t fields_behind_raw =
	~(uint64_t)(2 * PERF_SAMPLE_RAW - 1) & ~(uint64_t)PERF_SAMPLE_IDENTIFIER;

static const struct fixed_field fields_behind[] = {
	{ PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT, NOWHERE },
	{ PERF_SAMPLE_DATA_SRC, NOWHERE },
	{ PERF_SAMPLE_TRANSACTION, NOWHERE },
	{ PERF_SAMPLE_PHYS_ADDR, PLACE(phys) },
	{ PERF_SAMPLE_CGROUP, NOWHERE },
	{ PERF_SAMPLE_DATA_PAGE_SIZE, PLACE(page_size) },
	{ 0, 0 },
};

static void place_fields(struct sample_layout *layout, uint64_t type,
			 const struct fixed_field *field)
{
	for (; field->bit; field++) {
		uint16_t *place = (void *)((char *)layout + field->place);

		if (!(type & field->bit))
			continue;
		if (field->place != NOWHERE && !*place)
			*place = layout->fixed_bytes;
		layout->fixed_bytes += 8;
	}
}

static void place_behind_chain(struct sample_layout *layout, uint64_t type)
{
	struct sample_layout behind = { .fixed_bytes = 8 };

	place_fields(&behind, type, fields_behind);
	layout->only_chain_varies = true;
	layout->phys_behind = behind.phys;
	layout->page_size_behind = behind.page_size;
	layout->behind_bytes = behind.fixed_bytes;
}

struct sample_layout sample_layout_of(const struct perf_event_attr *attr)
{
	struct sample_layout layout = {
		.fixed_bytes = sizeof(struct perf_event_header),
	};

	place_fields(&layout, attr->sample_type, fields_before);
	if (!(attr->sample_type & varying_fields))
		place_fields(&layout, attr->sample_type, fields_behind);
	if ((attr->sample_type & varying_fields) == PERF_SAMPLE_CALLCHAIN)
		place_behind_chain(&layout, attr->sample_type);
	return layout;
}

/* ---- a sample ---- */

static uint64_t u64_at(const char *record, unsigned offset)
{
	return offset ? load_u64(record + offset) : 0;
}

static uint32_t u32_at(const char *record, unsigned offset, unsigned more)
{
	return offset ? load_u32(record + offset + more) : 0;
}

static void parse_fixed_part(const char *record, const struct sample_layout *layout,
			     struct sample *s)
{
	*s = (struct sample){
		.ip = u64_at(record, layout->ip),
		.pid = u32_at(record, layout->tid, 0),
		.tid = u32_at(record, layout->tid, 4),
		.addr = u64_at(record, layout->addr),
		.phys = u64_at(record, layout->phys),
		.page_size = u64_at(record, layout->page_size),
		.raw = NULL,
		.raw_bytes = 0,
		.has_callers = false,
	};
}

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

static const void *take_words(struct cursor *c, uint64_t count)
{
	if (count > c->left / 8)
		c->bad = true;
	return c->bad ? NULL : cursor_take(c, count * 8);
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

/* NULL: the thread had none, as one of the kernel's, or not those of 64 bits. */
static const void *take_regs(struct cursor *c, uint64_t mask)
{
	uint64_t abi = cursor_u64(c);
	const void *regs = NULL;

	if (abi != PERF_SAMPLE_REGS_ABI_NONE)
		regs = take_words(c, (uint64_t)__builtin_popcountll(mask));
	return abi == PERF_SAMPLE_REGS_ABI_64 ? regs : NULL;
}

/* Of the space that is kept for it, only so much is the stack's. */
static void parse_stack(struct cursor *c, struct callers *callers)
{
	uint64_t size = cursor_u64(c), filled;

	callers->stack = size ? take_words(c, size / 8) : NULL;
	filled = size ? cursor_u64(c) : 0;
	callers->stack_bytes = filled < size ? filled : size;
}

static const uint64_t tells_callers = PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER |
				      PERF_SAMPLE_STACK_USER;

static void parse_behind_raw(struct cursor *c, const struct perf_event_attr *attr,
			     struct sample *s)
{
	const uint64_t type = attr->sample_type;

	if (type & PERF_SAMPLE_BRANCH_STACK)
		skip_branches(c, attr->branch_sample_type);
	if (type & PERF_SAMPLE_REGS_USER) {
		s->callers.regs = take_regs(c, attr->sample_regs_user);
		s->callers.reg_mask = attr->sample_regs_user;
	}
	if (type & PERF_SAMPLE_STACK_USER)
		parse_stack(c, &s->callers);
	if (type & (PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT))
		cursor_u64(c);
	if (type & PERF_SAMPLE_DATA_SRC)
		cursor_u64(c);
	if (type & PERF_SAMPLE_TRANSACTION)
		cursor_u64(c);
	if (type & PERF_SAMPLE_REGS_INTR)
		take_regs(c, attr->sample_regs_intr);
	if (type & PERF_SAMPLE_PHYS_ADDR)
		s->phys = cursor_u64(c);
	if (type & PERF_SAMPLE_CGROUP)
		cursor_u64(c);
	if (type & PERF_SAMPLE_DATA_PAGE_SIZE)
		s->page_size = cursor_u64(c);
}

static void parse_varying_part(struct cursor *c, const struct perf_event_attr *attr,
			       struct sample *s)
{
	const uint64_t type = attr->sample_type;

	if (type & PERF_SAMPLE_READ)
		skip_read(c, attr->read_format);
	if (type & tells_callers)
		s->callers = (struct callers){ 0 };
	if (type & PERF_SAMPLE_CALLCHAIN) {
		s->callers.chain_count = cursor_u64(c);
		s->callers.chain = take_words(c, s->callers.chain_count);
	}
	if (type & PERF_SAMPLE_RAW) {
		s->raw_bytes = cursor_u32(c);
		s->raw = cursor_take(c, s->raw_bytes);
	}
	/* With a tracepoint there is mostly nothing else. */
	if (type & fields_behind_raw)
		parse_behind_raw(c, attr, s);
}

/* What nearly all samples of faults are: with a chain that is empty or short. */
static size_t parse_chain(const char *record, unsigned size,
			  const struct sample_layout *layout, struct sample *s, bool *bad)
{
	const unsigned room = size - layout->fixed_bytes;
	const uint64_t count = room < 8 ? 0 : load_u64(record + layout->fixed_bytes);
	const char *end;

	*bad = room < layout->behind_bytes || count > (room - layout->behind_bytes) / 8;
	if (*bad)
		return 0;
	end = record + layout->fixed_bytes + 8 * count;
	s->has_callers = count > 0;
	if (s->has_callers)
		s->callers = (struct callers){
			.chain = record + layout->fixed_bytes + 8,
			.chain_count = count,
		};
	s->phys = u64_at(end, layout->phys_behind);
	s->page_size = u64_at(end, layout->page_size_behind);
	return room - layout->behind_bytes - 8 * (size_t)count;
}

/* What is left of the record behind its last field; *bad: it ends before. */
static size_t parse(const struct perf_event_header *record, unsigned size,
		    const struct evsel *evsel, struct sample *sample, bool *bad)
{
	const unsigned fixed = evsel->sample.fixed_bytes;
	const char *bytes = (const char *)record;
	struct cursor c;

	*bad = size < fixed;
	if (*bad)
		return 0;
	parse_fixed_part(bytes, &evsel->sample, sample);
	if (!(evsel->attr.sample_type & varying_fields))
		return size - fixed;
	if (evsel->sample.only_chain_varies)
		return parse_chain(bytes, size, &evsel->sample, sample, bad);
	c = cursor_of(bytes + fixed, size - fixed);
	parse_varying_part(&c, &evsel->attr, sample);
	sample->has_callers = evsel->attr.sample_type & tells_callers &&
			      (sample->callers.chain_count || sample->callers.regs);
	*bad = c.bad;
	return c.left;
}

bool sample_parse(const struct record *record, struct sample *sample)
{
	bool bad;

	parse(record->header, record->size, record->evsel, sample, &bad);
	return !bad;
}

bool sample_fits(const struct perf_event_header *record, const struct evsel *evsel)
{
	struct sample sample;
	bool bad;

	return !parse(record, record_size(record), evsel, &sample, &bad) && !bad;
}
