/* Two layouts, range by range. */
#include "../support/check.h"

#include <sys/mman.h>

#include "pfa/model/observation.h"
#include "pfa/report/layout_diff.h"

enum { RW = PROT_READ | PROT_WRITE };

struct wanted {
	uint64_t start, end;
	enum verdict verdict;
};

static struct mapping anon(uint64_t start, uint64_t end, uint32_t prot)
{
	return (struct mapping){ .start = start, .end = end, .prot = prot, .name = "" };
}

static struct mapping file(uint64_t start, uint64_t end, uint64_t offset)
{
	return (struct mapping){ .start = start, .end = end, .prot = PROT_READ,
				 .inode = 7, .pgoff_bytes = offset, .name = "/f" };
}

static void check(const struct mapping *a, size_t a_count, const struct mapping *b,
		  size_t b_count, const struct wanted *wanted, size_t count)
{
	const struct layout first = { .vmas = a, .vma_count = a_count };
	const struct layout second = { .vmas = b, .vma_count = b_count };
	struct layout_diff diff;
	struct layout_range range;
	size_t n = 0;

	layout_diff_init(&diff, &first, &second);
	while (layout_diff_next(&diff, &range)) {
		assert_true(n < count);
		assert_int_equal(range.start, wanted[n].start);
		assert_int_equal(range.end, wanted[n].end);
		assert_int_equal(range.verdict, wanted[n].verdict);
		n++;
	}
	assert_int_equal(n, count);
}

static void empty_layouts_have_no_ranges(void **state)
{
	const struct mapping some[] = { anon(0x1000, 0x2000, RW) };
	const struct wanted first[] = { { 0x1000, 0x2000, VERDICT_ONLY_FIRST } };
	const struct wanted second[] = { { 0x1000, 0x2000, VERDICT_ONLY_SECOND } };

	(void)state;
	check(NULL, 0, NULL, 0, NULL, 0);
	check(some, 1, NULL, 0, first, 1);
	check(NULL, 0, some, 1, second, 1);
}

static void ranges_end_where_either_side_changes(void **state)
{
	const struct mapping a[] = { anon(0x1000, 0x5000, RW), anon(0x8000, 0x9000, RW) };
	const struct mapping b[] = { anon(0x2000, 0x3000, RW),
				     anon(0x3000, 0x6000, PROT_READ),
				     anon(0x8000, 0x9000, RW) };
	const struct wanted wanted[] = {
		{ 0x1000, 0x2000, VERDICT_ONLY_FIRST }, { 0x2000, 0x3000, VERDICT_SAME },
		{ 0x3000, 0x5000, VERDICT_PERMISSION },
		{ 0x5000, 0x6000, VERDICT_ONLY_SECOND }, { 0x8000, 0x9000, VERDICT_SAME },
	};

	(void)state;
	check(a, COUNT_OF(a), b, COUNT_OF(b), wanted, COUNT_OF(wanted));
}

static void same_file_is_the_same_at_the_same_offset_only(void **state)
{
	const struct mapping a[] = { file(0x1000, 0x4000, 0), file(0x5000, 0x6000, 0) };
	/* It begins elsewhere, with what lies there; then with something else. */
	const struct mapping b[] = { file(0x2000, 0x4000, 0x1000),
				     file(0x5000, 0x6000, 0x1000) };
	const struct wanted wanted[] = {
		{ 0x1000, 0x2000, VERDICT_ONLY_FIRST }, { 0x2000, 0x4000, VERDICT_SAME },
		{ 0x5000, 0x6000, VERDICT_BACKING },
	};

	(void)state;
	check(a, COUNT_OF(a), b, COUNT_OF(b), wanted, COUNT_OF(wanted));
}

static void other_memory_with_other_permission_is_both(void **state)
{
	const struct mapping a[] = { anon(0x1000, 0x2000, RW), anon(0x3000, 0x4000, RW) };
	struct mapping b[] = { file(0x1000, 0x2000, 0), anon(0x3000, 0x4000, RW) };
	const struct wanted wanted[] = { { 0x1000, 0x2000, VERDICT_BOTH },
					 { 0x3000, 0x4000, VERDICT_PERMISSION } };

	(void)state;
	b[1].shared = true;
	check(a, 2, b, 2, wanted, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_layouts_have_no_ranges),
		cmocka_unit_test(ranges_end_where_either_side_changes),
		cmocka_unit_test(same_file_is_the_same_at_the_same_offset_only),
		cmocka_unit_test(other_memory_with_other_permission_is_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
