#include "../support/check.h"

#include <stdio.h>
#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/base/text.h"
#include "pfa/symbol/demangle.h"

static const struct {
	const char *symbol, *name;
} names[] = {
	{ "main", "main" },
	{ "", "" },
	{ "_Z", "_Z" },
	{ "_Z3fooi", "foo" },
	{ "_ZN3geo6SquareC1Ed", "geo::Square::Square" },
	{ "_ZN3geo5totalIiEET_RKSt6vectorIS1_SaIS1_EE", "geo::total<int>" },
	{ "_ZTVN3geo6SquareE", "vtable for geo::Square" },
	{ "_ZN12_GLOBAL__N_13fooEv.cold", "(anonymous namespace)::foo" },
	{ "foo.part.0", "foo.part.0" },
	{ "_RNvCs1234_7mycrate3foo", "mycrate::foo" },
	{ "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad" },
	{ "_RNvNtC3std", "_RNvNtC3std" },
	{ "memcpy@@GLIBC_2.14", "memcpy" },
	{ "memcpy@GLIBC_2.2.5", "memcpy" },
	{ "_Znwm@@GLIBCXX_3.4", "operator new" },
	{ "_Znwm@plt", "operator new@plt" },
	{ "puts@plt", "puts@plt" },
	{ "@", "@" },
	{ "@odd", "@odd" },
	{ "main.main", "main.main" },
	{ "type:.eq.[2]interface {}", "type:.eq.[2]interface {}" },
	{ "esc\x1b[31m\n\x7f", "esc?[31m??" },
	{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
};

static void names_are_those_of_the_source(void **state)
{
	struct intern *pool = intern_new();
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(names); i++)
		assert_string_equal(demangle(pool, names[i].symbol), names[i].name);
	intern_free(pool);
}

/* f<p<int, int>, p<the one before, the one before>, ...> with so many levels. */
static void write_explosive(struct text *symbol, size_t levels)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t i;

	text_str(symbol, "_Z1fI1pIiiE");
	for (i = 1; i <= levels; i++)
		text_printf(symbol, "S0_IS%c_S%c_E", digits[i], digits[i]);
	text_str(symbol, "Evv");
}

static void names_that_explode_stay_as_they_are(void **state)
{
	struct intern *pool = intern_new();
	struct text symbol;

	(void)state;
	text_init(&symbol);
	write_explosive(&symbol, 1);
	assert_string_equal(demangle(pool, text_cstr(&symbol)),
			    "f<p<int, int>, p<p<int, int>, p<int, int> > >");
	text_clear(&symbol);
	write_explosive(&symbol, 35);
	assert_string_equal(demangle(pool, text_cstr(&symbol)), text_cstr(&symbol));
	text_release(&symbol);
	intern_free(pool);
}

static void names_without_end_are_cut(void **state)
{
	struct intern *pool = intern_new();
	static char symbol[1 << 20];

	(void)state;
	memset(symbol, 'x', sizeof(symbol) - 1);
	assert_int_equal(strlen(demangle(pool, symbol)), 16 * 1024);
	assert_int_equal(strlen(printable(pool, symbol)), 16 * 1024);
	intern_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_source),
		cmocka_unit_test(names_that_explode_stay_as_they_are),
		cmocka_unit_test(names_without_end_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
