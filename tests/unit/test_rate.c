/* The window of a second: what is in it, when it moves, and over long silences. */
#include "../support/check.h"

#include <stdbool.h>

#include "pfa/report/rate.h"

#define TENTH ((uint64_t)RATE_TENTH_NS)

/* How many tenths end until then; *last is the last of them. */
static size_t pass(struct rate *r, uint64_t since_ns, struct rate_end *last)
{
	size_t count = 0;

	while (rate_tenth_ends(r, since_ns, last))
		count++;
	return count;
}

static void window_holds_a_second(void **state)
{
	struct rate r = { 0 };
	struct rate_end end;

	(void)state;
	for (unsigned i = 0; i < 25; i++) {
		size_t ended = pass(&r, i * TENTH, &end);

		assert_int_equal(ended, i > 0);
		assert_int_equal(r.sum, i < 10 ? i : 9);
		rate_add(&r, 1);
		if (!ended)
			continue;
		assert_int_equal(end.since_ns, i * TENTH);
		assert_int_equal(end.sum, i < 10 ? i : 10);
		assert_int_equal(end.whole, i >= 10);
	}
}

static void tenth_ends_when_the_next_begins(void **state)
{
	struct rate r = { 0 };
	struct rate_end end;

	(void)state;
	assert_int_equal(pass(&r, TENTH - 1, &end), 0);
	assert_int_equal(pass(&r, TENTH, &end), 1);
	assert_int_equal(pass(&r, TENTH, &end), 0);
	assert_int_equal(pass(&r, 0, &end), 0); /* time does not go back */
}

static void silence_empties_the_window_and_is_gone_over(void **state)
{
	struct rate r = { 0 };
	struct rate_end end;
	size_t ended;

	(void)state;
	rate_add(&r, 5);
	ended = pass(&r, 1000000 * TENTH, &end);
	assert_in_range(ended, 11, 20);
	assert_int_equal(end.sum, 0);
	assert_true(end.whole);
	assert_int_equal(r.sum, 0);
	rate_add(&r, 3);
	assert_int_equal(pass(&r, 1000001 * TENTH, &end), 1);
	assert_int_equal(end.sum, 3);
	assert_int_equal(end.since_ns, 1000001 * TENTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_holds_a_second),
		cmocka_unit_test(tenth_ends_when_the_next_begins),
		cmocka_unit_test(silence_empties_the_window_and_is_gone_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
