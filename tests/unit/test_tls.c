/* Where thread-local variables lie, as far as system calls tell. */
#include "calls_world.h"

#include "pfa/model/region.h"
#include "pfa/model/tls.h"
#include "pfa/symbol/elf_layout.h"

enum { MEM_SIZE = 0x1234, ALIGN = 0x40, BLOCK = 0x1240, POINTER = 0x700000, ROBUST = 0x300 };

/* A program with thread-local variables is what exec mapped. */
static struct backing *map_program(struct world *w)
{
	struct backing *program = backing_of(w->names.backings, "/usr/bin/demo", NULL);

	program->layout = elf_layout_new(0, 0);
	program->layout->tls = (struct elf_tls){ 0x3000, MEM_SIZE, ALIGN };
	w->mm->program = program;
	return program;
}

static void check_place(struct world *w, struct who who, uint64_t addr, uint64_t offset)
{
	struct image image;

	assert_true(tls_find(thread_of(w, who), addr, &image));
	assert_ptr_equal(image.backing, w->mm->program);
	assert_int_equal(image.addr, offset);
}

static void check_nowhere(struct world *w, struct who who, uint64_t addr)
{
	struct image image;

	assert_false(tls_find(thread_of(w, who), addr, &image));
}

static void variables_end_at_the_thread_pointer(void **state)
{
	struct world *w = *state;

	map_program(w);
	check_nowhere(w, one, POINTER - 8);
	tls_thread_pointer(thread_of(w, one), POINTER);
	check_place(w, one, POINTER - BLOCK, 0);
	check_place(w, one, POINTER - BLOCK + MEM_SIZE - 1, MEM_SIZE - 1);
	check_nowhere(w, one, POINTER - BLOCK + MEM_SIZE); /* alignment */
	check_nowhere(w, one, POINTER - BLOCK - 1);
	check_nowhere(w, one, POINTER);
}

static void segment_off_its_alignment_moves_the_variables(void **state)
{
	struct world *w = *state;

	/* Its first byte must be 16 above a multiple of 64. */
	map_program(w)->layout->tls = (struct elf_tls){ 0x3010, 0x40, ALIGN };
	tls_thread_pointer(thread_of(w, one), POINTER);
	check_place(w, one, POINTER - 0x70, 0);
	check_nowhere(w, one, POINTER - 0x71);
}

static void robust_list_tells_the_other_threads_pointers(void **state)
{
	struct world *w = *state;

	map_program(w);
	tls_robust_list(thread_of(w, two), POINTER); /* nothing is known yet */
	check_nowhere(w, two, POINTER - 8);
	tls_thread_pointer(thread_of(w, one), POINTER);
	tls_robust_list(thread_of(w, one), POINTER + ROBUST);
	tls_robust_list(thread_of(w, two), 0x900000 + ROBUST);
	check_place(w, two, 0x900000 - BLOCK, 0);
}

static void child_goes_on_with_its_parents_and_exec_ends_it(void **state)
{
	static const struct who child = { 200, 200 };
	struct world *w = *state;

	map_program(w);
	tls_thread_pointer(thread_of(w, one), POINTER);
	thread_of(w, child)->process->mm->program = w->mm->program;
	tls_fork(thread_of(w, child), thread_of(w, one));
	check_place(w, child, POINTER - BLOCK, 0);
	tls_exec(thread_of(w, child));
	check_nowhere(w, child, POINTER - BLOCK);
}

static void program_without_such_variables_has_none(void **state)
{
	struct world *w = *state;

	tls_thread_pointer(thread_of(w, one), POINTER);
	check_nowhere(w, one, POINTER - 8); /* the program is not known */
	map_program(w)->layout->tls = (struct elf_tls){ 0 };
	check_nowhere(w, one, POINTER - 8);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(variables_end_at_the_thread_pointer),
		in_world(segment_off_its_alignment_moves_the_variables),
		in_world(robust_list_tells_the_other_threads_pointers),
		in_world(child_goes_on_with_its_parents_and_exec_ends_it),
		in_world(program_without_such_variables_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
