/*
 * The privilege ladder: what pfa may look at on each rung when it launches a program,
 * what it then says is missing, and that the rest is right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/announced.h"
#include "../support/csv.h"
#include "../support/ladder.h"
#include "../support/live.h"
#include "../support/run.h"

/* ---- the rungs ---- */

#define NOTHING_MISSING ""
#define FORBIDDEN "not privileged (see PRIVILEGE in pfa(1))"
#define NO_TRACEFS "tracefs cannot be read (see PRIVILEGE in pfa(1))"
#define NOT_IN_KERNEL "this kernel has no such tracepoints"

struct rung {
	const char *name;
	int level;
	const char *tracefs, *who, *copy;
	const char *why; /* something is missing */
	unsigned has;
};

static const struct rung rungs[] = {
	{ "root_sees_everything", 2, MOUNTED, AS_ROOT, "plain", NOTHING_MISSING, ALL },
	{ "root_needs_no_mounted_tracefs", 2, UNMOUNTED, AS_ROOT, "plain",
	  NOTHING_MISSING, ALL },
	{ "root_may_not_mount_tracefs", 2, UNMOUNTED, AS_ROOT_WITHOUT("-sys_admin"),
	  "plain", NO_TRACEFS, KERNEL },
	{ "root_without_sys_admin_reads_a_mounted_tracefs", 2, MOUNTED,
	  AS_ROOT_WITHOUT("-sys_admin"), "plain", NOTHING_MISSING, ALL },
	{ "root_without_capabilities_reads_its_own_files", 2, MOUNTED,
	  AS_ROOT_WITHOUT("-all"), "plain", FORBIDDEN, CALLS },
	{ "kernel_without_page_fault_tracepoints", 2, MOUNTED LACKS("exceptions"),
	  AS_ROOT, "plain", NOT_IN_KERNEL, CALLS | TASKS | KERNEL },
	{ "kernel_without_system_call_tracepoints", 2, MOUNTED LACKS("syscalls"),
	  AS_ROOT, "plain", NOT_IN_KERNEL, ENTRIES | TASKS | KERNEL },
	{ "kernel_without_either_is_told_in_one_line", 2,
	  MOUNTED LACKS("exceptions") LACKS("syscalls"), AS_ROOT, "plain",
	  NOT_IN_KERNEL, TASKS | KERNEL },
	{ "kernel_without_tracepoints_of_tasks", 2, MOUNTED LACKS("task") LACKS("sched"),
	  AS_ROOT, "plain", NOT_IN_KERNEL, ENTRIES | CALLS | KERNEL },

	{ "ordinary_user_sees_software_events", 2, MOUNTED, AS_NOBODY, "plain",
	  FORBIDDEN, 0 },
	{ "ordinary_user_without_tracefs_sees_the_same", 2, UNMOUNTED, AS_NOBODY, "plain",
	  FORBIDDEN, 0 },
	{ "level_1_adds_kernel_mode", 1, MOUNTED, AS_NOBODY, "plain", NO_TRACEFS,
	  KERNEL },
	{ "level_below_0_needs_tracefs", -1, MOUNTED, AS_NOBODY, "plain", NO_TRACEFS,
	  KERNEL },
	{ "readable_tracefs_adds_system_calls", 2, REPLACED_BY("open"), AS_NOBODY,
	  "plain", FORBIDDEN, CALLS },
	{ "directories_without_files_are_no_readable_tracefs", 2, REPLACED_BY("closed"),
	  AS_NOBODY, "plain", FORBIDDEN, 0 },
	{ "readable_tracefs_at_level_0_adds_system_calls", 0, REPLACED_BY("open"),
	  AS_NOBODY, "plain", FORBIDDEN, CALLS | KERNEL },
	{ "readable_tracefs_below_level_0_gives_everything", -1, REPLACED_BY("open"),
	  AS_NOBODY, "plain", NOTHING_MISSING, ALL },
	{ "root_of_a_user_namespace_is_an_ordinary_user", 2, MOUNTED,
	  AS_ROOT_OF_A_NAMESPACE, "plain", FORBIDDEN, 0 },

	{ "perfmon_alone_cannot_read_tracefs", 2, MOUNTED, AS_NOBODY, "perfmon",
	  NO_TRACEFS, KERNEL },
	{ "perfmon_and_ptrace_cannot_read_tracefs", 2, MOUNTED, AS_NOBODY,
	  "perfmon,ptrace", NO_TRACEFS, KERNEL },
	{ "perfmon_with_a_readable_tracefs_gives_everything", 2, REPLACED_BY("open"),
	  AS_NOBODY, "perfmon", NOTHING_MISSING, ALL },
	{ "perfmon_and_dac_read_search_give_everything", 2, MOUNTED, AS_NOBODY,
	  "perfmon,dac", NOTHING_MISSING, ALL },
	{ "capabilities_without_sys_admin_need_a_mounted_tracefs", 2, UNMOUNTED, AS_NOBODY,
	  "full", NO_TRACEFS, KERNEL },
	{ "dac_read_search_alone_adds_system_calls", 2, MOUNTED, AS_NOBODY, "dac",
	  FORBIDDEN, CALLS },
	{ "sys_admin_alone_cannot_read_tracefs", 2, MOUNTED, AS_NOBODY, "admin",
	  NO_TRACEFS, KERNEL },
	{ "sys_admin_mounts_what_it_cannot_read", 2, UNMOUNTED, AS_NOBODY, "admin",
	  NO_TRACEFS, KERNEL },
	{ "full_capabilities_see_everything", 2, MOUNTED, AS_NOBODY, "full",
	  NOTHING_MISSING, ALL },
};

enum { RUNGS = sizeof(rungs) / sizeof(rungs[0]) };

/* All that is to be on stderr. */
static void note_of(const struct rung *rung, char *note, size_t size)
{
	static const char *const missing[] = { "COW, kind, access, latency",
					       "munmap, mremap, madvise",
					       "telling vfork from fork",
					       "kernel-mode faults, physical addresses" };
	size_t used = 0;

	note[0] = '\0';
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		if (!(rung->has & 1U << i))
			used += (size_t)snprintf(note + used, size - used, "%s%s%s%s",
						 used ? ", " : "note: ",
						 used ? "" : rung->why,
						 used ? "" : ": no ", missing[i]);
	if (used)
		snprintf(note + used, size - used, "\n");
}

/* ---- what is then seen ---- */

static size_t count_event(const struct csv *csv, const char *event)
{
	size_t count = 0;

	for (size_t i = 0; i < csv->count; i++)
		count += !strcmp(csv->rows[i].event, event);
	return count;
}

static size_t count_in_kernel_mode(const struct csv *csv)
{
	size_t count = 0;

	for (size_t i = 0; i < csv->count; i++)
		count += !strcmp(csv->rows[i].mode, "kernel");
	return count;
}

/* The demo's faults, one by one, and of each group of events what it alone tells. */
static void check_seen(const char *said, const struct csv *csv, unsigned has)
{
	struct announced announced;

	announced_parse(&announced, said);
	if (!(has & ENTRIES))
		without_entries(&announced);
	announced_check(&announced, csv);
	announced_release(&announced);
	for (size_t i = 0; i < csv->count; i++)
		if (csv_is_fault(&csv->rows[i]))
			check_fault(&csv->rows[i], has);
	assert_int_equal(count_event(csv, "MUNMAP_REMOVE") > 0, (has & CALLS) != 0);
	assert_int_equal(count_event(csv, "EXEC_REBUILD") > 0, (has & TASKS) != 0);
	assert_int_equal(count_in_kernel_mode(csv) > 0, (has & KERNEL) != 0);
}

static void check_report(unsigned has)
{
	struct run run;

	run_quietly(&run, "cat %s", report_path());
	check_counters(run.out);
	assert_int_equal(strstr(run.out, " phys=0x") != NULL, (has & KERNEL) != 0);
	assert_int_equal(strstr(run.out, "time in faults") != NULL, (has & ENTRIES) != 0);
	assert_non_null(strstr(run.out, "\n  invalid        0\n  lost           0 "));
	assert_null(strstr(run.out, "unpaired"));
	run_release(&run);
}

static void rung_is_as_told(void **state)
{
	const struct rung *rung = *state;
	const char *copy = copy_of_pfa(rung->copy);
	const char *demo = install_demo("cow_fork", "cow_fork", "755");
	const char *who = rung->who;
	char note[512];
	struct run run;
	struct csv csv;

	/* A chroot permits no user namespace: what is left is who its root would be. */
	if (!strcmp(who, AS_ROOT_OF_A_NAMESPACE) &&
	    system(AS_ROOT_OF_A_NAMESPACE "true 2>/dev/null") != 0)
		who = AS_NOBODY;
	set_level(rung->level);
	run_command(&run, OWN_MOUNTS "%sexec %s%s %s -- %s'", rung->tracefs, who,
		    copy, output_options(), demo);
	assert_run_status(&run, 0);
	note_of(rung, note, sizeof(note));
	assert_string_equal(run.err, note);
	csv_read(&csv, csv_path());
	check_seen(run.out, &csv, rung->has);
	csv_release(&csv);
	check_report(rung->has);
	run_release(&run);
}

/* ---- what else is so on a rung ---- */

static void major_faults_need_no_privilege(void **state)
{
	struct announced announced;
	struct run run;
	struct csv csv;

	(void)state;
	run_command(&run, AS_NOBODY "%s %s -- %s %s", copy_of_pfa("plain"),
		    output_options(), install_demo("cold_file", "cold_file", "755"),
		    work_path("everybodys"));
	assert_run_status(&run, 0);
	announced_parse(&announced, run.out);
	without_entries(&announced);
	csv_read(&csv, csv_path());
	announced_check(&announced, &csv);
	assert_true(csv_count_type(&csv, "MAJOR") >= 10);
	csv_release(&csv);
	announced_release(&announced);
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
	run_command(&run, "sh -c 'ulimit -n 12; exec " AS_NOBODY "%s -s -- true'",
		    copy_of_pfa("plain"));
	assert_refused(&run, "ulimit -n");
	run_release(&run);
}

static size_t largest_ring_kib(pid_t pid)
{
	size_t largest = 0;
	struct run run;

	run_quietly(&run, "cat /proc/%d/maps", pid);
	for (const char *line = run.out; *line; line = strchr(line, '\n') + 1) {
		unsigned long start, end;
		char name[64];

		if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %63s", &start, &end, name) == 3 &&
		    !strcmp(name, "anon_inode:[perf_event]") && end - start > largest)
			largest = end - start;
	}
	run_release(&run);
	return largest >> 10;
}

/*
 * A user may lock perf_event_mlock_kb for each CPU, half a megabyte and the ring's head,
 * and RLIMIT_MEMLOCK on top. Others of the same user's take from it.
 */
static void rings_are_as_large_as_the_kernel_permits(void **state)
{
	static const struct {
		const char *copy;
		size_t least_kib, most_kib;
	} rows[] = {
		{ "plain", 64 + 4, 512 + 4 },
		{ "full,lock", 1024 + 4, 8192 + 4 },
	};
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_start(&run, "sh -c 'ulimit -l 0; exec " AS_NOBODY "%s -s -o /dev/null -- "
			  "sh -c \"echo running; exec sleep 60\"'",
			  copy_of_pfa(rows[i].copy));
		run_await_out(&run, "running");
		assert_in_range(largest_ring_kib(run.pid), rows[i].least_kib,
				rows[i].most_kib);
		run_release(&run);
	}
	run_command(&run, "sh -c 'ulimit -l 0; exec " AS_NOBODY "%s -s --buffer=64M -- true'",
		    copy_of_pfa("plain"));
	assert_run_status(&run, 2);
	assert_non_null(strstr(run.err, "use a smaller --buffer"));
	run_release(&run);
}

static void no_mount_is_left_behind(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, OWN_MOUNTS UNMOUNTED "%s -s -o /dev/null -- true && "
		    "! test -d /sys/kernel/tracing/events'", pfa());
	run_release(&run);
}

static void traced_program_has_no_capabilities_of_pfa(void **state)
{
	struct run without, run;

	(void)state;
	run_quietly(&without, AS_NOBODY "grep ^Cap /proc/self/status");
	run_quietly(&run, AS_NOBODY "%s -s -o /dev/null -- grep ^Cap /proc/self/status",
		    copy_of_pfa("full,lock"));
	assert_string_equal(run.out, without.out);
	assert_non_null(strstr(run.out, "CapPrm:\t0000000000000000\n"));
	run_release(&run);
	run_release(&without);
}

/* ---- */

static int set_up(void **state)
{
	int failed = ladder_set_up(state);

	if (!failed)
		copy_tracefs();
	return failed;
}

#define TESTS(X)                                       \
	X(major_faults_need_no_privilege)              \
	X(where_perf_is_forbidden_the_remedy_is_named) \
	X(too_few_descriptors_are_told)                \
	X(rings_are_as_large_as_the_kernel_permits)    \
	X(no_mount_is_left_behind)                     \
	X(traced_program_has_no_capabilities_of_pfa)

int main(void)
{
	static const struct CMUnitTest others[] = {
#define X(name) cmocka_unit_test_teardown(name, ladder_put_back),
		TESTS(X)
#undef X
	};
	struct CMUnitTest tests[RUNGS + sizeof(others) / sizeof(others[0])];

	for (size_t i = 0; i < RUNGS; i++)
		tests[i] = (struct CMUnitTest){ .name = rungs[i].name,
						.test_func = rung_is_as_told,
						.teardown_func = ladder_put_back,
						.initial_state = (void *)&rungs[i] };
	memcpy(tests + RUNGS, others, sizeof(others));
	return cmocka_run_group_tests(tests, set_up, ladder_tear_down);
}
