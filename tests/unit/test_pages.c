/* What is known of each page: frames, what was given back, and who shares it. */
#include "../support/check.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "../support/layout.h"
#include "pfa/base/mem.h"
#include "pfa/model/pages.h"

static void check_page(const struct pages *pages, uint64_t addr,
		       enum page_state state, uint32_t frame)
{
	const struct page page = pages_get(pages, addr);

	assert_int_equal(page.state, state);
	assert_int_equal(page.frame, frame);
}

static void page_is_known_from_its_fault_on(void **state)
{
	struct pages *pages = pages_new();

	(void)state;
	check_page(pages, PAGE(0x10), PAGE_UNSEEN, 0);
	pages_set_mapped(pages, PAGE(0x10) + 0x123, 4096, PAGE(0x777) + 0x123, false);
	check_page(pages, PAGE(0x10), PAGE_MAPPED, 0x777);
	check_page(pages, PAGE(0x11) - 1, PAGE_MAPPED, 0x777);
	check_page(pages, PAGE(0x0f), PAGE_UNSEEN, 0);
	check_page(pages, PAGE(0x11), PAGE_UNSEEN, 0);
	pages_set_zero(pages, PAGE(0x10), 4096);
	check_page(pages, PAGE(0x10), PAGE_ZERO, 0);
	pages_free(pages);
	pages_free(NULL);
}

static const struct {
	const char *what;
	uint64_t size_bytes, phys;
	uint64_t first, last; /* pages that are known then, around page 0x2a5 */
	uint32_t first_frame, last_frame;
} sizes[] = {
	{ "4 KiB", 4096, PAGE(0x777), 0x2a5, 0x2a5, 0x777, 0x777 },
	{ "not known", 0, PAGE(0x777), 0x2a5, 0x2a5, 0x777, 0x777 },
	{ "frame not known", 4096, 0, 0x2a5, 0x2a5, 0, 0 },
	{ "64 KiB", 65536, PAGE(0x775), 0x2a0, 0x2af, 0x770, 0x77f },
	{ "2 MiB", 0x200000, PAGE(0x8a5), 0x200, 0x3ff, 0x800, 0x9ff },
	{ "2 MiB, frame not known", 0x200000, 0, 0x200, 0x3ff, 0, 0 },
	{ "1 GiB is not followed", 1 << 30, PAGE(0x777), 0x2a5, 0x2a5, 0x777, 0x777 },
	{ "no power of two", 12288, PAGE(0x777), 0x2a5, 0x2a5, 0x777, 0x777 },
	{ "beyond 16 TiB", 4096, PAGE(1ULL << 32), 0x2a5, 0x2a5, 0, 0 },
};

static void larger_pages_are_known_as_a_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct pages *pages = pages_new();
		const uint64_t first = sizes[i].first, last = sizes[i].last;

		pages_set_mapped(pages, PAGE(0x2a5), sizes[i].size_bytes, sizes[i].phys, false);
		check_page(pages, PAGE(first), PAGE_MAPPED, sizes[i].first_frame);
		check_page(pages, PAGE(last), PAGE_MAPPED, sizes[i].last_frame);
		check_page(pages, PAGE(first - 1), PAGE_UNSEEN, 0);
		check_page(pages, PAGE(last + 1), PAGE_UNSEEN, 0);
		pages_free(pages);
	}
}

static void zero_page_may_be_huge(void **state)
{
	struct pages *pages = pages_new();

	(void)state;
	pages_set_zero(pages, PAGE(0x2a5), 0x200000);
	check_page(pages, PAGE(0x1ff), PAGE_UNSEEN, 0);
	check_page(pages, PAGE(0x200), PAGE_ZERO, 0);
	check_page(pages, PAGE(0x3ff), PAGE_ZERO, 0);
	check_page(pages, PAGE(0x400), PAGE_UNSEEN, 0);
	pages_free(pages);
}

static const struct {
	enum page_state before, given_back, after;
} rules[] = {
	{ PAGE_UNSEEN, PAGE_DONTNEED, PAGE_UNSEEN },
	{ PAGE_UNSEEN, PAGE_FREE, PAGE_UNSEEN },
	{ PAGE_UNSEEN, PAGE_PAGEOUT, PAGE_UNSEEN },
	{ PAGE_MAPPED, PAGE_DONTNEED, PAGE_DONTNEED },
	{ PAGE_MAPPED, PAGE_FREE, PAGE_FREE },
	{ PAGE_MAPPED, PAGE_PAGEOUT, PAGE_PAGEOUT },
	{ PAGE_ZERO, PAGE_DONTNEED, PAGE_DONTNEED },
	{ PAGE_ZERO, PAGE_PAGEOUT, PAGE_ZERO },
	{ PAGE_FREE, PAGE_PAGEOUT, PAGE_FREE }, /* discarded, not swapped */
	{ PAGE_FREE, PAGE_DONTNEED, PAGE_DONTNEED },
	{ PAGE_DONTNEED, PAGE_PAGEOUT, PAGE_DONTNEED },
	{ PAGE_DONTNEED, PAGE_FREE, PAGE_DONTNEED },
	{ PAGE_PAGEOUT, PAGE_DONTNEED, PAGE_DONTNEED },
	{ PAGE_UNSEEN, PAGE_UNMAPPED, PAGE_UNSEEN },
	{ PAGE_MAPPED, PAGE_UNMAPPED, PAGE_UNMAPPED },
	{ PAGE_ZERO, PAGE_UNMAPPED, PAGE_UNMAPPED },
	{ PAGE_DONTNEED, PAGE_UNMAPPED, PAGE_UNSEEN },
	{ PAGE_FREE, PAGE_UNMAPPED, PAGE_UNSEEN },
	{ PAGE_PAGEOUT, PAGE_UNMAPPED, PAGE_UNSEEN },
	{ PAGE_UNMAPPED, PAGE_UNMAPPED, PAGE_UNMAPPED },
	{ PAGE_UNMAPPED, PAGE_DONTNEED, PAGE_UNMAPPED }, /* nothing is there yet */
	{ PAGE_UNMAPPED, PAGE_FREE, PAGE_UNMAPPED },
	{ PAGE_UNMAPPED, PAGE_PAGEOUT, PAGE_UNMAPPED },
};

/* Brings page 0x10 into a state as faults and advices would. */
static void bring(struct pages *pages, enum page_state state)
{
	if (state == PAGE_ZERO)
		pages_set_zero(pages, PAGE(0x10), 4096);
	else if (state != PAGE_UNSEEN)
		pages_set_mapped(pages, PAGE(0x10), 4096, PAGE(0x777), false);
	if (state > PAGE_ZERO)
		pages_give_back(pages, PAGE(0x10), PAGE(0x11), state, 0);
}

static void page_given_back_goes_by_what_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		struct pages *pages = pages_new();

		bring(pages, rules[i].before);
		assert_int_equal(pages_get(pages, PAGE(0x10)).state, rules[i].before);
		pages_give_back(pages, PAGE(0x10), PAGE(0x11), rules[i].given_back, 0);
		assert_int_equal(pages_get(pages, PAGE(0x10)).state, rules[i].after);
		pages_free(pages);
	}
}

static void only_the_range_is_given_back(void **state)
{
	struct pages *pages = pages_new();

	(void)state;
	for (uint64_t n = 0x1fe; n < 0x203; n++)
		pages_set_mapped(pages, PAGE(n), 4096, PAGE(n), false);
	pages_give_back(pages, PAGE(0x1ff), PAGE(0x202), PAGE_DONTNEED, 0);
	check_page(pages, PAGE(0x1fe), PAGE_MAPPED, 0x1fe);
	check_page(pages, PAGE(0x1ff), PAGE_DONTNEED, 0);
	check_page(pages, PAGE(0x201), PAGE_DONTNEED, 0);
	check_page(pages, PAGE(0x202), PAGE_MAPPED, 0x202);
	pages_give_back(pages, PAGE(0x203), PAGE(0x1fe), PAGE_FREE, 0); /* no range */
	check_page(pages, PAGE(0x202), PAGE_MAPPED, 0x202);
	pages_free(pages);
}

static void child_knows_what_its_parent_knew_at_the_fork(void **state)
{
	struct pages *parent = pages_new(), *child;

	(void)state;
	pages_set_mapped(parent, PAGE(0x10), 4096, PAGE(0x777), false);
	child = pages_fork(parent);
	check_page(child, PAGE(0x10), PAGE_MAPPED, 0x777);
	pages_set_mapped(parent, PAGE(0x10), 4096, PAGE(0x888), false);
	pages_set_mapped(parent, PAGE(0x11), 4096, PAGE(0x999), false);
	check_page(child, PAGE(0x10), PAGE_MAPPED, 0x777);
	check_page(child, PAGE(0x11), PAGE_UNSEEN, 0);
	pages_set_zero(child, PAGE(0x12), 4096);
	check_page(parent, PAGE(0x12), PAGE_UNSEEN, 0);
	check_page(parent, PAGE(0x10), PAGE_MAPPED, 0x888);
	pages_free(parent);
	check_page(child, PAGE(0x10), PAGE_MAPPED, 0x777);
	pages_free(child);
}

static void forgetting_in_one_of_three_leaves_the_others(void **state)
{
	struct pages *first = pages_new(), *second, *third;

	(void)state;
	for (uint64_t n = 0; n < 0x400; n++)
		pages_set_mapped(first, PAGE(n), 4096, PAGE(n + 1), false);
	second = pages_fork(first);
	third = pages_fork(second);
	pages_forget(second, PAGE(0x100), PAGE(0x300)); /* half of either block */
	pages_forget(third, 0, UINT64_MAX);
	check_page(first, PAGE(0x200), PAGE_MAPPED, 0x201);
	check_page(second, PAGE(0x0ff), PAGE_MAPPED, 0x100);
	check_page(second, PAGE(0x100), PAGE_UNSEEN, 0);
	check_page(second, PAGE(0x2ff), PAGE_UNSEEN, 0);
	check_page(second, PAGE(0x300), PAGE_MAPPED, 0x301);
	check_page(third, PAGE(0x300), PAGE_UNSEEN, 0);
	pages_free(first);
	pages_free(third);
	check_page(second, PAGE(0x3ff), PAGE_MAPPED, 0x400);
	pages_free(second);
}

static size_t memory_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void addresses_that_never_come_again_take_no_memory(void **state)
{
	struct pages *pages = pages_new();
	size_t early = 0;

	(void)state;
	for (uint64_t n = 0; n < 3000000; n += 30) {
		pages_set_mapped(pages, PAGE(n), 4096, PAGE(1), false);
		pages_set_mapped(pages, PAGE(n + 1), 4096, PAGE(2), false);
		pages_forget(pages, PAGE(n), PAGE(n + 1));
		pages_forget(pages, PAGE(n + 1), PAGE(n + 2));
		if (n == 300000)
			early = memory_in_use();
	}
	/* Nothing is counted under AddressSanitizer. */
	assert_in_range(memory_in_use(), 0, early + (1 << 20));
	pages_free(pages);
}

static void highest_page_is_a_page_like_others(void **state)
{
	const uint64_t highest = ~4095ULL;
	struct pages *pages = pages_new();

	(void)state;
	pages_set_mapped(pages, highest, 4096, PAGE(5), false);
	pages_give_back(pages, highest - 4096, UINT64_MAX, PAGE_FREE, 0);
	check_page(pages, highest, PAGE_FREE, 0);
	pages_forget(pages, 0, UINT64_MAX);
	check_page(pages, highest, PAGE_UNSEEN, 0);
	pages_free(pages);
}

/* ---- moves, against an array ---- */

enum { PAGES = 2048 };

struct twin {
	struct pages *pages;
	struct page cells[PAGES];
};

static uint32_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % limit;
}

static void twin_touch(struct twin *t, uint32_t first, uint32_t past)
{
	for (uint32_t n = first; n < past; n++) {
		uint32_t frame = 1 + random_below(1 << 20);

		pages_set_mapped(t->pages, PAGE(n), 4096, PAGE(frame), false);
		t->cells[n] = (struct page){ .state = PAGE_MAPPED, .frame = frame };
	}
}

static void twin_give_back(struct twin *t, uint32_t first, uint32_t past)
{
	pages_give_back(t->pages, PAGE(first), PAGE(past), PAGE_DONTNEED, 0);
	for (uint32_t n = first; n < past; n++)
		if (t->cells[n].state != PAGE_UNSEEN)
			t->cells[n] = (struct page){ .state = PAGE_DONTNEED };
}

static void twin_forget(struct twin *t, uint32_t first, uint32_t past)
{
	pages_forget(t->pages, PAGE(first), PAGE(past));
	memset(t->cells + first, 0, (past - first) * sizeof(t->cells[0]));
}

/* The places may overlap and may share blocks. */
static void twin_move(struct twin *t, uint32_t first, uint32_t past)
{
	uint32_t length = past - first, to = random_below(PAGES - length);
	struct page *carried = pfa_memdup(t->cells + first, length * sizeof(*carried));

	pages_move(t->pages, PAGE(first), PAGE(to), PAGE(length));
	memset(t->cells + first, 0, length * sizeof(*carried));
	memcpy(t->cells + to, carried, length * sizeof(*carried));
	free(carried);
}

/* From here on in a child's blocks; the parent's last breath changes nothing. */
static void twin_fork(struct twin *t, uint32_t first, uint32_t past)
{
	struct pages *parent = t->pages;

	t->pages = pages_fork(parent);
	pages_forget(parent, PAGE(first), PAGE(past));
	pages_free(parent);
}

static void random_changes_and_moves_equal_an_array(void **state)
{
	static void (*const changes[])(struct twin *, uint32_t, uint32_t) = {
		twin_touch, twin_give_back, twin_forget, twin_move, twin_move, twin_fork,
	};
	struct twin *t = pfa_alloc(sizeof(*t));

	(void)state;
	random_state = 11;
	t->pages = pages_new();
	for (int i = 0; i < 5000; i++) {
		uint32_t first = random_below(PAGES - 1);
		uint32_t past = first + 1 + random_below(i % 50 ? 20 : PAGES);

		changes[random_below(COUNT_OF(changes))](t, first,
							 past < PAGES ? past : PAGES);
		if (i % 20)
			continue;
		for (uint32_t n = 0; n < PAGES; n++)
			check_page(t->pages, PAGE(n), t->cells[n].state,
				   t->cells[n].frame);
	}
	pages_free(t->pages);
	free(t);
}

static void move_of_nothing_moves_nothing(void **state)
{
	struct pages *pages = pages_new();

	(void)state;
	pages_set_mapped(pages, PAGE(0x10), 4096, PAGE(5), false);
	pages_move(pages, PAGE(0x10), PAGE(0x20), 0);
	pages_move(pages, PAGE(0x900), PAGE(0xa00), PAGE(0x80));
	check_page(pages, PAGE(0x10), PAGE_MAPPED, 5);
	check_page(pages, PAGE(0x20), PAGE_UNSEEN, 0);
	pages_free(pages);
}

/* ---- who gave it back, who wrote it ---- */

static void giver_is_that_which_took_the_page_away(void **state)
{
	struct pages *pages = pages_new();

	(void)state;
	for (uint64_t n = 0x10; n < 0x14; n++)
		pages_set_mapped(pages, PAGE(n), 4096, PAGE(n), true);
	pages_set_zero(pages, PAGE(0x14), 4096);
	assert_int_equal(pages_give_back(pages, PAGE(0x10), PAGE(0x12), PAGE_DONTNEED, 7),
			 2);
	assert_int_equal(pages_give_back(pages, PAGE(0x10), PAGE(0x13), PAGE_DONTNEED, 8),
			 1); /* of the others there was nothing any more */
	assert_int_equal(pages_get(pages, PAGE(0x11)).giver, 7);
	assert_int_equal(pages_get(pages, PAGE(0x12)).giver, 8);
	assert_int_equal(pages_give_back(pages, PAGE(0x10), PAGE(0x20), PAGE_UNMAPPED, 9),
			 2); /* the one that was left, and the zero page */
	assert_int_equal(pages_get(pages, PAGE(0x10)).giver, 0);
	assert_int_equal(pages_get(pages, PAGE(0x13)).giver, 9);
	assert_int_equal(pages_get(pages, PAGE(0x14)).giver, 9);
	assert_int_equal(pages_give_back(pages, PAGE(0x10), PAGE(0x20), PAGE_UNMAPPED, 3),
			 0);
	assert_int_equal(pages_get(pages, PAGE(0x13)).giver, 9);
	pages_set_mapped(pages, PAGE(0x13), 4096, 0, false);
	assert_int_equal(pages_get(pages, PAGE(0x13)).giver, 0);
	pages_free(pages);
}

static void what_was_written_stays_its_own_until_it_goes(void **state)
{
	struct pages *pages = pages_new();

	(void)state;
	pages_set_mapped(pages, PAGE(0x10), 4096, PAGE(5), false);
	assert_false(pages_get(pages, PAGE(0x10)).own);
	pages_set_mapped(pages, PAGE(0x10), 4096, PAGE(6), true);
	assert_true(pages_get(pages, PAGE(0x10)).own);
	pages_set_mapped(pages, PAGE(0x10), 4096, PAGE(6), false); /* another thread reads */
	assert_true(pages_get(pages, PAGE(0x10)).own);
	assert_true(pages_get(pages, PAGE(0x10)).since_fork);
	pages_give_back(pages, PAGE(0x10), PAGE(0x11), PAGE_DONTNEED, 1);
	assert_false(pages_get(pages, PAGE(0x10)).own);
	pages_set_mapped(pages, PAGE(0x10), 4096, PAGE(5), false);
	assert_false(pages_get(pages, PAGE(0x10)).own);
	pages_free(pages);
}

static bool since_fork(const struct pages *pages, uint64_t n)
{
	return pages_get(pages, PAGE(n)).since_fork;
}

static void fork_shares_what_was_written_until_it_is_written_again(void **state)
{
	struct pages *parent = pages_new(), *first, *second;

	(void)state;
	pages_set_mapped(parent, PAGE(0x10), 4096, PAGE(5), true);
	pages_set_mapped(parent, PAGE(0x11), 4096, PAGE(6), true);
	first = pages_fork(parent);
	assert_true(since_fork(parent, 0x10)); /* a vfork's copy is dropped again */
	pages_forked(parent);
	pages_forked(first);
	assert_false(since_fork(parent, 0x10) || since_fork(first, 0x10));
	assert_true(pages_get(first, PAGE(0x10)).own);
	pages_set_mapped(parent, PAGE(0x10), 4096, PAGE(7), true);
	pages_set_mapped(first, PAGE(0x11), 4096, PAGE(8), true);
	assert_true(since_fork(parent, 0x10) && !since_fork(first, 0x10));
	assert_true(since_fork(first, 0x11) && !since_fork(parent, 0x11));
	second = pages_fork(parent);
	pages_forked(parent);
	pages_forked(second);
	assert_false(since_fork(parent, 0x10) || since_fork(second, 0x10));
	assert_true(since_fork(first, 0x11));
	pages_free(parent);
	pages_free(first);
	pages_free(second);
}

/* ---- how many, how often ---- */

static void touched_is_what_was_faulted_on_since_it_was_mapped(void **state)
{
	struct pages *pages = pages_new();

	(void)state;
	for (uint64_t n = 0x1f0; n < 0x210; n++)
		pages_set_mapped(pages, PAGE(n), 4096, PAGE(n), n % 2);
	pages_set_zero(pages, PAGE(0x210), 4096);
	assert_int_equal(pages_touched(pages, 0, UINT64_MAX), 0x21);
	assert_int_equal(pages_touched(pages, PAGE(0x1fe), PAGE(0x202)), 4);
	pages_give_back(pages, PAGE(0x1f0), PAGE(0x1f4), PAGE_DONTNEED, 1);
	assert_int_equal(pages_touched(pages, 0, UINT64_MAX), 0x21);
	pages_give_back(pages, PAGE(0x1f2), PAGE(0x1f8), PAGE_UNMAPPED, 1);
	assert_int_equal(pages_touched(pages, 0, UINT64_MAX), 0x21 - 6);
	assert_int_equal(pages_touched(pages, PAGE(0x300), PAGE(0x300)), 0);
	pages_free(pages);
}

static void check_faults(const struct pages *pages, uint64_t first, uint64_t past,
			 uint64_t minor, uint64_t cow)
{
	uint64_t sums[FAULT_TYPE_COUNT] = { 0 };

	pages_sum_faults(pages, PAGE(first), PAGE(past), sums);
	assert_int_equal(sums[FAULT_MINOR], minor);
	assert_int_equal(sums[FAULT_COW], cow);
	assert_int_equal(sums[FAULT_MAJOR] + sums[FAULT_INVALID], 0);
}

static void faults_are_counted_where_they_were_taken(void **state)
{
	struct pages *pages = pages_new(), *child;

	(void)state;
	for (uint64_t n = 0x1fe; n < 0x202; n++) {
		pages_set_mapped(pages, PAGE(n), 4096, PAGE(n), true);
		pages_count_fault(pages, PAGE(n) + 5, FAULT_MINOR);
	}
	pages_count_fault(pages, PAGE(0x200), FAULT_COW);
	check_faults(pages, 0x1fe, 0x202, 4, 1);
	check_faults(pages, 0x1ff, 0x201, 2, 1);
	child = pages_fork(pages);
	check_faults(child, 0, 0x400, 0, 0);
	pages_count_fault(child, PAGE(0x200), FAULT_COW);
	check_faults(pages, 0, 0x400, 4, 1);
	pages_move(pages, PAGE(0x1ff), PAGE(0x900), PAGE(2));
	check_faults(pages, 0x1fe, 0x202, 2, 0);
	check_faults(pages, 0x900, 0x902, 2, 1);
	pages_give_back(pages, PAGE(0x900), PAGE(0x902), PAGE_DONTNEED, 1);
	check_faults(pages, 0x900, 0x902, 2, 1); /* the mapping is the same */
	pages_give_back(pages, PAGE(0x900), PAGE(0x901), PAGE_UNMAPPED, 1);
	check_faults(pages, 0x900, 0x902, 1, 1);
	pages_forget(pages, PAGE(0x901), PAGE(0x902));
	check_faults(pages, 0x900, 0x902, 0, 0);
	pages_free(pages);
	pages_free(child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_is_known_from_its_fault_on),
		cmocka_unit_test(larger_pages_are_known_as_a_whole),
		cmocka_unit_test(zero_page_may_be_huge),
		cmocka_unit_test(page_given_back_goes_by_what_it_was),
		cmocka_unit_test(only_the_range_is_given_back),
		cmocka_unit_test(child_knows_what_its_parent_knew_at_the_fork),
		cmocka_unit_test(forgetting_in_one_of_three_leaves_the_others),
		cmocka_unit_test(addresses_that_never_come_again_take_no_memory),
		cmocka_unit_test(highest_page_is_a_page_like_others),
		cmocka_unit_test(random_changes_and_moves_equal_an_array),
		cmocka_unit_test(move_of_nothing_moves_nothing),
		cmocka_unit_test(giver_is_that_which_took_the_page_away),
		cmocka_unit_test(what_was_written_stays_its_own_until_it_goes),
		cmocka_unit_test(fork_shares_what_was_written_until_it_is_written_again),
		cmocka_unit_test(touched_is_what_was_faulted_on_since_it_was_mapped),
		cmocka_unit_test(faults_are_counted_where_they_were_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
