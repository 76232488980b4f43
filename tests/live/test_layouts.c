/* Whole layouts, of real processes: as the kernel tells them, and as a capture does. */
#include <signal.h>
#include <stdio.h>

#include "../support/live.h"
#include "../support/run.h"

/*
 * The shell has its own maps printed, and does nothing after that. Left out is what is
 * in no process: the vsyscall page.
 */
static void maps_are_those_of_proc(void **state)
{
	struct run run;

	(void)state;
	need_programs("awk diff");
	run_quietly(&run, "%s record -o %s -- sh -c 'cat /proc/$$/maps; :' >%s", pfa(),
		    work_path("data"), work_path("kernel"));
	run_release(&run);
	run_quietly(&run, "%s report -i %s --maps --pid=P1 | awk '$1 ~ /^[0-9a-f]+-/ "
		    "{ print $1, $2, $3, $4, $5 }' >%s", pfa(), work_path("data"),
		    work_path("modelled"));
	run_release(&run);
	run_quietly(&run, "awk '!/vsyscall/ { print $1, $2, $3, $4, $5 }' %s | diff - %s "
		    "&& wc -l <%s", work_path("kernel"), work_path("modelled"),
		    work_path("modelled"));
	assert_string_not_equal(run.out, "0\n");
	run_release(&run);
}

static void capture_says_what_the_live_run_said(void **state)
{
	static const struct {
		const char *options, *program;
	} rows[] = {
		{ "--maps", "$PFA_DEMOS/cow_fork" },
		{ "--leaks", "$PFA_DEMOS/mixed" },
		{ "--compare=P2,P1", "$PFA_DEMOS/cow_fork" },
		{ "--maps --fixed-ts", "$PFA_DEMOS/cow_fork" },
		{ "--maps --at=200ms", "sleep 0.4" },
	};
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_command(&run, "%s %s --capture=%s -o %s -- %s", pfa(),
			    rows[i].options, work_path("data"), work_path("live"),
			    rows[i].program);
		assert_run_status(&run, 0);
		run_release(&run);
		run_quietly(&run, "%s report %s -i %s", pfa(), rows[i].options,
			    work_path("data"));
		assert_says(run.out, rows[i].options[2] == 'm' ? " VMAs, " : "\n  ");
		run_release(&run);
		run_quietly(&run, "%s report %s -i %s | diff %s -", pfa(),
			    rows[i].options, work_path("data"), work_path("live"));
		run_release(&run);
	}
}

/* Of the demo's four pages each side copies one, and keeps another. */
static void parent_and_child_are_compared_when_the_child_ends(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, "%s --compare=P1,P2 --fixed-ts -o %s -- %s/cow_fork >%s", pfa(),
		    work_path("report"), demos(), work_path("said"));
	run_release(&run);
	run_quietly(&run, "cat %s", work_path("report"));
	assert_says(run.out, "P1 cow_fork still alive\nbeside P2 cow_fork at exit\n");
	assert_says(run.out, "\n  2000000000-2000004000      rw-p  rw-p  same   16.0K  "
			     "        1       1          1       1  anon\n");
	run_release(&run);
}

static void time_ends_the_run(void **state)
{
	struct run run;
	pid_t pid;

	(void)state;
	run_command(&run, "%s --maps --at=50ms -- sleep 100", pfa());
	assert_run_status(&run, 0);
	assert_says(run.out, " sleep at 0.050000: ");
	assert_int_equal(sscanf(run.err, "note: sleep (PID %d) is still running\n", &pid), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	run_release(&run);
}

static void nobody_of_that_name_is_an_error(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "%s --compare=P1,P9 -- true", pfa());
	assert_error_line(&run, 2, "there is no layout of process P9; there is of ");
	assert_string_equal(run.out, "");
	run_release(&run);
	run_quietly(&run, "%s record -o %s -- true", pfa(), work_path("data"));
	run_release(&run);
	run_command(&run, "%s report -i %s --maps --pid=P1,7000000", pfa(),
		    work_path("data"));
	assert_error_line(&run, 2, "there is no layout of process 7000000; there is of ");
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(maps_are_those_of_proc, run_kill_all),
		cmocka_unit_test_teardown(capture_says_what_the_live_run_said,
					  run_kill_all),
		cmocka_unit_test_teardown(
			parent_and_child_are_compared_when_the_child_ends,
			run_kill_all),
		cmocka_unit_test_teardown(time_ends_the_run, run_kill_all),
		cmocka_unit_test_teardown(nobody_of_that_name_is_an_error, run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
