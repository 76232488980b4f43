/* What each call is said to have changed: bytes, VMAs, pages given back, and by whom. */
#include "calls_world.h"

/* Of the world's 10-18 rw-p anon, 20-28 rw-p libc.so+2, 40-48 rw-p anon, all touched. */
static void world_fill(struct world *w)
{
	mm_reset(w->mm);
	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	record_file(w, one, 0x20, 0x28, "rw-p", 2);
	record(w, one, 0x40, 0x48, "rw-p", "//anon");
	touch(w, 0x10, 0x18);
	touch(w, 0x20, 0x28);
	touch(w, 0x40, 0x48);
}

/* In pages; `giver` is what was given back, NULL: nothing was. */
struct effect {
	uint64_t made, removed, given;
	uint32_t before, after;
	const char *giver;
};

static void check_effect(const struct world *w, const char *what,
			 const struct effect *wanted)
{
	const struct change *c = &w->change;
	const char *giver = c->giver ? c->giver->object : NULL;
	bool same_giver = giver && wanted->giver ? !strcmp(giver, wanted->giver)
						  : giver == wanted->giver;

	if (c->made_bytes != PAGE(wanted->made) ||
	    c->removed_bytes != PAGE(wanted->removed) ||
	    c->pages_given != wanted->given || c->vmas.before != wanted->before ||
	    c->vmas.after != wanted->after || !same_giver)
		fail_msg("%s: made %ju removed %ju given %ju, %u->%u, %s", what,
			 c->made_bytes >> 12, c->removed_bytes >> 12, c->pages_given,
			 c->vmas.before, c->vmas.after, giver ? giver : "nobody");
	assert_int_equal(c->vma_count, space_vma_count(w->mm->space));
	assert_int_equal(c->mapped_bytes, space_mapped_bytes(w->mm->space));
	assert_int_equal(c->heap_bytes, space_heap_bytes(w->mm->space));
	assert_int_equal(c->stack_bytes, space_stack_bytes(w->mm->space));
	if (giver)
		assert_int_equal(c->giver->how, REFAULT_UNMAP);
}

/* ---- munmap ---- */

static const struct {
	const char *what;
	uint64_t first, pages;
	struct effect effect;
} munmaps[] = {
	{ "all of one", 0x10, 8, { 0, 8, 8, 1, 0, "anon" } },
	{ "its middle", 0x12, 2, { 0, 2, 2, 1, 2, "anon" } },
	{ "over a hole", 0x14, 0x10, { 0, 8, 8, 2, 2, "anon" } },
	{ "from a hole on", 0x18, 0x0c, { 0, 4, 4, 1, 1, "libc.so" } },
	{ "everything", 0x08, 0x50, { 0, 24, 24, 3, 0, "anon" } },
	{ "nothing", 0x60, 4, { 0, 0, 0, 0, 0, NULL } },
};

static void munmap_tells_what_it_took(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(munmaps); i++) {
		world_fill(w);
		assert_int_equal(run(w, MM_CALL_munmap, 0, PAGE(munmaps[i].first),
				     PAGE(munmaps[i].pages)),
				 munmaps[i].effect.removed != 0);
		check_effect(w, munmaps[i].what, &munmaps[i].effect);
	}
}

/* ---- mmap ---- */

static const struct {
	const char *what;
	uint64_t first, past;		  /* of the call */
	uint64_t record_first, record_past; /* of its MMAP2: merged */
	struct effect effect;
} mmaps[] = {
	{ "new", 0x60, 0x68, 0x60, 0x68, { 8, 0, 0, 0, 1, NULL } },
	{ "joined with the one below", 0x18, 0x1a, 0x10, 0x1a, { 2, 0, 0, 1, 1, NULL } },
	{ "over all of one", 0x20, 0x28, 0x20, 0x28, { 8, 8, 8, 1, 1, "libc.so" } },
	{ "over the middle of one", 0x22, 0x24, 0x22, 0x24, { 2, 2, 2, 1, 3, "libc.so" } },
	{ "over several and holes", 0x14, 0x44, 0x10, 0x48,
	  { 0x30, 16, 16, 3, 1, "anon" } },
	{ "over its own kind", 0x12, 0x14, 0x10, 0x18, { 2, 2, 2, 1, 1, "anon" } },
};

static void mmap_tells_what_it_made_and_what_it_was_put_over(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(mmaps); i++) {
		world_fill(w);
		begin(w, one, MM_CALL_mmap, PAGE(mmaps[i].first),
		      PAGE(mmaps[i].past - mmaps[i].first));
		record(w, one, mmaps[i].record_first, mmaps[i].record_past, "rw-p",
		       "//anon");
		assert_true(end(w, one, MM_CALL_mmap, PAGE(mmaps[i].first)));
		check_effect(w, mmaps[i].what, &mmaps[i].effect);
	}
}

/* The neighbour that the kernel joined it with was not known. */
static void record_of_more_than_was_mapped_removes_nothing(void **state)
{
	const struct effect effect = { 2, 0, 0, 0, 1, NULL };
	struct world *w = *state;

	begin(w, one, MM_CALL_mmap, 0, PAGE(2));
	record(w, one, 0x10, 0x16, "rw-p", "//anon");
	assert_true(end(w, one, MM_CALL_mmap, PAGE(0x14)));
	check_effect(w, "after a loss", &effect);
}

/* ---- mprotect: a record for each VMA, merged with what was done before ---- */

static void mprotect_over_several_counts_each_once(void **state)
{
	const struct effect joined = { 0, 0, 0, 3, 1, NULL };
	const struct effect split = { 0, 0, 0, 2, 4, NULL };
	struct world *w = *state;

	record(w, one, 0x10, 0x14, "r--p", "//anon");
	record(w, one, 0x14, 0x18, "rw-p", "//anon");
	record(w, one, 0x18, 0x1c, "r--p", "//anon");
	begin(w, one, MM_CALL_mprotect, PAGE(0x10), PAGE(0xc), PROT_READ | PROT_WRITE);
	record(w, one, 0x10, 0x18, "rw-p", "//anon");
	record(w, one, 0x10, 0x1c, "rw-p", "//anon");
	assert_true(end(w, one, MM_CALL_mprotect, 0));
	check_effect(w, "joined", &joined);
	record_file(w, one, 0x1c, 0x20, "rw-p", 0);
	begin(w, one, MM_CALL_mprotect, PAGE(0x1a), PAGE(4), PROT_READ);
	record(w, one, 0x1a, 0x1c, "r--p", "//anon");
	record_file(w, one, 0x1c, 0x1e, "r--p", 0);
	assert_true(end(w, one, MM_CALL_mprotect, 0));
	check_effect(w, "split", &split);
}

/* What it did before the hole, or before the VMA that it must not change, stays. */
static void mprotect_that_fails_half_way_has_changed_what_came_before(void **state)
{
	const struct effect split = { 0, 0, 0, 1, 2, NULL };
	struct world *w = *state;

	world_fill(w);
	begin(w, one, MM_CALL_mprotect, PAGE(0x14), PAGE(8), PROT_READ);
	record(w, one, 0x14, 0x18, "r--p", "//anon");
	assert_true(end(w, one, MM_CALL_mprotect, (uint64_t)-ENOMEM));
	check_effect(w, "as far as the hole", &split);
	assert_int_equal(w->change.error, 0);
	assert_int_equal(w->change.kind, CHANGE_PERM_CHANGE);
	assert_int_equal(w->change.start, PAGE(0x14));
	assert_int_equal(w->change.end, PAGE(0x18));
	assert_int_equal(w->change.prot, PROT_READ);
	assert_int_equal(w->change.old_prot, PROT_READ | PROT_WRITE);
}

/* Another thread's calls are counted for themselves. */
static void calls_of_two_threads_do_not_mix(void **state)
{
	const struct effect first = { 2, 0, 0, 0, 1, NULL };
	const struct effect second = { 0, 4, 4, 1, 1, "anon" };
	struct world *w = *state;

	world_fill(w);
	begin(w, one, MM_CALL_mmap, 0, PAGE(2));
	begin(w, two, MM_CALL_munmap, PAGE(0x44), PAGE(4));
	record(w, one, 0x60, 0x62, "r--p", "//anon");
	assert_true(end(w, two, MM_CALL_munmap, 0));
	check_effect(w, "munmap", &second);
	assert_true(end(w, one, MM_CALL_mmap, PAGE(0x60)));
	check_effect(w, "mmap", &first);
}

/* ---- mremap of 20-28, or a part of it ---- */

static const struct {
	const char *what;
	uint64_t first, old_pages, new_pages, flags, to;
	struct effect effect;
} mremaps[] = {
	{ "grows", 0x20, 8, 12, 0, 0x20, { 4, 0, 0, 1, 1, NULL } },
	{ "shrinks", 0x20, 8, 3, 0, 0x20, { 0, 5, 5, 1, 1, "libc.so" } },
	{ "moves", 0x20, 8, 8, MREMAP_MAYMOVE, 0x60, { 0, 0, 0, 1, 1, NULL } },
	{ "moves and grows", 0x20, 8, 12, MREMAP_MAYMOVE, 0x60, { 4, 0, 0, 1, 1, NULL } },
	{ "moves and shrinks", 0x20, 8, 3, MREMAP_MAYMOVE, 0x60,
	  { 0, 5, 5, 1, 1, "libc.so" } },
	{ "moves a part", 0x22, 2, 2, MREMAP_MAYMOVE, 0x60, { 0, 0, 0, 1, 3, NULL } },
	{ "moves over one", 0x20, 8, 8, MREMAP_MAYMOVE | MREMAP_FIXED, 0x40,
	  { 0, 8, 8, 2, 1, "anon" } },
	{ "moves over a part of one", 0x20, 8, 8, MREMAP_MAYMOVE | MREMAP_FIXED, 0x44,
	  { 0, 4, 4, 2, 2, "anon" } },
	{ "grows over one", 0x20, 8, 0x10, MREMAP_MAYMOVE | MREMAP_FIXED, 0x38,
	  { 8, 8, 8, 2, 1, "anon" } },
	{ "leaves the old one", 0x20, 8, 8, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0x60,
	  { 8, 0, 0, 1, 2, NULL } },
	{ "shows it twice", 0x20, 0, 8, MREMAP_MAYMOVE, 0x60, { 8, 0, 0, 0, 1, NULL } },
};

static void mremap_tells_what_it_moved_made_and_took(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(mremaps); i++) {
		world_fill(w);
		assert_true(run(w, MM_CALL_mremap, PAGE(mremaps[i].to),
				PAGE(mremaps[i].first), PAGE(mremaps[i].old_pages),
				PAGE(mremaps[i].new_pages), mremaps[i].flags,
				PAGE(mremaps[i].to)));
		check_effect(w, mremaps[i].what, &mremaps[i].effect);
	}
}

/* What it is put over is gone, and what it grows by is new. */
static void pages_that_a_move_grows_over_are_not_mapped_any_more(void **state)
{
	struct world *w = *state;

	world_fill(w);
	assert_true(run(w, MM_CALL_mremap, PAGE(0x38), PAGE(0x20), PAGE(8), PAGE(0x10),
			MREMAP_MAYMOVE | MREMAP_FIXED, PAGE(0x38)));
	check_page(w, 0x38, PAGE_MAPPED, 0x1020);
	check_page(w, 0x3f, PAGE_MAPPED, 0x1027);
	assert_int_equal(pages_get(w->mm->pages, PAGE(0x40)).state, PAGE_UNMAPPED);
	assert_int_equal(pages_get(w->mm->pages, PAGE(0x47)).state, PAGE_UNMAPPED);
}

/* ---- brk ---- */

static void break_tells_what_it_made_and_took(void **state)
{
	const struct effect grown = { 0x10, 0, 0, 1, 1, NULL };
	const struct effect shrunk = { 0, 0x18, 0x10, 1, 1, "[heap]" };
	struct world *w = *state;

	record(w, one, 0x50, 0x60, "rw-p", "[heap]");
	assert_false(run(w, MM_CALL_brk, PAGE(0x60), 0));
	begin(w, one, MM_CALL_brk, PAGE(0x70));
	record(w, one, 0x50, 0x70, "rw-p", "[heap]");
	assert_true(end(w, one, MM_CALL_brk, PAGE(0x70)));
	check_effect(w, "grows", &grown);
	touch(w, 0x50, 0x68);
	assert_true(run(w, MM_CALL_brk, PAGE(0x58), PAGE(0x58)));
	check_effect(w, "shrinks", &shrunk);
	assert_string_equal(w->change.giver->call, "brk");
}

/* ---- madvise ---- */

static const struct {
	uint64_t advice;
	enum refault how;
	uint64_t given;
	const char *call; /* NULL: no giver */
} gifts[] = {
	{ MADV_DONTNEED, REFAULT_DONTNEED, 4, "madvise(dontneed)" },
	{ MADV_REMOVE, REFAULT_DONTNEED, 4, "madvise(remove)" },
	{ MADV_FREE, REFAULT_FREE, 4, "madvise(free)" },
	{ MADV_PAGEOUT, REFAULT_SWAP, 4, "madvise(pageout)" },
	{ MADV_WILLNEED, REFAULT_NONE, 0, NULL },
	{ MADV_DONTFORK, REFAULT_NONE, 0, NULL },
};

static void advice_gives_pages_back_under_its_own_name(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(gifts); i++) {
		world_fill(w);
		assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x12), PAGE(4),
				gifts[i].advice));
		assert_int_equal(w->change.pages_given, gifts[i].given);
		assert_int_equal(w->change.giver == NULL, gifts[i].call == NULL);
		if (!gifts[i].call)
			continue;
		assert_string_equal(w->change.giver->call, gifts[i].call);
		assert_int_equal(w->change.giver->how, gifts[i].how);
		assert_string_equal(w->change.giver->object, "anon");
		assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x12), PAGE(4),
				gifts[i].advice));
		assert_int_equal(w->change.pages_given, 0); /* nothing is there */
		assert_null(w->change.giver);
	}
}

static void each_way_to_read_ahead_is_a_vma_of_its_own(void **state)
{
	struct world *w = *state;

	world_fill(w);
	assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x12), PAGE(2), MADV_RANDOM));
	assert_int_equal(w->change.vma_count, 5);
	assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x14), PAGE(2), MADV_SEQUENTIAL));
	assert_int_equal(w->change.vma_count, 6);
	assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x12), PAGE(4), MADV_SEQUENTIAL));
	assert_int_equal(w->change.vma_count, 5);
	assert_true(run(w, MM_CALL_madvise, 0, PAGE(0x10), PAGE(8), MADV_NORMAL));
	assert_int_equal(w->change.vma_count, 3);
	assert_int_equal(w->change.vmas.before, 3);
	assert_int_equal(w->change.vmas.after, 1);
}

/* ---- who called ---- */

static void giver_is_named_after_the_code_that_called(void **state)
{
	struct world *w = *state;
	struct event e;

	world_fill(w);
	record_file(w, one, 0x400, 0x410, "r-xp", 0);
	e = ev_call_begin(++w->now_ns, one, MM_CALL_munmap, PAGE(0x10), PAGE(8));
	e.call_begin.ip = PAGE(0x401) + 0x234;
	calls_begin(thread_of(w, one), &w->names, &e);
	assert_true(end(w, one, MM_CALL_munmap, 0));
	assert_int_equal(w->change.ip, PAGE(0x401) + 0x234);
	assert_string_equal(w->change.giver->call, "munmap");
	assert_string_equal(w->change.giver->code->text, "libc.so+0x1234");
}

/* ---- calls that failed ---- */

static const struct {
	enum mm_call call;
	uint64_t args[MM_CALL_ARGS];
	int error;
	uint64_t start, end;
} failures[] = {
	{ MM_CALL_mmap, { 0, PAGE(4) }, ENOMEM, 0, PAGE(4) },
	{ MM_CALL_mmap, { PAGE(0x10), PAGE(4) }, EEXIST, PAGE(0x10), PAGE(0x14) },
	{ MM_CALL_munmap, { PAGE(0x10) + 1, 4 }, EINVAL, PAGE(0x10) + 1, PAGE(0x10) + 5 },
	{ MM_CALL_mprotect, { PAGE(0x10), PAGE(9) }, ENOMEM, PAGE(0x10), PAGE(0x19) },
	{ MM_CALL_mprotect, { PAGE(0x10), UINT64_MAX }, ENOMEM, PAGE(0x10), UINT64_MAX },
	{ MM_CALL_mremap, { PAGE(0x90), PAGE(1), PAGE(2) }, EFAULT, PAGE(0x90),
	  PAGE(0x91) },
	{ MM_CALL_madvise, { PAGE(0x10), PAGE(1), MADV_REMOVE }, EINVAL, PAGE(0x10),
	  PAGE(0x11) },
	{ MM_CALL_shmat, { 7, PAGE(0x70) }, EIDRM, PAGE(0x70), PAGE(0x70) },
	{ MM_CALL_shmdt, { PAGE(0x10) }, EINVAL, PAGE(0x10), PAGE(0x10) },
};

static void failed_call_tells_what_was_asked_for(void **state)
{
	const struct effect none = { 0, 0, 0, 0, 0, NULL };
	struct world *w = *state;

	world_fill(w);
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		begin_args(w, one, failures[i].call, failures[i].args);
		assert_true(end(w, one, failures[i].call,
				(uint64_t)-failures[i].error));
		assert_int_equal(w->change.error, failures[i].error);
		assert_string_equal(w->change.call, mm_call_name(failures[i].call));
		assert_int_equal(w->change.start, failures[i].start);
		assert_int_equal(w->change.end, failures[i].end);
		check_effect(w, w->change.call, &none);
	}
	check_page(w, 0x10, PAGE_MAPPED, 0x1010);
}

/* Over a hole it does its work, and complains then. */
static void madvise_over_a_hole_did_not_fail(void **state)
{
	struct world *w = *state;

	world_fill(w);
	assert_true(run(w, MM_CALL_madvise, (uint64_t)-ENOMEM, PAGE(0x16), PAGE(0xc),
			MADV_DONTNEED));
	assert_int_equal(w->change.error, 0);
	assert_int_equal(w->change.pages_given, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(munmap_tells_what_it_took),
		in_world(mmap_tells_what_it_made_and_what_it_was_put_over),
		in_world(record_of_more_than_was_mapped_removes_nothing),
		in_world(mprotect_over_several_counts_each_once),
		in_world(mprotect_that_fails_half_way_has_changed_what_came_before),
		in_world(calls_of_two_threads_do_not_mix),
		in_world(mremap_tells_what_it_moved_made_and_took),
		in_world(pages_that_a_move_grows_over_are_not_mapped_any_more),
		in_world(break_tells_what_it_made_and_took),
		in_world(advice_gives_pages_back_under_its_own_name),
		in_world(each_way_to_read_ahead_is_a_vma_of_its_own),
		in_world(giver_is_named_after_the_code_that_called),
		in_world(failed_call_tells_what_was_asked_for),
		in_world(madvise_over_a_hole_did_not_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
