/* The system calls that change an address space, one by one. */
#include "calls_world.h"

#include <errno.h>

/* ---- mmap ---- */

static void mmap_adds_its_own_range_of_the_merged_record(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x14, "rw-p", "//anon");
	touch(w, 0x10, 0x16); /* 14 and 15 by what was there earlier */
	begin(w, one, MM_CALL_mmap, 0, PAGE(2) - 100);
	assert_false(record(w, one, 0x10, 0x16, "rw-p", "//anon"));
	assert_true(end(w, one, MM_CALL_mmap, PAGE(0x14)));
	check_change(w, CHANGE_MMAP_ADD, 0x14, 0x16);
	assert_int_equal(w->change.prot, PROT_READ | PROT_WRITE);
	assert_false(w->change.shared);
	check_layout(w, "10-16 rw-p anon");
	check_page(w, 0x13, PAGE_MAPPED, 0x1013);
	check_page(w, 0x14, PAGE_UNSEEN, 0);
}

static void mmap_over_something_replaces_it(void **state)
{
	struct world *w = *state;

	record_file(w, one, 0x10, 0x20, "r-xp", 2);
	begin(w, one, MM_CALL_mmap, PAGE(0x14), PAGE(2));
	record(w, one, 0x14, 0x16, "rw-s", "/dev/zero (deleted)");
	assert_true(end(w, one, MM_CALL_mmap, PAGE(0x14)));
	assert_true(w->change.shared);
	check_layout(w, "10-14 r-xp libc.so+2, 14-16 rw-s shared-anon, "
			"16-20 r-xp libc.so+8");
}

static void mapping_of_a_stack_stays_one_that_grows(void **state)
{
	struct world *w = *state;

	begin(w, one, MM_CALL_mmap, 0, PAGE(4), PROT_READ | PROT_WRITE,
	      MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN);
	record(w, one, 0x30, 0x34, "rw-p", "//anon");
	assert_true(end(w, one, MM_CALL_mmap, PAGE(0x30)));
	assert_true(record(w, one, 0x2f, 0x34, "rw-p", "//anon"));
	check_change(w, CHANGE_STACK_GROW, 0x2f, 0x34);
	check_old_range(w, 0x30, 0x34);
	check_layout(w, "2f-34 rw-p anon");
}

/* A stack that was never moved by chance ends where those of new images begin. */
static void arguments_laid_out_by_exec_are_none_of_the_old_image(void **state)
{
	struct world *w = *state;

	record(w, one, 0x7ffffffde, 0x7ffffffff, "rw-p", "[stack]");
	assert_false(record(w, one, 0x7fffffffd, 0x7ffffffff, "rw-p", "//anon"));
	assert_false(record(w, one, 0x7fffffffc, 0x7ffffffff, "rwxp", "//anon"));
	assert_false(record(w, one, 0x3fffffffd, 0x3ffffffff, "rw-p", "//anon"));
	check_layout(w, "3fffffffd-3ffffffff rw-p anon, 7ffffffde-7ffffffff rw-p [stack]");
	begin(w, one, MM_CALL_mmap, PAGE(0x7fffffffe), PAGE(1));
	record(w, one, 0x7fffffffe, 0x7ffffffff, "rw-p", "//anon");
	assert_true(end(w, one, MM_CALL_mmap, PAGE(0x7fffffffe)));
	check_layout(w, "3fffffffd-3ffffffff rw-p anon, 7ffffffde-7fffffffe rw-p [stack], "
			"7fffffffe-7ffffffff rw-p anon");
}

static void stack_grows_by_its_record_alone(void **state)
{
	struct world *w = *state;

	assert_false(record(w, one, 0x7f0, 0x800, "rw-p", "[stack]"));
	assert_true(record(w, one, 0x7e0, 0x800, "rw-p", "[stack]"));
	check_change(w, CHANGE_STACK_GROW, 0x7e0, 0x800);
	check_old_range(w, 0x7f0, 0x800);
	assert_false(record(w, one, 0x7e0, 0x800, "rw-p", "[stack]"));
	check_layout(w, "7e0-800 rw-p [stack]");
}

static void record_of_no_length_is_no_mapping(void **state)
{
	struct world *w = *state;

	assert_false(record(w, one, 0x10, 0x10, "rw-p", "//anon"));
	check_layout(w, "");
}

/* ---- munmap ---- */

static const struct {
	uint64_t start, length;
	uint64_t first, past; /* of what is told */
	const char *left;     /* of 10-18 rw-p anon, 18-20 r-xp libc.so+2 */
} munmaps[] = {
	{ PAGE(0x10), PAGE(8), 0x10, 0x18, "18-20 r-xp libc.so+2" },
	{ PAGE(0x12), PAGE(2), 0x12, 0x14,
	  "10-12 rw-p anon, 14-18 rw-p anon, 18-20 r-xp libc.so+2" },
	{ PAGE(0x12), PAGE(2) - 4000, 0x12, 0x14,
	  "10-12 rw-p anon, 14-18 rw-p anon, 18-20 r-xp libc.so+2" },
	{ PAGE(0x16), PAGE(4), 0x16, 0x1a, "10-16 rw-p anon, 1a-20 r-xp libc.so+4" },
	{ PAGE(0x1e), PAGE(9), 0x1e, 0x27, "10-18 rw-p anon, 18-1e r-xp libc.so+2" },
	{ PAGE(0x08), PAGE(0x40), 0x08, 0x48, "" },
	{ PAGE(0x40), PAGE(1), 0x40, 0x41,
	  "10-18 rw-p anon, 18-20 r-xp libc.so+2" },
};

static void munmap_takes_its_range_and_no_more(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(munmaps); i++) {
		mm_reset(w->mm);
		record(w, one, 0x10, 0x18, "rw-p", "//anon");
		record_file(w, one, 0x18, 0x20, "r-xp", 2);
		touch(w, 0x10, 0x20);
		assert_int_equal(run(w, MM_CALL_munmap, 0, munmaps[i].start,
				     munmaps[i].length),
				 munmaps[i].first < 0x20); /* above is nothing */
		check_change(w, CHANGE_MUNMAP_REMOVE, munmaps[i].first,
			     munmaps[i].past);
		check_layout(w, munmaps[i].left);
		for (uint64_t n = munmaps[i].first; n < munmaps[i].past; n++)
			check_page(w, n, PAGE_UNSEEN, 0);
	}
}

/* ---- mprotect ---- */

static void mprotect_cuts_and_joins_as_its_records_say(void **state)
{
	struct world *w = *state;

	record_file(w, one, 0x10, 0x20, "rw-p", 2);
	touch(w, 0x10, 0x20);
	begin(w, one, MM_CALL_mprotect, PAGE(0x14), PAGE(4) - 1, PROT_READ);
	assert_false(record_file(w, one, 0x14, 0x18, "r--p", 6));
	assert_true(end(w, one, MM_CALL_mprotect, 0));
	check_change(w, CHANGE_PERM_CHANGE, 0x14, 0x18);
	assert_int_equal(w->change.prot, PROT_READ);
	assert_int_equal(w->change.old_prot, PROT_READ | PROT_WRITE);
	check_layout(w, "10-14 rw-p libc.so+2, 14-18 r--p libc.so+6, "
			"18-20 rw-p libc.so+a");
	check_page(w, 0x15, PAGE_MAPPED, 0x1015);

	begin(w, one, MM_CALL_pkey_mprotect, PAGE(0x14), PAGE(4));
	record_file(w, one, 0x10, 0x20, "rw-p", 2); /* one again */
	assert_true(end(w, one, MM_CALL_pkey_mprotect, 0));
	check_change(w, CHANGE_PERM_CHANGE, 0x14, 0x18);
	assert_int_equal(w->change.prot, PROT_READ | PROT_WRITE);
	assert_int_equal(w->change.old_prot, PROT_READ);
	check_layout(w, "10-20 rw-p libc.so+2");
}

static void mprotect_keeps_what_was_advised_and_mmap_does_not(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x14, "rw-p", "//anon");
	assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x10), PAGE(4), MADV_DONTFORK));
	begin(w, one, MM_CALL_mprotect, PAGE(0x10), PAGE(4));
	record(w, one, 0x10, 0x14, "r--p", "//anon");
	assert_true(end(w, one, MM_CALL_mprotect, 0));
	check_layout(w, "10-14 r--p anon dontfork");
	begin(w, one, MM_CALL_mmap, PAGE(0x12), PAGE(2));
	record(w, one, 0x12, 0x14, "r--p", "//anon");
	assert_true(end(w, one, MM_CALL_mmap, PAGE(0x12)));
	check_layout(w, "10-12 r--p anon dontfork, 12-14 r--p anon");
}

/* ---- System V, remap_file_pages ---- */

static void attached_segment_is_told_by_its_record(void **state)
{
	struct world *w = *state;

	touch(w, 0x30, 0x34);
	begin(w, one, MM_CALL_shmat, 7, 0, 0);
	record(w, one, 0x30, 0x34, "rw-s", "/SYSV00000000 (deleted)");
	assert_true(end(w, one, MM_CALL_shmat, PAGE(0x30)));
	check_change(w, CHANGE_MMAP_ADD, 0x30, 0x34);
	assert_true(w->change.shared);
	check_layout(w, "30-34 rw-s SYSV00000000");
	check_page(w, 0x30, PAGE_UNSEEN, 0);
	assert_false(run(w, MM_CALL_shmat, PAGE(0x90), 7)); /* its record was lost */
}

/* Attached whole, cut by mprotect, next to another mapping of the same segment. */
static void shmdt_takes_all_the_pieces_of_its_attachment(void **state)
{
	static const char name[] = "/SYSV00000000 (deleted)";
	struct world *w = *state;

	record(w, one, 0x30, 0x38, "rw-s", name);
	record(w, one, 0x38, 0x3a, "rw-s", name); /* from the segment's start again */
	begin(w, one, MM_CALL_mprotect, PAGE(0x32), PAGE(2));
	record_part(w, one, 0x32, 0x34, "r--s", 2, name);
	assert_true(end(w, one, MM_CALL_mprotect, 0));
	check_layout(w, "30-32 rw-s SYSV00000000, 32-34 r--s SYSV00000000+2, "
			"34-38 rw-s SYSV00000000+4, 38-3a rw-s SYSV00000000");
	touch(w, 0x30, 0x3a);
	assert_true(run(w, MM_CALL_shmdt, 0, PAGE(0x30)));
	check_change(w, CHANGE_MUNMAP_REMOVE, 0x30, 0x38);
	check_layout(w, "38-3a rw-s SYSV00000000");
	check_page(w, 0x37, PAGE_UNSEEN, 0);
	check_page(w, 0x38, PAGE_MAPPED, 0x1038);
	assert_false(run(w, MM_CALL_shmdt, 0, PAGE(0x90))); /* not known here */
}

static void remap_file_pages_is_told_and_its_pages_are_new(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x18, "rw-s", "/memfd:x (deleted)");
	touch(w, 0x10, 0x18);
	assert_true(run(w, MM_CALL_remap_file_pages, 0, PAGE(0x12), PAGE(2), 0, 5));
	check_change(w, CHANGE_MMAP_ADD, 0x12, 0x14);
	check_page(w, 0x11, PAGE_MAPPED, 0x1011);
	check_page(w, 0x12, PAGE_UNSEEN, 0);
	check_page(w, 0x14, PAGE_MAPPED, 0x1014);
}

/* ---- madvise ---- */

static const struct {
	int advice;
	const char *name;
	enum page_state state; /* of a touched page in the range */
	const char *layout;    /* of 10-18 rw-p anon, advised from 12 to 14 */
} advices[] = {
	{ MADV_NORMAL, "normal", PAGE_MAPPED, "10-18 rw-p anon" },
	{ MADV_WILLNEED, "willneed", PAGE_MAPPED, "10-18 rw-p anon" },
	{ MADV_DONTNEED, "dontneed", PAGE_DONTNEED, "10-18 rw-p anon" },
	{ 24, "dontneed-locked", PAGE_DONTNEED, "10-18 rw-p anon" },
	{ MADV_REMOVE, "remove", PAGE_DONTNEED, "10-18 rw-p anon" },
	{ MADV_FREE, "free", PAGE_FREE, "10-18 rw-p anon" },
	{ MADV_COLD, "cold", PAGE_MAPPED, "10-18 rw-p anon" },
	{ MADV_PAGEOUT, "pageout", PAGE_PAGEOUT, "10-18 rw-p anon" },
	{ MADV_HUGEPAGE, "hugepage", PAGE_MAPPED,
	  "10-12 rw-p anon, 12-14 rw-p anon, 14-18 rw-p anon" },
	{ MADV_DONTFORK, "dontfork", PAGE_MAPPED,
	  "10-12 rw-p anon, 12-14 rw-p anon dontfork, 14-18 rw-p anon" },
	{ MADV_WIPEONFORK, "wipeonfork", PAGE_MAPPED,
	  "10-12 rw-p anon, 12-14 rw-p anon wipeonfork, 14-18 rw-p anon" },
	{ 102, "guard-install", PAGE_DONTNEED, "10-18 rw-p anon" },
	{ 9999, "other", PAGE_MAPPED, "10-18 rw-p anon" },
};

static void advice_is_named_and_does_what_it_does(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(advices); i++) {
		mm_reset(w->mm);
		record(w, one, 0x10, 0x18, "rw-p", "//anon");
		touch(w, 0x10, 0x18);
		assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x12), PAGE(2) - 1,
				(uint64_t)advices[i].advice));
		check_change(w, CHANGE_ADVISE, 0x12, 0x14);
		assert_string_equal(w->change.advice, advices[i].name);
		check_layout(w, advices[i].layout);
		check_page(w, 0x11, PAGE_MAPPED, 0x1011);
		check_page(w, 0x12, advices[i].state,
			   advices[i].state == PAGE_MAPPED ? 0x1012 : 0);
		check_page(w, 0x14, PAGE_MAPPED, 0x1014);
	}
}

static void child_gets_what_the_advice_leaves_it(void **state)
{
	struct world *w = *state;
	struct mm *child;

	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	touch(w, 0x10, 0x18);
	assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x10), PAGE(4), MADV_DONTFORK));
	assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x10), PAGE(2), MADV_DOFORK));
	assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x14), PAGE(4), MADV_WIPEONFORK));
	assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x16), PAGE(2), MADV_KEEPONFORK));
	child = mm_fork(w->mm);
	assert_string_equal(layout_text(child->space), "10-12 rw-p anon, "
			    "14-16 rw-p anon wipeonfork, 16-18 rw-p anon");
	assert_int_equal(pages_get(child->pages, PAGE(0x11)).state, PAGE_MAPPED);
	assert_int_equal(pages_get(child->pages, PAGE(0x14)).state, PAGE_UNSEEN);
	assert_int_equal(pages_get(child->pages, PAGE(0x16)).state, PAGE_MAPPED);
	mm_drop(child);
}

/* ---- calls that did nothing ---- */

static void failed_call_changes_nothing(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	touch(w, 0x10, 0x18);
	for (int call = 0; call < MM_CALL_COUNT; call++) {
		if (call == MM_CALL_brk) /* returns the break, not an error */
			continue;
		assert_true(run(w, (enum mm_call)call, (uint64_t)-EINVAL, PAGE(0x10),
				PAGE(4), PAGE(2), MREMAP_MAYMOVE));
		assert_int_equal(w->change.error, EINVAL);
		assert_string_equal(w->change.call, mm_call_name((enum mm_call)call));
		assert_int_equal(w->mm->calls_under_way, 0);
	}
	check_layout(w, "10-18 rw-p anon");
	check_page(w, 0x10, PAGE_MAPPED, 0x1010);
}

static void address_above_the_errors_is_a_result(void **state)
{
	struct world *w = *state;
	const uint64_t high = 0xffffffffff600000;

	begin(w, one, MM_CALL_mmap, 0, PAGE(1));
	assert_true(end(w, one, MM_CALL_mmap, high));
	assert_int_equal(w->change.start, high);
}

static void end_without_its_beginning_is_not_applied(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	assert_false(end(w, one, MM_CALL_munmap, 0));
	begin(w, one, MM_CALL_munmap, PAGE(0x10), PAGE(8));
	assert_false(end(w, one, MM_CALL_madvise, 0)); /* of another call */
	check_layout(w, "10-18 rw-p anon");
}

static void end_without_its_beginning_leaves_a_doubt_if_it_removes(void **state)
{
	static const struct {
		enum mm_call call;
		uint64_t result;
		bool suspect;
	} rows[] = {
		{ MM_CALL_munmap, 0, true }, { MM_CALL_munmap, -EINVAL, false },
		{ MM_CALL_mremap, PAGE(0x30), true }, { MM_CALL_shmdt, 0, true },
		{ MM_CALL_mmap, PAGE(0x30), false }, { MM_CALL_mprotect, 0, false },
		{ MM_CALL_madvise, 0, false }, { MM_CALL_brk, PAGE(0x18), false },
		{ MM_CALL_brk, PAGE(0x20), false }, { MM_CALL_brk, PAGE(0x17), true },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		mm_reset(w->mm);
		record(w, one, 0x10, 0x18, "rw-p", "[heap]");
		assert_false(end(w, one, rows[i].call, rows[i].result));
		assert_int_equal(w->mm->suspect, rows[i].suspect);
	}
}

static void beginning_without_an_end_gives_way_to_the_next(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	begin(w, one, MM_CALL_munmap, PAGE(0x10), PAGE(8));
	assert_true(run(w, MM_CALL_munmap, 0, PAGE(0x10), PAGE(2)));
	check_layout(w, "12-18 rw-p anon");
	assert_int_equal(w->mm->calls_under_way, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(mmap_adds_its_own_range_of_the_merged_record),
		in_world(mmap_over_something_replaces_it),
		in_world(mapping_of_a_stack_stays_one_that_grows),
		in_world(arguments_laid_out_by_exec_are_none_of_the_old_image),
		in_world(stack_grows_by_its_record_alone),
		in_world(record_of_no_length_is_no_mapping),
		in_world(munmap_takes_its_range_and_no_more),
		in_world(mprotect_cuts_and_joins_as_its_records_say),
		in_world(mprotect_keeps_what_was_advised_and_mmap_does_not),
		in_world(attached_segment_is_told_by_its_record),
		in_world(shmdt_takes_all_the_pieces_of_its_attachment),
		in_world(remap_file_pages_is_told_and_its_pages_are_new),
		in_world(advice_is_named_and_does_what_it_does),
		in_world(child_gets_what_the_advice_leaves_it),
		in_world(failed_call_changes_nothing),
		in_world(address_above_the_errors_is_a_result),
		in_world(end_without_its_beginning_is_not_applied),
		in_world(end_without_its_beginning_leaves_a_doubt_if_it_removes),
		in_world(beginning_without_an_end_gives_way_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
