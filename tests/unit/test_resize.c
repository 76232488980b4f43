/* mremap and brk: what grows, shrinks and moves. */
#include "calls_world.h"

/* ---- mremap ---- */

struct mremap_row {
	const char *what;
	uint64_t old_pages, new_pages, flags, to;
	enum change_kind kind;
	uint64_t first, past, old_first, old_past;
	const char *layout; /* from 8-10 rw-p anon, 10-18 rw-p libc.so+2, 40-48 rw-p anon */
};

#define BEFORE "8-10 rw-p anon, "
#define BEHIND "40-48 rw-p anon"

static const struct mremap_row mremaps[] = {
	{ "shrinks", 8, 5, 0, 0x10, CHANGE_RESIZE_MAPPING, 0x10, 0x15, 0x10, 0x18,
	  BEFORE "10-15 rw-p libc.so+2, " BEHIND },
	{ "grows in place", 8, 10, 0, 0x10, CHANGE_RESIZE_MAPPING, 0x10, 0x1a, 0x10, 0x18,
	  BEFORE "10-1a rw-p libc.so+2, " BEHIND },
	{ "moves", 8, 8, MREMAP_MAYMOVE | MREMAP_FIXED, 0x30, CHANGE_MOVE_MAPPING,
	  0x30, 0x38, 0x10, 0x18, BEFORE "30-38 rw-p libc.so+2, " BEHIND },
	{ "moves and grows", 8, 12, MREMAP_MAYMOVE, 0x30, CHANGE_MOVE_MAPPING,
	  0x30, 0x3c, 0x10, 0x18, BEFORE "30-3c rw-p libc.so+2, " BEHIND },
	{ "moves and shrinks", 8, 3, MREMAP_MAYMOVE | MREMAP_FIXED, 0x30,
	  CHANGE_MOVE_MAPPING, 0x30, 0x33, 0x10, 0x18,
	  BEFORE "30-33 rw-p libc.so+2, " BEHIND },
	{ "moves a part", 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, 0x30, CHANGE_MOVE_MAPPING,
	  0x30, 0x34, 0x10, 0x14,
	  BEFORE "14-18 rw-p libc.so+6, 30-34 rw-p libc.so+2, " BEHIND },
	{ "moves over another", 8, 8, MREMAP_MAYMOVE | MREMAP_FIXED, 0x42,
	  CHANGE_MOVE_MAPPING, 0x42, 0x4a, 0x10, 0x18,
	  BEFORE "40-42 rw-p anon, 42-4a rw-p libc.so+2" },
	{ "moves close by", 8, 8, MREMAP_MAYMOVE | MREMAP_FIXED, 0x18,
	  CHANGE_MOVE_MAPPING, 0x18, 0x20, 0x10, 0x18,
	  BEFORE "18-20 rw-p libc.so+2, " BEHIND },
	{ "leaves the old one", 8, 8, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0x30,
	  CHANGE_MOVE_MAPPING, 0x30, 0x38, 0x10, 0x18,
	  BEFORE "10-18 rw-p libc.so+2, 30-38 rw-p libc.so+2, " BEHIND },
	{ "shows it twice", 0, 8, MREMAP_MAYMOVE, 0x30, CHANGE_MMAP_ADD, 0x30, 0x38, 0, 0,
	  BEFORE "10-18 rw-p libc.so+2, 30-38 rw-p libc.so+2, " BEHIND },
	{ "shows more of it twice", 0, 12, MREMAP_MAYMOVE, 0x30, CHANGE_MMAP_ADD,
	  0x30, 0x3c, 0, 0,
	  BEFORE "10-18 rw-p libc.so+2, 30-3c rw-p libc.so+2, " BEHIND },
	{ "shows it twice, side by side", 0, 20, MREMAP_MAYMOVE, 0x18, CHANGE_MMAP_ADD,
	  0x18, 0x2c, 0, 0, BEFORE "10-18 rw-p libc.so+2, 18-2c rw-p libc.so+2, " BEHIND },
	{ "shows a page of it twice", 0, 1, MREMAP_MAYMOVE, 0x30, CHANGE_MMAP_ADD,
	  0x30, 0x31, 0, 0,
	  BEFORE "10-18 rw-p libc.so+2, 30-31 rw-p libc.so+2, " BEHIND },
};

static void mremap_leaves_the_layout_the_kernel_leaves(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(mremaps); i++) {
		const struct mremap_row *row = &mremaps[i];

		mm_reset(w->mm);
		record(w, one, 0x08, 0x10, "rw-p", "//anon");
		record_file(w, one, 0x10, 0x18, "rw-p", 2);
		record(w, one, 0x40, 0x48, "rw-p", "//anon");
		assert_true(run(w, MM_CALL_mremap, PAGE(row->to), PAGE(0x10),
				PAGE(row->old_pages), PAGE(row->new_pages),
				row->flags, PAGE(row->to)));
		check_layout(w, row->layout);
		check_change(w, row->kind, row->first, row->past);
		check_old_range(w, row->old_first, row->old_past);
	}
}

/* Since Linux 6.17 one call moves several VMAs, each for itself. */
static void what_lies_below_a_hole_between_moved_vmas_stays(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x12, "rw-p", "//anon");
	record(w, one, 0x14, 0x16, "r--p", "//anon");
	record(w, one, 0x30, 0x38, "---p", "//anon");
	assert_true(run(w, MM_CALL_mremap, PAGE(0x31), PAGE(0x10), PAGE(6), PAGE(6),
			MREMAP_MAYMOVE | MREMAP_FIXED, PAGE(0x31)));
	check_layout(w, "30-31 ---p anon, 31-33 rw-p anon, 33-35 ---p anon, "
			"35-37 r--p anon, 37-38 ---p anon");
}

/* It was taken after the call had its effect, and before its end. */
static void what_a_snapshot_shows_where_it_moved_to_stays(void **state)
{
	struct world *w = *state;

	record(w, one, 0x30, 0x38, "rw-p", "//anon");
	assert_true(run(w, MM_CALL_mremap, PAGE(0x30), PAGE(0x10), PAGE(8), PAGE(8),
			MREMAP_MAYMOVE));
	check_layout(w, "30-38 rw-p anon");
}

static void pages_go_where_mremap_takes_them(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	touch(w, 0x10, 0x18);
	touch(w, 0x30, 0x38);
	assert_true(run(w, MM_CALL_mremap, PAGE(0x30), PAGE(0x10), PAGE(8), PAGE(6),
			MREMAP_MAYMOVE | MREMAP_FIXED, PAGE(0x30)));
	check_page(w, 0x30, PAGE_MAPPED, 0x1010);
	check_page(w, 0x35, PAGE_MAPPED, 0x1015);
	check_page(w, 0x10, PAGE_UNSEEN, 0);
	check_page(w, 0x17, PAGE_UNSEEN, 0);
}

static void old_place_of_dontunmap_is_empty_again(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x14, "rw-p", "//anon");
	touch(w, 0x10, 0x14);
	assert_true(run(w, MM_CALL_mremap, PAGE(0x30), PAGE(0x10), PAGE(4), PAGE(4),
			MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
	check_layout(w, "10-14 rw-p anon, 30-34 rw-p anon");
	check_page(w, 0x10, PAGE_UNSEEN, 0);
	check_page(w, 0x30, PAGE_MAPPED, 0x1010);
}

static void mremap_to_the_same_size_changes_nothing(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x14, "rw-p", "//anon");
	assert_false(run(w, MM_CALL_mremap, PAGE(0x10), PAGE(0x10), PAGE(4) - 5,
			 PAGE(4) - 9));
	check_layout(w, "10-14 rw-p anon");
}

/* What the kernel never does would copy without end. */
static void mremap_onto_itself_is_not_believed(void **state)
{
	static const struct {
		uint64_t to, old_length, new_length;
	} rows[] = {
		{ PAGE(0x12), PAGE(1 << 20), PAGE(1 << 20) },
		{ PAGE(0x8), PAGE(4), PAGE(16) },
		{ PAGE(0x12), PAGE(1 << 20), -PAGE(0x100) }, /* wraps around */
		{ PAGE(0x12), -PAGE(0x100), PAGE(4) },
	};
	struct world *w = *state;

	record(w, one, 0x10, 0x14, "rw-p", "//anon");
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_false(run(w, MM_CALL_mremap, rows[i].to, PAGE(0x10),
				 rows[i].old_length, rows[i].new_length,
				 MREMAP_MAYMOVE | MREMAP_FIXED, rows[i].to));
	check_layout(w, "10-14 rw-p anon");
}

/* ---- brk ---- */

static void break_grows_and_shrinks_the_heap(void **state)
{
	struct world *w = *state;

	assert_false(run(w, MM_CALL_brk, PAGE(0x50) + 0x10, 0)); /* where is it? */
	begin(w, one, MM_CALL_brk, PAGE(0x71));
	record(w, one, 0x51, 0x71, "rw-p", "//anon"); /* its first growth has no name */
	assert_true(end(w, one, MM_CALL_brk, PAGE(0x71)));
	check_change(w, CHANGE_BRK_GROW, 0x51, 0x71);
	check_layout(w, "51-71 rw-p [heap]");

	begin(w, one, MM_CALL_brk, PAGE(0x80) + 1);
	record(w, one, 0x51, 0x81, "rw-p", "[heap]");
	assert_true(end(w, one, MM_CALL_brk, PAGE(0x80) + 1));
	check_change(w, CHANGE_BRK_GROW, 0x71, 0x81);
	check_layout(w, "51-81 rw-p [heap]");

	touch(w, 0x51, 0x81);
	assert_true(run(w, MM_CALL_brk, PAGE(0x60) + 5, PAGE(0x60) + 5));
	check_change(w, CHANGE_BRK_SHRINK, 0x61, 0x81);
	check_layout(w, "51-61 rw-p [heap]");
	check_page(w, 0x60, PAGE_MAPPED, 0x1060);
	check_page(w, 0x61, PAGE_UNSEEN, 0);
}

static void break_that_moves_within_its_page_changes_nothing(void **state)
{
	struct world *w = *state;

	record(w, one, 0x50, 0x60, "rw-p", "[heap]");
	assert_false(run(w, MM_CALL_brk, PAGE(0x5f) + 8, 0));
	assert_false(run(w, MM_CALL_brk, PAGE(0x5f) + 9, PAGE(0x5f) + 9));
	assert_false(run(w, MM_CALL_brk, PAGE(0x5f) + 1, PAGE(0x5f) + 1));
	check_layout(w, "50-60 rw-p [heap]");
	assert_int_equal(w->mm->brk, PAGE(0x5f) + 1);
}

static void refused_break_stays_where_it_was(void **state)
{
	struct world *w = *state;

	record(w, one, 0x50, 0x60, "rw-p", "[heap]");
	assert_false(run(w, MM_CALL_brk, PAGE(0x60), 0));
	assert_true(run(w, MM_CALL_brk, PAGE(0x60), PAGE(0x900))); /* asked for more */
	assert_int_equal(w->change.error, ENOMEM);
	assert_false(run(w, MM_CALL_brk, PAGE(0x60), PAGE(0x01)));
	check_layout(w, "50-60 rw-p [heap]");
}

static void break_of_an_attached_process_is_its_heaps_end(void **state)
{
	struct world *w = *state;

	record_file(w, one, 0x40, 0x48, "r-xp", 0);
	record(w, one, 0x50, 0x60, "rw-p", "[heap]");
	record(w, one, 0x70, 0x80, "rw-p", "//anon");
	assert_true(run(w, MM_CALL_brk, PAGE(0x58), PAGE(0x58)));
	check_change(w, CHANGE_BRK_SHRINK, 0x58, 0x60);
	check_layout(w, "40-48 r-xp libc.so, 50-58 rw-p [heap], 70-80 rw-p anon");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(mremap_leaves_the_layout_the_kernel_leaves),
		in_world(what_lies_below_a_hole_between_moved_vmas_stays),
		in_world(what_a_snapshot_shows_where_it_moved_to_stays),
		in_world(pages_go_where_mremap_takes_them),
		in_world(old_place_of_dontunmap_is_empty_again),
		in_world(mremap_to_the_same_size_changes_nothing),
		in_world(mremap_onto_itself_is_not_believed),
		in_world(break_grows_and_shrinks_the_heap),
		in_world(break_that_moves_within_its_page_changes_nothing),
		in_world(refused_break_stays_where_it_was),
		in_world(break_of_an_attached_process_is_its_heaps_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
