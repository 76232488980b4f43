/* Pages folded into runs, and counted; a strip of cells. */
#include "../support/check.h"

#include <string.h>

#include "pfa/base/text.h"
#include "pfa/model/observation.h"
#include "pfa/pages/page_run.h"
#include "pfa/pages/page_sums.h"
#include "pfa/pages/process.h"
#include "pfa/report/map_strip.h"
#include "pfa/report/map_view.h"

#define FLAG(name) (1ULL << PAGE_FLAG_##name)

/* The page with that number, in RAM in that frame. */
static struct page_run page(uint64_t number, uint64_t frame, uint64_t flags)
{
	return (struct page_run){
		.start = number * PAGE_BYTES,
		.end = (number + 1) * PAGE_BYTES,
		.state = PAGE_IN_RAM,
		.exclusive = true,
		.has_flags = true,
		.flags = flags,
		.phys = frame * PAGE_BYTES,
		.phys_end = (frame + 1) * PAGE_BYTES,
		.extents = 1,
		.maps_min = 1,
		.maps_max = 1,
	};
}

static struct page_run range(uint64_t first, uint64_t end, enum page_state state)
{
	return (struct page_run){ .start = first * PAGE_BYTES, .end = end * PAGE_BYTES,
				  .state = state };
}

/* ---- folding ---- */

struct folded {
	struct page_run runs[8];
	size_t count;
};

static void keep(void *context, const struct page_run *run)
{
	struct folded *f = context;

	assert_true(f->count < COUNT_OF(f->runs));
	f->runs[f->count++] = *run;
}

static void alike_neighbours_are_one_run(void **state)
{
	struct page_run shared = page(4, 50, FLAG(lru));
	struct folded f = { .count = 0 };
	struct page_fold fold = { .to = { &f, keep } };
	const struct page_run pages[] = {
		page(1, 10, FLAG(lru)),
		page(2, 11, FLAG(lru)),
		page(3, 7, FLAG(lru)), /* in another place */
		shared,
		page(5, 51, FLAG(lru) | FLAG(dirty)),
		range(6, 9, PAGE_UNMAPPED),
		range(9, 10, PAGE_UNMAPPED),
		page(20, 60, 0), /* not a neighbour */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		struct page_run run = pages[i];

		run.exclusive = i != 3;
		page_fold_put(&fold, &run);
	}
	page_fold_end(&fold);
	page_fold_end(&fold); /* harmless */
	assert_int_equal(f.count, 5);
	assert_int_equal(f.runs[0].end, 4 * PAGE_BYTES);
	assert_int_equal(f.runs[0].extents, 2);
	assert_int_equal(f.runs[0].phys, 10 * PAGE_BYTES);
	assert_int_equal(f.runs[1].start, 4 * PAGE_BYTES);
	assert_false(f.runs[1].exclusive);
	assert_int_equal(f.runs[2].flags, FLAG(lru) | FLAG(dirty));
	assert_int_equal(f.runs[3].end, 10 * PAGE_BYTES);
	assert_int_equal(f.runs[4].start, 20 * PAGE_BYTES);
}

static void how_many_map_it_is_a_span_in_a_run(void **state)
{
	struct folded f = { .count = 0 };
	struct page_fold fold = { .to = { &f, keep } };

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		struct page_run run = page(i, 10 + i, 0);

		run.exclusive = false;
		run.maps_min = run.maps_max = i == 1 ? 9 : 2 + i;
		page_fold_put(&fold, &run);
	}
	page_fold_end(&fold);
	assert_int_equal(f.count, 1);
	assert_int_equal(f.runs[0].maps_min, 2);
	assert_int_equal(f.runs[0].maps_max, 9);
	assert_int_equal(f.runs[0].extents, 1);
}

/* ---- counting ---- */

static void what_no_rss_counts_is_apart(void **state)
{
	struct page_sums s = { 0 };
	struct page_run runs[] = {
		page(0, 1, FLAG(ANON)),
		page(1, 2, FLAG(zero)),
		page(2, 3, FLAG(hugetlb)),
		page(3, 4, FLAG(nopage)),
		page(4, 5, 0),
		page(5, 6, FLAG(SWAPBACKED)),
		page(6, 7, FLAG(huge) | FLAG(thp)),
		range(7, 10, PAGE_UNMAPPED),
		range(10, 12, PAGE_IN_SWAP),
		range(12, 13, PAGE_GUARD),
	};

	(void)state;
	runs[4].file = runs[5].file = true;
	runs[6].exclusive = false;
	for (size_t i = 0; i < COUNT_OF(runs); i++)
		page_sums_count(&s, &runs[i]);
	assert_int_equal(s.total, 13);
	assert_int_equal(s.in_ram, 7);
	assert_int_equal(s.rss, 4);
	assert_int_equal(s.anon, 2);
	assert_int_equal(s.file, 1);
	assert_int_equal(s.shmem, 1);
	assert_int_equal(s.zero + s.hugetlb + s.bare, 3);
	assert_int_equal(s.exclusive, 3);
	assert_int_equal(s.shared, 1);
	assert_int_equal(s.huge, 1);
	assert_int_equal(s.in_swap, 2);
	assert_int_equal(s.guard, 1);
	assert_int_equal(s.unmapped, 3);
	page_sums_add(&s, &s);
	assert_int_equal(s.total, 26);
	assert_int_equal(s.huge, 2);
}

static void flags_have_one_order(void **state)
{
	struct page_run run = page(0, 1, FLAG(lru) | FLAG(dirty) | FLAG(thp) | FLAG(ANON));
	struct text text;

	(void)state;
	text_init(&text);
	page_put_flags(&text, &run);
	assert_string_equal(text_cstr(&text), "thp,dirty,lru");
	text_release(&text);
}

/* ---- a strip ---- */

static void check_strip(const struct page_run *runs, size_t count, uint64_t pages,
			unsigned width, const char *cells)
{
	const struct region region = { .text = "anon" };
	const struct map_vma vma = { .end = pages * PAGE_BYTES, .class = "anon",
				     .region = &region };
	const struct map_view view = { .width = width };
	static struct map_strip strip;
	struct text text;

	map_strip_init(&strip, &view, &vma, 0, vma.end);
	for (size_t i = 0; i < count; i++)
		map_strip_put(&strip, &runs[i]);
	text_init(&text);
	map_strip_print(&text, &view, &strip);
	assert_non_null(strstr(text_cstr(&text), cells));
	text_release(&text);
}

static void each_cell_tells_what_is_in_it(void **state)
{
	const struct page_run runs[] = {
		page(0, 1, 0),
		page(1, 2, FLAG(huge)),
		range(2, 3, PAGE_IN_SWAP),
		range(3, 4, PAGE_GUARD),
		range(4, 6, PAGE_UNMAPPED),
	};

	(void)state;
	check_strip(runs, COUNT_OF(runs), 6, 80, "|#Hsg..|");
}

/* One page in a terabyte is seen. */
static void few_pages_are_not_lost_among_many(void **state)
{
	const struct page_run runs[] = {
		range(0, 1000, PAGE_UNMAPPED),
		page(1000, 1, 0),
		range(1001, 1ULL << 28, PAGE_UNMAPPED),
	};
	const struct page_run uneven[] = {
		range(0, 3, PAGE_UNMAPPED),
		page(3, 1, 0),
		range(4, 17, PAGE_IN_SWAP),
	};
	const struct page_run half[] = {
		page(0, 1, 0),
		range(1, 32, PAGE_IN_SWAP),
	};

	(void)state;
	check_strip(runs, COUNT_OF(runs), 1ULL << 28, 60, "|+...............|");
	check_strip(uneven, COUNT_OF(uneven), 17, 60, "|..#sssssssssssss|");
	check_strip(half, COUNT_OF(half), 32, 60, "|%sssssssssssssss|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alike_neighbours_are_one_run),
		cmocka_unit_test(how_many_map_it_is_a_span_in_a_run),
		cmocka_unit_test(what_no_rss_counts_is_apart),
		cmocka_unit_test(flags_have_one_order),
		cmocka_unit_test(each_cell_tells_what_is_in_it),
		cmocka_unit_test(few_pages_are_not_lost_among_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
