/*
 * Targets that are killed, stopped, gone before they can be attached to, or none that
 * can be traced; and a pfa that is killed.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/sturdy.h"

/* All run in the work directory. */

static const char *sturdy(void)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/sturdy", live_programs());
	return path;
}

/* ---- pfa is killed ---- */

/* What the target's faults cost at best, over some rounds from now on. */
static long best_cost(const struct run *target)
{
	enum { ROUNDS_MS = 60 };

	sturdy_best(target);
	usleep(ROUNDS_MS * 1000);
	return sturdy_best(target);
}

/*
 * The kernel does not tell which events are on a process; what its faults cost does.
 * The best of many is hardly ever disturbed: it is to come closer to what it was before
 * the trace than to what it was during it, some time.
 */
static void await_cost(const struct run *target, long before, long during)
{
	long after = during;

	for (int i = 0; i < 1000 && after > (before + during) / 2; i++) {
		long now = best_cost(target);

		after = now < after ? now : after;
	}
	if (after > (before + during) / 2)
		fail_msg("%ld ns before, %ld ns during, still %ld ns after the trace",
			 before, during, after);
}

static void end_leaves_target_unslowed(int signal, int status)
{
	struct run target, run;
	long before, during;

	sturdy_start(&target, "storm");
	before = best_cost(&target);
	run_start(&run, "%s --type=MINOR -p %d", pfa(), target.pid);
	run_await_out(&run, "] MINOR ");
	during = best_cost(&target);
	kill(run.pid, signal);
	run_wait(&run);
	assert_run_status(&run, status);
	await_cost(&target, before, during);
	run_release(&run);
	sturdy_ends_unharmed(&target);
}

static void pfa_that_is_killed_leaves_its_target_unslowed(void **state)
{
	(void)state;
	end_leaves_target_unslowed(SIGKILL, 128 + SIGKILL);
}

static void interrupted_pfa_leaves_its_target_unslowed(void **state)
{
	(void)state;
	end_leaves_target_unslowed(SIGINT, 0);
}

static void pfa_that_is_killed_leaves_its_program_running(void **state)
{
	struct run run;
	pid_t program;

	(void)state;
	run_start(&run, "%s record -o killed -- %s storm", pfa(), sturdy());
	run_await_out(&run, "ready ");
	program = child_of(run.pid);
	kill(run.pid, SIGKILL);
	run_wait(&run);
	assert_run_status(&run, 128 + SIGKILL);
	sturdy_goes_on(program);
	kill(program, SIGTERM);
	assert_nothing_left(&run);
	run_release(&run);
	/* And what pfa wrote is not passed off as a capture of everything. */
	run_command(&run, "%s report -s -i killed", pfa());
	assert_error_line(&run, 1, "killed: ");
	run_release(&run);
}

/* ---- the target is stopped or killed ---- */

static void launched_program_may_be_killed(void **state)
{
	struct run run;

	(void)state;
	run_start(&run, "%s -s -- %s storm", pfa(), sturdy());
	run_await_out(&run, "ready ");
	kill(child_of(run.pid), SIGKILL);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_string_equal(run.err, "");
	assert_says(run.out, "\n  target         killed by signal 9 (Killed)\n");
	assert_nothing_left(&run);
	run_release(&run);
}

static void target_may_be_stopped_and_continued(void **state)
{
	struct run target, run;

	(void)state;
	sturdy_start(&target, "storm");
	kill(target.pid, SIGSTOP);
	run_start(&run, "%s --fields=kind -p %d", pfa(), target.pid);
	kill(target.pid, SIGCONT);
	run_await_out(&run, " anon kind=zero-fill");
	kill(target.pid, SIGSTOP);
	usleep(10 * 1000);
	kill(target.pid, SIGUSR1);
	kill(target.pid, SIGCONT);
	run_await_out(&run, " memfd:later kind=shmem");
	kill(run.pid, SIGINT);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_says(run.out, "\n  invalid        0\n");
	run_release(&run);
	sturdy_ends_unharmed(&target);
}

/* Each ends at another moment of being attached to. */
static void targets_that_end_while_attached_to_are_told(void **state)
{
	(void)state;
	for (int i = 0; i < 16; i++) {
		struct run target, run;

		run_start(&target, "sleep 0.%03d", i * 3);
		run_command(&run, "%s -s -p %d", pfa(), target.pid);
		if (run.status)
			assert_error_line(&run, 2, "ended");
		else
			assert_string_equal(run.err, "");
		run_release(&run);
		run_wait(&target);
		assert_run_status(&target, 0);
		run_release(&target);
	}
}

/* ---- what is odd to attach to ---- */

static void pfa_and_kernel_threads_are_refused(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "sh -c 'exec %s -p $$'", pfa());
	assert_error_line(&run, 2, "is pfa itself");
	run_release(&run);
	if (access("/proc/2/exe", F_OK) == 0)
		return; /* a container: no kernel thread to be seen */
	run_command(&run, "%s -p 2", pfa());
	assert_error_line(&run, 2, access("/proc/2", F_OK) ? "no process with PID 2"
							     : "is a kernel thread");
	run_release(&run);
}

static void first_thread_may_have_ended(void **state)
{
	struct run target, run;
	struct csv csv;

	(void)state;
	sturdy_start(&target, "leaderless");
	run_quietly(&run, "%s -s --max-faults=2000 --csv=csv -p %d", pfa(), target.pid);
	run_release(&run);
	csv_read(&csv, "csv");
	for (size_t i = 0; i < csv.count; i++)
		if (!strcmp(csv.rows[i].region, "unknown"))
			fail_msg("%s", csv_describe(&csv.rows[i]));
	csv_release(&csv);
	sturdy_ends_unharmed(&target);
}

/* PID 1 of a PID namespace, with its own /proc. */
#define IN_CONTAINER                                                             \
	"unshare -m -p -f --propagation unchanged sh -c 'mount --make-rprivate " \
	"/proc; mount -t proc proc /proc; "

static void init_of_a_container_is_traced_from_outside(void **state)
{
	struct run container, run;
	pid_t init;

	(void)state;
	run_start(&container, IN_CONTAINER "exec %s storm'", sturdy());
	run_await_out(&container, "ready 1\n");
	init = child_of(container.pid);
	run_quietly(&run, "%s -s --max-faults=1000 -p %d", pfa(), init);
	assert_says(run.out, "\n  anon ");
	run_release(&run);
	sturdy_goes_on(init);
	kill(init, SIGTERM);
	run_wait(&container);
	assert_run_status(&container, 0);
	assert_says(container.out, "unharmed\n");
	run_release(&container);
}

static void init_of_a_container_is_traced_from_inside(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, IN_CONTAINER "(%s -s --max-faults=1000 -p 1; kill -TERM 1) & "
		    "exec %s storm'", pfa(), sturdy());
	assert_says(run.out, "\n  1 sturdy ");
	assert_says(run.out, "\n  anon ");
	assert_says(run.out, "unharmed\n");
	run_release(&run);
}

static int enter_work_dir(void **state)
{
	return work_dir_make(state) || chdir(work_path("."));
}

#define TESTS(X)                                         \
	X(pfa_that_is_killed_leaves_its_target_unslowed) \
	X(interrupted_pfa_leaves_its_target_unslowed)    \
	X(pfa_that_is_killed_leaves_its_program_running) \
	X(launched_program_may_be_killed)                \
	X(target_may_be_stopped_and_continued)           \
	X(targets_that_end_while_attached_to_are_told)   \
	X(pfa_and_kernel_threads_are_refused)            \
	X(first_thread_may_have_ended)                   \
	X(init_of_a_container_is_traced_from_outside)    \
	X(init_of_a_container_is_traced_from_inside)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, enter_work_dir, work_dir_remove);
}
