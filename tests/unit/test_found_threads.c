/* Stacks of threads that were there before, by the mappings around their control blocks. */
#include "../support/check.h"

#include <stdio.h>
#include <sys/mman.h>

#include "pfa/base/mem.h"
#include "pfa/decode/procmaps.h"
#include "pfa/source/found_threads.h"

enum { FIRST = 100, RW = PROT_READ | PROT_WRITE };

#define PAGE(n) ((uint64_t)(n) * 4096)

/* By thread pointer, as found_threads_read() leaves them. */
static void add(struct found_threads *f, pid_t tid, uint64_t pointer)
{
	f->list = pfa_grow(f->list, f->count, &f->capacity, sizeof(*f->list));
	f->list[f->count++] = (struct found_thread){ .tid = tid, .area = { pointer, 0 } };
}

static void see(struct found_threads *f, uint64_t first, uint64_t past, uint32_t prot,
		const char *path)
{
	struct procmap map = { .start = PAGE(first), .end = PAGE(past), .prot = prot };

	snprintf(map.path, sizeof(map.path), "%s", path);
	found_threads_see(f, FIRST, &map);
}

static void check_stack(const struct found_thread *thread, uint64_t first, uint64_t past)
{
	assert_int_equal(thread->stack_start, PAGE(first));
	assert_int_equal(thread->stack_end, PAGE(past));
}

static void stack_lies_between_guard_and_control_block(void **state)
{
	struct found_threads f = { 0 };

	(void)state;
	add(&f, 101, PAGE(0x1f) + 0x6c0);
	add(&f, 102, PAGE(0x3f) + 0x6c0);
	see(&f, 0x10, 0x11, PROT_NONE, "");
	see(&f, 0x11, 0x20, RW, "");
	see(&f, 0x30, 0x31, PROT_NONE, "");
	see(&f, 0x31, 0x48, RW, ""); /* merged with what lies above */
	check_stack(&f.list[0], 0x11, 0x20);
	check_stack(&f.list[1], 0x31, 0x40);
	found_threads_release(&f);
}

static void stacks_in_one_mapping_end_where_the_next_begins(void **state)
{
	struct found_threads f = { 0 };

	(void)state;
	add(&f, 101, PAGE(0x1f) + 0x6c0);
	add(&f, 102, PAGE(0x2f) + 0x6c0);
	see(&f, 0x10, 0x11, PROT_NONE, "");
	see(&f, 0x11, 0x30, RW, "");
	check_stack(&f.list[0], 0x11, 0x20);
	check_stack(&f.list[1], 0x20, 0x30);
	found_threads_release(&f);
}

/* The first thread; no guard; a guard further below; a file; a heap of malloc's. */
static void what_may_be_no_stack_is_none(void **state)
{
	struct found_threads f = { 0 };

	(void)state;
	add(&f, FIRST, PAGE(0x1f));
	add(&f, 101, PAGE(0x2f));
	add(&f, 102, PAGE(0x3f));
	add(&f, 103, PAGE(0x4f));
	add(&f, 104, PAGE(0x58)); /* not mapped any more */
	add(&f, 105, PAGE(0x4001));
	see(&f, 0x10, 0x11, PROT_NONE, "");
	see(&f, 0x11, 0x20, RW, "");
	see(&f, 0x20, 0x30, RW, "");
	see(&f, 0x30, 0x31, PROT_NONE, "");
	see(&f, 0x32, 0x40, RW, "");
	see(&f, 0x40, 0x41, PROT_NONE, "");
	see(&f, 0x41, 0x50, RW, "/dev/zero");
	see(&f, 0x3fff, 0x4000, PROT_NONE, "");
	see(&f, 0x4000, 0x4010, RW, "");
	for (size_t i = 0; i < f.count; i++)
		check_stack(&f.list[i], 0, 0);
	found_threads_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stack_lies_between_guard_and_control_block),
		cmocka_unit_test(stacks_in_one_mapping_end_where_the_next_begins),
		cmocka_unit_test(what_may_be_no_stack_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
