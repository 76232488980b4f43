#include "../support/check.h"

#include <stdlib.h>

#include "pfa/symbol/intervals.h"

static const struct {
	const char *what;
	struct interval intervals[4];
	/* What holds 0, 10, 20 … 90; '.': none. */
	const char *found;
} rows[] = {
	{ "none", { { 0 } }, ".........." },
	{ "one", { { 20, 40, 1, 0, false } }, "..11......" },
	{ "two with a gap", { { 60, 80, 2, 0, false }, { 10, 30, 1, 0, false } }, ".11...22.." },
	{ "nested", { { 10, 90, 1, 0, false }, { 30, 50, 2, 0, false } }, ".11221111." },
	{ "nested twice, ending together",
	  { { 10, 60, 1, 0, false }, { 20, 60, 2, 0, false }, { 30, 60, 3, 0, false } },
	  ".12333...." },
	{ "overlapping", { { 10, 50, 1, 0, false }, { 30, 80, 2, 0, false } }, ".1122222.." },
	{ "one beginning: the higher rank while it lasts",
	  { { 10, 30, 1, 5, false }, { 10, 60, 2, 4, false } }, ".11222...." },
	{ "one beginning, one rank: the lower value",
	  { { 10, 30, 2, 0, false }, { 10, 30, 1, 0, false } }, ".11......." },
	{ "open: up to the next", { { 10, 90, 1, 0, true }, { 40, 50, 2, 0, false } }, ".1112....." },
	{ "open: up to its limit", { { 10, 30, 1, 0, true }, { 60, 70, 2, 0, false } }, ".11...2..." },
	{ "open inside another: nothing",
	  { { 10, 60, 1, 0, false }, { 20, 60, 2, 9, true } }, ".11111...." },
	{ "open beside another: nothing",
	  { { 10, 30, 1, 0, false }, { 10, 90, 2, 9, true } }, ".11......." },
	{ "two open at one address: the higher rank",
	  { { 10, 90, 1, 0, true }, { 10, 90, 2, 1, true }, { 50, 60, 3, 0, false } },
	  ".22223...." },
	{ "two open, one behind the other",
	  { { 10, 90, 1, 0, true }, { 50, 90, 2, 0, true } }, ".11112222." },
	{ "empty", { { 50, 50, 1, 0, false }, { 60, 20, 2, 0, false } }, ".........." },
	{ "to the last address", { { 70, UINT64_MAX, 1, 0, false } }, ".......111" },
};

static void add_all(struct intervals *intervals, const struct interval list[4])
{
	size_t i;

	for (i = 0; i < 4; i++)
		if (list[i].value)
			intervals_add(intervals, &list[i]);
	intervals_settle(intervals);
}

static void innermost_interval_is_found(void **state)
{
	size_t i, at;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		struct intervals intervals = { 0 };

		add_all(&intervals, rows[i].intervals);
		for (at = 0; at < 10; at++) {
			char c = rows[i].found[at];
			uint32_t expected = c == '.' ? INTERVALS_NONE : (uint32_t)(c - '0');
			uint32_t first = intervals_find(&intervals, 10 * at);
			uint32_t last = intervals_find(&intervals, 10 * at + 9);

			if (first != expected || last != expected)
				fail_msg("%s: at %zu is %u to %u, not %u", rows[i].what,
					 10 * at, first, last, expected);
		}
		intervals_release(&intervals);
	}
}

/* As intervals.h says it, one after the other. */
static uint32_t search(const struct interval *list, size_t count, uint64_t addr)
{
	const struct interval *best = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct interval *at = &list[i];

		if (addr < at->start || addr >= at->end)
			continue;
		if (!best || at->start > best->start ||
		    (at->start == best->start && at->rank > best->rank) ||
		    (at->start == best->start && at->rank == best->rank &&
		     at->value < best->value))
			best = at;
	}
	return best ? best->value : INTERVALS_NONE;
}

/* Few enough for qsort, and enough for the other sorting; small and large addresses. */
static void many_are_found_as_by_searching_all(void **state)
{
	static const size_t counts[] = { 300, 5000 };
	static struct interval list[5000];
	unsigned seed = 1;
	size_t c, i;

	(void)state;
	for (c = 0; c < COUNT_OF(counts); c++) {
		struct intervals intervals = { 0 };
		uint64_t base = c ? 0xffffffff00000000 : 0;

		for (i = 0; i < counts[c]; i++) {
			list[i].start = base + (uint64_t)rand_r(&seed) % 20000;
			list[i].end = list[i].start + (uint64_t)rand_r(&seed) % 100;
			list[i].rank = (uint32_t)rand_r(&seed) % 3;
			list[i].value = (uint32_t)i;
			intervals_add(&intervals, &list[i]);
		}
		intervals_settle(&intervals);
		for (i = 0; i < 20200; i += 7)
			assert_int_equal(intervals_find(&intervals, base + i),
					 search(list, counts[c], base + i));
		intervals_release(&intervals);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(innermost_interval_is_found),
		cmocka_unit_test(many_are_found_as_by_searching_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
