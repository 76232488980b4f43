/*
 * Names, against those who know: a program that says which function touches which of its
 * variables, and nm, which reads the same file.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/rows.h"
#include "../support/run.h"

/* What the program says of one access. */
struct touch {
	uintmax_t addr, offset;
	char function[64], object[64];
};

static const char *next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : at + strlen(at);
}

static bool next_touch(const char **at, struct touch *touch)
{
	for (; **at; *at = next_line(*at))
		if (sscanf(*at, "touch %jx %63s %63s %jx", &touch->addr, touch->function,
			   touch->object, &touch->offset) == 4) {
			*at = next_line(*at);
			return true;
		}
	return false;
}

static const struct csv_row *fault_at(const struct csv *csv, uintmax_t addr)
{
	for (size_t i = 0; i < csv->count; i++)
		if (csv_is_completed(&csv->rows[i]) && csv->rows[i].addr == addr)
			return &csv->rows[i];
	fail_msg("no fault at %#jx", addr);
	return NULL;
}

/* ---- what nm has ---- */

struct function {
	uintmax_t start, size;
};

static struct function nm_function(const char *nm, const char *name)
{
	struct function f;
	char kind, found[64];

	for (; *nm; nm = next_line(nm))
		if (sscanf(nm, "%jx %jx %c %63s", &f.start, &f.size, &kind, found) == 4 &&
		    strchr("tT", kind) && !strcmp(found, name))
			return f;
	fail_msg("nm has no %s", name);
	return f;
}

static void check_against_nm(const char *nm, const struct csv_row *row)
{
	const struct function f = nm_function(nm, row->symbol);
	uintmax_t addr;

	assert_int_equal(sscanf(row->code, "globals+%jx", &addr), 1);
	assert_in_range(addr, f.start, f.start + f.size - 1);
	assert_int_equal(addr - f.start, row->symbol_offset);
}

/* ---- the tests ---- */

static void run_globals(struct run *run, const char *options)
{
	run_quietly(run, "%s -o /dev/null --csv=%s %s -- %s/globals", pfa(),
		    work_path("names.csv"), options, live_programs());
}

static void each_variable_is_named_with_who_touched_it(void **state)
{
	struct touch touch;
	struct run run, nm;
	struct csv csv;
	const char *at;
	size_t count = 0;

	(void)state;
	need_programs("nm");
	run_quietly(&nm, "nm -S %s/globals", live_programs());
	run_globals(&run, "");
	csv_read(&csv, work_path("names.csv"));
	for (at = run.out; next_touch(&at, &touch);) {
		const struct csv_row *row = fault_at(&csv, touch.addr);
		char wanted[128];

		assert_string_equal(row->symbol, touch.function);
		check_against_nm(nm.out, row);
		if (!strcmp(touch.object, "area"))
			continue; /* no variable */
		snprintf(wanted, sizeof(wanted), "%s+%#jx", touch.object, touch.offset);
		assert_string_equal(row->object, wanted);
		count++;
	}
	assert_int_equal(count, 4);
	csv_release(&csv);
	run_release(&run);
	run_release(&nm);
}

/*
 * Of the faults in [addr, addr + size): each has its place in the object, but for those
 * that the C library takes before it tells where a thread's variables are.
 */
static size_t check_inside(const struct csv *csv, uintmax_t addr, uintmax_t size,
			   const char *object)
{
	char wanted[128];
	size_t count = 0;

	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];

		if (!csv_is_completed(row) || row->addr < addr ||
		    row->addr - addr >= size || !*row->object)
			continue;
		if (row->addr == addr)
			snprintf(wanted, sizeof(wanted), "%s", object);
		else
			snprintf(wanted, sizeof(wanted), "%s+%#jx", object,
				 (uintmax_t)row->addr - addr);
		assert_string_equal(row->object, wanted);
		count++;
	}
	return count;
}

static void variables_of_threads_are_named(void **state)
{
	uintmax_t addr, size;
	size_t count = 0;
	char object[64];
	struct run run;
	struct csv csv;

	(void)state;
	run_globals(&run, "");
	csv_read(&csv, work_path("names.csv"));
	for (const char *at = run.out; *at; at = next_line(at))
		if (sscanf(at, "lies %jx %63s %jx", &addr, object, &size) == 3)
			count += check_inside(&csv, addr, size, object);
	assert_true(count > 0);
	csv_release(&csv);
	run_release(&run);
}

/* Threads that were there before: how deep a stack reaches is not announced by a call. */
static void stacks_and_variables_of_attached_threads_are_named(void **state)
{
	enum { THREADS = 5 };
	size_t stacks = 0, variables = 0;
	struct run program, run;
	struct touch touch;
	uintmax_t addr, tid;
	struct csv csv;
	char wanted[128];

	(void)state;
	run_start(&program, "%s/globals %d", live_programs(), THREADS);
	run_await_out(&program, "ready ");
	run_start(&run, "%s --csv=%s -p %d", pfa(), work_path("names.csv"), program.pid);
	run_await_out(&run, " at=shown");
	assert_int_equal(kill(program.pid, SIGUSR1), 0);
	run_wait(&program);
	run_wait(&run);
	assert_run_status(&run, 0);
	csv_read(&csv, work_path("names.csv"));
	for (const char *at = program.out; next_touch(&at, &touch); variables++) {
		snprintf(wanted, sizeof(wanted), "%s+%#jx", touch.object, touch.offset);
		assert_string_equal(fault_at(&csv, touch.addr)->object, wanted);
	}
	for (const char *at = program.out; *at; at = next_line(at)) {
		if (sscanf(at, "deep %ju %jx", &tid, &addr) != 2)
			continue;
		snprintf(wanted, sizeof(wanted), "stack of %ju", tid);
		assert_string_equal(fault_at(&csv, addr)->object, wanted);
		stacks++;
	}
	assert_int_equal(variables, THREADS);
	assert_int_equal(stacks, THREADS);
	csv_release(&csv);
	run_release(&run);
	run_release(&program);
}

static void memory_is_named_after_who_asked_for_it(void **state)
{
	const struct csv_row *row;
	struct touch touch;
	struct run run;
	struct csv csv;
	const char *at;
	char wanted[64];

	(void)state;
	run_globals(&run, "--call-graph=dwarf");
	csv_read(&csv, work_path("names.csv"));
	at = strstr(run.out, "touch_area");
	assert_non_null(at);
	while (strncmp(at, "touch 0x", 8))
		at--;
	assert_true(next_touch(&at, &touch));
	row = fault_at(&csv, touch.addr);
	snprintf(wanted, sizeof(wanted), "make_area()+%#jx", touch.offset);
	assert_string_equal(row->object, wanted);
	assert_string_equal(row->maker, "make_area");
	assert_non_null(strstr(row->frames, ";main;touch_area"));
	csv_release(&csv);
	run_release(&run);
}

/* The tables hold what the lines do. */
static void tables_count_each_function_and_variable(void **state)
{
	struct row row;
	struct run run;
	const char *at;

	(void)state;
	run_quietly(&run, "%s -s --top=1000 -- %s/globals", pfa(), live_programs());
	at = rows_after(run.out, "Faults by function");
	assert_true(rows_find(&at, &row, "touch_hidden (globals)"));
	assert_int_equal(row_number(&row, 1), 1);
	at = rows_after(run.out, "Faults by what was touched");
	assert_true(rows_find(&at, &row, "hidden (globals)"));
	assert_int_equal(row_number(&row, 1), 1);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(each_variable_is_named_with_who_touched_it,
					  run_kill_all),
		cmocka_unit_test_teardown(variables_of_threads_are_named,
					  run_kill_all),
		cmocka_unit_test_teardown(stacks_and_variables_of_attached_threads_are_named,
					  run_kill_all),
		cmocka_unit_test_teardown(memory_is_named_after_who_asked_for_it,
					  run_kill_all),
		cmocka_unit_test_teardown(tables_count_each_function_and_variable,
					  run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
