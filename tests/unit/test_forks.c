/* Copies after fork: counted by side and place, kept in bounds. */
#include "../support/check.h"
#include "../support/nameless.h"

#include <stdlib.h>

#include "pfa/report/forks.h"

static const struct region alpha = { "alpha", "", "alpha" };
static const struct region beta = { "beta", ".data", "beta .data" };
static const struct code first = { .object = "demo", .addr = 0x10,
				   .text = "demo+0x10" };
static const struct code second = { .object = "demo", .addr = 0x20,
				   .text = "demo+0x20" };

static struct actor process(uint32_t serial)
{
	return (struct actor){ .pid = 1000 + serial, .tid = 1000 + serial,
			       .serial = serial, .thread_serial = serial, .comm = "demo",
			       .process_comm = "demo" };
}

static void born(struct forks *f, uint32_t fork, uint32_t parent, uint32_t child)
{
	const struct life life = { .kind = LIFE_FORK, .actor = process(parent),
				   .child = process(child), .fork = fork,
				   .time_ns = fork };

	forks_life(f, &life);
}

static void lives(struct forks *f, enum life_kind kind, uint32_t serial, bool thread)
{
	const struct life life = { .kind = kind, .actor = process(serial),
				   .thread = thread };

	forks_life(f, &life);
}

static void ends(struct forks *f, uint32_t serial)
{
	lives(f, LIFE_EXIT, serial, false);
}

static struct fault copy_by(uint32_t fork, bool child_side)
{
	return (struct fault){ .type = FAULT_COW, .kind = "cow-copy", .fork = fork,
			       .child_side = child_side, .region = &alpha, .code = &first,
			       .page_size_bytes = 4096, .latency_ns = 100 };
}

static void copies(struct forks *f, uint32_t fork, bool child_side, unsigned times)
{
	const struct fault fault = copy_by(fork, child_side);

	while (times--)
		forks_fault(f, &fault);
}

static void check_counts(const struct cow_counts *c, uint64_t copied, uint64_t bytes,
			 uint64_t reused, uint64_t untold, uint64_t time_ns)
{
	assert_int_equal(c->copied, copied);
	assert_int_equal(c->copied_bytes, bytes);
	assert_int_equal(c->reused, reused);
	assert_int_equal(c->untold, untold);
	assert_int_equal(c->time_ns, time_ns);
}

/* The numbers of those that have faults, in order. */
static void check_order(const struct forks *f, const uint32_t *wanted, size_t wanted_count)
{
	size_t count;
	const struct fork_group **groups = forks_sorted(f, &count);

	assert_int_equal(count, wanted_count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(groups[i]->number, wanted[i]);
	free(groups);
}

static void copies_and_reuses_are_counted_by_side(void **state)
{
	const struct fork_group **groups;
	struct fault fault;
	struct forks f;
	size_t count;

	(void)state;
	forks_init(&f, 10);
	born(&f, 1, 1, 2);
	copies(&f, 1, false, 3);
	fault = copy_by(1, true);
	fault.page_size_bytes = 2 << 20;
	forks_fault(&f, &fault);
	fault.page_size_bytes = 0; /* unknown: a base page */
	fault.latency_ns = LATENCY_UNKNOWN;
	forks_fault(&f, &fault);
	fault.kind = "cow-reuse";
	fault.latency_ns = 7;
	forks_fault(&f, &fault);
	fault.kind = "cow";
	forks_fault(&f, &fault);
	groups = forks_sorted(&f, &count);
	assert_int_equal(count, 1);
	check_counts(&groups[0]->sides[SIDE_PARENT], 3, 3 * 4096, 0, 0, 300);
	check_counts(&groups[0]->sides[SIDE_CHILD], 2, (2 << 20) + 4096, 1, 1, 114);
	assert_int_equal(groups[0]->sides[SIDE_CHILD].timed, 3);
	assert_int_equal(groups[0]->actors[SIDE_PARENT].pid, 1001);
	assert_int_equal(groups[0]->actors[SIDE_CHILD].pid, 1002);
	free(groups);
	forks_release(&f);
}

/* Of the zero page, of the page cache, or of no fork: no page was shared by one. */
static void what_no_fork_shared_is_not_counted(void **state)
{
	struct fault fault;
	struct forks f;

	(void)state;
	forks_init(&f, 10);
	born(&f, 1, 1, 2);
	fault = copy_by(0, false);
	forks_fault(&f, &fault);
	fault = copy_by(1, false);
	fault.kind = "cow-zero";
	forks_fault(&f, &fault);
	fault.kind = "cow-file";
	forks_fault(&f, &fault);
	check_order(&f, NULL, 0);
	forks_release(&f);
}

static void check_place(const struct cow_place *p, enum fork_side side,
			const struct region *region, const struct code *code,
			uint64_t copied, uint64_t reused)
{
	assert_int_equal(p->side, side);
	assert_ptr_equal(p->region, region);
	assert_ptr_equal(p->code, code);
	assert_int_equal(p->counts.copied, copied);
	assert_int_equal(p->counts.reused, reused);
}

static void add(struct forks *f, bool child_side, const struct region *region,
		const struct code *code, const char *kind, bool kernel)
{
	struct fault fault = copy_by(1, child_side);

	fault.region = region;
	fault.code = code;
	fault.kind = kind;
	fault.kernel = kernel;
	forks_fault(f, &fault);
}

static void places_are_sorted_by_copies_then_faults_then_name(void **state)
{
	const struct fork_group **groups;
	struct cow_place *places;
	size_t count, place_count;
	struct forks f;

	(void)state;
	forks_init(&f, 10);
	born(&f, 1, 1, 2);
	add(&f, true, &beta, &second, "cow-copy", true); /* where in the kernel, no matter */
	add(&f, true, &beta, &first, "cow-copy", true);
	add(&f, true, &beta, &first, "cow-copy", false);
	add(&f, true, &alpha, &second, "cow-copy", false);
	add(&f, true, &alpha, &first, "cow-copy", false);
	add(&f, false, &beta, &first, "cow-copy", false);
	add(&f, false, &alpha, &second, "cow-copy", false);
	add(&f, false, &alpha, &second, "cow-reuse", false);
	add(&f, false, &alpha, &first, "cow-reuse", false);
	groups = forks_sorted(&f, &count);
	places = fork_places(groups[0], nameless, &place_count);
	assert_int_equal(place_count, 7);
	check_place(&places[0], SIDE_CHILD, &beta, NULL, 2, 0);
	check_place(&places[1], SIDE_PARENT, &alpha, &second, 1, 1);
	check_place(&places[2], SIDE_PARENT, &beta, &first, 1, 0);
	check_place(&places[3], SIDE_CHILD, &alpha, &first, 1, 0);
	check_place(&places[4], SIDE_CHILD, &alpha, &second, 1, 0);
	check_place(&places[5], SIDE_CHILD, &beta, &first, 1, 0);
	check_place(&places[6], SIDE_PARENT, &alpha, &first, 0, 1);
	free(places);
	free(groups);
	forks_release(&f);
}

static void forks_are_sorted_by_copies_then_faults_then_appearance(void **state)
{
	static const uint32_t wanted[] = { 3, 4, 1, 2 };
	struct fault reuse = copy_by(4, true);
	struct forks f;

	(void)state;
	forks_init(&f, 10);
	for (uint32_t fork = 1; fork <= 5; fork++)
		born(&f, fork, 1, 10 + fork);
	copies(&f, 1, true, 2);
	copies(&f, 2, false, 1);
	copies(&f, 2, true, 1);
	copies(&f, 3, true, 3);
	copies(&f, 4, true, 2);
	reuse.kind = "cow-reuse";
	forks_fault(&f, &reuse);
	check_order(&f, wanted, COUNT_OF(wanted));
	forks_release(&f);
}

/* ---- what is kept ---- */

/* A process that forks again and again, as a shell does; its children call exec. */
static void fork_without_copies_leaves_nothing(void **state)
{
	struct forks f;

	(void)state;
	forks_init(&f, 10);
	for (uint32_t fork = 1; fork <= 1000; fork++) {
		born(&f, fork, 1, 1 + fork);
		lives(&f, LIFE_EXEC_REBUILD, 1 + fork, false);
		ends(&f, 1 + fork);
	}
	check_order(&f, NULL, 0);
	assert_int_equal(f.dropped, 0);
	assert_int_equal(f.over, 0);
	ends(&f, 1);
	assert_null(f.entries);
	assert_null(f.sides);
	forks_release(&f);
}

static void copies_after_the_childs_end_belong_to_its_fork(void **state)
{
	static const uint32_t wanted[] = { 1 };
	struct forks f;

	(void)state;
	forks_init(&f, 10);
	born(&f, 1, 1, 2);
	ends(&f, 2);
	lives(&f, LIFE_EXIT, 1, true); /* a thread of the parent */
	copies(&f, 1, false, 1);
	check_order(&f, wanted, COUNT_OF(wanted));
	forks_release(&f);
}

/* So many copies that the order of ends is not that of copies. */
static void many_forks(struct forks *f, uint32_t count)
{
	for (uint32_t fork = 1; fork <= count; fork++) {
		born(f, fork, 1, 1 + fork);
		copies(f, fork, fork % 2, 1 + fork * 37 % 101);
		ends(f, 1 + fork);
	}
}

static void first_forks_are_the_same_whatever_was_dropped(void **state)
{
	enum { MANY = 3000, WANTED = 50 };
	const struct fork_group **x, **y;
	size_t all_count, few_count;
	struct forks all, few;

	(void)state;
	forks_init(&all, MANY);
	forks_init(&few, WANTED);
	many_forks(&all, MANY);
	many_forks(&few, MANY);
	x = forks_sorted(&all, &all_count);
	y = forks_sorted(&few, &few_count);
	assert_int_equal(all_count, MANY);
	assert_in_range(few_count, WANTED, 2 * WANTED);
	assert_int_equal(few_count + few.dropped, MANY);
	for (size_t i = 0; i < WANTED; i++) {
		assert_int_equal(x[i]->number, y[i]->number);
		assert_int_equal(x[i]->sides[SIDE_CHILD].copied,
				 y[i]->sides[SIDE_CHILD].copied);
	}
	free(x);
	free(y);
	forks_release(&all);
	forks_release(&few);
}

/* The fork of a server that lives on, while others come and go. */
static void fork_that_is_not_over_is_never_dropped(void **state)
{
	const struct fork_group **groups;
	struct forks f;
	size_t count;

	(void)state;
	forks_init(&f, 1);
	born(&f, 5000, 7000, 7001);
	copies(&f, 5000, false, 1);
	many_forks(&f, 3000);
	assert_true(f.dropped > 0);
	copies(&f, 5000, false, 1000);
	ends(&f, 7001);
	groups = forks_sorted(&f, &count);
	assert_int_equal(groups[0]->number, 5000);
	assert_int_equal(groups[0]->sides[SIDE_PARENT].copied, 1001);
	free(groups);
	forks_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_and_reuses_are_counted_by_side),
		cmocka_unit_test(what_no_fork_shared_is_not_counted),
		cmocka_unit_test(places_are_sorted_by_copies_then_faults_then_name),
		cmocka_unit_test(forks_are_sorted_by_copies_then_faults_then_appearance),
		cmocka_unit_test(fork_without_copies_leaves_nothing),
		cmocka_unit_test(copies_after_the_childs_end_belong_to_its_fork),
		cmocka_unit_test(first_forks_are_the_same_whatever_was_dropped),
		cmocka_unit_test(fork_that_is_not_over_is_never_dropped),
	};

	return cmocka_run_group_tests(tests, nameless_setup, nameless_teardown);
}
