/*
 * Attaching to processes that run already: all their threads are seen, every way to
 * end the trace ends in a summary, and the target never notices.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"

/*
 * The target: two threads that map, touch and unmap memory, or with "old" touch what
 * was mapped long ago; with "children" one is born every moment. Until SIGTERM.
 */
static const char target_py[] =
	"import mmap, os, signal, sys, threading, time\n"
	"stop = False\n"
	"def on_term(*_):\n"
	"    global stop\n"
	"    stop = True\n"
	"flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS\n"
	"old = mmap.mmap(-1, 16 * 4096, flags=flags)\n"
	"def touch():\n"
	"    if 'old' in sys.argv:\n"
	"        old.madvise(mmap.MADV_DONTNEED)\n"
	"        old[0] = 1\n"
	"        return\n"
	"    with mmap.mmap(-1, 16 * 4096, flags=flags) as m:\n"
	"        for i in range(16): m[i * 4096] = 1\n"
	"def work():\n"
	"    while not stop:\n"
	"        touch()\n"
	"        time.sleep(0.002)\n"
	"def bear():\n"
	"    pid = os.fork()\n"
	"    if pid == 0:\n"
	"        touch()\n"
	"        os._exit(0)\n"
	"    os.waitpid(pid, 0)\n"
	"signal.signal(signal.SIGTERM, on_term)\n"
	"threads = [threading.Thread(target=work) for _ in range(2)]\n"
	"for t in threads: t.start()\n"
	"print('threads', *[t.native_id for t in threads], flush=True)\n"
	"while not stop:\n"
	"    time.sleep(0.005)\n"
	"    if 'children' in sys.argv: bear()\n"
	"for t in threads: t.join()\n"
	"print('unharmed', flush=True)\n";

struct target {
	struct run run;
	unsigned long tids[2];
};

static void target_start(struct target *target, const char *argument)
{
	run_start(&target->run, "%s %s %s", python(), work_path("target.py"), argument);
	run_await_out(&target->run, "threads");
	run_await_out(&target->run, "\n");
}

static void target_tids(struct target *target)
{
	char path[64], line[64];
	FILE *out;

	snprintf(path, sizeof(path), "/proc/%d/fd/1", target->run.pid);
	out = fopen(path, "re");
	assert_non_null(out);
	assert_non_null(fgets(line, sizeof(line), out));
	fclose(out);
	assert_int_equal(sscanf(line, "threads %lu %lu", &target->tids[0],
				&target->tids[1]), 2);
}

/* It must still run, and end as it always does. */
static void target_goes_on_and_ends_unharmed(struct target *target)
{
	assert_int_equal(kill(target->run.pid, SIGTERM), 0);
	run_wait(&target->run);
	assert_run_status(&target->run, 0);
	assert_non_null(strstr(target->run.out, "unharmed\n"));
	assert_string_equal(target->run.err, "");
	run_release(&target->run);
}

static void assert_summary(const struct run *run)
{
	assert_run_status(run, 0);
	assert_string_equal(run->err, "");
	assert_non_null(strstr(run->out, "\nSummary: major="));
}

/* ---- what is seen ---- */

static void faults_of_every_thread_are_seen(void **state)
{
	struct target target;
	struct run run;
	char words[64];

	(void)state;
	target_start(&target, "");
	target_tids(&target);
	run_start(&run, "%s --fields=tid,kind -p %d", pfa(), target.run.pid);
	for (int i = 0; i < 2; i++) {
		snprintf(words, sizeof(words), "anon tid=%lu kind=zero-fill",
			 target.tids[i]);
		run_await_out(&run, words);
	}
	kill(run.pid, SIGINT);
	run_wait(&run);
	assert_summary(&run);
	assert_non_null(strstr(strstr(run.out, "perf counters"), ": equal\n"));
	run_release(&run);
	target_goes_on_and_ends_unharmed(&target);
}

static void layout_from_before_is_known(void **state)
{
	struct target target;
	struct run run;
	struct csv csv;

	(void)state;
	target_start(&target, "old");
	run_quietly(&run, "%s -s --max-faults=500 --csv=%s -p %d", pfa(),
		    work_path("csv"), target.run.pid);
	csv_read(&csv, work_path("csv"));
	for (size_t i = 0; i < csv.count; i++)
		if (!strcmp(csv.rows[i].region, "unknown") ||
		    !strcmp(csv.rows[i].region, "unmapped"))
			fail_msg("%s", csv_describe(&csv.rows[i]));
	csv_release(&csv);
	run_release(&run);
	target_goes_on_and_ends_unharmed(&target);
}

/* A process armed twice would tell of every fault twice. */
static void process_named_twice_is_counted_once(void **state)
{
	struct target target;
	struct run run;
	struct csv csv;

	(void)state;
	target_start(&target, "");
	run_quietly(&run, "%s -s --max-faults=200 --csv=%s -p %d,%d -p %d", pfa(),
		    work_path("csv"), target.run.pid, target.run.pid,
		    target.run.pid);
	csv_read(&csv, work_path("csv"));
	for (size_t i = 1; i < csv.count; i++) {
		const struct csv_row *one = &csv.rows[i - 1], *two = &csv.rows[i];

		if (one->tid == two->tid && one->addr == two->addr &&
		    !strcmp(one->access, two->access))
			fail_msg("twice: %s", csv_describe(two));
	}
	csv_release(&csv);
	run_release(&run);
	target_goes_on_and_ends_unharmed(&target);
}

static void several_processes_are_traced_at_once(void **state)
{
	struct target targets[3];
	struct run run;
	char words[64];

	(void)state;
	for (int i = 0; i < 3; i++)
		target_start(&targets[i], "");
	run_start(&run, "%s --fields=pid -p %d,%d -p %d", pfa(), targets[0].run.pid,
		  targets[1].run.pid, targets[2].run.pid);
	for (int i = 0; i < 3; i++) {
		snprintf(words, sizeof(words), "anon pid=%d\n", targets[i].run.pid);
		run_await_out(&run, words);
	}
	/* One target's end is not the end of the others' trace. */
	target_goes_on_and_ends_unharmed(&targets[0]);
	kill(run.pid, SIGINT);
	run_wait(&run);
	assert_summary(&run);
	run_release(&run);
	target_goes_on_and_ends_unharmed(&targets[1]);
	target_goes_on_and_ends_unharmed(&targets[2]);
}

static bool has_fault_of_child(const struct csv *csv, uint32_t parent)
{
	for (size_t i = 0; i < csv->count; i++)
		if (csv_is_fault(&csv->rows[i]) && csv->rows[i].pid != parent)
			return true;
	return false;
}

static void children_born_after_attach_are_followed(void **state)
{
	struct target target;
	struct run run;
	struct csv csv;

	(void)state;
	target_start(&target, "children");
	run_start(&run, "%s --show=faults,life --csv=%s -p %d", pfa(),
		  work_path("csv"), target.run.pid);
	run_await_out(&run, "EXIT");
	run_await_out(&run, "what=process");
	kill(run.pid, SIGINT);
	run_wait(&run);
	assert_summary(&run);
	csv_read(&csv, work_path("csv"));
	assert_true(has_fault_of_child(&csv, (uint32_t)target.run.pid));
	csv_release(&csv);
	run_release(&run);
	target_goes_on_and_ends_unharmed(&target);
}

static void no_follow_sees_the_threads_only(void **state)
{
	struct target target;
	struct run run;
	struct csv csv;

	(void)state;
	target_start(&target, "children");
	run_quietly(&run, "%s -s --no-follow --max-faults=2000 --csv=%s -p %d", pfa(),
		    work_path("csv"), target.run.pid);
	csv_read(&csv, work_path("csv"));
	assert_false(has_fault_of_child(&csv, (uint32_t)target.run.pid));
	csv_release(&csv);
	run_release(&run);
	target_goes_on_and_ends_unharmed(&target);
}

/* ---- how it ends ---- */

static void duration_ends_the_trace(void **state)
{
	struct target target;
	struct run run;

	(void)state;
	target_start(&target, "");
	run_command(&run, "%s --duration=50ms -p %d", pfa(), target.run.pid);
	assert_run_status(&run, 0);
	assert_non_null(strstr(run.out, "Summary: major="));
	run_release(&run);
	target_goes_on_and_ends_unharmed(&target);
}

static void max_faults_ends_the_trace_at_that_fault(void **state)
{
	struct target target;
	struct run run;
	struct csv csv;

	(void)state;
	target_start(&target, "");
	run_command(&run, "%s --max-faults=100 --csv=%s -p %d", pfa(),
		    work_path("csv"), target.run.pid);
	assert_summary(&run);
	csv_read(&csv, work_path("csv"));
	assert_int_equal(csv_count_type(&csv, NULL), 100);
	csv_release(&csv);
	run_release(&run);
	target_goes_on_and_ends_unharmed(&target);
}

static void signal_ends_the_trace(int signal)
{
	struct target target;
	struct run run;

	target_start(&target, "");
	run_start(&run, "%s -p %d", pfa(), target.run.pid);
	run_await_out(&run, "] MINOR 0x");
	kill(run.pid, signal);
	run_wait(&run);
	assert_summary(&run);
	run_release(&run);
	target_goes_on_and_ends_unharmed(&target);
}

static void ctrl_c_ends_the_trace_with_a_summary(void **state)
{
	(void)state;
	signal_ends_the_trace(SIGINT);
}

static void sigterm_ends_the_trace_with_a_summary(void **state)
{
	(void)state;
	signal_ends_the_trace(SIGTERM);
}

static void sighup_ends_the_trace_with_a_summary(void **state)
{
	(void)state;
	signal_ends_the_trace(SIGHUP);
}

/* The second one finds pfa ended, or ends it at once. */
static void two_ctrl_c_end_the_trace(void **state)
{
	struct target target;
	struct run run;

	(void)state;
	target_start(&target, "");
	run_start(&run, "%s -p %d", pfa(), target.run.pid);
	run_await_out(&run, "] MINOR 0x");
	kill(run.pid, SIGINT);
	usleep(1000);
	kill(run.pid, SIGINT);
	run_wait(&run);
	if (run.status != 128 + SIGINT)
		assert_summary(&run);
	run_release(&run);
	target_goes_on_and_ends_unharmed(&target);
}

static void end_of_the_target_ends_the_trace(void **state)
{
	struct target target;
	struct run run;

	(void)state;
	target_start(&target, "");
	run_start(&run, "%s -p %d", pfa(), target.run.pid);
	run_await_out(&run, "] MINOR 0x");
	target_goes_on_and_ends_unharmed(&target);
	run_wait(&run);
	assert_summary(&run);
	run_release(&run);
}

static void killed_target_ends_the_trace(void **state)
{
	struct target target;
	struct run run;

	(void)state;
	target_start(&target, "");
	run_start(&run, "%s -p %d", pfa(), target.run.pid);
	run_await_out(&run, "] MINOR 0x");
	kill(target.run.pid, SIGKILL);
	run_wait(&target.run);
	run_release(&target.run);
	run_wait(&run);
	assert_summary(&run);
	run_release(&run);
}

/* A program we launched is told of Ctrl-C by the terminal, not by pfa. */
static void ctrl_c_leaves_a_launched_program_running(void **state)
{
	struct run run;
	char note[64];
	pid_t pid;

	(void)state;
	run_start(&run, "%s --show=life -- %s %s", pfa(), python(),
		  work_path("target.py"));
	run_await_out(&run, "threads");
	kill(run.pid, SIGINT);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_int_equal(sscanf(run.err, "note: %*s (PID %d) is still running\n",
				&pid), 1);
	assert_non_null(strstr(run.out, "Summary: major="));
	snprintf(note, sizeof(note), "what=thread");
	assert_non_null(strstr(run.out, note));
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_nothing_left(&run);
	run_release(&run);
}

/* ---- what cannot be attached to ---- */

static void assert_refused(struct run *run, const char *words)
{
	assert_run_status(run, 2);
	assert_string_equal(run->out, "");
	if (strncmp(run->err, "error: ", 7) != 0 || !strstr(run->err, words) ||
	    strchr(run->err, '\n') != run->err + strlen(run->err) - 1)
		fail_msg("\"%s\" is not one line with \"%s\"", run->err, words);
	run_release(run);
}

static void nonexistent_process_is_refused(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "%s -p 4194304", pfa()); /* above any pid_max */
	assert_refused(&run, "no process with PID 4194304");
}

static void ended_process_is_refused(void **state)
{
	struct run ended, run;

	(void)state;
	run_command(&ended, "true");
	run_command(&run, "%s -p %d", pfa(), ended.pid);
	assert_refused(&run, "no process with PID ");
	run_release(&ended);
}

static void zombie_is_refused(void **state)
{
	pid_t zombie = fork();
	siginfo_t info;
	struct run run;

	(void)state;
	if (zombie == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT), 0);
	run_command(&run, "%s -p %d", pfa(), zombie);
	assert_refused(&run, "has ended");
	waitpid(zombie, NULL, 0);
}

static void one_bad_pid_of_several_is_refused(void **state)
{
	struct target target;
	struct run run;

	(void)state;
	target_start(&target, "");
	run_command(&run, "%s -p %d,4194304", pfa(), target.run.pid);
	assert_refused(&run, "no process with PID 4194304");
	target_goes_on_and_ends_unharmed(&target);
}

static void thread_id_is_refused(void **state)
{
	struct target target;
	struct run run;

	(void)state;
	target_start(&target, "");
	target_tids(&target);
	run_command(&run, "%s -p %lu", pfa(), target.tids[0]);
	assert_refused(&run, "is a thread, not a process");
	target_goes_on_and_ends_unharmed(&target);
}

static int write_target(void **state)
{
	FILE *script;

	if (work_dir_make(state))
		return -1;
	script = fopen(work_path("target.py"), "we");
	if (!script)
		return -1;
	fputs(target_py, script);
	return fclose(script);
}

#define TESTS(X)                                      \
	X(faults_of_every_thread_are_seen)            \
	X(layout_from_before_is_known)                \
	X(process_named_twice_is_counted_once)        \
	X(several_processes_are_traced_at_once)       \
	X(children_born_after_attach_are_followed)    \
	X(no_follow_sees_the_threads_only)            \
	X(duration_ends_the_trace)                    \
	X(max_faults_ends_the_trace_at_that_fault)    \
	X(ctrl_c_ends_the_trace_with_a_summary)       \
	X(sigterm_ends_the_trace_with_a_summary)      \
	X(sighup_ends_the_trace_with_a_summary)       \
	X(two_ctrl_c_end_the_trace)                   \
	X(end_of_the_target_ends_the_trace)           \
	X(killed_target_ends_the_trace)               \
	X(ctrl_c_leaves_a_launched_program_running)   \
	X(nonexistent_process_is_refused)             \
	X(ended_process_is_refused)                   \
	X(zombie_is_refused)                          \
	X(one_bad_pid_of_several_is_refused)          \
	X(thread_id_is_refused)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, write_target, work_dir_remove);
}
