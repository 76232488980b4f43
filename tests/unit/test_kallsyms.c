/* The kernel's functions: found by address, whatever order and company they come in. */
#include "../support/check.h"

#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/kallsyms.h"

static const char kernel[] =
	"0000000000000000 A fixed_percpu_data\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000000 T _text\n"
	"ffffffff81000010 t helper\n"
	"ffffffff81000040 W weak_one\n"
	"ffffffff81000040 t a_local_with_a_long_name\n"
	"ffffffff81000040 T __chosen\n"
	"ffffffff81000040 T ___not_chosen\n"
	"ffffffff81000050 T also_chosen_long\n"
	"ffffffff81000050 T also_chosen\n"
	"ffffffff81000080 D data_does_not_count\n"
	"ffffffff81000f00 T _etext\n"
	"broken\n"
	"zz T no_address\n"
	"ffffffff8100100000000000 T too_much_of_one\n"
	"ffffffff81000020 T \n"
	"ffffffff81000020T x\n"
	"ffffffffc0002100 t second\t[two]\n"
	"ffffffffc0002000 t first\t[two]\n"
	"ffffffffc0001ff0 t last\t[one]\n"
	"ffffffffc0009000 t unfinished";

static struct kallsyms *kallsyms_of(const char *text)
{
	return kallsyms_new(pfa_strdup(text), strlen(text));
}

static const struct {
	uint64_t addr;
	const char *name, *module; /* NULL: nothing is found; the kernel's */
	uint64_t start, size;
} places[] = {
	{ 0, NULL, NULL, 0, 0 },
	{ 0xffffffff80ffffff, NULL, NULL, 0, 0 },
	{ 0xffffffff81000000, "_stext", NULL, 0xffffffff81000000, 0x10 },
	{ 0xffffffff8100000f, "_stext", NULL, 0xffffffff81000000, 0x10 },
	{ 0xffffffff81000010, "helper", NULL, 0xffffffff81000010, 0x30 },
	{ 0xffffffff8100003f, "helper", NULL, 0xffffffff81000010, 0x30 },
	{ 0xffffffff81000041, "__chosen", NULL, 0xffffffff81000040, 0x10 },
	{ 0xffffffff81000090, "also_chosen_long", NULL, 0xffffffff81000050, 0xeb0 },
	{ 0xffffffff81000fff, "_etext", NULL, 0xffffffff81000f00, 0x100 },
	{ 0xffffffff81001000, NULL, NULL, 0, 0 },
	{ 0xffffffffc0001ff8, "last", "one", 0xffffffffc0001ff0, 0x10 },
	{ 0xffffffffc0002000, "first", "two", 0xffffffffc0002000, 0x100 },
	{ 0xffffffffc0002fff, "second", "two", 0xffffffffc0002100, 0xf00 },
	{ 0xffffffffc0003000, NULL, NULL, 0, 0 },
	{ 0xffffffffc0009000, NULL, NULL, 0, 0 },
	{ UINT64_MAX, NULL, NULL, 0, 0 },
};

static void function_is_the_one_that_covers_the_address(void **state)
{
	struct kallsyms *symbols = kallsyms_of(kernel);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct kernel_function found = { 0 };
		bool any = kallsyms_function(symbols, places[i].addr, &found);

		assert_int_equal(any, places[i].name != NULL);
		if (!any)
			continue;
		assert_string_equal(found.name, places[i].name);
		assert_int_equal(found.module != NULL, places[i].module != NULL);
		if (found.module)
			assert_string_equal(found.module, places[i].module);
		assert_int_equal(found.start, places[i].start);
		assert_int_equal(found.size, places[i].size);
	}
	kallsyms_free(symbols);
}

static void address_is_found_by_any_of_its_names(void **state)
{
	struct kallsyms *symbols = kallsyms_of(kernel);

	(void)state;
	assert_int_equal(kallsyms_address(symbols, "_text"), 0xffffffff81000000);
	assert_int_equal(kallsyms_address(symbols, "_etext"), 0xffffffff81000f00);
	assert_int_equal(kallsyms_address(symbols, "nowhere"), 0);
	kallsyms_free(symbols);
}

static void hidden_addresses_tell_nothing(void **state)
{
	static const char hidden[] = "0000000000000000 T _text\n0000000000000000 t f\n";
	struct kallsyms *symbols = kallsyms_of(hidden);
	struct kernel_function function;

	(void)state;
	assert_true(kallsyms_is_hidden(hidden, sizeof(hidden) - 1));
	assert_false(kallsyms_is_hidden(kernel, sizeof(kernel) - 1));
	assert_false(kallsyms_is_hidden("", 0));
	assert_false(kallsyms_function(symbols, 0, &function));
	assert_false(kallsyms_function(symbols, UINT64_MAX, &function));
	kallsyms_free(symbols);
}

static void no_text_has_no_functions(void **state)
{
	struct kallsyms *symbols = kallsyms_new(NULL, 0);
	struct kernel_function function;

	(void)state;
	assert_false(kallsyms_function(symbols, 0xffffffff81000000, &function));
	kallsyms_free(symbols);
	kallsyms_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_is_the_one_that_covers_the_address),
		cmocka_unit_test(address_is_found_by_any_of_its_names),
		cmocka_unit_test(hidden_addresses_tell_nothing),
		cmocka_unit_test(no_text_has_no_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
