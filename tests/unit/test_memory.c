/* What samples of a process's memory come to, and who of a run they are of. */
#include "../support/check.h"

#include "census_world.h"
#include "pfa/report/memory.h"

enum { MS = 1000000 };

static struct memory_sample sample_of(uint64_t rss_bytes, uint64_t peak_bytes)
{
	return (struct memory_sample){ .actor = actor_of(1, 1, "demo"),
				       .anon_bytes = rss_bytes, .swap_bytes = 7,
				       .rss_peak_bytes = peak_bytes,
				       .size_peak_bytes = 2 * peak_bytes };
}

static void peaks_are_those_of_any_sample(void **state)
{
	struct memory_sample s = sample_of(10, 20);
	struct memory m = { 0 };

	(void)state;
	memory_add(&m, &s, 0);
	s = sample_of(5, 20);
	s.swap_bytes = 3;
	memory_add(&m, &s, 5 * MS);
	assert_int_equal(m.samples, 2);
	assert_int_equal(m.rss_bytes, 5);
	assert_int_equal(m.rss_peak_bytes, 20);
	assert_int_equal(m.size_peak_bytes, 40);
	assert_int_equal(m.swap_peak_bytes, 7);
	assert_int_equal(m.rss.values[0], 10);
	assert_int_equal(m.rss.values[5], 5);
	assert_false(m.final);
}

/* It tells the peaks; what is resident then nobody knows. */
static void word_of_the_kernel_at_exit_is_final(void **state)
{
	struct memory_sample s = sample_of(10, 20);
	struct memory m = { 0 };

	(void)state;
	memory_add(&m, &s, 0);
	s = sample_of(0, 30);
	s.reason = SAMPLE_exit;
	memory_add(&m, &s, MS);
	assert_true(m.final);
	assert_int_equal(m.rss_peak_bytes, 30);
	assert_int_equal(m.rss_bytes, 10);
	assert_int_equal(m.rss.values[1], 0);
}

static void exec_begins_anew(void **state)
{
	struct memory_sample s = sample_of(10, 20);
	struct memory m = { 0 };

	(void)state;
	memory_add(&m, &s, 0);
	memory_exec(&m);
	assert_int_equal(m.samples, 0);
	assert_false(m.looked);
	assert_int_equal(m.rss_peak_bytes, 0);
	assert_int_equal(m.rss_bytes, 10);
	assert_int_equal(m.rss.values[0], 10);
}

/* What a process has that has ended is nobody's any more. */
static void those_who_live_are_added_up(void **state)
{
	struct memory_sample a = sample_of(10, 10), b = sample_of(100, 100);
	struct census census;

	(void)state;
	b.actor = actor_of(2, 2, "other");
	census_init(&census, 20);
	census_memory(&census, &a, 0);
	census_memory(&census, &b, MS);
	ends(&census, a.actor);
	b.anon_bytes = 50;
	census_memory(&census, &b, 2 * MS);
	census_memory(&census, &a, 3 * MS); /* read before, told after its end */
	assert_int_equal(census.rss.values[0], 10);
	assert_int_equal(census.rss.values[1], 110);
	assert_int_equal(census.rss.values[2], 50);
	assert_int_equal(census.rss.values[3], 0);
	census_release(&census);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peaks_are_those_of_any_sample),
		cmocka_unit_test(word_of_the_kernel_at_exit_is_final),
		cmocka_unit_test(exec_begins_anew),
		cmocka_unit_test(those_who_live_are_added_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
