/* A quantity over time, in a bounded number of buckets. */
#include "../support/check.h"

#include "pfa/report/series.h"

enum { MS = 1000000 };

static void buckets_are_added_up_as_time_goes_on(void **state)
{
	struct series s;

	(void)state;
	series_init(&s, true);
	for (uint64_t ms = 0; ms < 80; ms++)
		++*series_at(&s, ms * MS);
	assert_int_equal(s.bucket_ns, 2 * MS);
	for (int i = 0; i < SERIES_BUCKETS; i++)
		assert_int_equal(s.values[i], 2);
}

static void largest_of_two_buckets_stays(void **state)
{
	struct series s;

	(void)state;
	series_init(&s, false);
	*series_at(&s, 0) = 5;
	*series_at(&s, MS) = 3;
	*series_at(&s, 3 * MS) = 4;
	series_halve(&s);
	assert_int_equal(s.bucket_ns, 2 * MS);
	assert_int_equal(s.values[0], 5);
	assert_int_equal(s.values[1], 4);
	assert_int_equal(s.values[2], 0);
}

static void longest_run_has_its_place(void **state)
{
	struct series s;

	(void)state;
	series_init(&s, false);
	*series_at(&s, UINT64_MAX) = 1;
	assert_true(UINT64_MAX / s.bucket_ns < SERIES_BUCKETS);
	assert_int_equal(*series_at(&s, UINT64_MAX), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_are_added_up_as_time_goes_on),
		cmocka_unit_test(largest_of_two_buckets_stays),
		cmocka_unit_test(longest_run_has_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
