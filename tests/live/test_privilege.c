/*
 * What pfa does with less than everything: as an ordinary user, where perf is
 * forbidden, without tracefs, with few descriptors.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"

/* nobody, in nogroup; its own copy of pfa is sure to be within its reach. */
#define AS_NOBODY "setpriv --reuid=65534 --regid=65534 --clear-groups"

static int paranoid(void)
{
	FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	int level = 2;

	if (file && fscanf(file, "%d", &level) != 1)
		level = 2;
	if (file)
		fclose(file);
	return level;
}

static void assert_refused(const struct run *run, const char *words)
{
	assert_run_status(run, 2);
	assert_string_equal(run->out, "");
	assert_int_equal(strncmp(run->err, "error: ", 7), 0);
	assert_non_null(strstr(run->err, words));
	assert_ptr_equal(strchr(run->err, '\n'), run->err + strlen(run->err) - 1);
	assert_nothing_left(run);
}

static void ordinary_user_sees_its_own_faults(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	run_command(&run, AS_NOBODY " %s -s --csv=%s -- true", work_path("pfa"),
		    work_path("nobodys/csv"));
	if (paranoid() > 2 && run.status == 2) {
		run_release(&run);
		skip_because("perf_event_paranoid is %d: nothing is allowed",
			     paranoid());
	}
	assert_run_status(&run, 0);
	assert_int_equal(strncmp(run.err, "note: ", 6), 0);
	assert_non_null(strstr(run.err, "no COW, kind, access, latency"));
	assert_non_null(strstr(run.out, "Summary: major="));
	assert_non_null(strstr(strstr(run.out, "perf counters"), ": equal\n"));

	csv_read(&csv, work_path("nobodys/csv"));
	assert_true(csv_count_type(&csv, "MINOR") > 0);
	assert_int_equal(csv_count_type(&csv, "COW"), 0);
	assert_int_equal(csv_count_type(&csv, "INVALID"), 0);
	csv_release(&csv);
	run_release(&run);
}

static void ordinary_user_may_not_attach_to_others(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, AS_NOBODY " %s -s -p %d", work_path("pfa"), getpid());
	assert_refused(&run, "");
	run_release(&run);
}

static void where_perf_is_forbidden_the_remedy_is_named(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "%s/forbid %s -s -- touch %s", live_programs(), pfa(),
		    work_path("ran"));
	assert_refused(&run, "perf_event_paranoid too strict (see "
			     "/proc/sys/kernel/perf_event_paranoid)");
	run_release(&run);
	run_command(&run, "%s/forbid %s record -o %s -- touch %s", live_programs(),
		    pfa(), work_path("capture"), work_path("ran"));
	assert_refused(&run, "perf_event_paranoid");
	assert_int_not_equal(access(work_path("ran"), F_OK), 0);
	assert_int_not_equal(access(work_path("capture"), F_OK), 0);
	run_release(&run);
}

static void too_few_descriptors_are_told(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "sh -c 'ulimit -n 12; exec " AS_NOBODY " %s -s -- true'",
		    work_path("pfa"));
	if (paranoid() > 2)
		skip_because("perf_event_paranoid is %d: nothing is allowed",
			     paranoid());
	assert_refused(&run, "ulimit -n");
	run_release(&run);
}

/* tracefs is where a boot left it, or nowhere: root needs it mounted by nobody. */
static void root_needs_no_mounted_tracefs(void **state)
{
	struct run before, run, after;

	(void)state;
	run_quietly(&before, "cat /proc/mounts");
	run_quietly(&run, OWN_MOUNTS "umount -a -t tracefs,debugfs; "
		    "! test -d /sys/kernel/tracing/events && "
		    "exec %s -s -o %s -- %s/cow_fork'", pfa(), work_path("report"),
		    demos());
	run_release(&run);
	run_quietly(&run, "cat %s", work_path("report"));
	assert_non_null(strstr(run.out, "COW cow-reuse"));
	run_quietly(&after, "cat /proc/mounts");
	assert_string_equal(before.out, after.out);
	run_release(&run);
	run_release(&before);
	run_release(&after);
}

static int copy_pfa(void **state)
{
	struct run run;

	if (work_dir_make(state))
		return -1;
	run_quietly(&run, "install -m 755 %s %s", pfa(), work_path("pfa"));
	run_release(&run);
	run_quietly(&run, "install -d -m 777 %s", work_path("nobodys"));
	run_release(&run);
	return geteuid() == 0 ? 0 : -1;
}

#define TESTS(X)                                       \
	X(ordinary_user_sees_its_own_faults)           \
	X(ordinary_user_may_not_attach_to_others)      \
	X(where_perf_is_forbidden_the_remedy_is_named) \
	X(too_few_descriptors_are_told)                \
	X(root_needs_no_mounted_tracefs)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, copy_pfa, work_dir_remove);
}
