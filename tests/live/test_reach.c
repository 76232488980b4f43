/*
 * Whom pfa may trace, and who may: other users' processes, the machine, control groups,
 * namespaces, programs that gain privilege.
 */
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/announced.h"
#include "../support/csv.h"
#include "../support/ladder.h"
#include "../support/live.h"
#include "../support/run.h"

/* ---- other processes ---- */

static pid_t stranger;
static volatile sig_atomic_t enough;

static void on_enough(int signal)
{
	(void)signal;
	enough = 1;
}

/* Touches the same pages again and again, as do children it makes, until SIGTERM. */
static _Noreturn void touch_on(void)
{
	char *memory = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	while (!enough) {
		pid_t child;

		madvise(memory, 4 * 4096, MADV_DONTNEED);
		memory[1] = 1;
		child = fork();
		if (!child) {
			memory[4096] = 1;
			_exit(0);
		}
		waitpid(child, NULL, 0);
		usleep(1000);
	}
	_exit(0);
}

static void become_stranger(uid_t user, bool dumpable)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (user && (setgroups(0, NULL) || setgid(user) || setuid(user)))
		_exit(1);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* setuid has undone it */
	prctl(PR_SET_DUMPABLE, dumpable); /* likewise */
	signal(SIGTERM, on_enough);
}

static void start_stranger(uid_t user, bool dumpable)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	fflush(stdout);
	stranger = fork();
	assert_true(stranger >= 0);
	if (stranger == 0) {
		become_stranger(user, dumpable);
		close(ready[1]); /* all there is to say */
		close(ready[0]);
		touch_on();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
}

static void end_stranger(void)
{
	if (stranger > 0) {
		kill(stranger, SIGKILL);
		waitpid(stranger, NULL, 0);
	}
	stranger = 0;
}

/* Attaches to it: its faults and its children's are seen, in regions that are known. */
static void check_attached(const char *copy, unsigned has)
{
	const char *path = copy_of_pfa(copy);
	bool child = false, itself = false;
	struct run run;
	struct csv csv;

	unlink(csv_path());
	run_start(&run, AS_NOBODY "%s --show=faults,life --csv=%s -p %d", path, csv_path(),
		  stranger);
	run_await_out(&run, "FORK pid=");
	kill(stranger, SIGTERM); /* its child ends before it does */
	run_wait(&run);
	assert_run_status(&run, 0);
	check_counters(run.out);
	csv_read(&csv, csv_path());
	for (size_t i = 0; i < csv.count; i++) {
		if (!csv_is_fault(&csv.rows[i]) || !strcmp(csv.rows[i].comm, "?"))
			continue; /* born and gone while pfa attached */
		check_fault(&csv.rows[i], has);
		itself |= csv.rows[i].pid == (uint32_t)stranger;
		child |= csv.rows[i].pid != (uint32_t)stranger;
	}
	assert_true(itself);
	assert_true(child);
	csv_release(&csv);
	run_release(&run);
	end_stranger();
}

static void check_not_attached(void)
{
	char words[64];
	struct run run;

	snprintf(words, sizeof(words), "process %d ", stranger);
	run_command(&run, AS_NOBODY "%s -s -p %d", copy_of_pfa("plain"), stranger);
	assert_refused(&run, words);
	assert_non_null(strstr(run.err, "CAP_PERFMON"));
	run_release(&run);
	end_stranger();
}

static void ordinary_user_attaches_to_its_own_process(void **state)
{
	(void)state;
	start_stranger(NOBODY, true);
	check_attached("plain", 0);
}

static void ordinary_user_may_not_attach_to_others(void **state)
{
	(void)state;
	start_stranger(ROOT, true);
	check_not_attached();
	start_stranger(DAEMON, true);
	check_not_attached();
	/* One's own, but what set-user-ID programs and some others are. */
	start_stranger(NOBODY, false);
	check_not_attached();
}

static void no_level_lets_attach_to_others(void **state)
{
	(void)state;
	set_level(-1);
	start_stranger(ROOT, true);
	check_not_attached();
}

static void capabilities_let_attach_to_anybody(void **state)
{
	(void)state;
	copy_of_pfa("full");
	start_stranger(ROOT, true);
	check_attached("full", ALL);
	start_stranger(DAEMON, true);
	check_attached("full", ALL);
	start_stranger(NOBODY, false);
	check_attached("full", ALL);
}

/* Where tracing whole CPUs instead is not permitted. */
static void too_few_descriptors_for_all_threads_are_told(void **state)
{
	struct run run;

	(void)state;
	start_stranger(NOBODY, true);
	run_command(&run, "sh -c 'ulimit -n $(($(nproc --all) + 18)); exec " AS_NOBODY
		    "%s -s -p %d'", copy_of_pfa("plain"), stranger);
	assert_refused(&run, "ulimit -n");
	assert_null(strstr(run.err, "CAP_PERFMON"));
	run_release(&run);
}

static void ptrace_alone_lets_attach_without_entries(void **state)
{
	(void)state;
	copy_of_pfa("ptrace");
	start_stranger(DAEMON, true);
	check_attached("ptrace", 0);
}

/* ---- the machine and control groups ---- */

/* On a machine that others use: the faults of those who announced theirs. */
static void keep_announcers(struct csv *csv, const struct announced *announced)
{
	size_t kept = 0;

	for (size_t i = 0; i < csv->count; i++)
		for (size_t t = 0; t < announced->touch_count; t++)
			if (announced->touches[t].pid == csv->rows[i].pid) {
				csv->rows[kept++] = csv->rows[i];
				break;
			}
	csv->count = kept;
}

static const char *cow_fork(void)
{
	return install_demo("cow_fork", "cow_fork", "755");
}

/* Leaves in the table what those who announced theirs have done. */
static void check_among_others(const struct run *run, unsigned has, struct csv *csv)
{
	struct announced announced;

	assert_run_status(run, 0);
	announced_parse(&announced, run->out);
	csv_read(csv, csv_path());
	keep_announcers(csv, &announced);
	if (!(has & ENTRIES))
		without_entries(&announced);
	announced_check(&announced, csv);
	announced_release(&announced);
}

static void ordinary_user_may_not_trace_the_machine(void **state)
{
	static const char words[] = "not permitted to trace all processes of a CPU (run as "
				    "root or with CAP_PERFMON";
	struct run run;

	(void)state;
	run_command(&run, AS_NOBODY "%s -a -s -- touch %s", copy_of_pfa("plain"),
		    work_path("everybodys/ran"));
	assert_refused(&run, words);
	run_release(&run);
	run_command(&run, OWN_MOUNTS GROUPS "exec " AS_NOBODY
		    "%s --cgroup=/ -s -- touch %s'", copy_of_pfa("plain"),
		    work_path("everybodys/ran"));
	assert_refused(&run, words);
	assert_int_not_equal(access(work_path("everybodys/ran"), F_OK), 0);
	run_release(&run);
}

static void level_0_lets_an_ordinary_user_trace_the_machine(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	set_level(0);
	run_command(&run, AS_NOBODY "%s -a %s -- %s", copy_of_pfa("plain"),
		    output_options(), cow_fork());
	check_among_others(&run, KERNEL, &csv);
	csv_release(&csv);
	run_release(&run);
}

static void capabilities_let_trace_the_machine(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	run_command(&run, OWN_MOUNTS MOUNTED "exec " AS_NOBODY "%s -a %s -- %s'",
		    copy_of_pfa("full"), output_options(), cow_fork());
	check_among_others(&run, ALL, &csv);
	assert_string_equal(run.err, "");
	csv_release(&csv);
	run_release(&run);
}

/* pfa is in the group too, and so is what it launches. */
#define IN_A_GROUP                                                             \
	OWN_MOUNTS MOUNTED GROUPS                                              \
	"cd /sys/fs/cgroup && mkdir -p pfa-live && echo $$ >pfa-live/cgroup.procs; "
#define GROUP_ENDS                                                             \
	"; status=$?; echo $$ >cgroup.procs; rmdir pfa-live; exit $status'"

static void capabilities_let_trace_a_control_group(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	run_command(&run, IN_A_GROUP AS_NOBODY "%s --cgroup=/pfa-live %s -- %s" GROUP_ENDS,
		    copy_of_pfa("full"), output_options(), cow_fork());
	check_among_others(&run, ALL, &csv);
	assert_string_equal(run.err, "");
	csv_release(&csv);
	run_release(&run);
}

/* Where it gains privilege the kernel ends events that are on threads. */
static void program_that_gains_privilege_is_traced_by_cpu(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	run_command(&run, "%s -a %s -- " AS_NOBODY "%s", pfa(), output_options(),
		    install_demo("cow_fork", "cow_fork_of_root", "4755"));
	check_among_others(&run, ALL, &csv);
	for (size_t i = 0; i < csv.count; i++)
		if (strstr(csv.rows[i].region, "cow_fork_of_root") &&
		    strcmp(csv.rows[i].comm, "cow_fork_of_roo") != 0)
			fail_msg("the program's name is lost: %s",
				 csv_describe(&csv.rows[i]));
	csv_release(&csv);
	run_release(&run);
}

/* They have no numbers there, and could not be told from each other. */
static void processes_outside_the_pid_namespace_are_left_out(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	start_stranger(ROOT, true);
	run_command(&run, "unshare -pmf --propagation unchanged --mount-proc %s -a %s -- "
		    "sh -c \"sleep 0.05; exec %s\"", pfa(), output_options(), cow_fork());
	end_stranger();
	check_among_others(&run, ALL, &csv);
	csv_release(&csv);
	csv_read(&csv, csv_path());
	for (size_t i = 0; i < csv.count; i++)
		if (csv.rows[i].pid == 0 || csv.rows[i].pid == UINT32_MAX)
			fail_msg("nobody's: %s", csv_describe(&csv.rows[i]));
	csv_release(&csv);
	run_release(&run);
}

/* ---- */

static int put_back(void **state)
{
	end_stranger();
	return ladder_put_back(state);
}

#define TESTS(X)                                            \
	X(ordinary_user_attaches_to_its_own_process)        \
	X(ordinary_user_may_not_attach_to_others)           \
	X(no_level_lets_attach_to_others)                   \
	X(capabilities_let_attach_to_anybody)               \
	X(too_few_descriptors_for_all_threads_are_told)     \
	X(ptrace_alone_lets_attach_without_entries)         \
	X(ordinary_user_may_not_trace_the_machine)          \
	X(level_0_lets_an_ordinary_user_trace_the_machine)  \
	X(capabilities_let_trace_the_machine)               \
	X(capabilities_let_trace_a_control_group)           \
	X(program_that_gains_privilege_is_traced_by_cpu)    \
	X(processes_outside_the_pid_namespace_are_left_out)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, put_back),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, ladder_set_up, ladder_tear_down);
}
