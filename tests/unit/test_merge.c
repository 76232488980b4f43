/* Streams of many CPUs come out in one order, whatever the order they went in. */
#include "../support/check.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/decode/merge.h"

/* The merge does not look at the bytes: a record here is only its place. */
static const char places[1 << 20];

static void push(struct merge *merge, uint64_t time_ns, uint32_t cpu, uint64_t tag)
{
	const struct record record = { .header = (const void *)(places + tag),
				       .time_ns = time_ns, .cpu = cpu };

	assert_in_range(tag, 0, sizeof(places) - 1);
	merge_push(merge, &record);
}

static uint64_t tag_of(const struct record *record)
{
	return (uint64_t)((const char *)record->header - places);
}

static uint64_t pop_tag(struct merge *merge)
{
	struct record record;

	assert_true(merge_pop(merge, UINT64_MAX, &record));
	return tag_of(&record);
}

static void check_empty(struct merge *merge)
{
	struct record record;

	assert_false(merge_pop(merge, UINT64_MAX, &record));
}

struct pushed {
	uint64_t time_ns;
	uint32_t cpu;
	uint64_t place; /* in the order that comes out */
};

static const struct pushed by_time[] = {
	{ 30, 0, 2 }, { 10, 1, 0 }, { 20, 2, 1 }, { 40, 1, 3 },
};
static const struct pushed ties_by_cpu[] = {
	{ 10, 3, 3 }, { 10, 1, 1 }, { 10, 2, 2 }, { 10, 0, 0 },
};
static const struct pushed ties_by_arrival[] = {
	{ 10, 1, 0 }, { 10, 1, 1 }, { 10, 1, 2 }, { 5, 0, 3 }, { 5, 0, 4 },
};
static const struct pushed inversions[] = {
	{ 10, 0, 0 }, { 30, 0, 3 }, { 20, 0, 1 }, { 25, 0, 2 }, { 40, 0, 4 },
};
static const struct pushed younger_head_first[] = {
	{ 50, 0, 3 }, { 20, 1, 1 }, { 10, 0, 0 }, { 30, 1, 2 },
};
static const struct pushed impossible_cpus[] = {
	{ 10, UINT32_MAX, 2 }, { 10, 8192, 0 }, { 10, 1000000, 1 }, { 11, 0, 3 },
};

static const struct {
	const struct pushed *rows;
	size_t count;
} orders[] = {
	{ by_time, COUNT_OF(by_time) },
	{ ties_by_cpu, COUNT_OF(ties_by_cpu) },
	{ inversions, COUNT_OF(inversions) },
	{ younger_head_first, COUNT_OF(younger_head_first) },
	{ impossible_cpus, COUNT_OF(impossible_cpus) },
};

static void check_order(const struct pushed *rows, size_t count)
{
	struct merge *merge = merge_new();

	for (size_t i = 0; i < count; i++)
		push(merge, rows[i].time_ns, rows[i].cpu, rows[i].place);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(pop_tag(merge), i);
	check_empty(merge);
	assert_int_equal(merge_late_count(merge), 0);
	merge_free(merge);
}

static void records_come_out_by_time_then_cpu(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(orders); i++)
		check_order(orders[i].rows, orders[i].count);
}

static void equal_records_of_a_cpu_keep_their_order(void **state)
{
	struct merge *merge = merge_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ties_by_arrival); i++)
		push(merge, ties_by_arrival[i].time_ns, ties_by_arrival[i].cpu,
		     ties_by_arrival[i].place);
	assert_int_equal(pop_tag(merge), 3);
	assert_int_equal(pop_tag(merge), 4);
	for (uint64_t tag = 0; tag < 3; tag++)
		assert_int_equal(pop_tag(merge), tag);
	check_empty(merge);
	merge_free(merge);
}

static void younger_than_the_limit_stays(void **state)
{
	struct merge *merge = merge_new();
	struct record record;

	(void)state;
	push(merge, 20, 0, 1);
	push(merge, 10, 1, 0);
	assert_false(merge_pop(merge, 9, &record));
	assert_true(merge_pop(merge, 10, &record));
	assert_int_equal(tag_of(&record), 0);
	assert_int_equal(record.time_ns, 10);
	assert_int_equal(record.cpu, 1);
	assert_false(merge_pop(merge, 19, &record));
	assert_true(merge_pop(merge, 20, &record));
	assert_int_equal(tag_of(&record), 1);
	check_empty(merge);
	merge_free(merge);
}

static void late_record_is_counted_and_comes_next(void **state)
{
	struct merge *merge = merge_new();

	(void)state;
	push(merge, 100, 0, 0);
	push(merge, 300, 0, 3);
	assert_int_equal(pop_tag(merge), 0);
	push(merge, 100, 1, 2); /* as old as the last one: not late */
	assert_int_equal(merge_late_count(merge), 0);
	push(merge, 99, 1, 1);
	assert_int_equal(merge_late_count(merge), 1);
	assert_int_equal(pop_tag(merge), 1);
	push(merge, 99, 1, 9); /* what a late one released does not set the clock back */
	assert_int_equal(merge_late_count(merge), 2);
	assert_int_equal(pop_tag(merge), 9);
	assert_int_equal(pop_tag(merge), 2);
	assert_int_equal(pop_tag(merge), 3);
	merge_free(merge);
}

/* ---- against a sorted array ---- */

static int compare(const void *a, const void *b)
{
	const struct pushed *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static uint32_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % limit;
}

static void any_mixture_comes_out_sorted(void **state)
{
	enum { MANY = 30000 };
	struct pushed *rows = pfa_alloc(MANY * sizeof(*rows));
	struct merge *merge = merge_new();

	(void)state;
	random_state = 1;
	for (size_t i = 0; i < MANY; i++) {
		/* Times rise, with inversions of up to 50 and many ties. */
		rows[i] = (struct pushed){ 100 + i / 4 - random_below(50),
					   random_below(9), i };
		push(merge, rows[i].time_ns, rows[i].cpu, i);
	}
	qsort(rows, MANY, sizeof(*rows), compare);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(pop_tag(merge), rows[i].place);
	check_empty(merge);
	merge_free(merge);
	free(rows);
}

/* Rounds as the live loop has them: what settles is released, the rest waits. */
static void rounds_release_in_order_and_lose_nothing(void **state)
{
	struct merge *merge = merge_new();
	uint64_t released = 0, previous = 0, pushed = 0;
	struct record record;

	(void)state;
	random_state = 2;
	for (uint64_t round = 1; round <= 300; round++) {
		for (int i = 0; i < 100; i++)
			push(merge, round * 1000 + random_below(1000),
			     random_below(4), pushed++);
		while (merge_pop(merge, round * 1000 - 1, &record)) {
			assert_true(record.time_ns >= previous);
			assert_true(record.time_ns < round * 1000);
			previous = record.time_ns;
			released++;
		}
		assert_int_equal(released, pushed - 100);
	}
	assert_int_equal(merge_late_count(merge), 0);
	merge_free(merge);
}

static size_t memory_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void memory_does_not_grow_with_the_length_of_a_run(void **state)
{
	struct merge *merge = merge_new();
	struct record record;
	size_t early = 0;

	(void)state;
	for (uint64_t i = 0; i < 1000000; i++) {
		push(merge, i, i % 2, i);
		if (i >= 5000)
			assert_true(merge_pop(merge, i - 5000, &record));
		if (i == 50000)
			early = memory_in_use();
	}
	/* Nothing is counted under AddressSanitizer, which looks for leaks itself. */
	assert_in_range(memory_in_use(), 0, early + (1 << 20));
	merge_free(merge);
}

static void what_is_never_popped_is_freed_too(void **state)
{
	struct merge *merge = merge_new();

	(void)state;
	for (uint64_t i = 0; i < 20000; i++)
		push(merge, i, i % 3, i);
	for (uint64_t i = 0; i < 7000; i++)
		assert_int_equal(pop_tag(merge), i);
	merge_free(merge);
	merge_free(merge_new());
	merge_free(NULL);
}

/* Several rings of one CPU, one after the other: far from the order that is wanted. */
static void far_inversions_are_ordered_all_the_same(void **state)
{
	enum { RINGS = 5, EACH = 1000 };
	struct merge *merge = merge_new();
	struct record record;
	uint64_t tag = 0;

	(void)state;
	for (uint64_t ring = 0; ring < RINGS; ring++)
		for (uint64_t i = 0; i < EACH; i++)
			push(merge, 10 * (i / 2), 0, tag++);
	for (uint64_t i = 0; i < RINGS * EACH; i++) {
		uint64_t pair = i / (2 * RINGS), nth = i % (2 * RINGS);

		/* By time, and among those as old in the order they came. */
		assert_true(merge_pop(merge, UINT64_MAX, &record));
		assert_int_equal(record.time_ns, 10 * pair);
		assert_int_equal(tag_of(&record), nth / 2 * EACH + 2 * pair + nth % 2);
	}
	check_empty(merge);
	assert_int_equal(merge_late_count(merge), 0);
	merge_free(merge);
}

static void far_inversions_wait_for_their_limit(void **state)
{
	struct merge *merge = merge_new();
	struct record record;

	(void)state;
	for (uint64_t i = 0; i < 200; i++)
		push(merge, 1000 + i, 0, i);
	push(merge, 500, 0, 200);
	push(merge, 400, 0, 201);
	assert_false(merge_pop(merge, 399, &record));
	assert_true(merge_pop(merge, 499, &record));
	assert_int_equal(tag_of(&record), 201);
	assert_false(merge_pop(merge, 499, &record));
	assert_int_equal(pop_tag(merge), 200);
	assert_int_equal(pop_tag(merge), 0);
	merge_free(merge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_out_by_time_then_cpu),
		cmocka_unit_test(equal_records_of_a_cpu_keep_their_order),
		cmocka_unit_test(younger_than_the_limit_stays),
		cmocka_unit_test(late_record_is_counted_and_comes_next),
		cmocka_unit_test(any_mixture_comes_out_sorted),
		cmocka_unit_test(rounds_release_in_order_and_lose_nothing),
		cmocka_unit_test(memory_does_not_grow_with_the_length_of_a_run),
		cmocka_unit_test(what_is_never_popped_is_freed_too),
		cmocka_unit_test(far_inversions_are_ordered_all_the_same),
		cmocka_unit_test(far_inversions_wait_for_their_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
