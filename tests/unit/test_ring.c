/* A ring of memory instead of the kernel's: what was written comes out, once. */
#include "../support/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/decode/record.h"
#include "pfa/source/ring.h"

enum { RING_BYTES = 4096, SEEN_MAX = 4096 };

struct world {
	struct ring ring;
	uint64_t written; /* where the kernel would write next */
	uint64_t tags[SEEN_MAX]; /* of what was drained */
	size_t seen;
};

static int world_new(void **state)
{
	struct world *w = pfa_alloc(sizeof(*w));

	w->ring = (struct ring){ .fd = -1, .size_bytes = RING_BYTES };
	w->ring.page = pfa_alloc(sizeof(*w->ring.page));
	w->ring.data = pfa_alloc(RING_BYTES);
	w->ring.scratch = pfa_alloc(1 << 16);
	*state = w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	free(w->ring.page);
	free(w->ring.data);
	free(w->ring.scratch);
	free(w);
	return 0;
}

static void set_position(struct world *w, uint64_t position)
{
	w->ring.page->data_head = w->ring.page->data_tail = w->written = position;
}

static void write_bytes(struct world *w, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		w->ring.data[w->written++ % RING_BYTES] = ((const unsigned char *)bytes)[i];
	w->ring.page->data_head = w->written;
}

/* A record of this size: its number, then bytes made from it. */
static void write_record(struct world *w, uint64_t tag, uint16_t size)
{
	const struct perf_event_header header = { .type = PERF_RECORD_SAMPLE,
						  .size = size };

	write_bytes(w, &header, sizeof(header));
	for (uint16_t i = sizeof(header); i < size; i += 8)
		write_bytes(w, &tag, sizeof(tag));
}

/* Every word behind the header is the same number, or the record is damaged. */
static void see(void *context, const struct perf_event_header *record)
{
	const unsigned char *bytes = (const void *)record;
	struct world *w = context;
	uint64_t tag, word;

	memcpy(&tag, bytes + 8, sizeof(tag));
	for (unsigned at = 8; at < record_size(record); at += 8) {
		memcpy(&word, bytes + at, sizeof(word));
		assert_int_equal(word, tag);
	}
	assert_true(w->seen < SEEN_MAX);
	w->tags[w->seen++] = tag;
}

static uint64_t drain(struct world *w, bool *corrupt)
{
	const struct record_sink sink = { see, w };

	*corrupt = false;
	return ring_drain(&w->ring, ring_head(&w->ring), &sink, corrupt);
}

static void check_drain(struct world *w, uint64_t bytes, size_t seen)
{
	bool corrupt;

	assert_int_equal(drain(w, &corrupt), bytes);
	assert_false(corrupt);
	assert_int_equal(w->seen, seen);
	assert_int_equal(w->ring.page->data_tail, w->written);
}

static void empty_ring_has_nothing(void **state)
{
	check_drain(*state, 0, 0);
	set_position(*state, 12345 * 8);
	check_drain(*state, 0, 0);
}

static void records_come_out_once_in_order(void **state)
{
	struct world *w = *state;

	write_record(w, 1, 16);
	write_record(w, 2, 64);
	write_record(w, 3, 24);
	check_drain(w, 16 + 64 + 24, 3);
	check_drain(w, 0, 3);
	write_record(w, 4, 40);
	check_drain(w, 40, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(w->tags[i], i + 1);
}

static void record_that_wraps_around_comes_out_whole(void **state)
{
	struct world *w = *state;

	for (uint16_t before_end = 8; before_end < 200; before_end += 8) {
		w->seen = 0;
		set_position(w, 7 * RING_BYTES - before_end);
		write_record(w, before_end, 200);
		check_drain(w, 200, 1);
		assert_int_equal(w->tags[0], before_end);
	}
}

static void full_ring_is_drained_whole(void **state)
{
	struct world *w = *state;

	set_position(w, RING_BYTES / 2 + 8);
	for (uint64_t i = 0; i < RING_BYTES / 64; i++)
		write_record(w, i, 64);
	check_drain(w, RING_BYTES, RING_BYTES / 64);
	write_record(w, 99, RING_BYTES);
	check_drain(w, RING_BYTES, RING_BYTES / 64 + 1);
}

static void long_run_loses_nothing(void **state)
{
	struct world *w = *state;
	uint64_t tag = 0;

	for (int round = 0; round < 500; round++) {
		w->seen = 0;
		for (int i = 0; i < 7; i++)
			write_record(w, tag + (uint64_t)i, (uint16_t)(16 + 8 * (tag % 50)));
		check_drain(w, 7 * (16 + 8 * (tag % 50)), 7);
		for (uint64_t i = 0; i < 7; i++)
			assert_int_equal(w->tags[i], tag + i);
		tag += 7;
	}
}

static const uint16_t bad_sizes[] = { 0, 1, 7, 40, 65535 };

/* The kernel goes on behind what nobody can read. */
static void record_of_impossible_size_ends_the_drain(void **state)
{
	struct world *w = *state;
	bool corrupt;

	for (size_t i = 0; i < COUNT_OF(bad_sizes); i++) {
		struct perf_event_header header = { .type = PERF_RECORD_SAMPLE,
						    .size = bad_sizes[i] };

		w->seen = 0;
		write_record(w, 1, 32);
		write_bytes(w, &header, sizeof(header));
		write_bytes(w, &header, sizeof(header)); /* 16 bytes are left for it */
		assert_int_equal(drain(w, &corrupt), 48);
		assert_true(corrupt);
		assert_int_equal(w->seen, 1);
		write_record(w, 2, 32);
		check_drain(w, 32, 2);
	}
}

static const struct {
	uint64_t head, tail;
} impossible[] = {
	{ RING_BYTES + 8, 0 }, { UINT64_MAX, 0 }, { 1ULL << 40, 8 }, { 0, 8 },
	{ 8, RING_BYTES * 3 }, { 36, 4 }, { 64, 4 }, { 36, 0 },
};

/* More than the ring holds, or less than nothing: none of it can be believed. */
static void impossible_positions_are_corrupt(void **state)
{
	struct world *w = *state;
	bool corrupt;

	for (size_t i = 0; i < COUNT_OF(impossible); i++) {
		set_position(w, 0);
		for (int n = 0; n < RING_BYTES / 32; n++)
			write_record(w, 1, 32);
		w->seen = 0;
		w->ring.page->data_head = impossible[i].head;
		w->ring.page->data_tail = impossible[i].tail;
		drain(w, &corrupt);
		assert_true(corrupt);
		assert_int_equal(w->seen, 0);
		assert_int_equal(w->ring.page->data_tail, impossible[i].head);
	}
}

static void ring_on_something_else_is_refused(void **state)
{
	struct ring ring = { .page = NULL };
	struct pfa_error err;

	(void)state;
	assert_int_equal(ring_open(&ring, -1, 3, 8 << 20, &err), PFA_E_IO);
	assert_string_equal(err.text, "cannot map a ring of 8192 KiB for cpu 3: "
			    "Bad file descriptor (use a smaller --buffer, or raise "
			    "/proc/sys/kernel/perf_event_mlock_kb)");
	ring_close(&ring); /* never opened */
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(empty_ring_has_nothing),
		in_world(records_come_out_once_in_order),
		in_world(record_that_wraps_around_comes_out_whole),
		in_world(full_ring_is_drained_whole),
		in_world(long_run_loses_nothing),
		in_world(record_of_impossible_size_ends_the_drain),
		in_world(impossible_positions_are_corrupt),
		cmocka_unit_test(ring_on_something_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
