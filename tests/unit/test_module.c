/* The module that this test is itself: what is where, the compiler knows too. */
#include "../support/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "pfa/symbol/elf_file.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/symbols.h"

extern const char __ehdr_start[]; /* by the linker */

int shared_object[3] = { 1, 2, 3 };
static char hidden_object[100];
static _Thread_local long thread_object[2];
_Thread_local int thread_other;

static int line_of_inner, line_of_call;
static uintptr_t inner_pc;

static inline __attribute__((always_inline)) void inner(void)
{
	line_of_inner = __LINE__; __asm__ volatile("lea 0f(%%rip), %0\n0:" : "=r"(inner_pc));
}

__attribute__((noinline)) int outer_function(int n);

int outer_function(int n)
{
	hidden_object[n]++;
	thread_object[0]++;
	line_of_call = __LINE__; inner();
	return n + thread_other;
}

struct fixture {
	struct symbols *symbols;
	struct module_id id;
	struct module *module;
	char path[4096];
};

static int open_self(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	ssize_t length = readlink("/proc/self/exe", f->path, sizeof(f->path) - 1);

	if (length <= 0)
		return -1;
	f->symbols = symbols_new(&(struct symbols_options){ 0 });
	f->id.path = f->path;
	f->module = symbols_module(f->symbols, &f->id);
	*state = f;
	return 0;
}

static int close_self(void **state)
{
	struct fixture *f = *state;

	symbols_free(f->symbols);
	free(f);
	return 0;
}

static uint64_t addr_of(const void *p)
{
	return (uint64_t)((uintptr_t)p - (uintptr_t)__ehdr_start);
}

static void function_holds_its_first_to_its_last_byte(void **state)
{
	struct fixture *f = *state;
	uint64_t start = addr_of((const void *)(uintptr_t)outer_function);
	struct symbol symbol, other;

	assert_true(module_function(f->module, start, &symbol));
	assert_string_equal(symbol.name, "outer_function");
	assert_int_equal(symbol.start, start);
	assert_true(symbol.size > 10);
	assert_true(module_function(f->module, start + symbol.size - 1, &other));
	assert_string_equal(other.name, "outer_function");
	assert_true(!module_function(f->module, start + symbol.size, &other) ||
		    strcmp(other.name, "outer_function") != 0);
}

static void object_is_found_wherever_it_is_touched(void **state)
{
	struct fixture *f = *state;
	struct symbol symbol;

	assert_true(module_object(f->module, addr_of(&shared_object[2]), &symbol));
	assert_string_equal(symbol.name, "shared_object");
	assert_int_equal(symbol.start, addr_of(shared_object));
	assert_int_equal(symbol.size, sizeof(shared_object));
	assert_true(module_object(f->module, addr_of(&hidden_object[99]), &symbol));
	assert_string_equal(symbol.name, "hidden_object");
	assert_false(module_function(f->module, addr_of(shared_object), &symbol));
	assert_false(module_object(f->module, addr_of((const void *)(uintptr_t)outer_function),
				   &symbol));
	assert_false(module_object(f->module, UINT64_MAX, &symbol));
}

/* Both are in one segment: their distance in memory is that of their offsets. */
static void thread_local_variable_is_found_by_its_offset(void **state)
{
	struct fixture *f = *state;
	struct symbol symbol, other;
	uint64_t offset;

	for (offset = 0; offset < 1 << 16; offset++)
		if (module_tls_object(f->module, offset, &symbol) &&
		    !strcmp(symbol.name, "thread_object"))
			break;
	assert_string_equal(symbol.name, "thread_object");
	assert_int_equal(symbol.start, offset);
	assert_int_equal(symbol.size, sizeof(thread_object));
	offset += (uintptr_t)&thread_other - (uintptr_t)thread_object;
	assert_true(module_tls_object(f->module, offset, &other));
	assert_string_equal(other.name, "thread_other");
	assert_false(module_tls_object(f->module, 1 << 30, &other));
}

static void line_has_its_inlined_call_and_the_function_around(void **state)
{
	struct fixture *f = *state;
	const struct source_frame *frames, *again;
	const char *file = strrchr(__FILE__, '/') + 1;

	outer_function(1);
	assert_int_equal(module_lines(f->module, addr_of((void *)inner_pc), &frames), 2);
	assert_string_equal(frames[0].function, "inner");
	assert_string_equal(strrchr(frames[0].file, '/') + 1, file);
	assert_int_equal(frames[0].line, line_of_inner);
	assert_string_equal(frames[1].function, "outer_function");
	assert_string_equal(strrchr(frames[1].file, '/') + 1, file);
	assert_int_equal(frames[1].line, line_of_call);
	assert_int_equal(frames[0].file[0], '/');
	module_lines(f->module, addr_of((void *)inner_pc), &again);
	assert_ptr_equal(frames, again);
	assert_int_equal(module_lines(f->module, UINT64_MAX, &frames), 0);
	assert_string_equal(symbols_remarks(f->symbols), "");
}

static void linkage_table_entry_has_the_name_of_what_it_calls(void **state)
{
	struct fixture *f = *state;
	Elf_Scn *section = NULL;
	bool found = false;
	struct symbol symbol;
	uint64_t at;
	GElf_Shdr sh;

#ifndef __x86_64__
	skip();
#endif
	while ((section = elf_nextscn(module_elf(f->module), section)) != NULL) {
		gelf_getshdr(section, &sh);
		if (sh.sh_type != SHT_PROGBITS || !(sh.sh_flags & SHF_EXECINSTR))
			continue;
		for (at = sh.sh_addr; at < sh.sh_addr + sh.sh_size && !found; at += 16)
			found = module_function(f->module, at, &symbol) &&
				!strcmp(symbol.name, "readlink@plt");
	}
	assert_true(found);
}

static void vdso_is_the_kernels_own(void **state)
{
	struct symbols *symbols = symbols_new(&(struct symbols_options){ 0 });
	struct module_id id = { .path = "[vdso]" };
	struct module *module = symbols_module(symbols, &id);
	struct symbol symbol = { 0 };
	uint64_t at;

	(void)state;
	if (!getauxval(AT_SYSINFO_EHDR))
		skip();
	for (at = 0; at < 0x4000; at++)
		if (module_function(module, at, &symbol) && strstr(symbol.name, "gettime"))
			break;
	assert_non_null(symbol.name);
	assert_non_null(strstr(symbol.name, "gettime"));
	symbols_free(symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_holds_its_first_to_its_last_byte),
		cmocka_unit_test(object_is_found_wherever_it_is_touched),
		cmocka_unit_test(thread_local_variable_is_found_by_its_offset),
		cmocka_unit_test(line_has_its_inlined_call_and_the_function_around),
		cmocka_unit_test(linkage_table_entry_has_the_name_of_what_it_calls),
		cmocka_unit_test(vdso_is_the_kernels_own),
	};

	return cmocka_run_group_tests(tests, open_self, close_self);
}
