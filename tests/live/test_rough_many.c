/*
 * Many processes, and more than one pfa: nothing is lost, nothing hangs, and what
 * outlives the program lives on.
 */
#include <glob.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/sturdy.h"

/* All run in the work directory. */

/* ---- many processes ---- */

static size_t count_events(const struct csv *csv, const char *event)
{
	size_t count = 0;

	for (size_t i = 0; i < csv->count; i++)
		count += !strcmp(csv->rows[i].event, event);
	return count;
}

static void run_many(struct run *run, struct csv *csv, const char *what)
{
	run_command(run, "%s -s --show=faults,life --csv=csv -- %s/sturdy %s", pfa(),
		    live_programs(), what);
	assert_run_status(run, 0);
	assert_says(run->out, "\n  lost           0 records\n");
	assert_says(strstr(run->out, "perf counters"), ": equal\n");
	assert_nothing_left(run);
	csv_read(csv, "csv");
	assert_int_equal(csv_count_type(csv, "INVALID"), 0);
}

static void five_hundred_processes_at_once_are_all_seen(void **state)
{
	struct run run;
	struct csv csv;
	size_t touches = 0;

	(void)state;
	run_many(&run, &csv, "tree 500");
	assert_string_equal(run.err, "");
	assert_int_equal(count_events(&csv, "FORK"), 499);
	assert_int_equal(count_events(&csv, "EXIT"), 500);
	for (size_t i = 0; i < csv.count; i++)
		touches += csv_is_fault(&csv.rows[i]) && csv.rows[i].addr == 0x2000000000;
	assert_int_equal(touches, 500);
	csv_release(&csv);
	run_release(&run);
}

static void hundreds_of_execs_are_all_seen(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	run_many(&run, &csv, "execs 400");
	assert_string_equal(run.err, "");
	assert_int_equal(count_events(&csv, "EXEC_REBUILD"), 401);
	assert_int_equal(count_events(&csv, "EXIT"), 1);
	csv_release(&csv);
	run_release(&run);
}

/* Each leaves a file, and is then ours to reap: a test is that of its descendants. */
static void await_daemons(size_t count)
{
	glob_t left = { 0 };

	for (int i = 0; i < 6000 && left.gl_pathc != count; i++) {
		globfree(&left);
		usleep(10 * 1000);
		(void)glob("[0-9]*", 0, NULL, &left);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	assert_int_equal(left.gl_pathc, count);
	globfree(&left);
}

static void daemons_that_outlive_the_program_are_told_and_live(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	run_many(&run, &csv, "daemons 5 .");
	assert_says(run.err, "note: ");
	assert_says(run.err, " has left 5 processes behind: no longer traced");
	assert_int_equal(count_events(&csv, "FORK"), 10);
	assert_int_equal(count_events(&csv, "EXIT"), 6);
	csv_release(&csv);
	run_release(&run);
	run_quietly(&run, "touch go");
	run_release(&run);
	await_daemons(5);
}

/* ---- pfa and pfa ---- */

static void assert_sees_all(const char *summary)
{
	assert_says(summary, "Summary: ");
	assert_says(summary, "\n  lost           0 records\n");
	assert_says(strstr(summary, "perf counters"), ": equal\n");
	assert_null(strstr(summary, "corrupt"));
	assert_null(strstr(summary, "retried"));
}

static void pfa_under_pfa_works(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, "%s -s -o outer -- %s -s -o inner -- true", pfa(), pfa());
	run_release(&run);
	run_quietly(&run, "cat inner");
	assert_sees_all(run.out);
	run_release(&run);
	run_quietly(&run, "cat outer");
	assert_sees_all(run.out);
	run_release(&run);
}

static void two_at_once_see_the_same_process(void **state)
{
	struct run target, first, second;

	(void)state;
	sturdy_start(&target, "storm");
	run_start(&first, "%s -s -p %d", pfa(), target.pid);
	run_quietly(&second, "%s -s --duration=100ms -p %d", pfa(), target.pid);
	kill(first.pid, SIGINT);
	run_wait(&first);
	assert_run_status(&first, 0);
	assert_sees_all(first.out);
	assert_sees_all(second.out);
	run_release(&second);
	run_release(&first);
	sturdy_ends_unharmed(&target);
}

static int enter_work_dir(void **state)
{
	return work_dir_make(state) || chdir(work_path("."));
}

#define TESTS(X)                                              \
	X(five_hundred_processes_at_once_are_all_seen)        \
	X(hundreds_of_execs_are_all_seen)                     \
	X(daemons_that_outlive_the_program_are_told_and_live) \
	X(pfa_under_pfa_works)                                \
	X(two_at_once_see_the_same_process)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, enter_work_dir, work_dir_remove);
}
