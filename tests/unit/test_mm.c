/* An address space as a whole: who holds it, what fork gives, what munmap may take. */
#include "../support/check.h"

#include <stdio.h>
#include <sys/mman.h>

#include "../support/layout.h"
#include "pfa/model/backing.h"
#include "pfa/model/mm.h"
#include "pfa/model/observation.h"
#include "pfa/model/pages.h"
#include "pfa/model/space.h"

static const struct backing anon = { .label = "anon", .kind = BACKING_ANON };

static void map(struct mm *mm, uint64_t first, uint64_t past)
{
	const struct vma vma = { .start = PAGE(first), .end = PAGE(past),
				 .backing = &anon, .flags = MAP_PRIVATE,
				 .prot = PROT_READ | PROT_WRITE };

	space_map(mm->space, &vma);
	for (uint64_t n = first; n < past; n++)
		pages_set_mapped(mm->pages, PAGE(n), 4096, PAGE(n + 0x1000), true);
}

static struct mm_sum sum;

static struct mm *mm_of_10_to_20(void)
{
	struct mm *mm = mm_new(false, &sum);

	map(mm, 0x10, 0x20);
	return mm;
}

/* Layout and pages tell the same. */
static void check_mm(const struct mm *mm, const char *layout)
{
	assert_string_equal(layout_text(mm->space), layout);
	for (uint64_t n = 0; n < 0x40; n++) {
		enum page_state page = pages_get(mm->pages, PAGE(n)).state;

		if (space_find(mm->space, PAGE(n)))
			assert_int_equal(page, PAGE_MAPPED);
		else
			assert_true(page == PAGE_UNSEEN || page == PAGE_UNMAPPED);
	}
}

static void last_holder_frees(void **state)
{
	struct mm *mm = mm_of_10_to_20();

	(void)state;
	assert_int_equal(mm->holders, 1);
	assert_ptr_equal(mm_hold(mm), mm);
	mm_drop(mm);
	check_mm(mm, "10-20 rw-p anon");
	mm_drop(mm);
	mm_drop(NULL);
}

static void fork_copies_and_wipes(void **state)
{
	struct mm *parent = mm_of_10_to_20(), *child;

	(void)state;
	parent->brk = 0x555000;
	parent->whole_history = true;
	space_advise(parent->space, PAGE(0x12), PAGE(0x14), VMA_WIPEONFORK, 0);
	space_advise(parent->space, PAGE(0x16), PAGE(0x18), VMA_DONTFORK, 0);
	child = mm_fork(parent);
	assert_string_equal(layout_text(child->space), "10-12 rw-p anon, "
			    "12-14 rw-p anon wipeonfork, 14-16 rw-p anon, "
			    "18-20 rw-p anon");
	assert_int_equal(child->brk, 0x555000);
	assert_true(child->whole_history);
	assert_int_equal(child->holders, 1);
	assert_int_equal(pages_get(child->pages, PAGE(0x11)).frame, 0x1011);
	assert_int_equal(pages_get(child->pages, PAGE(0x13)).state, PAGE_UNSEEN);
	assert_int_equal(pages_get(child->pages, PAGE(0x16)).state, PAGE_UNSEEN);
	assert_int_equal(pages_get(parent->pages, PAGE(0x13)).state, PAGE_MAPPED);
	assert_int_equal(pages_get(parent->pages, PAGE(0x16)).state, PAGE_MAPPED);
	mm_drop(parent);
	mm_drop(child);
}

static void child_has_none_of_its_parents_calls_under_way(void **state)
{
	struct mm *parent = mm_of_10_to_20(), *child;

	(void)state;
	mm_call_begins(parent);
	mm_call_begins(parent);
	mm_claim(parent, PAGE(0x10), PAGE(0x12), 50);
	child = mm_fork(parent);
	assert_int_equal(child->calls_under_way, 0);
	mm_unmap(child, PAGE(0x10), PAGE(0x20), 10, 0);
	check_mm(child, "");
	mm_drop(parent);
	mm_drop(child);
}

static void reset_forgets_everything(void **state)
{
	struct mm *mm = mm_of_10_to_20();

	(void)state;
	mm->brk = 0x555000;
	mm->whole_history = true;
	mm_call_begins(mm);
	mm_call_begins(mm);
	mm_claim(mm, PAGE(0x10), PAGE(0x12), 50);
	mm_reset(mm);
	check_mm(mm, "");
	assert_int_equal(mm->brk, 0);
	assert_false(mm->whole_history);
	map(mm, 0x10, 0x12);
	mm_unmap(mm, PAGE(0x10), PAGE(0x12), 0, 0);
	check_mm(mm, "");
	mm_drop(mm);
}

/* ---- the two sides of a fork ---- */

static void page_is_shared_until_the_other_side_has_written_or_gone(void **state)
{
	struct mm *parent = mm_of_10_to_20(), *child = mm_fork(parent), *second;

	(void)state;
	assert_false(mm_fork_shares(parent, PAGE(0x10))); /* whose copy it is is not told */
	mm_set_fork(parent, child, 1);
	assert_true(parent->fork == 1 && child->fork == 1);
	assert_true(child->fork_child && !parent->fork_child);
	assert_true(mm_fork_shares(parent, PAGE(0x10)) && mm_fork_shares(child, PAGE(0x10)));
	pages_set_mapped(child->pages, PAGE(0x10), 4096, PAGE(5), true);
	assert_false(mm_fork_shares(parent, PAGE(0x10)));
	assert_true(mm_fork_shares(child, PAGE(0x10)));
	mm_unmap(child, PAGE(0x11), PAGE(0x12), 0, 0);
	assert_false(mm_fork_shares(parent, PAGE(0x11)));
	assert_false(mm_fork_shares(parent, PAGE(0x30)));
	child->suspect = true;
	assert_false(mm_fork_shares(parent, PAGE(0x12)));
	second = mm_fork(parent);
	mm_set_fork(parent, second, 2);
	assert_true(mm_fork_shares(parent, PAGE(0x10)));
	assert_false(mm_fork_shares(child, PAGE(0x12))); /* the first one's is over */
	mm_drop(second);
	assert_false(mm_fork_shares(parent, PAGE(0x10)));
	mm_drop(parent);
	mm_drop(child);
}

static void snapshot_knows_of_no_fork(void **state)
{
	struct mm *parent = mm_of_10_to_20(), *child = mm_fork(parent);

	(void)state;
	mm_set_fork(parent, child, 1);
	mm_reset(child);
	assert_true(!child->fork && !child->fork_child);
	assert_false(mm_fork_shares(parent, PAGE(0x10)));
	mm_drop(parent);
	mm_drop(child);
}

/* ---- what made what ---- */

static void check_pieces(const struct mm *mm, const char *wanted)
{
	const struct vma *piece = space_at_or_above(mm->pieces, 0);
	char found[200] = "";
	size_t used = 0;

	for (; piece; piece = space_at_or_above(mm->pieces, piece->end))
		used += (size_t)snprintf(found + used, sizeof(found) - used, "%s%x-%x %s",
					 used ? ", " : "", (unsigned)(piece->start >> 12),
					 (unsigned)(piece->end >> 12),
					 origin_kind_name(piece->origin.kind));
	assert_string_equal(found, wanted);
}

static void maker_is_known_of_what_is_mapped_and_moves_with_it(void **state)
{
	const struct origin exec = { .kind = ORIGIN_exec }, brk = { .kind = ORIGIN_brk };
	const struct origin mmap = { .kind = ORIGIN_mmap };
	struct mm *mm = mm_new(true, &sum), *child;

	(void)state;
	map(mm, 0x10, 0x20);
	mm_found(mm, PAGE(0x10), PAGE(0x18), &exec);
	mm_made(mm, PAGE(0x14), PAGE(0x16), &mmap);
	mm_found(mm, PAGE(0x10), PAGE(0x20), &brk); /* where nobody is known */
	check_pieces(mm, "10-14 exec, 14-16 mmap, 16-18 exec, 18-20 brk");
	mm_copy_origins(mm, PAGE(0x12), PAGE(0x30), PAGE(3));
	check_pieces(mm, "10-14 exec, 14-16 mmap, 16-18 exec, 18-20 brk, "
			 "30-32 exec, 32-33 mmap");
	mm_trim_origins(mm); /* nothing is mapped up there */
	mm_unmap(mm, PAGE(0x17), PAGE(0x19), 0, 0);
	check_pieces(mm, "10-14 exec, 14-16 mmap, 16-17 exec, 19-20 brk");
	space_advise(mm->space, PAGE(0x13), PAGE(0x15), VMA_DONTFORK, 0);
	child = mm_fork(mm);
	check_pieces(child, "10-13 exec, 15-16 mmap, 16-17 exec, 19-20 brk");
	check_pieces(mm, "10-14 exec, 14-16 mmap, 16-17 exec, 19-20 brk");
	mm_drop(mm);
	mm_drop(child);
}

/* ---- claims: what was mapped while the munmap was under way ---- */

struct claimed {
	uint64_t first, past, time_ns;
};

static const struct {
	const char *what;
	struct claimed claims[4]; /* ended by past 0 */
	uint64_t since_ns;
	const char *left; /* of 10-20, munmapped from 12 to 1e */
} races[] = {
	{ "none", { { 0 } }, 100, "10-12 rw-p anon, 1e-20 rw-p anon" },
	{ "claimed before the munmap began", { { 0x14, 0x16, 99 } }, 100,
	  "10-12 rw-p anon, 1e-20 rw-p anon" },
	{ "claimed at the same moment", { { 0x14, 0x16, 100 } }, 100,
	  "10-12 rw-p anon, 1e-20 rw-p anon" },
	{ "claimed after it began", { { 0x14, 0x16, 101 } }, 100,
	  "10-12 rw-p anon, 14-16 rw-p anon, 1e-20 rw-p anon" },
	{ "the whole range", { { 0x12, 0x1e, 101 } }, 100, "10-20 rw-p anon" },
	{ "more than the range", { { 0x10, 0x20, 101 } }, 100, "10-20 rw-p anon" },
	{ "its start", { { 0x11, 0x13, 101 } }, 100,
	  "10-13 rw-p anon, 1e-20 rw-p anon" },
	{ "its end", { { 0x1d, 0x1f, 101 } }, 100,
	  "10-12 rw-p anon, 1d-20 rw-p anon" },
	{ "outside", { { 0x10, 0x12, 101 }, { 0x1e, 0x20, 101 } }, 100,
	  "10-12 rw-p anon, 1e-20 rw-p anon" },
	{ "several, in no order",
	  { { 0x1a, 0x1b, 103 }, { 0x14, 0x16, 101 }, { 0x18, 0x19, 102 } }, 100,
	  "10-12 rw-p anon, 14-16 rw-p anon, 18-19 rw-p anon, 1a-1b rw-p anon, "
	  "1e-20 rw-p anon" },
	{ "overlapping",
	  { { 0x15, 0x18, 101 }, { 0x14, 0x16, 102 }, { 0x17, 0x1a, 103 } }, 100,
	  "10-12 rw-p anon, 14-1a rw-p anon, 1e-20 rw-p anon" },
	{ "one inside another", { { 0x14, 0x1a, 101 }, { 0x16, 0x17, 102 } }, 100,
	  "10-12 rw-p anon, 14-1a rw-p anon, 1e-20 rw-p anon" },
	{ "only the younger one counts",
	  { { 0x14, 0x16, 99 }, { 0x18, 0x1a, 101 } }, 100,
	  "10-12 rw-p anon, 18-1a rw-p anon, 1e-20 rw-p anon" },
};

static void munmap_spares_what_was_claimed_after_it_began(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(races); i++) {
		struct mm *mm = mm_of_10_to_20();
		const struct claimed *c = races[i].claims;

		mm_call_begins(mm); /* the munmap, and another call */
		mm_call_begins(mm);
		for (; c->past; c++)
			mm_claim(mm, PAGE(c->first), PAGE(c->past), c->time_ns);
		mm_unmap(mm, PAGE(0x12), PAGE(0x1e), races[i].since_ns, 0);
		check_mm(mm, races[i].left);
		mm_drop(mm);
	}
}

static void claims_end_with_the_last_call_under_way(void **state)
{
	struct mm *mm = mm_of_10_to_20();
	unsigned first, second;

	(void)state;
	first = mm_call_begins(mm);
	second = mm_call_begins(mm);
	mm_claim(mm, PAGE(0x14), PAGE(0x16), 50);
	mm_call_ends(mm, second);
	mm_unmap(mm, PAGE(0x12), PAGE(0x1e), 10, 0);
	check_mm(mm, "10-12 rw-p anon, 14-16 rw-p anon, 1e-20 rw-p anon");
	mm_call_ends(mm, first);
	mm_call_begins(mm);
	mm_unmap(mm, PAGE(0x12), PAGE(0x1e), 10, 0);
	check_mm(mm, "10-12 rw-p anon, 1e-20 rw-p anon");
	mm_drop(mm);
}

/* Two threads take turns, so that there is always a call under way. */
static void claims_end_with_the_calls_that_began_before_them(void **state)
{
	struct mm *mm = mm_of_10_to_20();
	unsigned older = mm_call_begins(mm);

	(void)state;
	for (uint64_t time = 100; time < 10000; time += 10) {
		unsigned newer = mm_call_begins(mm);

		mm_claim(mm, PAGE(0x14), PAGE(0x16), time);
		mm_unmap(mm, PAGE(0x12), PAGE(0x1e), time - 15, 0); /* the older one's */
		map(mm, 0x12, 0x14);
		map(mm, 0x16, 0x1e);
		mm_call_ends(mm, older);
		older = newer;
		assert_in_range(mm->claim_count, 0, 4);
	}
	check_mm(mm, "10-20 rw-p anon");
	mm_call_ends(mm, older);
	assert_int_equal(mm->claim_count, 0);
	mm_drop(mm);
}

static void call_alone_leaves_no_claim(void **state)
{
	struct mm *mm = mm_of_10_to_20();
	unsigned generation;

	(void)state;
	generation = mm_call_begins(mm);
	mm_claim(mm, PAGE(0x14), PAGE(0x16), 50);
	assert_int_equal(mm->claim_count, 0);
	mm_call_ends(mm, generation);
	mm_call_ends(mm, generation); /* one whose beginning was not seen */
	assert_int_equal(mm->calls_under_way, 0);
	mm_drop(mm);
}

static void living_spaces_are_summed(void **state)
{
	struct mm *parent = mm_of_10_to_20(), *child;
	struct totals totals = { 0 };

	(void)state;
	sum = (struct mm_sum){ 0 };
	mm_measure(parent, &totals);
	mm_measure(parent, &totals); /* counted once */
	assert_int_equal(sum.bytes, PAGE(0x10));
	assert_int_equal(totals.size_bytes, PAGE(0x10));
	child = mm_fork(parent);
	mm_measure(child, &totals);
	assert_int_equal(sum.vmas, 2 * totals.vma_count);
	mm_drop(parent);
	assert_int_equal(sum.bytes, PAGE(0x10));
	mm_drop(child);
	assert_int_equal(sum.vmas, 0);
	assert_int_equal(sum.bytes_peak, PAGE(0x20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_holder_frees),
		cmocka_unit_test(living_spaces_are_summed),
		cmocka_unit_test(fork_copies_and_wipes),
		cmocka_unit_test(child_has_none_of_its_parents_calls_under_way),
		cmocka_unit_test(reset_forgets_everything),
		cmocka_unit_test(page_is_shared_until_the_other_side_has_written_or_gone),
		cmocka_unit_test(snapshot_knows_of_no_fork),
		cmocka_unit_test(maker_is_known_of_what_is_mapped_and_moves_with_it),
		cmocka_unit_test(munmap_spares_what_was_claimed_after_it_began),
		cmocka_unit_test(claims_end_with_the_last_call_under_way),
		cmocka_unit_test(claims_end_with_the_calls_that_began_before_them),
		cmocka_unit_test(call_alone_leaves_no_claim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
