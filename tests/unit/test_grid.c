/* A screen of text: where it is cut, what is wide, and what cannot be printed. */
#include "../support/check.h"

#include "pfa/base/text.h"
#include "pfa/report/grid.h"

static void check_printed(struct grid *g, const char *lines)
{
	struct text out;

	text_init(&out);
	grid_print(g, &out);
	assert_string_equal(text_cstr(&out), lines);
	text_release(&out);
	grid_release(g);
}

static void begin(struct grid *g, size_t rows, size_t columns)
{
	grid_init(g);
	grid_clear(g, rows, columns);
}

static void text_stands_where_it_was_put(void **state)
{
	struct grid g;

	(void)state;
	begin(&g, 3, 10);
	grid_put(&g, 0, 2, 8, LOOK_PLAIN, "ab");
	grid_put_right(&g, 2, 0, 10, LOOK_HEAD, "cd");
	assert_int_equal(g.cells[2 * 10 + 9].look, LOOK_HEAD);
	assert_int_equal(g.cells[2].look, LOOK_PLAIN);
	check_printed(&g, "  ab\n\n        cd\n");
}

static const struct {
	const char *text;
	size_t width;
	const char *left, *right;
} rows[] = {
	{ "abcd", 4, "abcd\n", "  abcd\n" },
	{ "abcde", 4, "abc~\n", "  abc~\n" },
	{ "abcde", 1, "~\n", "     ~\n" },
	{ "abcde", 0, "", "" },
	{ "", 4, "", "" },
	{ "a\tb\177", 4, "a?b?\n", "  a?b?\n" },
	{ "gr\303\274n", 4, "gr\303\274n\n", "  gr\303\274n\n" },
	{ "gr\303\274ne", 4, "gr\303\274~\n", "  gr\303\274~\n" },
	{ "\350\241\250x", 3, "\350\241\250x\n", "   \350\241\250x\n" }, /* two wide */
	{ "\350\241\250\350\241\250", 3, "\350\241\250~\n", "   \350\241\250~\n" },
	{ "\350\241\250\350\241\250x", 4, "\350\241\250~\n", "   \350\241\250~\n" },
	{ "\360\237\220\247", 2, "\360\237\220\247\n", "    \360\237\220\247\n" },
	{ "a\377b", 4, "a?b\n", "   a?b\n" }, /* no UTF-8 */
	{ "a\303", 4, "a?\n", "    a?\n" }, /* the rest is missing */
};

static void text_keeps_to_its_columns(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct grid g;

		begin(&g, 1, 6);
		grid_put(&g, 0, 0, rows[i].width, LOOK_PLAIN, rows[i].text);
		check_printed(&g, rows[i].left);
		begin(&g, 1, 6);
		grid_put_right(&g, 0, 6 - rows[i].width, rows[i].width, LOOK_PLAIN,
			       rows[i].text);
		check_printed(&g, rows[i].right);
	}
}

static void nothing_is_put_outside(void **state)
{
	struct grid g;

	(void)state;
	begin(&g, 2, 4);
	grid_put(&g, 2, 0, 4, LOOK_PLAIN, "below");
	grid_put(&g, 0, 4, 4, LOOK_PLAIN, "beside");
	grid_put_right(&g, 7, 1, 100, LOOK_PLAIN, "below");
	grid_look(&g, 2, LOOK_TITLE);
	grid_put(&g, 1, 2, 100, LOOK_PLAIN, "cut");
	check_printed(&g, "\n  c~\n");
}

static void cleared_it_is_blank_and_of_another_size(void **state)
{
	struct grid g;

	(void)state;
	begin(&g, 2, 4);
	grid_put(&g, 0, 0, 4, LOOK_PLAIN, "old");
	grid_clear(&g, 1, 8);
	grid_put(&g, 0, 4, 4, LOOK_PLAIN, "new");
	check_printed(&g, "    new\n");
	begin(&g, 0, 0);
	grid_put(&g, 0, 0, 4, LOOK_PLAIN, "nowhere");
	check_printed(&g, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stands_where_it_was_put),
		cmocka_unit_test(text_keeps_to_its_columns),
		cmocka_unit_test(nothing_is_put_outside),
		cmocka_unit_test(cleared_it_is_blank_and_of_another_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
