/* Call stacks: from addresses to code, once each; and whose stacks threads run on. */
#include "calls_world.h"

#include <linux/perf_event.h>

#include "pfa/model/kernel_names.h"
#include "pfa/model/observation.h"
#include "pfa/model/space.h"
#include "pfa/model/stacks.h"

#define KERNEL ((uint64_t)PERF_CONTEXT_KERNEL)
#define USER ((uint64_t)PERF_CONTEXT_USER)
#define IN_KERNEL 0xffffffff81234567ULL

static const struct stack *stack_of(struct world *w, const uint64_t *chain, uint64_t count)
{
	const struct event e = { .kind = EVENT_FAULT_END, .has_callers = true,
				 .callers = { .chain = chain, .chain_count = count } };

	return stack_at(w->names.stacks, thread_of(w, one)->process, &e);
}

#define stack_of_chain(w, ...)                                             \
	stack_of(w, (const uint64_t[]){ __VA_ARGS__ },                     \
		 sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

static void check_frames(const struct stack *stack, const char *text, bool cut)
{
	char frames[256] = "";
	size_t used = 0;

	assert_non_null(stack);
	for (uint32_t i = 0; i < stack->count; i++)
		used += (size_t)snprintf(frames + used, sizeof(frames) - used, "%s%s",
					 i ? " " : "", stack->frames[i]->text);
	assert_string_equal(frames, text);
	assert_int_equal(stack->cut, cut);
}

static void map_code(struct world *w)
{
	record_part(w, one, 0x10, 0x20, "r-xp", 1, "/usr/bin/demo");
	record_part(w, one, 0x20, 0x21, "rw-p", 0x11, "/usr/bin/demo");
	record_part(w, one, 0x30, 0x38, "rwxp", 0, "//anon");
}

static void chain_becomes_code_without_its_markers(void **state)
{
	struct world *w = *state;

	map_code(w);
	check_frames(stack_of_chain(w, USER, PAGE(0x10), PAGE(0x11) + 4, PAGE(0x30)),
		     "demo+0x1000 demo+0x2004 0x30000", false);
	check_frames(stack_of_chain(w, KERNEL, IN_KERNEL, USER, PAGE(0x10)),
		     "[kernel] demo+0x1000", false);
}

static void stack_tells_which_call_it_is_in(void **state)
{
	struct world *w = *state;
	const struct stack *stack;

	map_code(w);
	assert_null(stack_of_chain(w, USER, PAGE(0x10))->call);
	kernel_names_note(w->names.kernel, "kernel ffffffff81234000 1000 ksys_read");
	stack = stack_of_chain(w, KERNEL, IN_KERNEL, USER, PAGE(0x10));
	assert_string_equal(stack->call, "read");
	check_frames(stack, "[kernel]+ksys_read+0x567 demo+0x1000", false);
}

/* The byte before what is told is of the instruction that it came at. */
static void what_an_exception_interrupted_is_no_return_address(void **state)
{
	struct world *w = *state;

	map_code(w);
	kernel_names_note(w->names.kernel, "kernel ffffffff81234000 1000 asm_exc_page_fault");
	check_frames(stack_of_chain(w, KERNEL, IN_KERNEL, USER, PAGE(0x10), PAGE(0x11)),
		     "[kernel]+asm_exc_page_fault+0x567 demo+0x1001 demo+0x2000", false);
}

static void nothing_told_is_no_stack(void **state)
{
	const struct event bare = { .kind = EVENT_FAULT_END };
	struct world *w = *state;

	map_code(w);
	assert_null(stack_at(w->names.stacks, thread_of(w, one)->process, &bare));
	assert_null(stack_of(w, NULL, 0));
	assert_null(stack_of_chain(w, USER));
}

/* Frame pointers that are none lead to data, or nowhere. */
static void stack_ends_where_no_code_is(void **state)
{
	struct world *w = *state;

	map_code(w);
	check_frames(stack_of_chain(w, USER, PAGE(0x10), PAGE(0x20), PAGE(0x11)),
		     "demo+0x1000", true);
	check_frames(stack_of_chain(w, USER, PAGE(0x10), 0x7), "demo+0x1000", true);
	assert_null(stack_of_chain(w, USER, PAGE(0x20)));
}

static void same_stack_is_the_same_pointer(void **state)
{
	struct world *w = *state;
	const struct stack *whole, *cut;

	map_code(w);
	whole = stack_of_chain(w, USER, PAGE(0x10), PAGE(0x11));
	cut = stack_of_chain(w, USER, PAGE(0x10), PAGE(0x11), 0x7);
	assert_ptr_equal(stack_of_chain(w, USER, PAGE(0x10), PAGE(0x11)), whole);
	assert_ptr_equal(stack_of_chain(w, PAGE(0x10), PAGE(0x11)), whole);
	assert_ptr_not_equal(whole, cut);
	assert_ptr_equal(stack_of_chain(w, USER, PAGE(0x10), PAGE(0x11), 0x7), cut);
}

/* A library is closed, and another opened where it was. */
static void code_mapped_anew_makes_another_stack(void **state)
{
	struct world *w = *state;
	const struct stack *before;

	map_code(w);
	before = stack_of_chain(w, USER, PAGE(0x10));
	record_part(w, one, 0x10, 0x20, "r-xp", 0, "/lib/libother.so");
	check_frames(stack_of_chain(w, USER, PAGE(0x10)), "libother.so", false);
	assert_true(run(w, MM_CALL_munmap, 0, PAGE(0x10), PAGE(0x10)));
	assert_null(stack_of_chain(w, USER, PAGE(0x10)));
	record_part(w, one, 0x10, 0x20, "r-xp", 1, "/usr/bin/demo");
	assert_ptr_equal(stack_of_chain(w, USER, PAGE(0x10)), before);
}

static void data_mapped_leaves_what_is_known(void **state)
{
	struct world *w = *state;
	uint64_t stamp;

	map_code(w);
	stack_of_chain(w, USER, PAGE(0x10));
	stamp = space_code_stamp(w->mm->space);
	assert_int_not_equal(stamp, 0);
	record_part(w, one, 0x50, 0x60, "rw-p", 0, "//anon");
	assert_int_equal(space_code_stamp(w->mm->space), stamp);
	record_part(w, one, 0x60, 0x61, "r-xp", 0, "//anon");
	assert_int_equal(space_code_stamp(w->mm->space), 0);
}

static void stack_longer_than_what_is_kept_is_cut(void **state)
{
	static uint64_t chain[300];
	struct world *w = *state;
	const struct stack *stack;

	map_code(w);
	for (size_t i = 0; i < COUNT_OF(chain); i++)
		chain[i] = PAGE(0x10) + i;
	stack = stack_of(w, chain, COUNT_OF(chain));
	assert_int_equal(stack->count, 256);
	assert_true(stack->cut);
}

/* ---- whose ---- */

enum { STACK = MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK };

static void map_stack(struct world *w, uint64_t first, uint64_t past)
{
	begin(w, one, MM_CALL_mmap, 0, PAGE(past - first), 3, STACK, UINT64_MAX, 0);
	record(w, one, first, past, "rw-p", "//anon");
	assert_true(end(w, one, MM_CALL_mmap, PAGE(first)));
}

static uint32_t owner_after_touch(struct world *w, struct who who, uint64_t page)
{
	const struct thread_stack *stack =
		thread_stacks_touch(&w->mm->thread_stacks, thread_of(w, who), PAGE(page));

	return stack ? stack->tid : 0;
}

static const struct who three = { 100, 102 };

static void stack_is_the_first_threads_that_has_none(void **state)
{
	struct world *w = *state;

	map_stack(w, 0x100, 0x110);
	map_stack(w, 0x120, 0x130);
	assert_int_equal(owner_after_touch(w, one, 0x10f), 0); /* it prepares it */
	assert_int_equal(owner_after_touch(w, two, 0x10f), 101);
	assert_int_equal(owner_after_touch(w, one, 0x100), 101);
	assert_int_equal(owner_after_touch(w, two, 0x12f), 0);
	assert_int_equal(owner_after_touch(w, three, 0x12f), 102);
	assert_int_equal(owner_after_touch(w, three, 0x118), 0); /* between them */
}

static void stack_of_a_thread_that_ended_is_the_next_ones(void **state)
{
	struct world *w = *state;

	map_stack(w, 0x100, 0x110);
	assert_int_equal(owner_after_touch(w, two, 0x108), 101);
	tasks_thread_ends(w->tasks, thread_of(w, two));
	assert_int_equal(owner_after_touch(w, one, 0x108), 0);
	assert_int_equal(owner_after_touch(w, three, 0x108), 102);
}

static void stack_unmapped_is_nobodys(void **state)
{
	struct world *w = *state;

	map_stack(w, 0x100, 0x110);
	assert_int_equal(owner_after_touch(w, two, 0x108), 101);
	assert_true(run(w, MM_CALL_munmap, 0, PAGE(0x100), PAGE(0x10)));
	assert_int_equal(owner_after_touch(w, two, 0x108), 0);
	map_stack(w, 0x100, 0x110); /* another's by now */
	assert_int_equal(owner_after_touch(w, two, 0x108), 0);
}

/* Of a thread that was there before, and once more when all is read again. */
static void stack_that_is_known_is_its_threads(void **state)
{
	struct world *w = *state;

	map_stack(w, 0x100, 0x110);
	for (int times = 0; times < 2; times++) {
		thread_stacks_give(&w->mm->thread_stacks, thread_of(w, three), PAGE(0x102),
				   PAGE(0x110));
		assert_int_equal(owner_after_touch(w, two, 0x108), 102);
	}
	tasks_thread_ends(w->tasks, thread_of(w, three));
	assert_int_equal(owner_after_touch(w, two, 0x108), 101);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(chain_becomes_code_without_its_markers),
		in_world(stack_tells_which_call_it_is_in),
		in_world(what_an_exception_interrupted_is_no_return_address),
		in_world(nothing_told_is_no_stack),
		in_world(stack_ends_where_no_code_is),
		in_world(same_stack_is_the_same_pointer),
		in_world(code_mapped_anew_makes_another_stack),
		in_world(data_mapped_leaves_what_is_known),
		in_world(stack_longer_than_what_is_kept_is_cut),
		in_world(stack_is_the_first_threads_that_has_none),
		in_world(stack_of_a_thread_that_ended_is_the_next_ones),
		in_world(stack_unmapped_is_nobodys),
		in_world(stack_that_is_known_is_its_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
