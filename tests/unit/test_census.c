/* Who ran: counts, kin, names, and what is kept of the many that are over. */
#include "../support/check.h"

#include <stdlib.h>

#include "census_world.h"

static const struct census_process *find(const struct census *census, uint32_t serial)
{
	size_t count;
	const struct census_process **list = census_processes(census, &count);
	const struct census_process *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (list[i]->serial == serial)
			found = list[i];
	free(list);
	return found;
}

static void check_order(const struct census *census, const uint32_t *serials,
			size_t length)
{
	size_t count;
	const struct census_process **list = census_processes(census, &count);

	assert_int_equal(count, length);
	for (size_t i = 0; i < length; i++)
		assert_int_equal(list[i]->serial, serials[i]);
	free(list);
}

static void most_faults_come_first_then_by_appearance(void **state)
{
	struct census census;

	(void)state;
	census_init(&census, 20);
	faults(&census, actor_of(2, 2, "b"), 1);
	faults(&census, actor_of(1, 1, "a"), 1);
	faults(&census, actor_of(3, 3, "c"), 2);
	forks(&census, actor_of(3, 3, "c"), actor_of(4, 4, "c"));
	check_order(&census, (uint32_t[]){ 3, 1, 2, 4 }, 4);
	assert_int_equal(census.process_count, 4);
	census_release(&census);
}

static void threads_are_counted_apart_and_together(void **state)
{
	const struct census_thread **list;
	struct census census;
	size_t count;

	(void)state;
	census_init(&census, 20);
	faults(&census, actor_of(1, 1, "a"), 1);
	faults(&census, actor_of(1, 9, "worker"), 3);
	faults(&census, actor_of(1, 17, "worker"), 2); /* shares its place with 9, 1 */
	list = census_threads(&census, &count);
	assert_int_equal(count, 3);
	assert_int_equal(list[0]->actor.thread_serial, 9);
	assert_int_equal(list[0]->counts.faults, 3);
	assert_int_equal(list[1]->actor.thread_serial, 17);
	assert_int_equal(list[2]->actor.thread_serial, 1);
	assert_ptr_equal(list[0]->process, list[2]->process);
	assert_int_equal(list[0]->process->counts.faults, 6);
	assert_int_equal(list[0]->process->counts.time_ns, 6000);
	assert_int_equal(list[0]->process->thread_count, 3);
	free(list);
	census_release(&census);
}

static void names_before_each_exec_are_kept(void **state)
{
	static const char sh[] = "sh", gcc[] = "gcc", cc1[] = "cc1";
	const struct census_process *p;
	struct census census;

	(void)state;
	census_init(&census, 20);
	forks(&census, actor_of(1, 1, sh), actor_of(2, 2, sh));
	execs(&census, actor_of(2, 2, gcc));
	faults(&census, actor_of(2, 2, cc1), 1); /* of exec: the name has changed */
	execs(&census, actor_of(2, 2, cc1));
	execs(&census, actor_of(2, 2, cc1)); /* once more: not told twice */
	p = find(&census, 2);
	assert_int_equal(p->before_count, 2);
	assert_ptr_equal(p->before[0], sh);
	assert_ptr_equal(p->before[1], gcc);
	assert_string_equal(p->actor.process_comm, cc1);
	/* Launched: what was before is not known, and its first fault is in exec. */
	faults(&census, actor_of(3, 3, gcc), 1);
	execs(&census, actor_of(3, 3, gcc));
	assert_int_equal(find(&census, 3)->before_count, 0);
	census_release(&census);
}

static void of_many_names_the_first_and_the_last_are_kept(void **state)
{
	static const char names[12][2] = { "a", "b", "c", "d", "e", "f",
					   "g", "h", "i", "j", "k", "l" };
	const struct census_process *p;
	struct census census;

	(void)state;
	census_init(&census, 20);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		execs(&census, actor_of(1, 1, names[i]));
	p = find(&census, 1);
	assert_true(p->names_left_out);
	assert_int_equal(p->before_count, CENSUS_NAMES_MAX);
	assert_string_equal(p->before[0], "a");
	assert_string_equal(p->before[1], "e");
	assert_string_equal(p->before[CENSUS_NAMES_MAX - 1], "k");
	census_release(&census);
}

static void facts_and_ending_are_kept_and_totals_summed(void **state)
{
	const struct totals totals = { .records = 10, .failed = 1, .mapped_bytes = 4096,
				       .unmapped_bytes = 100, .vma_peak = 7,
				       .changes = { [CHANGE_BRK_GROW] = 3 } };
	const struct process_facts facts = { .totals = &totals, .parent = 1,
					     .shared_space = true, .born_ns = 5,
					     .ended_ns = 9 };
	const struct census_process *p;
	struct census census;

	(void)state;
	census_init(&census, 20);
	ends_with(&census, actor_of(2, 2, "a"), facts, ENDED_SIGNAL, 11);
	ends_with(&census, actor_of(3, 3, "b"), facts, ENDED_STATUS, 4);
	p = find(&census, 2);
	assert_true(p->told && p->ended && p->shared_space);
	assert_int_equal(p->parent, 1);
	assert_int_equal(p->ending, ENDED_SIGNAL);
	assert_int_equal(p->status, 11);
	assert_int_equal(p->totals.vma_peak, 7);
	assert_int_equal(find(&census, 3)->status, 4);
	assert_int_equal(census.sum.records, 20);
	assert_int_equal(census.sum.changes[CHANGE_BRK_GROW], 6);
	assert_int_equal(census.sum.mapped_bytes, 8192);
	assert_int_equal(census.space_count, 2);
	census_release(&census);
}

static void what_was_there_and_did_nothing_is_idle(void **state)
{
	static const struct totals none;
	struct process_facts facts = { .actor = actor_of(1, 1, "init"), .existed = true,
				       .totals = &none };
	struct census census;

	(void)state;
	census_init(&census, 20);
	census_facts(&census, &facts);
	facts.actor = actor_of(2, 2, "busy");
	faults(&census, facts.actor, 1);
	census_facts(&census, &facts);
	facts.actor = actor_of(3, 3, "born");
	facts.existed = false;
	census_facts(&census, &facts);
	assert_true(census_is_idle(find(&census, 1)));
	assert_false(census_is_idle(find(&census, 2)));
	assert_false(census_is_idle(find(&census, 3)));
	assert_int_equal(census.process_count, 2);
	census_release(&census);
}

/* ---- bounds ---- */

/* So many faults that the order of ends is not that of counts. */
static void live_and_end(struct census *census, uint32_t serial)
{
	const struct actor actor = actor_of(serial, 100000 + serial, "demo");

	faults(census, actor, (int)(101 - serial * 37 % 101));
	ends(census, actor);
}

static void check_same_start(const struct census *a, const struct census *b, size_t length)
{
	size_t a_count, b_count;
	const struct census_process **x = census_processes(a, &a_count);
	const struct census_process **y = census_processes(b, &b_count);

	assert_true(a_count >= length && b_count >= length);
	for (size_t i = 0; i < length; i++) {
		assert_int_equal(x[i]->serial, y[i]->serial);
		assert_int_equal(x[i]->counts.faults, y[i]->counts.faults);
	}
	free(x);
	free(y);
}

static void first_ones_are_the_same_whatever_was_dropped(void **state)
{
	enum { MANY = 5000, WANTED = 1200 };
	struct census all, few;
	size_t count;

	(void)state;
	census_init(&all, MANY);
	census_init(&few, WANTED);
	for (uint32_t serial = 1; serial <= MANY; serial++) {
		live_and_end(&all, serial);
		live_and_end(&few, serial);
	}
	check_same_start(&few, &all, WANTED);
	free(census_processes(&few, &count));
	assert_in_range(count, WANTED, 2 * WANTED);
	free(census_threads(&few, &count));
	assert_in_range(count, WANTED, 2 * WANTED);
	assert_int_equal(few.process_count, MANY);
	census_release(&all);
	census_release(&few);
}

static void what_lives_is_never_dropped(void **state)
{
	struct census census;

	(void)state;
	census_init(&census, 20);
	faults(&census, actor_of(1, 1, "once"), 1);
	for (uint32_t serial = 2; serial <= 4000; serial++)
		live_and_end(&census, serial);
	faults(&census, actor_of(1, 1, "once"), 1000);
	assert_int_equal(find(&census, 1)->counts.faults, 1001);
	census_release(&census);
}

/* A daemon that hands over to its child again and again, and sh below it once. */
static void children_of_who_is_dropped_are_their_grandparents(void **state)
{
	enum { LAST = 3000 };
	struct census census;

	(void)state;
	census_init(&census, 20);
	faults(&census, actor_of(1, 1, "first"), 1000);
	for (uint32_t serial = 2; serial <= LAST; serial++) {
		forks(&census, actor_of(serial - 1, serial - 1, "d"),
		      actor_of(serial, serial, "d"));
		ends(&census, actor_of(serial - 1, serial - 1, "d"));
	}
	forks(&census, actor_of(LAST, LAST, "d"), actor_of(LAST + 1, LAST + 1, "d"));
	assert_null(find(&census, 1500));
	for (uint32_t serial = LAST; serial != 1;) {
		const struct census_process *p = find(&census, serial);

		assert_non_null(p);
		assert_true(p->parent && p->parent < serial);
		serial = p->parent;
	}
	census_release(&census);
}

static void threads_that_ended_are_bounded_in_one_process(void **state)
{
	enum { THREADS = 5000 };
	struct life life = { .kind = LIFE_EXIT, .thread = true };
	struct census census;
	size_t count;

	(void)state;
	census_init(&census, 20);
	faults(&census, actor_of(1, 1, "main"), 1);
	for (uint32_t thread = 2; thread <= THREADS; thread++) {
		life.actor = actor_of(1, thread, "worker");
		faults(&census, life.actor, 2);
		census_life(&census, &life);
	}
	free(census_threads(&census, &count));
	assert_in_range(count, 1000, 2001);
	assert_int_equal(find(&census, 1)->thread_count, THREADS);
	assert_int_equal(find(&census, 1)->counts.faults, 2 * THREADS - 1);
	census_release(&census);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_faults_come_first_then_by_appearance),
		cmocka_unit_test(threads_are_counted_apart_and_together),
		cmocka_unit_test(names_before_each_exec_are_kept),
		cmocka_unit_test(of_many_names_the_first_and_the_last_are_kept),
		cmocka_unit_test(facts_and_ending_are_kept_and_totals_summed),
		cmocka_unit_test(what_was_there_and_did_nothing_is_idle),
		cmocka_unit_test(first_ones_are_the_same_whatever_was_dropped),
		cmocka_unit_test(what_lives_is_never_dropped),
		cmocka_unit_test(children_of_who_is_dropped_are_their_grandparents),
		cmocka_unit_test(threads_that_ended_are_bounded_in_one_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
