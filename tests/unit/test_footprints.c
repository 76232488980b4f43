/* The VMAs that a change touched, before and after: splits, joins, removals. */
#include "../support/check.h"

#include <sys/mman.h>

#include "../support/layout.h"
#include "pfa/model/backing.h"
#include "pfa/model/space.h"

static const struct backing anon = { .label = "anon", .kind = BACKING_ANON };
static const struct backing file = { .label = "libc.so", .kind = BACKING_FILE };
static const struct backing other = { .label = "other.so", .kind = BACKING_FILE };

enum { RW = PROT_READ | PROT_WRITE, RX = PROT_READ | PROT_EXEC };

static void map(struct space *space, uint64_t first, uint64_t past, uint32_t prot,
		const struct backing *backing)
{
	const struct vma vma = { .start = PAGE(first), .end = PAGE(past), .prot = prot,
				 .flags = MAP_PRIVATE, .backing = backing };

	space_map(space, &vma);
}

/* A row of mappings side by side, `advised` with DONTFORK, the others not. */
struct touched {
	const char *what;
	struct { uint64_t first, past; bool advised, file; } vmas[4]; /* ended by past 0 */
	enum { MAP, UNMAP, ADVISE } change; /* ADVISE: all of it DONTFORK */
	uint64_t first, past;
	uint32_t before, after;
};

static const struct touched touched[] = {
	{ "new", { { 0 } }, MAP, 0x10, 0x12, 0, 1 },
	{ "over one", { { 0x10, 0x20, 0, 0 } }, MAP, 0x10, 0x20, 1, 1 },
	{ "inside one", { { 0x10, 0x20, 0, 0 } }, MAP, 0x14, 0x16, 1, 3 },
	{ "over the end of one", { { 0x10, 0x20, 0, 0 } }, MAP, 0x18, 0x24, 1, 2 },
	{ "over three", { { 0x10, 0x12, 0, 0 }, { 0x14, 0x16, 0, 1 }, { 0x16, 0x20, 0, 0 } },
	  MAP, 0x11, 0x18, 3, 3 },
	{ "nothing to remove", { { 0x10, 0x12, 0, 0 } }, UNMAP, 0x12, 0x20, 0, 0 },
	{ "no range", { { 0x10, 0x12, 0, 0 } }, UNMAP, 0x11, 0x11, 0, 0 },
	{ "one removed", { { 0x10, 0x12, 0, 0 } }, UNMAP, 0x10, 0x12, 1, 0 },
	{ "its start", { { 0x10, 0x20, 0, 0 } }, UNMAP, 0x08, 0x12, 1, 1 },
	{ "its end", { { 0x10, 0x20, 0, 0 } }, UNMAP, 0x18, 0x28, 1, 1 },
	{ "a hole", { { 0x10, 0x20, 0, 0 } }, UNMAP, 0x14, 0x18, 1, 2 },
	{ "over holes", { { 0x10, 0x12, 0, 0 }, { 0x14, 0x16, 0, 0 }, { 0x18, 0x20, 0, 0 } },
	  UNMAP, 0x11, 0x1a, 3, 2 },
	{ "split in two", { { 0x10, 0x20, 0, 0 } }, ADVISE, 0x10, 0x18, 1, 2 },
	{ "split in three", { { 0x10, 0x20, 0, 0 } }, ADVISE, 0x14, 0x18, 1, 3 },
	{ "as a whole", { { 0x10, 0x20, 0, 0 } }, ADVISE, 0x10, 0x20, 1, 1 },
	{ "the same again", { { 0x10, 0x20, 1, 0 } }, ADVISE, 0x14, 0x18, 0, 0 },
	{ "joined with the one below", { { 0x10, 0x14, 1, 0 }, { 0x14, 0x18, 0, 0 } },
	  ADVISE, 0x14, 0x18, 2, 1 },
	{ "joined with the one above", { { 0x10, 0x14, 0, 0 }, { 0x14, 0x18, 1, 0 } },
	  ADVISE, 0x10, 0x14, 2, 1 },
	{ "its end joined with the one above",
	  { { 0x10, 0x14, 0, 0 }, { 0x14, 0x18, 1, 0 } }, ADVISE, 0x12, 0x16, 2, 2 },
	{ "three joined by the middle one",
	  { { 0x10, 0x14, 1, 0 }, { 0x14, 0x18, 0, 0 }, { 0x18, 0x20, 1, 0 } },
	  ADVISE, 0x14, 0x18, 3, 1 },
	{ "three joined by the outer ones",
	  { { 0x10, 0x14, 0, 0 }, { 0x14, 0x18, 1, 0 }, { 0x18, 0x20, 0, 0 } },
	  ADVISE, 0x10, 0x20, 3, 1 },
	{ "several that stay apart",
	  { { 0x10, 0x14, 0, 0 }, { 0x14, 0x18, 0, 1 }, { 0x18, 0x20, 0, 0 } },
	  ADVISE, 0x12, 0x1a, 3, 5 },
	{ "over a hole", { { 0x10, 0x12, 0, 0 }, { 0x14, 0x18, 0, 0 } }, ADVISE, 0x10, 0x16,
	  2, 3 },
};

static struct space *space_of(const struct touched *row)
{
	struct space *space = space_new();

	for (size_t i = 0; row->vmas[i].past; i++) {
		map(space, row->vmas[i].first, row->vmas[i].past, RW,
		    row->vmas[i].file ? &file : &anon);
		if (row->vmas[i].advised)
			space_advise(space, PAGE(row->vmas[i].first),
				     PAGE(row->vmas[i].past), VMA_DONTFORK, 0);
	}
	return space;
}

static void change_is_told_by_the_vmas_that_it_touched(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(touched); i++) {
		const struct touched *row = &touched[i];
		struct space *space = space_of(row);

		space_resume_change(space, space_new_change(space));
		if (row->change == MAP)
			map(space, row->first, row->past, RX, &other);
		else if (row->change == UNMAP)
			space_unmap(space, PAGE(row->first), PAGE(row->past));
		else
			space_advise(space, PAGE(row->first), PAGE(row->past),
				     VMA_DONTFORK, 0);
		if (space_footprint(space).before != row->before ||
		    space_footprint(space).after != row->after)
			fail_msg("%s: %u->%u", row->what, space_footprint(space).before,
				 space_footprint(space).after);
		space_free(space);
	}
}

/* Another change comes between the two steps of one. */
static void change_in_steps_does_not_touch_what_it_made(void **state)
{
	struct space *space = space_new();
	uint32_t one = space_new_change(space), two = space_new_change(space);
	struct footprint first, second;

	(void)state;
	map(space, 0x10, 0x14, RW, &anon);
	map(space, 0x14, 0x18, RW, &file);
	space_resume_change(space, one);
	map(space, 0x10, 0x14, RX, &anon);
	first = space_footprint(space);
	space_resume_change(space, two);
	map(space, 0x20, 0x21, RW, &anon);
	space_resume_change(space, one);
	map(space, 0x10, 0x18, RX, &anon);
	second = space_footprint(space);
	assert_int_equal(first.before + second.before, 2);
	assert_int_equal(first.after + second.after, 1);
	space_free(space);
}

static void fork_makes_all_of_the_child_new(void **state)
{
	struct space *space = space_new(), *child;

	(void)state;
	space_resume_change(space, space_new_change(space));
	map(space, 0x10, 0x14, RW, &anon);
	child = space_fork(space);
	space_resume_change(child, space_new_change(child));
	space_unmap(child, PAGE(0x12), PAGE(0x14));
	assert_int_equal(space_footprint(child).before, 1);
	assert_int_equal(space_footprint(child).after, 1);
	space_free(child);
	space_free(space);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(change_is_told_by_the_vmas_that_it_touched),
		cmocka_unit_test(change_in_steps_does_not_touch_what_it_made),
		cmocka_unit_test(fork_makes_all_of_the_child_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
