/* The system calls that change an address space, one by one and against each other. */
#include "../support/check.h"

#include <errno.h>
#include <linux/mman.h>
#include <string.h>
#include <sys/mman.h>

#include "../support/events.h"
#include "../support/layout.h"
#include "pfa/base/intern.h"
#include "pfa/model/backing.h"
#include "pfa/model/calls.h"
#include "pfa/model/mm.h"
#include "pfa/model/pages.h"
#include "pfa/model/tasks.h"

static const struct who one = { 100, 100 }, two = { 100, 101 };

/* Two threads of one process, nothing mapped. */
struct world {
	struct intern *strings;
	struct backing_table *backings;
	struct tasks *tasks;
	struct mm *mm;
	uint64_t now_ns;
	struct change change; /* told last */
};

static int world_new(void **state)
{
	static struct world w;

	w = (struct world){ .strings = intern_new(), .now_ns = 1000 };
	w.backings = backing_table_new(w.strings);
	w.tasks = tasks_new(w.strings);
	w.mm = tasks_thread(w.tasks, one.pid, one.tid)->process->mm;
	(void)tasks_thread(w.tasks, two.pid, two.tid);
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	tasks_free(w->tasks);
	backing_table_free(w->backings);
	intern_free(w->strings);
	return 0;
}

static struct thread *thread_of(struct world *w, struct who who)
{
	return tasks_thread(w->tasks, who.pid, who.tid);
}

/* Each event is a little later than the one before. */
static void begin_args(struct world *w, struct who who, enum mm_call call,
		       const uint64_t args[MM_CALL_ARGS])
{
	const struct event e = ev_call_begin_args(++w->now_ns, who, call, args);

	calls_begin(thread_of(w, who), &e);
}

#define begin(w, who, call, ...) \
	begin_args(w, who, call, (const uint64_t[MM_CALL_ARGS]){ __VA_ARGS__ })

static bool end(struct world *w, struct who who, enum mm_call call, uint64_t result)
{
	const struct event e = ev_call_end(++w->now_ns, who, call, (int64_t)result);

	return calls_end(thread_of(w, who), &e, &w->change);
}

#define run(w, call, result, ...) \
	(begin(w, one, call, __VA_ARGS__), end(w, one, call, result))

static bool record(struct world *w, struct who who, uint64_t first, uint64_t past,
		   const char *perms, const char *name)
{
	const struct event e = ev_mmap(++w->now_ns, who, PAGE(first), PAGE(past), perms,
				       name);

	return calls_mmap(thread_of(w, who), &e, w->backings, &w->change);
}

static bool record_file(struct world *w, struct who who, uint64_t first, uint64_t past,
			const char *perms, uint64_t offset_pages)
{
	const struct event e = ev_map_file(++w->now_ns, who, PAGE(first), PAGE(past),
					   perms, PAGE(offset_pages), 4711,
					   "/lib/libc.so");

	return calls_mmap(thread_of(w, who), &e, w->backings, &w->change);
}

static void record_part(struct world *w, struct who who, uint64_t first, uint64_t past,
			const char *perms, uint64_t offset_pages, const char *name)
{
	const struct event e = ev_map_file(++w->now_ns, who, PAGE(first), PAGE(past),
					   perms, PAGE(offset_pages), 0, name);

	assert_false(calls_mmap(thread_of(w, who), &e, w->backings, &w->change));
}

/* Every page of a range has been touched. Its frame is its number and 0x1000. */
static void touch(struct world *w, uint64_t first, uint64_t past)
{
	for (uint64_t n = first; n < past; n++)
		pages_set_mapped(w->mm->pages, PAGE(n), 4096, PAGE(n + 0x1000));
}

static void check_page(const struct world *w, uint64_t n, enum page_state state,
		       uint32_t frame)
{
	const struct page page = pages_get(w->mm->pages, PAGE(n));

	assert_int_equal(page.state, state);
	assert_int_equal(page.frame, frame);
}

static void check_layout(const struct world *w, const char *wanted)
{
	assert_string_equal(layout_text(w->mm->space), wanted);
}

static void check_change(const struct world *w, enum change_kind kind, uint64_t first,
			 uint64_t past)
{
	assert_string_equal(change_kind_name(w->change.kind), change_kind_name(kind));
	assert_int_equal(w->change.start, PAGE(first));
	assert_int_equal(w->change.end, PAGE(past));
}

static void check_old_range(const struct world *w, uint64_t first, uint64_t past)
{
	assert_int_equal(w->change.old_start, PAGE(first));
	assert_int_equal(w->change.old_end, PAGE(past));
}

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
		assert_true(run(w, MM_CALL_munmap, 0, munmaps[i].start,
				munmaps[i].length));
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
	assert_false(run(w, MM_CALL_brk, PAGE(0x60), PAGE(0x900))); /* asked for more */
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
	{ MADV_HUGEPAGE, "hugepage", PAGE_MAPPED, "10-18 rw-p anon" },
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
		check_page(w, 0x12, advices[i].state, 0x1012);
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
		assert_false(run(w, (enum mm_call)call, (uint64_t)-EINVAL, PAGE(0x10),
				 PAGE(4), PAGE(2), MREMAP_MAYMOVE));
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

static void beginning_without_an_end_gives_way_to_the_next(void **state)
{
	struct world *w = *state;

	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	begin(w, one, MM_CALL_munmap, PAGE(0x10), PAGE(8));
	assert_true(run(w, MM_CALL_munmap, 0, PAGE(0x10), PAGE(2)));
	check_layout(w, "12-18 rw-p anon");
	assert_int_equal(w->mm->calls_under_way, 0);
}

/* ---- two threads at once ---- */

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

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(mmap_adds_its_own_range_of_the_merged_record),
		in_world(mmap_over_something_replaces_it),
		in_world(mapping_of_a_stack_stays_one_that_grows),
		in_world(stack_grows_by_its_record_alone),
		in_world(record_of_no_length_is_no_mapping),
		in_world(munmap_takes_its_range_and_no_more),
		in_world(mprotect_cuts_and_joins_as_its_records_say),
		in_world(mprotect_keeps_what_was_advised_and_mmap_does_not),
		in_world(mremap_leaves_the_layout_the_kernel_leaves),
		in_world(pages_go_where_mremap_takes_them),
		in_world(old_place_of_dontunmap_is_empty_again),
		in_world(mremap_to_the_same_size_changes_nothing),
		in_world(mremap_onto_itself_is_not_believed),
		in_world(break_grows_and_shrinks_the_heap),
		in_world(break_that_moves_within_its_page_changes_nothing),
		in_world(refused_break_stays_where_it_was),
		in_world(break_of_an_attached_process_is_its_heaps_end),
		in_world(attached_segment_is_told_by_its_record),
		in_world(shmdt_takes_all_the_pieces_of_its_attachment),
		in_world(remap_file_pages_is_told_and_its_pages_are_new),
		in_world(advice_is_named_and_does_what_it_does),
		in_world(child_gets_what_the_advice_leaves_it),
		in_world(failed_call_changes_nothing),
		in_world(address_above_the_errors_is_a_result),
		in_world(end_without_its_beginning_is_not_applied),
		in_world(beginning_without_an_end_gives_way_to_the_next),
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
