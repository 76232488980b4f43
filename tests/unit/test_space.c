/* The map of VMAs, by itself and against an array of pages. */
#include "../support/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../support/layout.h"
#include "pfa/base/mem.h"
#include "pfa/model/backing.h"
#include "pfa/model/space.h"

static const struct backing anon = { .label = "anon", .kind = BACKING_ANON };
static const struct backing heap = { .label = "[heap]", .kind = BACKING_HEAP };
static const struct backing file = { .label = "libc.so", .kind = BACKING_FILE };
static const struct backing other = { .label = "other.so", .kind = BACKING_FILE };

static struct vma vma_of(uint64_t first, uint64_t past, uint32_t prot,
			 const struct backing *backing, uint64_t offset_pages)
{
	return (struct vma){ .start = PAGE(first), .end = PAGE(past), .prot = prot,
			     .flags = MAP_PRIVATE, .backing = backing,
			     .pgoff_bytes = PAGE(offset_pages) };
}

static void map(struct space *space, uint64_t first, uint64_t past, uint32_t prot,
		const struct backing *backing, uint64_t offset_pages)
{
	const struct vma vma = vma_of(first, past, prot, backing, offset_pages);

	space_map(space, &vma);
}

enum { RW = PROT_READ | PROT_WRITE, RX = PROT_READ | PROT_EXEC };

/* ---- by example ---- */

static void empty_space_holds_nothing(void **state)
{
	struct space *space = space_new();

	(void)state;
	assert_null(space_find(space, 0));
	assert_null(space_at_or_above(space, 0));
	assert_null(space_below(space, UINT64_MAX));
	assert_int_equal(space_unmap(space, 0, UINT64_MAX), 0);
	assert_int_equal(space_vma_count(space), 0);
	assert_int_equal(space_mapped_bytes(space), 0);
	space_free(space);
	space_free(NULL);
}

static void ends_are_exclusive(void **state)
{
	struct space *space = space_new();

	(void)state;
	map(space, 0x10, 0x12, RW, &anon, 0);
	map(space, 0x14, 0x16, RX, &file, 3);
	assert_null(space_find(space, PAGE(0x10) - 1));
	assert_int_equal(space_find(space, PAGE(0x10))->start, PAGE(0x10));
	assert_int_equal(space_find(space, PAGE(0x12) - 1)->start, PAGE(0x10));
	assert_null(space_find(space, PAGE(0x12)));
	assert_int_equal(space_at_or_above(space, PAGE(0x12))->start, PAGE(0x14));
	assert_int_equal(space_at_or_above(space, PAGE(0x15))->start, PAGE(0x14));
	assert_null(space_at_or_above(space, PAGE(0x16)));
	assert_null(space_below(space, PAGE(0x10)));
	assert_int_equal(space_below(space, PAGE(0x12))->start, PAGE(0x10));
	assert_int_equal(space_below(space, PAGE(0x14))->start, PAGE(0x10));
	assert_int_equal(space_below(space, UINT64_MAX)->start, PAGE(0x14));
	space_free(space);
}

static void hole_in_the_middle_splits(void **state)
{
	struct space *space = space_new();

	(void)state;
	map(space, 0x10, 0x20, RX, &file, 5);
	assert_int_equal(space_unmap(space, PAGE(0x14), PAGE(0x16)), PAGE(2));
	assert_string_equal(layout_text(space),
			    "10-14 r-xp libc.so+5, 16-20 r-xp libc.so+b");
	assert_int_equal(space_vma_count(space), 2);
	assert_int_equal(space_mapped_bytes(space), PAGE(14));
	space_free(space);
}

static void unmap_reaches_over_many_and_tells_what_was_there(void **state)
{
	struct space *space = space_new();

	(void)state;
	map(space, 0x10, 0x14, RW, &anon, 0);
	map(space, 0x18, 0x1a, RW, &anon, 0);
	map(space, 0x1e, 0x24, RX, &file, 0);
	assert_int_equal(space_unmap(space, PAGE(0x12), PAGE(0x20)), PAGE(2 + 2 + 2));
	assert_string_equal(layout_text(space),
			    "10-12 rw-p anon, 20-24 r-xp libc.so+2");
	assert_int_equal(space_unmap(space, PAGE(0x12), PAGE(0x20)), 0);
	assert_int_equal(space_unmap(space, PAGE(0x20), PAGE(0x12)), 0);
	space_free(space);
}

static void map_replaces_what_lies_under_it(void **state)
{
	struct space *space = space_new();

	(void)state;
	map(space, 0x10, 0x20, RX, &file, 0);
	map(space, 0x14, 0x18, RW, &other, 1);
	assert_string_equal(layout_text(space), "10-14 r-xp libc.so, "
			    "14-18 rw-p other.so+1, 18-20 r-xp libc.so+8");
	map(space, 0x0f, 0x21, RW, &anon, 0);
	assert_string_equal(layout_text(space), "f-21 rw-p anon");
	map(space, 0x21, 0x21, RW, &anon, 0); /* nothing */
	assert_int_equal(space_vma_count(space), 1);
	space_free(space);
}

static void advice_splits_at_its_ends_and_can_be_taken_back(void **state)
{
	struct space *space = space_new();

	(void)state;
	map(space, 0x10, 0x20, RW, &anon, 0);
	map(space, 0x22, 0x24, RW, &anon, 0);
	space_advise(space, PAGE(0x18), PAGE(0x23), VMA_DONTFORK, 0);
	space_advise(space, PAGE(0x1c), PAGE(0x1e), VMA_WIPEONFORK, VMA_DONTFORK);
	assert_string_equal(layout_text(space), "10-18 rw-p anon, "
			    "18-1c rw-p anon dontfork, 1c-1e rw-p anon wipeonfork, "
			    "1e-20 rw-p anon dontfork, 22-23 rw-p anon dontfork, "
			    "23-24 rw-p anon");
	space_advise(space, 0, UINT64_MAX, 0, VMA_DONTFORK | VMA_WIPEONFORK);
	assert_string_equal(layout_text(space), "10-20 rw-p anon, 22-24 rw-p anon");
	space_free(space);
}

static void shared_memory_is_not_advised_to_be_merged(void **state)
{
	struct vma shared = vma_of(0x20, 0x28, RW, &other, 0);
	struct space *space = space_new();

	(void)state;
	shared.flags = MAP_SHARED;
	space_map(space, &shared);
	map(space, 0x28, 0x30, RW, &other, 8);
	space_advise(space, PAGE(0x24), PAGE(0x2c), VMA_MERGEABLE, 0);
	assert_int_equal(space_vma_count(space), 3);
	assert_int_equal(space_find(space, PAGE(0x24))->advice, 0);
	assert_int_equal(space_find(space, PAGE(0x28))->advice, VMA_MERGEABLE);
	space_free(space);
}

static void joining_needs_two_that_are_alike(void **state)
{
	struct space *space = space_new();

	(void)state;
	map(space, 0x10, 0x14, RW, &anon, 0);
	map(space, 0x14, 0x18, RW, &anon, 0);
	map(space, 0x18, 0x1c, RX, &file, 4);
	map(space, 0x1c, 0x20, RX, &file, 9);
	space_join(space, 0);
	space_join(space, PAGE(0x10));
	space_join(space, PAGE(0x12));
	space_join(space, PAGE(0x18));
	space_join(space, PAGE(0x1c)); /* the offset does not run on */
	assert_int_equal(space_vma_count(space), 4);
	space_join(space, PAGE(0x14));
	assert_int_equal(space_vma_count(space), 3);
	assert_int_equal(space_find(space, PAGE(0x10))->end, PAGE(0x18));
	space_free(space);
}

static void copy_goes_over_what_is_there_with_its_holes(void **state)
{
	struct space *space = space_new();

	(void)state;
	map(space, 0x10, 0x14, RX, &file, 2);
	map(space, 0x16, 0x20, RW, &anon, 0);
	map(space, 0x30, 0x40, RW, &other, 0);
	space_copy(space, PAGE(0x12), PAGE(0x32), PAGE(6));
	assert_string_equal(layout_text(space), "10-14 r-xp libc.so+2, 16-20 rw-p anon, "
			    "30-32 rw-p other.so, 32-34 r-xp libc.so+4, "
			    "34-36 rw-p other.so+4, 36-38 rw-p anon, 38-40 rw-p other.so+8");
	space_copy(space, PAGE(0x50), PAGE(0x10), PAGE(8)); /* of nothing */
	assert_int_equal(space_vma_count(space), 7);
	space_free(space);
}

static void child_gets_all_but_what_is_kept_from_it(void **state)
{
	struct space *space = space_new(), *child;

	(void)state;
	map(space, 0x10, 0x20, RW, &anon, 0);
	map(space, 0x30, 0x32, RX, &file, 7);
	space_advise(space, PAGE(0x14), PAGE(0x18), VMA_DONTFORK, 0);
	child = space_fork(space);
	assert_string_equal(layout_text(child), "10-14 rw-p anon, 18-20 rw-p anon, "
			    "30-32 r-xp libc.so+7");
	assert_int_equal(space_mapped_bytes(child), PAGE(14));
	space_unmap(child, 0, UINT64_MAX);
	assert_int_equal(space_mapped_bytes(space), PAGE(18));
	space_free(child);
	space_free(space);
}

static const struct {
	struct vma low, high;
	bool mergeable;
} neighbours[] = {
	{ { .start = PAGE(1), .end = PAGE(2), .backing = &anon },
	  { .start = PAGE(2), .end = PAGE(3), .backing = &anon }, true },
	{ { .start = PAGE(1), .end = PAGE(2), .backing = &anon }, /* a gap */
	  { .start = PAGE(3), .end = PAGE(4), .backing = &anon }, false },
	{ { .start = PAGE(1), .end = PAGE(2), .backing = &anon },
	  { .start = PAGE(2), .end = PAGE(3), .backing = &heap }, false },
	{ { .start = PAGE(1), .end = PAGE(2), .backing = &anon, .prot = RW },
	  { .start = PAGE(2), .end = PAGE(3), .backing = &anon, .prot = RX }, false },
	{ { .start = PAGE(1), .end = PAGE(2), .backing = &anon, .flags = MAP_SHARED },
	  { .start = PAGE(2), .end = PAGE(3), .backing = &anon, .flags = MAP_PRIVATE },
	  false },
	{ { .start = PAGE(1), .end = PAGE(2), .backing = &file, .pgoff_bytes = 0 },
	  { .start = PAGE(2), .end = PAGE(3), .backing = &file,
	    .pgoff_bytes = PAGE(1) }, true },
	{ { .start = PAGE(1), .end = PAGE(2), .backing = &file, .pgoff_bytes = 0 },
	  { .start = PAGE(2), .end = PAGE(3), .backing = &file,
	    .pgoff_bytes = PAGE(2) }, false },
	{ { .start = PAGE(1), .end = PAGE(2), .backing = &anon, .pgoff_bytes = 5 },
	  { .start = PAGE(2), .end = PAGE(3), .backing = &anon }, true },
};

static void neighbours_merge_if_they_show_the_same_in_the_same_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(neighbours); i++)
		assert_int_equal(vma_mergeable(&neighbours[i].low,
					       &neighbours[i].high),
				 neighbours[i].mergeable);
}

static const uint64_t page_ends[][3] = {
	{ 0, 0, 0 }, { 1, 0, 4096 }, { 4095, 0, 4096 }, { 4096, 4096, 4096 },
	{ 4097, 4096, 8192 }, { UINT64_MAX, ~4095ULL, ~4095ULL },
	{ ~4095ULL, ~4095ULL, ~4095ULL },
};

static void addresses_are_rounded_to_pages_without_wrapping(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(page_ends); i++) {
		assert_int_equal(page_down(page_ends[i][0]), page_ends[i][1]);
		assert_int_equal(page_up(page_ends[i][0]), page_ends[i][2]);
	}
}

/* ---- against an array of pages ---- */

enum { PAGES = 2048 };

struct cell {
	const struct backing *backing; /* NULL: not mapped */
	uint64_t pgoff_bytes;
	uint32_t prot, advice;
};

struct twin {
	struct space *space;
	struct cell cells[PAGES];
};

static uint32_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % limit;
}

static void twin_map(struct twin *t, uint32_t first, uint32_t past)
{
	const struct backing *const backings[] = { &anon, &file, &other };
	const struct backing *backing = backings[random_below(3)];
	uint32_t prot = random_below(8), offset = random_below(100);

	map(t->space, first, past, prot, backing, offset);
	for (uint32_t i = first; i < past; i++)
		t->cells[i] = (struct cell){ backing, PAGE(offset + i - first), prot, 0 };
}

static void twin_unmap(struct twin *t, uint32_t first, uint32_t past)
{
	uint64_t there = 0;

	for (uint32_t i = first; i < past; i++) {
		there += t->cells[i].backing != NULL;
		t->cells[i].backing = NULL;
	}
	assert_int_equal(space_unmap(t->space, PAGE(first), PAGE(past)), PAGE(there));
}

static void twin_advise(struct twin *t, uint32_t first, uint32_t past)
{
	uint32_t set = random_below(4), clear = random_below(4);

	space_advise(t->space, PAGE(first), PAGE(past), set, clear);
	for (uint32_t i = first; i < past; i++)
		t->cells[i].advice = (t->cells[i].advice | set) & ~clear;
}

static void check_cell(const struct twin *t, uint32_t page)
{
	const struct cell *cell = &t->cells[page];
	const struct vma *vma = space_find(t->space, PAGE(page) + random_below(4096));

	if (!cell->backing) {
		assert_null(vma);
		return;
	}
	assert_non_null(vma);
	assert_ptr_equal(vma->backing, cell->backing);
	assert_int_equal(vma->prot, cell->prot);
	assert_int_equal(vma->advice, cell->advice);
	if (cell->backing != &anon) /* whose offset is nothing */
		assert_int_equal(vma->pgoff_bytes + PAGE(page) - vma->start,
				 cell->pgoff_bytes);
}

static void check_neighbours(const struct twin *t, uint32_t page)
{
	const struct vma *above = space_at_or_above(t->space, PAGE(page));
	const struct vma *below = space_below(t->space, PAGE(page));
	uint32_t up = page, down = page;

	while (up < PAGES && !t->cells[up].backing)
		up++;
	assert_int_equal(above == NULL, up == PAGES);
	if (above)
		assert_true(above->start <= PAGE(up) && above->end > PAGE(up));
	/* A VMA that holds the address is not below it, nor is its lower part. */
	if (above && above->start < PAGE(page))
		down = (uint32_t)(above->start >> 12);
	while (down && !t->cells[down - 1].backing)
		down--;
	assert_int_equal(below == NULL, down == 0);
	if (below)
		assert_int_equal(below->end, PAGE(down));
}

static void check_whole(const struct twin *t)
{
	const struct vma *vma = space_at_or_above(t->space, 0);
	uint64_t end = 0, pages = 0, walked = 0;
	size_t count = 0;

	for (; vma; vma = space_at_or_above(t->space, end)) {
		assert_true(vma->start >= end);
		assert_true(vma->end > vma->start);
		end = vma->end;
		walked += vma->end - vma->start;
		count++;
	}
	for (uint32_t i = 0; i < PAGES; i++) {
		pages += t->cells[i].backing != NULL;
		check_cell(t, i);
	}
	assert_int_equal(walked, PAGE(pages));
	assert_int_equal(space_mapped_bytes(t->space), PAGE(pages));
	assert_int_equal(space_vma_count(t->space), count);
}

/* What came up and what went make the difference; neither is more than there is. */
static void check_footprint(const struct twin *t, size_t before)
{
	const struct footprint f = space_footprint(t->space);

	assert_int_equal(space_vma_count(t->space) - before,
			 (size_t)f.after - (size_t)f.before);
	assert_in_range(f.before, 0, before);
	assert_in_range(f.after, 0, space_vma_count(t->space));
}

static void check_fork(const struct twin *t)
{
	struct twin child = *t;

	for (uint32_t i = 0; i < PAGES; i++)
		if (child.cells[i].advice & VMA_DONTFORK)
			child.cells[i].backing = NULL;
	child.space = space_fork(t->space);
	check_whole(&child);
	space_free(child.space);
}

/* Small ranges keep hundreds of VMAs alive, large ones clear over many chunks. */
static void thousands_of_random_changes_equal_an_array(void **state)
{
	static void (*const changes[])(struct twin *, uint32_t, uint32_t) = {
		twin_map, twin_map, twin_map, twin_unmap, twin_advise,
	};
	struct twin *t = pfa_alloc(sizeof(*t));

	(void)state;
	random_state = 7;
	t->space = space_new();
	for (int i = 0; i < 20000; i++) {
		uint32_t longest = random_below(100) ? 6 : PAGES / 4;
		uint32_t first = random_below(PAGES - 1);
		uint32_t past = first + 1 + random_below(longest);

		size_t before = space_vma_count(t->space);

		space_resume_change(t->space, space_new_change(t->space));
		changes[random_below(COUNT_OF(changes))](t, first,
							 past < PAGES ? past : PAGES);
		check_footprint(t, before);
		check_cell(t, random_below(PAGES));
		check_neighbours(t, random_below(PAGES));
		if (i % 100 == 0)
			check_whole(t);
		if (i % 1000 == 0)
			check_fork(t);
	}
	check_whole(t);
	space_free(t->space);
	free(t);
}

/* ---- as many as the kernel allows (vm.max_map_count) ---- */

enum { MANY = 65000 };

static void space_of_65000_vmas_finds_each(void **state)
{
	struct space *space = space_new();

	(void)state;
	/* 32,003 and 65,000 share no divisor: every VMA once, in a wild order. */
	for (uint64_t i = 0; i < MANY; i++) {
		uint64_t n = i * 32003 % MANY;

		map(space, 2 * n, 2 * n + 1, RW, &file, n);
	}
	assert_int_equal(space_vma_count(space), MANY);
	assert_int_equal(space_mapped_bytes(space), PAGE(MANY));
	for (uint64_t n = 0; n < MANY; n++) {
		assert_int_equal(space_find(space, PAGE(2 * n) + 8)->pgoff_bytes,
				 PAGE(n));
		assert_null(space_find(space, PAGE(2 * n + 1)));
	}
	for (uint64_t i = 0; i < MANY; i += 2) {
		uint64_t n = i * 32003 % MANY;

		assert_int_equal(space_unmap(space, PAGE(2 * n), PAGE(2 * n + 2)),
				 PAGE(1));
	}
	assert_int_equal(space_vma_count(space), MANY / 2);
	assert_int_equal(space_unmap(space, 0, UINT64_MAX), PAGE(MANY / 2));
	assert_int_equal(space_vma_count(space), 0);
	space_free(space);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_space_holds_nothing),
		cmocka_unit_test(ends_are_exclusive),
		cmocka_unit_test(hole_in_the_middle_splits),
		cmocka_unit_test(unmap_reaches_over_many_and_tells_what_was_there),
		cmocka_unit_test(map_replaces_what_lies_under_it),
		cmocka_unit_test(advice_splits_at_its_ends_and_can_be_taken_back),
		cmocka_unit_test(shared_memory_is_not_advised_to_be_merged),
		cmocka_unit_test(joining_needs_two_that_are_alike),
		cmocka_unit_test(copy_goes_over_what_is_there_with_its_holes),
		cmocka_unit_test(child_gets_all_but_what_is_kept_from_it),
		cmocka_unit_test(neighbours_merge_if_they_show_the_same_in_the_same_way),
		cmocka_unit_test(addresses_are_rounded_to_pages_without_wrapping),
		cmocka_unit_test(thousands_of_random_changes_equal_an_array),
		cmocka_unit_test(space_of_65000_vmas_finds_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
