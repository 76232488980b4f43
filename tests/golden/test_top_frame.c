/* A frame of pfa top as text: whole screens, of several sizes. */
#include "../support/top_world.h"

#include <stdio.h>

#include "../support/golden.h"
#include "pfa/report/budgets.h"
#include "pfa/report/top_frame.h"

static struct budget budget;

/* Two frames: the second one is shown. */
static struct top *some_run(void)
{
	struct top *top = top_begin(0);
	const struct memory_sample sample = {
		.actor = actor_of(1), .anon_bytes = 3 << 20, .swap_bytes = 4096,
		.size_bytes = 20 << 20,
	};
	const struct loss loss = { .count = 3 };

	faults(top, 100, 40, FAULT_MAJOR, &libc_data, 3000000);
	top_memory(top, &sample);
	faults(top, 1100, 1200, FAULT_MINOR, &heap, 1500);
	faults(top, 1200, 30, FAULT_COW, &libc_data, 20000);
	faults(top, 1300, 2, FAULT_INVALID, &libc_data, LATENCY_UNKNOWN);
	top_loss(top, &loss);
	pass(top, 2000);
	return top;
}

static void alert(struct top *top, uint64_t ms)
{
	struct alert alert = { .budget = &budget, .time_ns = AT_MS(ms), .figure = 1001 };
	struct pfa_error err;

	assert_int_equal(budget_parse(&budget, "faults/s>1000", true, &err), PFA_OK);
	top_alert(top, &alert);
}

static void draw(const struct top *top, const struct top_look *look, size_t rows,
		 size_t columns, struct text *out)
{
	struct grid grid;

	grid_init(&grid);
	grid_clear(&grid, rows, columns);
	top_draw(top, look, &grid);
	grid_print(&grid, out);
	grid_release(&grid);
}

static void check_drawn(const struct top *top, const struct top_look *look, size_t rows,
			size_t columns, const char *golden)
{
	struct text out;

	text_init(&out);
	draw(top, look, rows, columns, &out);
	golden_write_actual(golden, text_cstr(&out), out.length);
	assert_true(golden_matches(golden));
	text_release(&out);
}

static void check_words(const struct top *top, const struct top_look *look, size_t rows,
			size_t columns, const char *words)
{
	struct text out;

	text_init(&out);
	draw(top, look, rows, columns, &out);
	if (!strstr(text_cstr(&out), words))
		fail_msg("no \"%s\" in: %s", words, text_cstr(&out));
	text_release(&out);
}

static void usual_screen(void **state)
{
	struct top *top = some_run();

	(void)state;
	alert(top, 1150);
	check_drawn(top, &(struct top_look){ .has_keys = true }, 24, 80,
		    "top/usual.txt");
	top_end(top);
}

/* The rest of a frame is short: what it has in a second is more. */
static void whole_run_at_its_end_by_time(void **state)
{
	struct top *top = some_run();

	(void)state;
	faults(top, 2100, 100, FAULT_MINOR, &heap, 1000);
	finish(top, 2500);
	check_drawn(top, &(struct top_look){ .whole = true, .by_time = true }, 20, 80,
		    "top/whole_run.txt");
	top_end(top);
}

static void larger_screen_has_more_of_all(void **state)
{
	static const struct region many[] = {
#define R(name) { name, "", name }
		R("a"), R("b"), R("c"), R("d"), R("e"), R("f"), R("g"), R("h"), R("i"),
		R("j"), R("k"), R("l"), R("m"), R("n"), R("o"), R("p"), R("q"), R("r"),
#undef R
	};
	struct top *top = some_run();

	(void)state;
	snprintf(top->wanted.region, sizeof(top->wanted.region), "?");
	top->wanted.types = 1U << FAULT_MINOR | 1U << FAULT_COW;
	pass(top, 3000);
	for (size_t i = 0; i < COUNT_OF(many); i++)
		faults(top, 3100 + 10 * i, 20 - i, FAULT_MINOR, &many[i], 700);
	for (uint64_t i = 0; i < 6; i++)
		alert(top, 3100 + i);
	pass(top, 4000);
	check_drawn(top, &(struct top_look){ .has_keys = true }, 34, 110,
		    "top/larger.txt");
	top_end(top);
}

static void nothing_has_happened_yet(void **state)
{
	struct top *top = top_begin(0);

	(void)state;
	top->paused = true;
	check_drawn(top, &(struct top_look){ 0 }, 24, 80,
		    "top/nothing_yet.txt");
	top_end(top);
}

static void too_small_a_screen_says_so(void **state)
{
	struct top *top = some_run();
	const struct top_look look = { .has_keys = true };

	(void)state;
	check_words(top, &look, 19, 80, "80x20 wanted, 80x19 there\n(q quits)\n");
	check_words(top, &look, 50, 79, "80x20 wanted, 79x50 there\n(q quits)\n");
	check_words(top, &look, 1, 10, "80x20 wan~\n");
	check_words(top, &look, 0, 0, "");
	top_end(top);
}

/* Alerts and processes as many as can be: the tables keep a row. */
static void smallest_screen_holds_it_all(void **state)
{
	const struct top_look look = { .has_keys = true };
	struct top *top = some_run();

	(void)state;
	for (uint32_t serial = 3; serial < 20; serial++) {
		const struct memory_sample sample = { .actor = actor_of(serial) };

		top_memory(top, &sample);
	}
	for (uint64_t i = 0; i < 6; i++)
		alert(top, 1150 + i);
	check_drawn(top, &look, TOP_ROWS_MIN, TOP_COLUMNS_MIN, "top/smallest.txt");
	top_end(top);
}

static void large_numbers_keep_to_their_columns(void **state)
{
	const struct top_look look = { 0 };
	struct top *top = some_run();

	(void)state;
	top->last.all.faults = 9999999;
	top->last.all.by_type[FAULT_MAJOR] = 10000000;
	top->sum.faults = UINT64_MAX;
	check_words(top, &look, 24, 80, "a second    9999999   10000k ");
	check_words(top, &look, 24, 80, "in all       18446P ");
	top_end(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_screen),
		cmocka_unit_test(whole_run_at_its_end_by_time),
		cmocka_unit_test(larger_screen_has_more_of_all),
		cmocka_unit_test(nothing_has_happened_yet),
		cmocka_unit_test(too_small_a_screen_says_so),
		cmocka_unit_test(smallest_screen_holds_it_all),
		cmocka_unit_test(large_numbers_keep_to_their_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
