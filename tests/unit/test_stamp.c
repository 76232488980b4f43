/* Who and when, found in records of every shape that our events have. */
#include "../support/check.h"

#include <string.h>

#include "../support/record_bytes.h"
#include "pfa/decode/record.h"
#include "pfa/source/stamp.h"

/* What all events of a session have, and what some have besides. */
enum {
	BASE = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
	       PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
};

static const struct sample_values values = {
	.id = 0x1122334455667788, .ip = 0x401234, .pid = 100, .tid = 101, .cpu = 3,
	.time_ns = 0x1000000001, .addr = 0x7f0000001000, .phys = 0x5000,
	.page_size = 4096, .raw = "raw bytes...", .raw_bytes = 12,
};

static void check_stamp(const struct perf_event_header *record,
			const struct stamp *wanted)
{
	const struct stamp stamp = stamp_of(record);

	assert_true(stamp.id == wanted->id);
	assert_int_equal(stamp.pid, wanted->pid);
	assert_int_equal(stamp.tid, wanted->tid);
	assert_true(stamp.time_ns == wanted->time_ns);
}

/* ---- records of all kinds ---- */

struct shape {
	const char *name;
	uint32_t type;
	uint64_t more; /* samples: fields besides */
	unsigned words; /* others: before the tail */
};

static const struct shape shapes[] = {
	{ "smallest sample", PERF_RECORD_SAMPLE, 0, 0 },
	{ "minor fault", PERF_RECORD_SAMPLE,
	  PERF_SAMPLE_ADDR | PERF_SAMPLE_DATA_PAGE_SIZE | PERF_SAMPLE_PHYS_ADDR, 0 },
	{ "major fault", PERF_RECORD_SAMPLE,
	  PERF_SAMPLE_ADDR | PERF_SAMPLE_DATA_PAGE_SIZE | PERF_SAMPLE_PERIOD, 0 },
	{ "tracepoint", PERF_RECORD_SAMPLE, PERF_SAMPLE_RAW, 0 },
	{ "fork", PERF_RECORD_FORK, 0, 3 },
	{ "exit", PERF_RECORD_EXIT, 0, 3 },
	{ "comm", PERF_RECORD_COMM, 0, 2 },
	{ "mmap2", PERF_RECORD_MMAP2, 0, 12 },
	{ "lost", PERF_RECORD_LOST, 0, 2 },
	{ "nothing but the tail", PERF_RECORD_THROTTLE, 0, 0 },
};

static struct perf_event_header *record_of_shape(struct record_bytes *r,
						 const struct shape *shape)
{
	const struct perf_event_attr attr = { .sample_type = BASE | shape->more,
					      .sample_id_all = 1 };

	record_begin(r, shape->type, 0);
	if (shape->type == PERF_RECORD_SAMPLE) {
		record_sample_fields(r, &attr, &values);
	} else {
		for (unsigned i = 0; i < shape->words; i++)
			record_u64(r, 0xdddddddddddddddd);
		record_tail(r, &attr, &values);
	}
	return (struct perf_event_header *)record_end(r);
}

static void stamp_is_read_from_every_record(void **state)
{
	const struct stamp wanted = { values.id, values.pid, values.tid, values.time_ns };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		struct record_bytes r;

		check_stamp(record_of_shape(&r, &shapes[i]), &wanted);
	}
}

/* The same record with other values, laid anew, is what stamp_set() must make. */
static void id_and_time_are_set_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		const struct stamp other = { .id = 7, .pid = 999, .tid = 999,
					     .time_ns = 0x99 };
		const struct stamp wanted = { .id = 7, .pid = values.pid,
					      .tid = values.tid, .time_ns = 0x99 };
		struct record_bytes r, before;
		struct perf_event_header *record = record_of_shape(&r, &shapes[i]);
		size_t changed = 0;

		before = r;
		stamp_set(record, &other);
		check_stamp(record, &wanted);
		assert_int_equal(record_size(record), before.used);
		for (size_t k = 0; k < before.used; k++)
			changed += r.bytes[k] != before.bytes[k];
		/* All of the id, and the two bytes in which the times differ. */
		if (changed != 8 + 2)
			fail_msg("%s: %zu bytes changed", shapes[i].name, changed);
	}
}

static void stamp_may_be_set_to_what_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		struct record_bytes r, before;
		struct perf_event_header *record = record_of_shape(&r, &shapes[i]);
		const struct stamp same = stamp_of(record);

		before = r;
		stamp_set(record, &same);
		assert_memory_equal(r.bytes, before.bytes, before.used);
	}
}

/* ---- too short ---- */

static void short_record_has_no_stamp_and_is_left_alone(void **state)
{
	static const uint32_t types[] = { PERF_RECORD_SAMPLE, PERF_RECORD_COMM };
	const struct stamp none = { 0 }, other = { 7, 8, 9, 10 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		for (unsigned words = 0; words < 4; words++) {
			struct perf_event_header *record;
			struct record_bytes r, before;

			memset(&r, 0xee, sizeof(r));
			record_begin(&r, types[i], 0);
			for (unsigned k = 0; k < words; k++)
				record_u64(&r, 0xdddddddddddddddd);
			record = (struct perf_event_header *)record_end(&r);
			before = r;
			check_stamp(record, &none);
			stamp_set(record, &other);
			assert_memory_equal(r.bytes, before.bytes, sizeof(r.bytes));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamp_is_read_from_every_record),
		cmocka_unit_test(id_and_time_are_set_and_nothing_else),
		cmocka_unit_test(stamp_may_be_set_to_what_it_was),
		cmocka_unit_test(short_record_has_no_stamp_and_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
