/* The kernel's functions by the notes on them, and the system calls that they tell. */
#include "../support/check.h"

#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/model/code.h"
#include "pfa/model/kernel_names.h"
#include "pfa/model/names.h"
#include "pfa/model/observation.h"

struct world {
	struct intern *strings;
	struct names names;
};

static int world_new(void **state)
{
	static struct world w;

	w.strings = intern_new();
	names_init(&w.names, w.strings);
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	names_release(&w->names);
	intern_free(w->strings);
	return 0;
}

/* Kernel code needs no address space. */
static const struct code *code_of(struct world *w, uint64_t ip)
{
	return code_at(w->names.codes, NULL, 7, ip);
}

static void function_is_known_from_its_note_on(void **state)
{
	struct world *w = *state;

	assert_string_equal(code_of(w, 0xffffffff81000123)->text, "[kernel]");
	assert_null(code_of(w, 0xffffffff81000123)->function);
	kernel_names_note(w->names.kernel, "kernel ffffffff81000100 40 vfs_read");
	assert_string_equal(code_of(w, 0xffffffff81000123)->text, "[kernel]+vfs_read+0x23");
	assert_string_equal(code_of(w, 0xffffffff81000123)->function, "vfs_read");
	assert_string_equal(code_of(w, 0xffffffff81000123)->object, "[kernel]");
	assert_int_equal(code_of(w, 0xffffffff81000123)->addr, 0x23);
	assert_string_equal(code_of(w, 0xffffffff81000100)->text, "[kernel]+vfs_read");
	assert_string_equal(code_of(w, 0xffffffff810000ff)->text, "[kernel]");
	assert_string_equal(code_of(w, 0xffffffff81000141)->text, "[kernel]");
}

/* A call that does not return may be the last instruction. */
static void return_address_behind_the_end_is_the_functions(void **state)
{
	struct world *w = *state;

	kernel_names_note(w->names.kernel, "kernel ffffffff81000100 40 panic");
	assert_string_equal(code_of(w, 0xffffffff81000140)->text, "[kernel]+panic+0x40");
	kernel_names_note(w->names.kernel, "kernel ffffffff81000140 8 next");
	assert_string_equal(code_of(w, 0xffffffff81000140)->text, "[kernel]+next");
}

static void code_is_the_same_after_another_boot(void **state)
{
	struct world *w = *state;
	const struct code *here;

	kernel_names_note(w->names.kernel, "kernel ffffffff81000100 40 vfs_read");
	kernel_names_note(w->names.kernel, "kernel ffffffff92000100 40 vfs_read");
	here = code_of(w, 0xffffffff81000110);
	assert_ptr_equal(code_of(w, 0xffffffff92000110), here);
	assert_ptr_not_equal(code_of(w, 0xffffffff92000111), here);
}

static void functions_of_modules_are_theirs(void **state)
{
	struct world *w = *state;

	kernel_names_note(w->names.kernel, "kernel ffffffffc0001000 40 read ext4");
	assert_string_equal(code_of(w, 0xffffffffc0001004)->object, "[ext4]");
	assert_string_equal(code_of(w, 0xffffffffc0001004)->text, "[ext4]+read+0x4");
}

static void what_was_noted_first_holds_and_nonsense_is_passed_over(void **state)
{
	static const char *const notes[] = {
		"kernel ffffffff81000100 40 first", "kernel ffffffff81000100 20 second",
		"kernel ffffffff81000100", "kernel", "kernel x y z",
		"kernel ffffffff81000200 0 empty",
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(notes); i++)
		kernel_names_note(w->names.kernel, notes[i]);
	assert_string_equal(code_of(w, 0xffffffff81000130)->function, "first");
	assert_string_equal(code_of(w, 0xffffffff81000200)->function, "empty");
	assert_null(code_of(w, 0xffffffff81000201)->function);
}

static const struct {
	const char *functions[4]; /* the innermost first; "-": of user mode */
	const char *call; /* NULL: none */
} stacks[] = {
	{ { "_copy_to_iter", "vfs_read", "ksys_read", "do_syscall_64" }, "read" },
	{ { "ksys_read", "__x64_sys_pread64", "do_syscall_64", "-" }, "pread64" },
	{ { "cp_new_stat", "__do_sys_newfstatat.isra.0", "x64_sys_call" }, "newfstatat" },
	{ { "load_elf_binary", "__arm64_sys_execve", "invoke_syscall" }, "execve" },
	{ { "populate", "ksys_mmap_pgoff" }, "mmap" },
	{ { "cp_new_stat", "__se_sys_newstat" }, "stat" },
	{ { "do_user_addr_fault", "asm_exc_page_fault", "-" }, NULL },
	{ { "-", "-" }, NULL },
	{ { NULL }, NULL },
};

static void stack_tells_the_system_call(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(stacks); i++) {
		struct code codes[4];
		const struct code *frames[4];
		const char *call;
		uint32_t count = 0;

		for (; count < 4 && stacks[i].functions[count]; count++) {
			const char *name = stacks[i].functions[count];

			codes[count] = (struct code){ .function = *name == '-' ? NULL
									       : name };
			frames[count] = &codes[count];
		}
		call = kernel_call_of(w->strings, frames, count);
		assert_int_equal(call != NULL, stacks[i].call != NULL);
		if (call)
			assert_ptr_equal(call, intern_text(w->strings, stacks[i].call));
	}
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(function_is_known_from_its_note_on),
		in_world(return_address_behind_the_end_is_the_functions),
		in_world(code_is_the_same_after_another_boot),
		in_world(functions_of_modules_are_theirs),
		in_world(what_was_noted_first_holds_and_nonsense_is_passed_over),
		in_world(stack_tells_the_system_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
