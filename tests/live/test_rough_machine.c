/*
 * What a machine can be short of or hide: memory, descriptors, processes, /proc, tracefs,
 * an environment, the right time. pfa works without, or says in one line what it needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/sturdy.h"

#define AS_NOBODY "setpriv --reuid=65534 --regid=65534 --clear-groups"

/* nobody's pfa, in the work directory: all run there. */
#define NOBODYS_PFA AS_NOBODY " ./pfa"

/* nobody's own processes are traced in software only, and a note says so. */
static void assert_software_trace(const struct run *run)
{
	assert_run_status(run, 0);
	if (strncmp(run->err, "note: ", 6) != 0)
		fail_msg("no note: \"%s\"", run->err);
	assert_says(run->out, "Summary: major=");
	assert_nothing_left(run);
}

/* ---- limits ---- */

/* Whether so much address space is enough. If not, one line says so. */
static bool works_with(int kib, pid_t target)
{
	struct run run;
	bool works;

	run_command(&run, "sh -c 'ulimit -v %d; exec %s --buffer=4K --duration=10ms "
		    "--show=faults,vma,life -o stream --csv=csv --capture=capture "
		    "-p %d'", kib, pfa(), target);
	works = run.status == 0;
	if (run.status == 127) /* the dynamic loader */
		assert_non_null(strstr(run.err, "error while loading shared libraries"));
	else if (!works)
		assert_error_line(&run, 1, "emory");
	run_release(&run);
	return works;
}

/* Where it is nearly enough, it runs out latest and deepest. */
static void too_little_memory_is_told_in_one_line(void **state)
{
	enum { STEP = 20, STEPS = 5 };
	int fails = 2000, works = 256 << 10;
	struct run target;

	(void)state;
	sturdy_start(&target, "storm");
	assert_true(works_with(works, target.pid));
	while (works - fails > STEP) {
		int middle = (fails + works) / 2;

		*(works_with(middle, target.pid) ? &works : &fails) = middle;
	}
	for (int i = 1; i < STEPS; i++)
		(void)works_with(fails - i * STEP, target.pid);
	sturdy_ends_unharmed(&target);
}

static void too_little_memory_for_the_rings_is_told(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "sh -c 'ulimit -v 50000; exec %s --buffer=64M -- touch ran'",
		    pfa());
	assert_error_line(&run, 2, "use a smaller --buffer");
	assert_nothing_left(&run);
	assert_int_not_equal(access("ran", F_OK), 0);
	run_release(&run);
}

/* CAP_SYS_RESOURCE would let root go beyond the limit. */
static void few_descriptors_are_enough_or_told(void **state)
{
	static const int limits[] = { 6, 12, 64 };
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		run_command(&run, "sh -c 'ulimit -n %d; exec setpriv "
			    "--bounding-set=-sys_resource %s -o new -- touch ran'",
			    limits[i], pfa());
		if (run.status || limits[i] < 64) {
			assert_error_line(&run, run.status == 1 ? 1 : 2, "ulimit -n");
			assert_int_not_equal(access("ran", F_OK), 0);
			assert_int_not_equal(access("new", F_OK), 0);
		}
		assert_nothing_left(&run);
		run_release(&run);
		unlink("ran");
		unlink("new");
	}
	run_command(&run, "sh -c 'ulimit -n 64; exec " NOBODYS_PFA " -s -- true'");
	assert_software_trace(&run);
	run_release(&run);
}

static void process_limit_is_told(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, AS_NOBODY " prlimit --nproc=0 ./pfa record -o nobodys/new "
		    "-- touch nobodys/ran");
	assert_error_line(&run, 1, "fork: Resource temporarily unavailable (raise "
				   "ulimit -u)");
	assert_int_not_equal(access("nobodys/ran", F_OK), 0);
	assert_int_not_equal(access("nobodys/new", F_OK), 0);
	run_release(&run);
}

/* ---- what is hidden ---- */

#define OWN_PROC OWN_MOUNTS "mount --make-rprivate /proc; "

static void hidden_processes_are_told_one_s_own_are_traced(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, OWN_PROC "mount -t proc -o hidepid=2 proc /proc; exec "
		    NOBODYS_PFA " -p %d'", getpid());
	assert_error_line(&run, 2, "is hidden in /proc");
	run_release(&run);
	run_command(&run, OWN_PROC "mount -t proc -o hidepid=2 proc /proc; exec "
		    NOBODYS_PFA " -s -- true'");
	assert_software_trace(&run);
	run_release(&run);
}

static void without_its_proc_pfa_says_so(void **state)
{
	static const char *const hidden[] = {
		"mount -t tmpfs none /proc; exec",
		"umount -l /proc; exec",
		"exec unshare -p -f",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		struct run run;

		run_command(&run, OWN_PROC "%s %s -o new -- touch ran'", hidden[i], pfa());
		assert_error_line(&run, 2, "/proc is not that of this PID namespace");
		assert_int_not_equal(access("ran", F_OK), 0);
		assert_int_not_equal(access("new", F_OK), 0);
		run_release(&run);
		run_command(&run, OWN_PROC "%s %s -p 1'", hidden[i], pfa());
		assert_error_line(&run, 2, "/proc is not that of this PID namespace");
		run_release(&run);
	}
}

#define NO_TRACEFS                                           \
	OWN_MOUNTS "umount -a -t tracefs,debugfs; "          \
		   "mount -t tmpfs none /sys/kernel/debug; " \
		   "mount -t tmpfs none /sys/kernel/tracing; exec "

static void tracefs_under_another_mount_is_found_by_root(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, NO_TRACEFS "%s -s -- %s/cow_fork'", pfa(), demos());
	assert_says(run.out, "COW cow-reuse");
	run_release(&run);
	run_quietly(&run, OWN_MOUNTS "mount -t tmpfs none /sys; exec %s -s -- %s/cow_fork'",
		    pfa(), demos());
	assert_says(run.out, "COW cow-reuse");
	run_release(&run);
}

static void without_tracefs_a_note_tells_what_is_missing(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, NO_TRACEFS "setpriv --bounding-set=-sys_admin %s -s -- true'",
		    pfa());
	assert_run_status(&run, 0);
	assert_int_equal(strncmp(run.err, "note: ", 6), 0);
	assert_says(run.out, "Summary: major=");
	run_release(&run);
}

/* ---- time ---- */

static double elapsed_ms(const struct run *run)
{
	const char *elapsed = strstr(run->out, "\n  elapsed ");
	double number = -1;
	char unit[4] = "";

	assert_non_null(elapsed);
	if (sscanf(elapsed, "\n  elapsed %lf%3[a-z]", &number, unit) != 2)
		fail_msg("no time: %.60s", elapsed);
	return !strcmp(unit, "ms") ? number : !strcmp(unit, "s") ? number * 1000 :
	       !strcmp(unit, "us") ? number / 1000 : 1e9;
}

/* `inside` is what brings a program into the namespace. */
static void check_times(const char *inside)
{
	struct run run;
	struct csv csv;

	run_quietly(&run, "%s %s --csv=csv --show=faults,life -- sleep 0.1", inside,
		    pfa());
	/* Hours off would be more than any machine is slow. */
	assert_true(elapsed_ms(&run) >= 100 && elapsed_ms(&run) < 600 * 1000);
	assert_null(strstr(run.out, "\n  late "));
	csv_read(&csv, "csv");
	assert_true(csv.count > 10);
	for (size_t i = 0; i < csv.count; i++) {
		assert_in_range(csv.rows[i].ts_ns, 0, 600 * 1000000000ULL);
		if (i)
			assert_true(csv.rows[i].ts_ns >= csv.rows[i - 1].ts_ns);
	}
	csv_release(&csv);
	run_release(&run);
	run_command(&run, "%s %s -s --duration=100ms -- sleep 10", inside, pfa());
	assert_run_status(&run, 0);
	assert_true(elapsed_ms(&run) >= 100 && elapsed_ms(&run) < 9 * 1000);
	run_release(&run);
}

static void times_are_right_in_a_time_namespace(void **state)
{
	static const char *const offsets[] = { "100000", "-1000" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char inside[64];
		struct run run;

		snprintf(inside, sizeof(inside), "unshare -T --monotonic %s --",
			 offsets[i]);
		/* A machine that is not up for as long has no such time. */
		run_command(&run, "%s true", inside);
		if (run.status && i == 0)
			skip_because("no time namespaces: %s", run.err);
		if (!run.status)
			check_times(inside);
		run_release(&run);
	}
}

/* Leaping by hours for one process only: nobody else's clock is touched. */
static void leaps_of_the_wall_clock_change_nothing(void **state)
{
	char inside[256];

	(void)state;
	snprintf(inside, sizeof(inside), "env LD_PRELOAD=%s/leaping_clock.so",
		 live_programs());
	check_times(inside);
}

/* ---- surroundings ---- */

static void empty_environment_will_do(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, "env -i %s -s -- true", pfa());
	assert_says(run.out, "Summary: major=");
	run_release(&run);
	run_quietly(&run, "env -i %s record -o capture -- true", pfa());
	run_release(&run);
	run_quietly(&run, "env -i %s report -s -i capture", pfa());
	assert_says(run.out, "Summary: major=");
	run_release(&run);
}

static void directory_without_access_will_do(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "sh -c 'mkdir -m 700 closed; pfa=$PWD/pfa; cd closed; "
		    "exec " AS_NOBODY " $pfa -s -- true'");
	assert_software_trace(&run);
	run_release(&run);
	run_command(&run, "sh -c 'pfa=$PWD/pfa; cd closed; exec " AS_NOBODY
		    " $pfa record -- true'");
	assert_run_status(&run, 2);
	assert_non_null(strstr(run.err, "error: pfa.data: Permission denied (choose "
					"another file with -o)\n"));
	assert_nothing_left(&run);
	run_release(&run);
	run_command(&run, "sh -c 'mkdir gone; cd gone; rmdir ../gone; exec %s -s -- true'",
		    pfa());
	assert_run_status(&run, 0);
	assert_says(run.out, "Summary: major=");
	run_release(&run);
}

static int copy_pfa(void **state)
{
	static char command[512];

	if (work_dir_make(state) || chdir(work_path(".")))
		return -1;
	snprintf(command, sizeof(command), "install -m 755 %s pfa && "
		 "install -d -m 777 nobodys", pfa());
	return system(command);
}

#define TESTS(X)                                          \
	X(too_little_memory_is_told_in_one_line)          \
	X(too_little_memory_for_the_rings_is_told)        \
	X(few_descriptors_are_enough_or_told)             \
	X(process_limit_is_told)                          \
	X(hidden_processes_are_told_one_s_own_are_traced) \
	X(without_its_proc_pfa_says_so)                   \
	X(tracefs_under_another_mount_is_found_by_root)   \
	X(without_tracefs_a_note_tells_what_is_missing)   \
	X(times_are_right_in_a_time_namespace)            \
	X(leaps_of_the_wall_clock_change_nothing)         \
	X(empty_environment_will_do)                      \
	X(directory_without_access_will_do)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, copy_pfa, work_dir_remove);
}
