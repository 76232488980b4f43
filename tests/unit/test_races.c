/* Calls of two threads at once: neither takes what came after it. */
#include "calls_world.h"

static void munmap_spares_what_was_mapped_after_it_began(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	begin(w, one, MM_CALL_munmap, PAGE(0x10), PAGE(8));
	begin(w, two, MM_CALL_mmap, 0, PAGE(2));
	record_file(w, two, 0x12, 0x14, "r--p", 0);
	assert_true(end(w, two, MM_CALL_mmap, PAGE(0x12)));
	assert_true(end(w, one, MM_CALL_munmap, 0));
	check_layout(w, "12-14 r--p libc.so");
}

static void munmap_takes_what_was_mapped_before_it_began(void **state)
{
	struct world *w = *state;

	begin(w, two, MM_CALL_mmap, 0, PAGE(2));
	record_file(w, two, 0x12, 0x14, "r--p", 0);
	begin(w, one, MM_CALL_munmap, PAGE(0x10), PAGE(8));
	assert_true(end(w, two, MM_CALL_mmap, PAGE(0x12)));
	assert_true(end(w, one, MM_CALL_munmap, 0));
	check_layout(w, "");
}

static void mmap_comes_back_when_the_munmap_before_it_ends_first(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	begin(w, one, MM_CALL_munmap, PAGE(0x10), PAGE(8));
	begin(w, two, MM_CALL_mmap, 0, PAGE(4));
	record_file(w, two, 0x12, 0x16, "r--p", 3);
	assert_true(end(w, one, MM_CALL_munmap, 0));
	assert_true(end(w, two, MM_CALL_mmap, PAGE(0x12)));
	check_layout(w, "12-16 r--p libc.so+3");
}

/* The new mapping reaches out of what was unmapped, below and above. */
static void part_that_a_munmap_took_of_a_new_mapping_comes_back(void **state)
{
	static const struct {
		uint64_t first, past;
	} unmapped[] = { { 0x10, 0x14 }, { 0x14, 0x20 }, { 0x14, 0x16 } };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(unmapped); i++) {
		mm_reset(w->mm);
		begin(w, one, MM_CALL_munmap, PAGE(unmapped[i].first),
		      PAGE(unmapped[i].past - unmapped[i].first));
		begin(w, two, MM_CALL_mmap, 0, PAGE(8));
		record_file(w, two, 0x12, 0x1a, "r--p", 3);
		assert_true(end(w, one, MM_CALL_munmap, 0));
		assert_true(end(w, two, MM_CALL_mmap, PAGE(0x12)));
		check_layout(w, "12-1a r--p libc.so+3");
	}
}

static void shrinking_break_spares_what_was_mapped_after_it_began(void **state)
{
	struct world *w = *state;

	record(w, one, 0x50, 0x60, "rw-p", "[heap]");
	begin(w, one, MM_CALL_brk, PAGE(0x54));
	begin(w, two, MM_CALL_mmap, PAGE(0x58), PAGE(2));
	record(w, two, 0x58, 0x5a, "r--p", "//anon");
	assert_true(end(w, two, MM_CALL_mmap, PAGE(0x58)));
	assert_true(end(w, one, MM_CALL_brk, PAGE(0x54)));
	check_layout(w, "50-54 rw-p [heap], 58-5a r--p anon");
}

static void place_that_mremap_left_may_be_taken_at_once(void **state)
{
	struct world *w = *state;

	record_file(w, one, 0x10, 0x18, "r--p", 0);
	begin(w, one, MM_CALL_mremap, PAGE(0x10), PAGE(8), PAGE(4), 0);
	begin(w, two, MM_CALL_mmap, 0, PAGE(2));
	record(w, two, 0x16, 0x18, "rw-p", "//anon");
	assert_true(end(w, two, MM_CALL_mmap, PAGE(0x16)));
	assert_true(end(w, one, MM_CALL_mremap, PAGE(0x10)));
	check_layout(w, "10-14 r--p libc.so, 16-18 rw-p anon");
}

static void what_moved_is_what_was_there_when_mremap_began(void **state)
{
	struct world *w = *state;

	record_file(w, one, 0x10, 0x18, "r--p", 2);
	begin(w, one, MM_CALL_mremap, PAGE(0x10), PAGE(8), PAGE(8), MREMAP_MAYMOVE);
	begin(w, two, MM_CALL_mmap, 0, PAGE(2));
	record(w, two, 0x10, 0x12, "rw-p", "//anon");
	assert_true(end(w, two, MM_CALL_mmap, PAGE(0x10)));
	assert_true(end(w, one, MM_CALL_mremap, PAGE(0x30)));
	check_layout(w, "10-12 rw-p anon, 30-38 r--p libc.so+2");
}

static void munmap_spares_what_was_moved_there_after_it_began(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	record_file(w, one, 0x30, 0x32, "r--p", 0);
	begin(w, one, MM_CALL_munmap, PAGE(0x10), PAGE(8));
	begin(w, two, MM_CALL_mremap, PAGE(0x30), PAGE(2), PAGE(2), MREMAP_MAYMOVE);
	assert_true(end(w, two, MM_CALL_mremap, PAGE(0x14)));
	assert_true(end(w, one, MM_CALL_munmap, 0));
	check_layout(w, "14-16 r--p libc.so");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(munmap_spares_what_was_mapped_after_it_began),
		in_world(munmap_takes_what_was_mapped_before_it_began),
		in_world(mmap_comes_back_when_the_munmap_before_it_ends_first),
		in_world(part_that_a_munmap_took_of_a_new_mapping_comes_back),
		in_world(shrinking_break_spares_what_was_mapped_after_it_began),
		in_world(place_that_mremap_left_may_be_taken_at_once),
		in_world(what_moved_is_what_was_there_when_mremap_began),
		in_world(munmap_spares_what_was_moved_there_after_it_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
