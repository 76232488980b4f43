/*
 * What code and touched memory are called. Symbols are made up here: module.c, symbols.c and
 * jit.c, with which these functions come otherwise, have tests of their own.
 */
#include "../support/check.h"

#include <string.h>

#include "pfa/base/text.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/report/by_name.h"
#include "pfa/report/format.h"
#include "pfa/report/naming.h"
#include "pfa/report/view.h"
#include "pfa/symbol/jit.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/symbols.h"

/* ---- made-up symbols ---- */

struct module {
	const char *path;
	const struct symbol *functions, *objects, *variables; /* ended by a NULL name */
};

static const struct symbol demo_functions[] = {
	{ "main", 0x1000, 0x100 }, { "fill_table", 0x1100, 0x40 },
	{ "std::fill<int, long>(int*, long)", 0x1200, 0x40 }, { NULL, 0, 0 },
};
static const struct symbol demo_objects[] = { { "table", 0x4000, 0x3000 },
					      { "flags", 0x7000, 0 }, { NULL, 0, 0 } };
static const struct symbol demo_variables[] = { { "errno_copy", 0x10, 4 }, { NULL, 0, 0 } };
static const struct symbol libc_functions[] = {
	{ "__mmap64", 0x100, 0x40 }, { "malloc", 0x200, 0x40 }, { "fopen", 0x300, 0x40 },
	{ NULL, 0, 0 },
};
static const struct symbol none[] = { { NULL, 0, 0 } };

static struct module modules[] = {
	{ "/usr/bin/demo", demo_functions, demo_objects, demo_variables },
	{ "/lib/libc.so.6", libc_functions, none, none },
};
static size_t lookups; /* of functions, in all */

static bool find(const struct symbol *list, uint64_t addr, struct symbol *symbol)
{
	for (; list->name; list++)
		if (addr >= list->start && addr - list->start < (list->size ? list->size : 1)) {
			*symbol = *list;
			return true;
		}
	return false;
}

struct module *symbols_module(struct symbols *symbols, const struct module_id *id)
{
	assert_non_null(symbols);
	for (size_t i = 0; i < COUNT_OF(modules); i++)
		if (!strcmp(modules[i].path, id->path))
			return &modules[i];
	fail_msg("nobody asks for %s", id->path);
	return NULL;
}

bool module_function(struct module *module, uint64_t addr, struct symbol *symbol)
{
	lookups++;
	return find(module->functions, addr, symbol);
}

bool module_object(struct module *module, uint64_t addr, struct symbol *symbol)
{
	return find(module->objects, addr, symbol);
}

bool module_tls_object(struct module *module, uint64_t offset, struct symbol *symbol)
{
	return find(module->variables, offset, symbol);
}

size_t module_lines(struct module *module, uint64_t addr,
		    const struct source_frame **frames)
{
	static const struct source_frame inlined[] = { { "put", "/src/table.h", 3 },
						       { "fill_table", "table.c", 42 } };
	static const struct source_frame plain[] = { { "main", "/src/main.c", 7 } };

	*frames = addr >= 0x1100 ? inlined : plain;
	return module->functions != demo_functions ? 0 : addr >= 0x1100 ? 2 : 1;
}

struct jit *symbols_jit(struct symbols *symbols, uint32_t pid)
{
	(void)symbols;
	return pid == 42 ? (struct jit *)modules : NULL;
}

bool jit_function(struct jit *jit, uint64_t addr, uint64_t time_ns, struct symbol *symbol)
{
	(void)jit;
	*symbol = (struct symbol){ time_ns < 100 ? "Early.run" : "Late.run", 0x9000, 0x100 };
	return addr >= 0x9000 && addr < 0x9100;
}

/* ---- a world ---- */

static struct symbols *const some_symbols = (struct symbols *)modules;

static const struct backing demo = { .name = "/usr/bin/demo", .label = "demo",
				     .kind = BACKING_FILE };
static const struct backing libc = { .name = "/lib/libc.so.6", .label = "libc.so.6",
				     .kind = BACKING_FILE };

#define DEMO(at, name) { .object = "demo", .addr = at, .text = name, .backing = &demo }
#define LIBC(at, name) { .object = "libc.so.6", .addr = at, .text = name, .backing = &libc }

static const struct code in_main = DEMO(0x1010, "demo+0x1010");
static const struct code end_of_main = DEMO(0x1100, "demo+0x1100");
static const struct code in_fill = DEMO(0x1120, "demo+0x1120");
static const struct code in_template = DEMO(0x1204, "demo+0x1204");
static const struct code nowhere = DEMO(0x2000, "demo+0x2000");
static const struct code in_mmap = LIBC(0x110, "libc.so.6+0x110");
static const struct code in_malloc = LIBC(0x210, "libc.so.6+0x210");
static const struct code in_fopen = LIBC(0x310, "libc.so.6+0x310");
static const struct code made = { .addr = 0x9010, .text = "0x9010", .pid = 42 };
static const struct code made_by_another = { .addr = 0x9010, .text = "0x9010", .pid = 43 };
static const struct code kernel = { .object = "[kernel]", .text = "[kernel]" };
static const struct code clear_page = { .object = "[kernel]", .addr = 0x10,
					.text = "clear_page+0x10", .function = "clear_page" };

static const struct region bss = { "demo", ".bss", "demo .bss" };
static const struct region anon = { "anon", "", "anon" };

#define STACK(...) { (const struct code *const[]){ __VA_ARGS__ },                         \
		     sizeof((const struct code *const[]){ __VA_ARGS__ }) / sizeof(void *), \
		     false, NULL }

static struct naming *naming;

static int setup(void **state)
{
	(void)state;
	lookups = 0;
	naming = naming_new(some_symbols);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	naming_free(naming);
	return 0;
}

static const struct code_name *name_of(const struct code *code)
{
	return naming_code(naming, code, CODE_ITSELF, 1);
}

/* ---- code ---- */

static void code_has_its_function_and_offset(void **state)
{
	const struct code_name *name = name_of(&in_fill);

	(void)state;
	assert_true(name->function->known);
	assert_string_equal(name->function->name, "fill_table");
	assert_string_equal(name->function->object, "demo");
	assert_string_equal(name->function->text, "fill_table (demo)");
	assert_int_equal(name->offset, 0x20);
	assert_ptr_equal(name_of(&in_fill), name);
	assert_int_equal(lookups, 1);
}

static void function_is_the_same_for_all_of_its_code(void **state)
{
	const struct code other = DEMO(0x1018, "demo+0x1018");

	(void)state;
	assert_ptr_equal(name_of(&in_main)->function, name_of(&other)->function);
	assert_ptr_not_equal(name_of(&in_main)->function, name_of(&in_fill)->function);
}

static void return_address_is_looked_up_as_its_call(void **state)
{
	(void)state;
	assert_string_equal(name_of(&end_of_main)->function->name, "fill_table");
	assert_string_equal(naming_code(naming, &end_of_main, CODE_CALLER, 1)->function->name,
			    "main");
}

static void what_has_no_symbol_has_its_object_and_address(void **state)
{
	const struct code_name *name = name_of(&nowhere);

	(void)state;
	assert_false(name->function->known);
	assert_string_equal(name->function->name, "demo+0x2000");
	assert_string_equal(name->function->text, "demo+0x2000");
	assert_false(name_of(&kernel)->function->known);
	assert_string_equal(name_of(&kernel)->function->text, "[kernel]");
	assert_string_equal(name_of(&made_by_another)->function->text, "0x9010");
}

static void kernel_code_tells_its_function_itself(void **state)
{
	(void)state;
	assert_string_equal(name_of(&clear_page)->function->text, "clear_page ([kernel])");
	assert_int_equal(name_of(&clear_page)->offset, 0x10);
	assert_int_equal(lookups, 0);
}

static void code_made_at_run_time_is_what_it_was_at_the_time(void **state)
{
	const struct code_name *early = naming_code(naming, &made, CODE_ITSELF, 50);
	const struct code_name *late = naming_code(naming, &made, CODE_ITSELF, 500);

	(void)state;
	assert_string_equal(early->function->text, "Early.run ([jit])");
	assert_string_equal(late->function->text, "Late.run ([jit])");
	assert_ptr_equal(naming_code(naming, &made, CODE_ITSELF, 60), early);
}

static void without_symbols_nothing_is_looked_up(void **state)
{
	struct naming *bare = naming_new(NULL);

	(void)state;
	assert_string_equal(naming_text(bare, &in_main, "-"), "demo+0x1010");
	assert_string_equal(naming_text(bare, NULL, "-"), "-");
	assert_int_equal(naming_lines(bare, &in_main, CODE_ITSELF, 1)->line_count, 0);
	naming_free(bare);
}

static void lines_are_told_from_the_innermost_outwards(void **state)
{
	struct text out;

	(void)state;
	text_init(&out);
	naming_put_lines(naming_lines(naming, &in_main, CODE_ITSELF, 1), &out);
	text_char(&out, ' ');
	naming_put_lines(naming_lines(naming, &in_fill, CODE_ITSELF, 1), &out);
	assert_string_equal(text_cstr(&out), "main.c:7 put@table.h:3<fill_table@table.c:42");
	text_release(&out);
	assert_string_equal(naming_line_text(naming, name_of(&in_fill)), "table.h:3 (put)");
}

/* ---- makers ---- */

static void maker_is_behind_the_libraries_that_ask_in_its_stead(void **state)
{
	const struct stack by_malloc = STACK(&in_mmap, &in_malloc, &in_main);
	const struct stack by_fopen = STACK(&kernel, &in_mmap, &in_malloc, &in_fopen,
						   &in_fill, &in_main);
	const struct stack itself = STACK(&in_fill, &in_main);
	const struct stack nobody_else = STACK(&in_mmap, &in_fopen);
	const struct stack kernel_only = STACK(&kernel);
	const struct {
		const struct stack *stack;
		const struct code *code;
		const char *wanted;
	} rows[] = {
		{ &by_malloc, &in_mmap, "main" },
		{ &by_fopen, &in_mmap, "fill_table" },
		{ &itself, &in_fill, "fill_table" },
		{ &nobody_else, &in_mmap, "fopen" },
		{ &kernel_only, &in_main, "main" },
		{ NULL, &in_main, "main" },
		{ NULL, &in_mmap, "__mmap64" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(naming_maker(naming, rows[i].stack, rows[i].code, 1)
					    ->function->name, rows[i].wanted);
	assert_null(naming_maker(naming, NULL, NULL, 1));
	assert_true(naming_maker(naming, NULL, &in_mmap, 1)->function->go_between);
}

/* ---- what was touched ---- */

static void check_touched(const struct fault *f, const char *stream, const char *table)
{
	const char *touched = naming_touched(naming, f);
	struct text out;

	text_init(&out);
	assert_int_equal(naming_put_touched(naming, f, false, &out), stream != NULL);
	assert_string_equal(text_cstr(&out), stream ? stream : "");
	text_release(&out);
	if (table)
		assert_string_equal(touched, table);
	else
		assert_null(touched);
}

static void place_in_an_image_has_its_symbol(void **state)
{
	struct fault f = { .region = &bss, .image = &demo, .image_addr = 0x4000 };

	(void)state;
	check_touched(&f, "table", "table (demo)");
	f.image_addr = 0x5008;
	check_touched(&f, "table+0x1008", "table (demo)");
	f.image_addr = 0x7000;
	check_touched(&f, "flags", "flags (demo)");
	f.image_addr = 0x1104;
	check_touched(&f, "fill_table+0x4", "fill_table (demo)");
	f.image_addr = 0x7001;
	check_touched(&f, NULL, NULL);
	f.tls = true;
	f.image_addr = 0x12;
	check_touched(&f, "errno_copy+0x2", "errno_copy (demo)");
}

static void memory_is_its_makers(void **state)
{
	const struct stack stack = STACK(&in_mmap, &in_malloc, &in_main);
	const struct stack template = STACK(&in_template, &in_main);
	struct origin origin = { .kind = ORIGIN_mmap, .code = &in_mmap, .stack = &stack };
	struct fault f = { .region = &anon, .origin = &origin, .origin_offset = 0x3000 };

	(void)state;
	check_touched(&f, "main()+0x3000", "memory of main (demo)");
	f.origin_offset = 0;
	check_touched(&f, "main()", "memory of main (demo)");
	origin.stack = &template;
	check_touched(&f, "std::fill<int, long>(int*, long)",
		      "memory of std::fill<int, long>(int*, long) (demo)");
	origin.stack = NULL; /* only that mmap() was called */
	check_touched(&f, NULL, NULL);
	f.stack_tid = 4322;
	f.stack_serial = 3;
	check_touched(&f, "stack of 4322", "stacks of threads");
}

/* ---- in lines ---- */

static const struct stack deep = { (const struct code *const[]){ &in_fill, &end_of_main }, 2,
				   true, "read" };
static const struct origin main_made = { .kind = ORIGIN_mmap, .code = &in_main,
					 .time_ns = 1000 };

static void check_line(unsigned fields, const struct fault *f, const char *wanted)
{
	struct view view = view_default();
	struct line line = { .view = &view, .naming = naming };
	struct text out;

	if (fields)
		view.fields = fields;
	view.fields_chosen = fields;
	text_init(&out);
	text_format.fault(&out, &line, f);
	assert_string_equal(text_cstr(&out), wanted);
	text_release(&out);
}

static void line_names_code_and_what_it_touched(void **state)
{
	struct fault f = { .type = FAULT_MINOR, .kind = "zero-fill", .addr = 0x5000,
			   .latency_ns = LATENCY_UNKNOWN, .region = &bss, .code = &in_fill,
			   .image = &demo, .image_addr = 0x5000, .time_ns = 2500,
			   .stack = &deep };

	(void)state;
	check_line(0, &f, "[000000.000002] MINOR 0x5000 demo .bss kind=zero-fill "
			  "by=fill_table at=table+0x1000\n");
	check_line((1U << FIELD_COUNT) - (1U << FIELD_by), &f,
		   "[000000.000002] MINOR 0x5000 demo .bss by=fill_table at=table+0x1000 code=demo+0x1120 "
		   "line=put@table.h:3<fill_table@table.c:42 object=demo+0x5000 "
		   "stack=...;main;fill_table\n");
	f.kernel = true;
	f.code = &kernel;
	check_line(1U << FIELD_by | 1U << FIELD_call, &f,
		   "[000000.000002] MINOR 0x5000 demo .bss call=read\n");
	f = (struct fault){ .type = FAULT_MINOR, .kind = "zero-fill", .addr = 0x8000,
			    .latency_ns = LATENCY_UNKNOWN, .region = &anon,
			    .code = &in_template, .time_ns = 2500, .origin = &main_made,
			    .origin_offset = 0x1000 };
	check_line(1U << FIELD_by | 1U << FIELD_at | 1U << FIELD_maker | 1U << FIELD_age, &f,
		   "[000000.000002] MINOR 0x8000 anon by=\"std::fill<int, long>(int*, long)\" "
		   "at=main()+0x1000 maker=main age=1.5us\n");
}

static void code_that_was_not_there_is_not_named_twice(void **state)
{
	const struct fault f = { .type = FAULT_MINOR, .kind = "map", .addr = 0x1120,
				 .ip = 0x1120, .latency_ns = LATENCY_UNKNOWN,
				 .region = &bss, .code = &in_fill, .image = &demo,
				 .image_addr = 0x1120 };

	(void)state;
	check_line(0, &f, "[000000.000000] MINOR 0x1120 demo .bss kind=map by=fill_table\n");
	check_line(1U << FIELD_at, &f,
		   "[000000.000000] MINOR 0x1120 demo .bss at=fill_table+0x20\n");
}

static void change_names_who_asked_for_it(void **state)
{
	const struct stack stack = STACK(&in_mmap, &in_malloc, &in_main);
	const struct view view = view_default();
	const struct line line = { .view = &view, .naming = naming };
	struct change c = { .kind = CHANGE_MMAP_ADD, .start = 0x1000, .end = 0x2000,
			    .region = &anon, .vmas = { 0, 1 }, .code = &in_mmap };
	struct text out;

	(void)state;
	text_init(&out);
	text_format.change(&out, &line, &c); /* only that mmap() was called */
	c.stack = &stack;
	text_format.change(&out, &line, &c);
	assert_string_equal(text_cstr(&out),
		"[000000.000000] MMAP_ADD 0x1000-0x2000 ---p anon 4.0K\n"
		"[000000.000000] MMAP_ADD 0x1000-0x2000 ---p anon 4.0K by=main\n");
	text_release(&out);
}

/* ---- tables ---- */

static void add(struct by_name *by, const struct code *code, uint64_t latency_ns,
		uint64_t image_addr)
{
	const struct fault f = {
		.type = FAULT_MINOR, .kind = "zero-fill", .region = image_addr ? &bss : &anon,
		.code = code, .latency_ns = latency_ns, .time_ns = 2000,
		.image = image_addr ? &demo : NULL, .image_addr = image_addr,
		.origin = image_addr ? NULL : &main_made,
	};

	by_name_fault(by, &f);
}

static void check_tables(const struct view *view, const struct by_name *by,
			 const char *wanted)
{
	struct text out;

	text_init(&out);
	by_name_print(&out, view, by);
	by_name_print_lines(&out, view, by);
	assert_string_equal(text_cstr(&out), wanted);
	text_release(&out);
}

static void fill(struct by_name *by, struct naming *with)
{
	by_name_init(by, with);
	add(by, &in_main, 1000, 0);
	add(by, &in_main, LATENCY_UNKNOWN, 0);
	add(by, &end_of_main, 5000, 0x4000); /* another place in fill_table() */
	add(by, &in_fill, 2000, 0x5000);
	add(by, &in_fill, 2000, 0x7004); /* no object */
	add(by, &nowhere, 30000, 0);
}

static void tables_are_by_function_line_object_and_maker(void **state)
{
	struct view view = view_default();
	struct by_name by;

	(void)state;
	fill(&by, naming);
	check_tables(&view, &by,
		"\nFaults by function\n"
		"  function           faults  major  minor  cow  invalid    time     max\n"
		"  fill_table (demo)       3      0      3    0        0   9.0us   5.0us\n"
		"  main (demo)             2      0      2    0        0   1.0us   1.0us\n"
		"  demo+0x2000             1      0      1    0        0  30.0us  30.0us\n"
		"\nFaults by what was touched\n"
		"  touched                faults  major  minor  cow  invalid    time     max\n"
		"  memory of main (demo)       3      0      3    0        0  31.0us  30.0us\n"
		"  table (demo)                2      0      2    0        0   7.0us   5.0us\n"
		"  demo .bss                   1      0      1    0        0   2.0us   2.0us\n"
		"\nFaults by who asked for the memory\n"
		"  asked for by  faults  major  minor  cow  invalid    time     max\n"
		"  main (demo)        3      0      3    0        0  31.0us  30.0us\n"
		"\nFaults by line\n"
		"  line             faults  major  minor  cow  invalid    time     max\n"
		"  table.h:3 (put)       4      0      4    0        0  39.0us  30.0us\n"
		"  main.c:7 (main)       2      0      2    0        0   1.0us   1.0us\n");
	by_name_release(&by);
}

/* Debug information is dear: what took less than a hundredth goes by its function. */
static void lines_are_of_what_took_its_part(void **state)
{
	struct view view = view_default();
	struct text out;
	struct by_name by;

	(void)state;
	by_name_init(&by, naming);
	for (int i = 0; i < 200; i++)
		add(&by, &in_fill, LATENCY_UNKNOWN, 0x5000);
	add(&by, &in_main, LATENCY_UNKNOWN, 0);
	text_init(&out);
	by_name_print_lines(&out, &view, &by);
	assert_non_null(strstr(text_cstr(&out), "  table.h:3 (put)"));
	assert_non_null(strstr(text_cstr(&out), "  main (demo)"));
	assert_null(strstr(text_cstr(&out), "main.c:7"));
	text_release(&out);
	by_name_release(&by);
}

static void tables_go_by_time_if_wanted(void **state)
{
	struct view view = view_default();
	struct text out;
	struct by_name by;

	(void)state;
	fill(&by, naming);
	view.sort_by_time = true;
	text_init(&out);
	by_name_print(&out, &view, &by);
	assert_true(strstr(text_cstr(&out), "demo+0x2000") <
		    strstr(text_cstr(&out), "fill_table (demo)"));
	assert_true(strstr(text_cstr(&out), "fill_table (demo)") <
		    strstr(text_cstr(&out), "main (demo)"));
	text_release(&out);
	by_name_release(&by);
}

static void tables_without_a_name_are_left_out(void **state)
{
	const struct view view = view_default();
	struct naming *bare = naming_new(NULL);
	struct by_name by;

	(void)state;
	by_name_init(&by, bare);
	check_tables(&view, &by, "");
	by_name_release(&by);
	fill(&by, bare);
	check_tables(&view, &by, "");
	by_name_release(&by);
	naming_free(bare);
}

#define WITH_NAMING(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_NAMING(code_has_its_function_and_offset),
		WITH_NAMING(function_is_the_same_for_all_of_its_code),
		WITH_NAMING(return_address_is_looked_up_as_its_call),
		WITH_NAMING(what_has_no_symbol_has_its_object_and_address),
		WITH_NAMING(kernel_code_tells_its_function_itself),
		WITH_NAMING(code_made_at_run_time_is_what_it_was_at_the_time),
		WITH_NAMING(without_symbols_nothing_is_looked_up),
		WITH_NAMING(lines_are_told_from_the_innermost_outwards),
		WITH_NAMING(maker_is_behind_the_libraries_that_ask_in_its_stead),
		WITH_NAMING(place_in_an_image_has_its_symbol),
		WITH_NAMING(memory_is_its_makers),
		WITH_NAMING(line_names_code_and_what_it_touched),
		WITH_NAMING(code_that_was_not_there_is_not_named_twice),
		WITH_NAMING(change_names_who_asked_for_it),
		WITH_NAMING(tables_are_by_function_line_object_and_maker),
		WITH_NAMING(lines_are_of_what_took_its_part),
		WITH_NAMING(tables_go_by_time_if_wanted),
		WITH_NAMING(tables_without_a_name_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
