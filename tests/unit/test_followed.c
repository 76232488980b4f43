/* Who is followed, as far as births and ends tell, by each of the four rules. */
#include "../support/check.h"

#include <stdbool.h>
#include <unistd.h>

#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/followed.h"
#include "task_records.h"

/* Above any pid_max: nobody has these numbers. */
enum { NAMED = 5000000, CHILD, GRANDCHILD, STRANGER, STRANGERS_CHILD, MANY };

static const enum follow_rule rules[] = { FOLLOW_RECORDED, FOLLOW_MEMBERS,
					  FOLLOW_CHILDREN, FOLLOW_NAMED };

static struct task leader(uint32_t pid)
{
	return (struct task){ pid, pid };
}

/* Both tell whether that changed who is followed. */
static bool saw_fork(struct followed *f, uint32_t parent, uint32_t child)
{
	bool before = followed_has(f, (pid_t)child);
	struct record_bytes r;
	uint32_t pid, of;

	assert_true(followed_read_birth(lay_fork(&r, leader(parent), leader(child)), &pid,
					&of));
	assert_int_equal(pid, child);
	assert_int_equal(of, parent);
	followed_born(f, pid, of);
	return followed_has(f, (pid_t)child) != before;
}

static bool saw_exit(struct followed *f, uint32_t pid)
{
	bool before = followed_has(f, (pid_t)pid);
	struct record_bytes r;

	followed_saw_exit(f, lay_exit(&r, leader(pid)));
	return followed_has(f, (pid_t)pid) != before;
}

static bool admits_type(struct followed *f, uint32_t type, uint32_t pid, uint32_t *met)
{
	struct record_bytes r;

	*met = 0;
	return followed_admits(f, lay_other(&r, type, (struct task){ pid, pid + 1 }), met);
}

static bool admits(struct followed *f, uint32_t pid)
{
	uint32_t met;

	return admits_type(f, PERF_RECORD_SAMPLE, pid, &met);
}

/* ---- the rules ---- */

/* Whom it follows after these births: the named one's, and a stranger's. */
static const struct {
	enum follow_rule rule;
	bool child, grandchild, strangers_child;
	bool takes_children;
} lineages[] = {
	{ FOLLOW_RECORDED, true, true, true, false },
	{ FOLLOW_MEMBERS, true, true, true, false },
	{ FOLLOW_CHILDREN, true, true, false, true },
	{ FOLLOW_NAMED, false, false, false, false },
};

static void births_are_followed_by_the_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lineages); i++) {
		struct followed *f = followed_new(lineages[i].rule);

		followed_add(f, NAMED);
		followed_add(f, NAMED); /* once is enough */
		assert_int_equal(saw_fork(f, NAMED, CHILD), lineages[i].child);
		assert_int_equal(saw_fork(f, CHILD, GRANDCHILD), lineages[i].grandchild);
		assert_int_equal(saw_fork(f, STRANGER, STRANGERS_CHILD),
				 lineages[i].strangers_child);
		assert_false(saw_fork(f, NAMED, CHILD)); /* known already */
		assert_true(followed_has(f, NAMED));
		assert_int_equal(followed_has(f, CHILD), lineages[i].child);
		assert_int_equal(followed_has(f, GRANDCHILD), lineages[i].grandchild);
		assert_int_equal(followed_has(f, STRANGERS_CHILD),
				 lineages[i].strangers_child);
		assert_false(followed_has(f, STRANGER));
		assert_int_equal(followed_takes_children(f), lineages[i].takes_children);
		followed_free(f);
	}
}

static void thread_is_no_process(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		struct followed *f = followed_new(rules[i]);
		struct record_bytes r;
		uint32_t pid, parent;

		followed_add(f, NAMED);
		assert_false(followed_read_birth(
			lay_fork(&r, leader(NAMED), (struct task){ NAMED, CHILD }), &pid,
			&parent));
		followed_saw_exit(f, lay_exit(&r, (struct task){ NAMED, CHILD }));
		assert_true(followed_has(f, NAMED));
		assert_true(admits(f, NAMED));
		followed_free(f);
	}
}

/* Strangers' records are not of those named; the kernel's choice is not doubted. */
static const struct {
	enum follow_rule rule;
	bool stranger_is_admitted, stranger_is_met;
} doors[] = {
	{ FOLLOW_RECORDED, true, false },
	{ FOLLOW_MEMBERS, true, true },
	{ FOLLOW_CHILDREN, false, false },
	{ FOLLOW_NAMED, false, false },
};

static void records_of_strangers_are_dropped_or_welcome(void **state)
{
	static const uint32_t types[] = { PERF_RECORD_SAMPLE, PERF_RECORD_MMAP2,
					  PERF_RECORD_COMM, PERF_RECORD_FORK,
					  PERF_RECORD_EXIT };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(doors); i++) {
		for (size_t k = 0; k < COUNT_OF(types); k++) {
			struct followed *f = followed_new(doors[i].rule);
			uint32_t met;

			followed_add(f, NAMED);
			assert_true(admits_type(f, types[k], NAMED, &met));
			assert_int_equal(met, 0);
			assert_int_equal(admits_type(f, types[k], STRANGER, &met),
					 doors[i].stranger_is_admitted);
			assert_int_equal(met, doors[i].stranger_is_met ? STRANGER : 0);
			followed_free(f);
		}
	}
}

/* Once it is met, it is one of those followed. */
static void member_is_met_once(void **state)
{
	struct followed *f = followed_new(FOLLOW_MEMBERS);
	uint32_t met;

	(void)state;
	assert_true(admits_type(f, PERF_RECORD_SAMPLE, STRANGER, &met));
	assert_int_equal(met, STRANGER);
	assert_true(followed_has(f, STRANGER));
	assert_true(admits_type(f, PERF_RECORD_COMM, STRANGER, &met));
	assert_int_equal(met, 0);
	/* Born before our eyes, it need not be met. */
	assert_true(saw_fork(f, STRANGER, CHILD));
	assert_true(admits_type(f, PERF_RECORD_SAMPLE, CHILD, &met));
	assert_int_equal(met, 0);
	followed_free(f);
}

static void records_of_nobody_are_always_admitted(void **state)
{
	static const uint32_t types[] = { PERF_RECORD_LOST, PERF_RECORD_THROTTLE,
					  PERF_RECORD_UNTHROTTLE, PERF_RECORD_KSYMBOL };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		for (size_t k = 0; k < COUNT_OF(types); k++) {
			struct followed *f = followed_new(rules[i]);
			uint32_t met;

			assert_true(admits_type(f, types[k], STRANGER, &met));
			assert_int_equal(met, 0);
			assert_false(followed_has(f, STRANGER));
			followed_free(f);
		}
	}
}

/* ---- ends ---- */

/* Where pids choose, the leader's end is not that of its threads. */
static void threads_outlive_their_leader(void **state)
{
	static const enum follow_rule choosing[] = { FOLLOW_MEMBERS, FOLLOW_CHILDREN,
						     FOLLOW_NAMED };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(choosing); i++) {
		struct followed *f = followed_new(choosing[i]);
		uint32_t met;

		followed_add(f, NAMED);
		assert_false(saw_exit(f, NAMED));
		assert_true(followed_has(f, NAMED));
		assert_true(admits_type(f, PERF_RECORD_SAMPLE, NAMED, &met));
		assert_int_equal(met, 0);
		followed_free(f);
	}
}

static void what_ended_is_followed_no_more_where_the_kernel_chooses(void **state)
{
	struct followed *f = followed_new(FOLLOW_RECORDED);

	(void)state;
	followed_add(f, NAMED);
	assert_true(saw_exit(f, NAMED));
	assert_false(followed_has(f, NAMED));
	assert_false(saw_exit(f, NAMED)); /* twice is no harm */
	assert_false(saw_exit(f, STRANGER));
	followed_free(f);
}

/* A number that is free again is nobody we know, unless one of ours gets it. */
static void number_of_an_ended_process_may_have_a_new_owner(void **state)
{
	static const enum follow_rule choosing[] = { FOLLOW_CHILDREN, FOLLOW_NAMED };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(choosing); i++) {
		struct followed *f = followed_new(choosing[i]);

		followed_add(f, NAMED);
		followed_add(f, CHILD);
		saw_exit(f, CHILD);
		assert_true(saw_fork(f, STRANGER, CHILD));
		assert_false(followed_has(f, CHILD));
		assert_false(admits(f, CHILD));
		/* The new owner's children are not ours. */
		assert_false(saw_fork(f, CHILD, GRANDCHILD));
		assert_false(admits(f, GRANDCHILD));
		followed_free(f);
	}
}

static void number_may_come_back_to_the_family(void **state)
{
	struct followed *f = followed_new(FOLLOW_CHILDREN);

	(void)state;
	followed_add(f, NAMED);
	assert_true(saw_fork(f, NAMED, CHILD));
	saw_exit(f, CHILD);
	assert_false(saw_fork(f, NAMED, CHILD)); /* still known */
	/* It lives: a stranger's record cannot take its number. */
	assert_false(saw_fork(f, STRANGER, CHILD));
	assert_true(admits(f, CHILD));
	saw_exit(f, CHILD);
	assert_true(saw_fork(f, STRANGER, CHILD));
	assert_true(saw_fork(f, NAMED, CHILD));
	assert_true(admits(f, CHILD));
	followed_free(f);
}

static void bear_and_bury(struct followed *f, uint32_t first, unsigned count)
{
	for (uint32_t pid = first; pid < first + count; pid++) {
		saw_fork(f, (uint32_t)getpid(), pid);
		saw_exit(f, pid);
	}
}

/* At each 1024th change those are forgotten that were found gone the time before. */
static void those_long_gone_are_forgotten(void **state)
{
	static const enum follow_rule families[] = { FOLLOW_MEMBERS, FOLLOW_CHILDREN };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(families); i++) {
		struct followed *f = followed_new(families[i]);

		followed_add(f, getpid());
		bear_and_bury(f, MANY, 512);
		/* Found gone now; records of their last moments may still come. */
		assert_true(followed_has(f, MANY));
		bear_and_bury(f, MANY + 512, 512);
		assert_false(followed_has(f, MANY));
		assert_true(followed_has(f, MANY + 512)); /* not before the next time */
		bear_and_bury(f, MANY + 1024, 512);
		assert_false(followed_has(f, MANY + 512));
		assert_true(followed_has(f, getpid()));
		followed_free(f);
	}
}

/* From two rings: its end came first. */
static void end_seen_before_the_beginning_is_found_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rules) - 1; i++) {
		struct followed *f = followed_new(rules[i]);

		followed_add(f, getpid());
		saw_exit(f, MANY);
		saw_fork(f, (uint32_t)getpid(), MANY);
		assert_true(followed_has(f, MANY));
		bear_and_bury(f, MANY + 1, 1024);
		assert_false(followed_has(f, MANY));
		followed_free(f);
	}
}

/* ---- damaged records ---- */

static void short_record_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		for (unsigned words = 0; words < 3; words++) {
			struct followed *f = followed_new(rules[i]);
			struct record_bytes r;
			uint32_t met = 0, pid, parent;

			followed_add(f, NAMED);
			record_begin(&r, PERF_RECORD_FORK, 0);
			for (unsigned k = 0; k < words; k++)
				record_u32(&r, NAMED);
			assert_false(followed_read_birth(record_end(&r), &pid, &parent));
			record_begin(&r, PERF_RECORD_EXIT, 0);
			for (unsigned k = 0; k < words; k++)
				record_u32(&r, NAMED);
			followed_saw_exit(f, record_end(&r));
			followed_admits(f, record_end(&r), &met);
			assert_true(followed_has(f, NAMED));
			followed_free(f);
		}
	}
}

/* ---- snapshots ---- */

struct seen {
	size_t forks_of_self, others;
};

static void see(void *context, const struct perf_event_header *record)
{
	struct seen *seen = context;
	uint32_t pid;

	__builtin_memcpy(&pid, record + 1, sizeof(pid));
	if (record_type(record) == PERF_RECORD_FORK && pid == (uint32_t)getpid())
		seen->forks_of_self++;
	else
		seen->others++;
}

static void snapshot_finds_who_is_gone(void **state)
{
	struct seen seen = { 0 };
	const struct record_sink sink = { see, &seen };
	const struct composer composer = { .sink = &sink };
	struct followed *f = followed_new(FOLLOW_CHILDREN);

	(void)state;
	followed_add(f, NAMED);
	followed_add(f, getpid());
	followed_add(f, CHILD);
	assert_int_equal(followed_count_living(f), 1);
	assert_true(followed_snapshot(f, &composer, UINT64_MAX)); /* none is due */
	assert_int_equal(seen.forks_of_self, 0);
	followed_mark_due(f);
	assert_true(followed_snapshot(f, &composer, UINT64_MAX));
	assert_int_equal(seen.forks_of_self, 1);
	assert_true(seen.others > 0); /* its name and its mappings */
	assert_true(followed_has(f, getpid()));
	assert_false(followed_has(f, NAMED));
	assert_false(followed_has(f, CHILD));
	followed_snapshot(f, &composer, UINT64_MAX); /* once is enough */
	assert_int_equal(seen.forks_of_self, 1);
	followed_free(f);
}

static void snapshot_stops_in_time_and_goes_on_later(void **state)
{
	struct seen seen = { 0 };
	const struct record_sink sink = { see, &seen };
	const struct composer composer = { .sink = &sink };
	struct followed *f = followed_new(FOLLOW_RECORDED);

	(void)state;
	followed_add(f, getpid());
	followed_mark_due(f);
	assert_false(followed_snapshot(f, &composer, compose_now_ns() - 1));
	assert_int_equal(seen.forks_of_self + seen.others, 0);
	assert_true(followed_snapshot(f, &composer, UINT64_MAX));
	assert_int_equal(seen.forks_of_self, 1);
	followed_free(f);
}

static void nobody_is_followed_by_none(void **state)
{
	(void)state;
	followed_free(NULL);
}

#define TESTS(X)                                                  \
	X(births_are_followed_by_the_rule)                        \
	X(thread_is_no_process)                                   \
	X(records_of_strangers_are_dropped_or_welcome)            \
	X(member_is_met_once)                                     \
	X(records_of_nobody_are_always_admitted)                  \
	X(threads_outlive_their_leader)                           \
	X(what_ended_is_followed_no_more_where_the_kernel_chooses) \
	X(number_of_an_ended_process_may_have_a_new_owner)        \
	X(number_may_come_back_to_the_family)                     \
	X(those_long_gone_are_forgotten)                          \
	X(end_seen_before_the_beginning_is_found_out)             \
	X(short_record_changes_nothing)                           \
	X(snapshot_finds_who_is_gone)                             \
	X(snapshot_stops_in_time_and_goes_on_later)               \
	X(nobody_is_followed_by_none)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test(name),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
