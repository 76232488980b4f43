/* A percentile from buckets, beside one from all values in order. */
#include "../support/check.h"

#include <stdlib.h>

#include "pfa/report/quantile.h"

enum { VALUES = 3000 };

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t true_value(const uint64_t *values, size_t count, uint64_t percent)
{
	uint64_t *sorted = malloc(count * sizeof(*sorted)), value;

	for (size_t i = 0; i < count; i++)
		sorted[i] = values[i];
	qsort(sorted, count, sizeof(*sorted), compare);
	value = sorted[(count * percent + 99) / 100 - 1];
	free(sorted);
	return value;
}

static uint64_t random_value(unsigned *seed, unsigned kind)
{
	uint64_t value = (uint64_t)rand_r(seed) << 31 ^ (uint64_t)rand_r(seed);

	switch (kind) {
	case 0:
		return value % 100; /* exact */
	case 1:
		return 1000 + value % 1000;
	case 2:
		return value % 50 ? 1000 + value % 10 : 50000000 + value % 1000;
	default:
		return value >> (value % 60); /* of all sizes */
	}
}

/* After each value, so that the rank moves both ways. */
static void it_is_never_below_and_at_most_a_64th_above(void **state)
{
	static uint64_t values[VALUES];
	static const uint64_t percents[] = { 1, 50, 99, 100 };
	unsigned seed = 1;

	(void)state;
	for (unsigned run = 0; run < 16; run++) {
		uint64_t percent = percents[run % COUNT_OF(percents)];
		struct quantile q;

		quantile_init(&q, percent);
		for (size_t i = 0; i < VALUES; i++) {
			uint64_t wanted, found;

			values[i] = random_value(&seed, run / 4);
			quantile_add(&q, values[i]);
			if (i % 37 && i > 250)
				continue;
			wanted = true_value(values, i + 1, percent);
			found = quantile_value(&q);
			assert_true(found >= wanted);
			assert_true(found - wanted <= wanted / 64);
		}
	}
}

static void ends_of_the_range_have_buckets(void **state)
{
	struct quantile q;

	(void)state;
	quantile_init(&q, 99);
	assert_int_equal(quantile_value(&q), 0);
	quantile_add(&q, 0);
	assert_int_equal(quantile_value(&q), 0);
	quantile_add(&q, UINT64_MAX);
	assert_true(quantile_value(&q) == UINT64_MAX);
	for (int i = 0; i < 98; i++)
		quantile_add(&q, 63);
	assert_int_equal(q.count, 100);
	assert_int_equal(quantile_value(&q), 63);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_never_below_and_at_most_a_64th_above),
		cmocka_unit_test(ends_of_the_range_have_buckets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
