/*
 * Runs held to budgets: the status and the line on stderr, launched, attached and
 * replayed; figures beside what the program itself knows.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/live.h"
#include "../support/run.h"

/* The number that a command prints. */
static long number_of(const char *command)
{
	struct run run;
	long number;

	run_quietly(&run, "%s", command);
	number = strtol(run.out, NULL, 10);
	run_release(&run);
	return number;
}

static void check_replay(const char *options, int status, const char *words)
{
	struct run run;

	run_command(&run, "%s report -s -i %s %s", pfa(), work_path("data"), options);
	if (status)
		assert_error_line(&run, status, words);
	assert_run_status(&run, status);
	run_release(&run);
}

/* The demo announces each read that has to come from the disk. */
static void figure_is_what_the_program_announced(void **state)
{
	char command[512], options[128], words[128];
	struct run run;
	long majors;

	(void)state;
	run_command(&run, "%s -s --capture=%s -o %s --fail-if='major@scratch>0' -- "
		    "%s/cold_file >%s", pfa(), work_path("data"), work_path("live"),
		    demos(), work_path("said"));
	snprintf(command, sizeof(command), "grep -c '^touch .* MAJOR ' %s",
		 work_path("said"));
	majors = number_of(command);
	assert_true(majors > 0);
	snprintf(words, sizeof(words), "not within budget: major@scratch>0 (%ld)\n", majors);
	assert_error_line(&run, 3, words);
	run_release(&run);
	check_replay("--fail-if='major@scratch>0'", 3, words);
	snprintf(options, sizeof(options), "--fail-if='major@scratch>%ld'", majors);
	check_replay(options, 0, NULL);
	snprintf(options, sizeof(options), "--fail-if='major@scratch<=%ld'", majors);
	check_replay(options, 3, "not within budget");
	snprintf(options, sizeof(options), "--fail-if='major@scratch<%ld'", majors);
	check_replay(options, 0, NULL);
}

/* 64 MiB that are kept or not; all else that python maps is less. */
static void memory_that_is_kept_is_leaked(void **state)
{
	static const struct {
		const char *end;
		int status;
	} rows[] = { { "m", 3 }, { "m.close()", 0 } };
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_command(&run, "%s -s --fail-if='leaked>=64M' --fail-if='mapped<64M' -- "
			    "%s -c 'import mmap, os; m = mmap.mmap(-1, 64 << 20, "
			    "mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); %s; "
			    "os._exit(0)'", pfa(), python(),
			    rows[i].end);
		assert_run_status(&run, rows[i].status);
		if (rows[i].status)
			assert_error_line(&run, 3, "not within budget: leaked>=64M (");
		assert_says(run.out, "  mapped<64M ");
		run_release(&run);
	}
}

/* Nothing happens any more: the alert comes all the same, and the end by a signal. */
static void attached_to_a_sleeper_its_rate_drops(void **state)
{
	struct run sleeper, run;

	(void)state;
	run_start(&sleeper, "sleep 100");
	run_start(&run, "%s --alert='faults/s<1' --fail-if='faults/s<1' -p %d", pfa(),
		  sleeper.pid);
	run_await_out(&run, "] ALERT faults/s<1 figure=0/s\n");
	kill(run.pid, SIGINT);
	run_wait(&run);
	assert_error_line(&run, 3, "not within budget: faults/s<1 (0/s)\n");
	assert_says(run.out, "\nBudgets\n  fails if    figure  verdict\n"
		    "  faults/s<1     0/s  failed\n");
	assert_says(run.out, "\nAlerts\n");
	run_release(&run);
	kill(sleeper.pid, SIGKILL);
	run_release(&sleeper);
}

static void capture_says_what_the_live_run_said(void **state)
{
	static const char options[] =
		"--show=faults,vma --alert='faults>50' --alert='vmas>20' "
		"--alert='faults/s<1' --alert='fault_time/s>1us' --fail-if='cow<1' "
		"--fail-if='p99_latency>10s' --fail-if='leaked>1T'";
	struct run run;

	(void)state;
	run_quietly(&run, "%s %s --capture=%s -o %s -- sh -c '%s/cow_fork; sleep 1.3; "
		    "%s/cow_fork' >/dev/null", pfa(), options, work_path("data"),
		    work_path("live"), demos(), demos());
	run_release(&run);
	run_quietly(&run, "%s report %s -i %s | diff %s -", pfa(), options,
		    work_path("data"), work_path("live"));
	run_release(&run);
	run_quietly(&run, "grep -c ALERT %s", work_path("live"));
	assert_true(strtol(run.out, NULL, 10) >= 4);
	run_release(&run);
}

static void what_cannot_be_judged_is_refused_before_anything_runs(void **state)
{
	static const struct {
		const char *options, *words;
	} rows[] = {
		{ "--fail-if='majr>1'", "--fail-if='majr>1', at 1: a metric is wanted: major," },
		{ "--alert='cow'", "--alert='cow', at 4: one of > >= < <= is wanted" },
		{ "--events=-entries --fail-if='cow>1'", "cow needs the beginnings of faults" },
		{ "--events=-calls --alert='mapped>1M'", "mapped needs the system calls" },
		{ "--rss-interval=0 --fail-if='rss>1M'",
		  "rss needs readings of the memory of processes (--rss-interval)" },
		{ "--leaks --alert='major>1'", "--alert goes into the stream" },
		{ "--maps --at=1s --fail-if='major>1'", "--at ends the run early" },
	};
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_command(&run, "%s -o new %s -- touch ran", pfa(), rows[i].options);
		assert_run_status(&run, 2);
		assert_says(run.err, rows[i].words);
		assert_nothing_left(&run);
		assert_int_not_equal(access("ran", F_OK), 0);
		assert_int_not_equal(access("new", F_OK), 0);
		run_release(&run);
	}
}

/* What went wrong is told first: its status is the smaller one. */
static void error_is_told_before_a_budget(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "%s -s --fail-if='faults>0' -- true >/dev/full", pfa());
	assert_error_line(&run, 1, "standard output: No space left");
	run_release(&run);
	run_command(&run, "%s -s --capture=/dev/full --fail-if='faults>0' -- true", pfa());
	assert_error_line(&run, 1, "/dev/full: No space left");
	run_release(&run);
}

static void capture_that_was_cut_is_told_beside_the_verdict(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, "%s record -o %s -- %s/touch_storm 2000 >/dev/null", pfa(),
		    work_path("data"), demos());
	run_release(&run);
	assert_int_equal(truncate(work_path("data"), 100000), 0);
	run_command(&run, "%s report -s -i %s --fail-if='faults>1000000'", pfa(),
		    work_path("data"));
	assert_error_line(&run, 1, "the report ends there");
	assert_says(run.out, "  held\n  The result is partial: ");
	run_release(&run);
}

/* Heap and stack are made as large as is known; the kernel itself says what was resident. */
static void memory_of_a_process_is_held_to_what_it_says_itself(void **state)
{
	static const char program[] =
		"import ctypes, re; sbrk = ctypes.CDLL(None).sbrk; "
		"sbrk.restype = ctypes.c_void_p; sbrk.argtypes = [ctypes.c_ssize_t]; "
		"b = sbrk(50 << 20); ctypes.memset(b, 1, 50 << 20); sbrk(-(50 << 20)); "
		"print(re.findall(r\"VmHWM:\\s+(\\d+)\", "
		"open(\"/proc/self/status\").read())[0])";
	char options[128];
	struct run run;
	long hwm;

	(void)state;
	run_command(&run, "%s -s --capture=%s -o %s --fail-if='heap>=50M' "
		    "--fail-if='heap>=60M' --fail-if='rss>=50M' --fail-if='stack>8M' "
		    "--alert='rss>=50M' -- %s -c '%s'", pfa(), work_path("data"),
		    work_path("live"), python(), program);
	assert_error_line(&run, 3, "not within budget: heap>=50M (5");
	assert_says(run.err, ", rss>=50M (");
	assert_null(strstr(run.err, "60M"));
	assert_null(strstr(run.err, "stack"));
	hwm = strtol(run.out, NULL, 10); /* the peak has passed by now */
	assert_true(hwm > 50 << 10);
	run_release(&run);
	snprintf(options, sizeof(options), "--fail-if='rss>=%ldK'", hwm);
	check_replay(options, 3, "not within budget: rss>=");
	snprintf(options, sizeof(options), "--fail-if='rss>=%ldK'", hwm + 2048);
	check_replay(options, 0, NULL);
}

static void layouts_can_be_held_to_budgets(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "%s --leaks --fail-if='leaked>0' -- ls /", pfa());
	assert_error_line(&run, 3, "not within budget: leaked>0 (");
	assert_says(run.out, "  Touched and kept\n");
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(figure_is_what_the_program_announced,
					  run_kill_all),
		cmocka_unit_test_teardown(memory_that_is_kept_is_leaked, run_kill_all),
		cmocka_unit_test_teardown(attached_to_a_sleeper_its_rate_drops,
					  run_kill_all),
		cmocka_unit_test_teardown(capture_says_what_the_live_run_said,
					  run_kill_all),
		cmocka_unit_test_teardown(
			what_cannot_be_judged_is_refused_before_anything_runs,
			run_kill_all),
		cmocka_unit_test_teardown(error_is_told_before_a_budget, run_kill_all),
		cmocka_unit_test_teardown(capture_that_was_cut_is_told_beside_the_verdict,
					  run_kill_all),
		cmocka_unit_test_teardown(memory_of_a_process_is_held_to_what_it_says_itself,
					  run_kill_all),
		cmocka_unit_test_teardown(layouts_can_be_held_to_budgets, run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
