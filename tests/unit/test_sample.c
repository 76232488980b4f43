/* Samples are picked apart as the manual page lays them. */
#include "../support/check.h"

#include <stdbool.h>
#include <string.h>

#include "../support/record_bytes.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/record.h"

static const char raw[12] = "raw payload";

static const struct sample_values values = {
	.id = 0x1d, .ip = 0x401234, .time_ns = 123456789, .addr = 0x7f0000001008,
	.phys = 0x87654000, .page_size = 0x200000, .pid = 100, .tid = 101, .cpu = 3,
	.raw = raw, .raw_bytes = sizeof(raw),
};

/* What the parser knows; CODE_PAGE_SIZE comes after all that pfa reads. */
static const uint64_t bits[] = {
	PERF_SAMPLE_IDENTIFIER, PERF_SAMPLE_IP, PERF_SAMPLE_TID, PERF_SAMPLE_TIME,
	PERF_SAMPLE_ADDR, PERF_SAMPLE_ID, PERF_SAMPLE_STREAM_ID, PERF_SAMPLE_CPU,
	PERF_SAMPLE_PERIOD, PERF_SAMPLE_READ, PERF_SAMPLE_CALLCHAIN, PERF_SAMPLE_RAW,
	PERF_SAMPLE_BRANCH_STACK, PERF_SAMPLE_REGS_USER, PERF_SAMPLE_STACK_USER,
	PERF_SAMPLE_WEIGHT, PERF_SAMPLE_DATA_SRC, PERF_SAMPLE_TRANSACTION,
	PERF_SAMPLE_REGS_INTR, PERF_SAMPLE_PHYS_ADDR, PERF_SAMPLE_CGROUP,
	PERF_SAMPLE_DATA_PAGE_SIZE,
};

static struct perf_event_attr attr_of(uint64_t type)
{
	return (struct perf_event_attr){
		.sample_type = type,
		.sample_regs_user = 0xff,
		.sample_regs_intr = 0x100000001,
	};
}

static uint64_t if_set(uint64_t wanted, uint64_t value)
{
	return wanted ? value : 0;
}

static void check_values(const struct sample *s, uint64_t type)
{
	assert_int_equal(s->ip, if_set(type & PERF_SAMPLE_IP, values.ip));
	assert_int_equal(s->pid, if_set(type & PERF_SAMPLE_TID, values.pid));
	assert_int_equal(s->tid, if_set(type & PERF_SAMPLE_TID, values.tid));
	assert_int_equal(s->addr, if_set(type & PERF_SAMPLE_ADDR, values.addr));
	assert_int_equal(s->phys, if_set(type & PERF_SAMPLE_PHYS_ADDR, values.phys));
	assert_int_equal(s->page_size, if_set(type & PERF_SAMPLE_DATA_PAGE_SIZE,
					      values.page_size));
	assert_int_equal(s->raw_bytes, if_set(type & PERF_SAMPLE_RAW, sizeof(raw)));
	if (type & PERF_SAMPLE_RAW)
		assert_memory_equal(s->raw, raw, sizeof(raw));
	else
		assert_null(s->raw);
}

static bool parse(const struct perf_event_attr *attr,
		  const struct perf_event_header *header, struct sample *sample)
{
	const struct evsel evsel = { .attr = *attr,
				     .sample = sample_layout_of(attr) };
	const struct record record = { .header = header, .evsel = &evsel,
				       .size = record_size(header) };

	return sample_parse(&record, sample);
}

static bool parse_cut(const struct record_bytes *whole, size_t size,
		      const struct perf_event_attr *attr, struct sample *sample)
{
	struct record_bytes cut = *whole;

	cut.used = size;
	return parse(attr, record_end(&cut), sample);
}

/* Whole it parses; one byte less, or any number less, it does not. */
static void check_attr(const struct perf_event_attr *attr)
{
	struct record_bytes r;
	struct sample sample;

	record_sample(&r, 0, attr, &values);
	assert_true(parse_cut(&r, r.used, attr, &sample));
	check_values(&sample, attr->sample_type);
	for (size_t size = 0; size < r.used; size++)
		assert_false(parse_cut(&r, size, attr, &sample));
}

static void each_field_alone_is_found_and_missed_when_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bits); i++) {
		const struct perf_event_attr attr = attr_of(bits[i]);

		check_attr(&attr);
	}
}

static void all_fields_together_are_found_and_missed_when_cut(void **state)
{
	struct perf_event_attr attr = attr_of(0);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bits); i++)
		attr.sample_type |= bits[i];
	check_attr(&attr);
}

static void any_two_fields_stand_in_their_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bits); i++) {
		for (size_t k = 0; k < i; k++) {
			const struct perf_event_attr attr = attr_of(bits[i] | bits[k]);

			check_attr(&attr);
		}
	}
}

static void fields_behind_the_known_ones_are_let_be(void **state)
{
	const struct perf_event_attr attr =
		attr_of(PERF_SAMPLE_DATA_PAGE_SIZE | PERF_SAMPLE_CODE_PAGE_SIZE);
	struct record_bytes r;
	struct sample sample;

	(void)state;
	assert_true(parse(&attr, record_sample(&r, 0, &attr, &values), &sample));
	assert_int_equal(sample.page_size, 0x200000);
}

static const uint64_t read_formats[] = {
	0,
	PERF_FORMAT_TOTAL_TIME_ENABLED,
	PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	PERF_FORMAT_ID,
	PERF_FORMAT_ID | PERF_FORMAT_LOST,
	PERF_FORMAT_GROUP,
	PERF_FORMAT_GROUP | PERF_FORMAT_ID,
	PERF_FORMAT_GROUP | PERF_FORMAT_ID | PERF_FORMAT_LOST |
		PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
};

static void counts_are_skipped_in_every_read_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(read_formats); i++) {
		struct perf_event_attr attr =
			attr_of(PERF_SAMPLE_READ | PERF_SAMPLE_PHYS_ADDR);

		attr.read_format = read_formats[i];
		check_attr(&attr);
	}
}

static void branch_stack_may_have_an_index(void **state)
{
	struct perf_event_attr attr =
		attr_of(PERF_SAMPLE_BRANCH_STACK | PERF_SAMPLE_PHYS_ADDR);

	(void)state;
	attr.branch_sample_type = PERF_SAMPLE_BRANCH_HW_INDEX;
	check_attr(&attr);
}

static void kernel_thread_has_no_registers_and_no_stack(void **state)
{
	const struct perf_event_attr attr =
		attr_of(PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER |
			PERF_SAMPLE_PHYS_ADDR);
	struct record_bytes r;
	struct sample sample;

	(void)state;
	record_begin(&r, PERF_RECORD_SAMPLE, 0);
	record_u64(&r, PERF_SAMPLE_REGS_ABI_NONE);
	record_u64(&r, 0); /* no stack, and then no dynamic size */
	record_u64(&r, 0x1000);
	assert_true(parse(&attr, record_end(&r), &sample));
	assert_int_equal(sample.phys, 0x1000);
}

/* A first number that claims more than there is. */
static const struct {
	uint64_t type, read_format, count;
} liars[] = {
	{ PERF_SAMPLE_CALLCHAIN, 0, 3 },
	{ PERF_SAMPLE_CALLCHAIN, 0, 1ULL << 61 }, /* times 8 is 0 */
	{ PERF_SAMPLE_CALLCHAIN, 0, UINT64_MAX },
	{ PERF_SAMPLE_BRANCH_STACK, 0, 1 },
	{ PERF_SAMPLE_BRANCH_STACK, 0, UINT64_MAX / 24 + 1 },
	{ PERF_SAMPLE_READ, PERF_FORMAT_GROUP, 3 },
	{ PERF_SAMPLE_READ, PERF_FORMAT_GROUP, 1ULL << 61 },
	{ PERF_SAMPLE_READ, PERF_FORMAT_GROUP | PERF_FORMAT_ID, 1ULL << 60 },
	{ PERF_SAMPLE_RAW, 0, 13 },
	{ PERF_SAMPLE_RAW, 0, UINT32_MAX },
	{ PERF_SAMPLE_STACK_USER, 0, 16 },
	{ PERF_SAMPLE_STACK_USER, 0, UINT64_MAX },
	{ PERF_SAMPLE_REGS_USER, 0, 2 },
};

static void lengths_beyond_the_record_are_corrupt(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(liars); i++) {
		struct perf_event_attr attr = attr_of(liars[i].type);
		struct record_bytes r;
		struct sample sample;

		attr.read_format = liars[i].read_format;
		record_begin(&r, PERF_RECORD_SAMPLE, 0);
		record_u64(&r, liars[i].count);
		record_u64(&r, 1);
		record_u64(&r, 2);
		r.used = 8 + (liars[i].type == PERF_SAMPLE_RAW ? 16 : 24);
		assert_false(parse(&attr, record_end(&r), &sample));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_alone_is_found_and_missed_when_cut),
		cmocka_unit_test(all_fields_together_are_found_and_missed_when_cut),
		cmocka_unit_test(any_two_fields_stand_in_their_order),
		cmocka_unit_test(fields_behind_the_known_ones_are_let_be),
		cmocka_unit_test(counts_are_skipped_in_every_read_format),
		cmocka_unit_test(branch_stack_may_have_an_index),
		cmocka_unit_test(kernel_thread_has_no_registers_and_no_stack),
		cmocka_unit_test(lengths_beyond_the_record_are_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
