/*
 * A control group: those in it and below it are seen, also who comes during the run;
 * nobody else is.
 */
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/crew.h"
#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/summary.h"

/* A directory of cgroup2: its mount, and the name of ours below it. */
static struct {
	char mount[256], name[64];
	bool mounted; /* by us */
} tree;

static bool find_mount(char path[256], const char *type, const char *without)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	bool found = false;

	while (mounts && !found && (mount = getmntent(mounts))) {
		found = !strcmp(mount->mnt_type, type) &&
			!(without && hasmntopt(mount, without));
		if (found)
			snprintf(path, 256, "%s", mount->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

/* Where nobody has mounted cgroup2 we do, for as long as the tests run. */
static void find_tree(void)
{
	snprintf(tree.name, sizeof(tree.name), "pfa-live-%d", getpid());
	if (find_mount(tree.mount, "cgroup2", NULL))
		return;
	snprintf(tree.mount, sizeof(tree.mount), "%s", work_path("cgroup2"));
	if (mkdir(tree.mount, 0755) || mount("none", tree.mount, "cgroup2", 0, NULL))
		skip_because("no cgroup2 here, and it cannot be mounted");
	tree.mounted = true;
}

static const char *group_path(const char *below)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s%s", tree.mount, tree.name, below);
	return path;
}

static void make_groups(void)
{
	find_tree();
	if (mkdir(group_path(""), 0755) || mkdir(group_path("/below"), 0755))
		fail_msg("%s cannot be made", group_path(""));
}

static int remove_groups(void **state)
{
	run_kill_all(state);
	if (!tree.name[0])
		return 0;
	/* What was killed a moment ago may still be in them. */
	for (int ms = 0; rmdir(group_path("/below")) && ms < 1000; ms++)
		usleep(1000);
	for (int ms = 0; rmdir(group_path("")) && ms < 1000; ms++)
		usleep(1000);
	if (tree.mounted && (umount(tree.mount) || rmdir(tree.mount)))
		return -1;
	memset(&tree, 0, sizeof(tree));
	return 0;
}

static void crew_start_in(struct crew *crew, const char *group)
{
	crew_start(crew, "sh -c 'echo $$ >%s/cgroup.procs; exec %s 3 4 2'",
		   group_path(group), crew_program());
}

static void move_in(const struct crew *crew, const char *group)
{
	struct run run;

	run_quietly(&run, "sh -c 'echo %d >%s/cgroup.procs'", crew->pid,
		    group_path(group));
	run_release(&run);
}

static void end_trace(struct run *run)
{
	kill(run->pid, SIGINT);
	run_wait(run);
	assert_run_status(run, 0);
	assert_string_equal(run->err, "");
	assert_counters_equal(run->out);
	assert_nothing_odd(run->out);
	run_release(run);
}

static void members_of_a_group_and_those_below_are_seen(void **state)
{
	struct crew inside, below, outside;
	struct run run;
	struct csv csv;

	(void)state;
	make_groups();
	crew_start_in(&inside, "");
	crew_start_in(&below, "/below");
	crew_start(&outside, "%s 3 4 2", crew_program());
	run_start(&run, "%s --fields=pid --csv=%s --cgroup=%s", pfa(), work_path("csv"),
		  tree.name);
	crew_await_seen(&inside, &run);
	crew_await_seen(&below, &run);
	crew_work(&outside);
	crew_work(&inside);
	crew_work(&below);
	end_trace(&run);
	assert_int_equal(crew_check(inside.run.out, work_path("csv")), 4);
	assert_int_equal(crew_check(below.run.out, work_path("csv")), 4);
	csv_read(&csv, work_path("csv"));
	for (size_t i = 0; i < csv.count; i++)
		if (csv_is_fault(&csv.rows[i]) &&
		    (strcmp(csv.rows[i].comm, "crew") != 0 ||
		     csv.rows[i].pid == (uint32_t)outside.pid))
			fail_msg("%s: %s", csv.rows[i].comm, csv_describe(&csv.rows[i]));
	csv_release(&csv);
	run_release(&inside.run);
	run_release(&below.run);
	run_release(&outside.run);
}

static void check_names_and_regions(const char *csv_path)
{
	struct csv csv;

	csv_read(&csv, csv_path);
	for (size_t i = 0; i < csv.count; i++)
		if (csv_is_fault(&csv.rows[i]) &&
		    (strcmp(csv.rows[i].comm, "crew") != 0 ||
		     !strcmp(csv.rows[i].region, "unknown") ||
		     !strcmp(csv.rows[i].region, "unmapped")))
			fail_msg("%s: %s", csv.rows[i].comm, csv_describe(&csv.rows[i]));
	csv_release(&csv);
}

/* Nobody tells that it comes: it is introduced with its first record. */
static void process_moved_in_is_seen_with_its_name_and_regions(void **state)
{
	struct crew inside, comer;
	struct run run;

	(void)state;
	make_groups();
	crew_start_in(&inside, "");
	crew_start(&comer, "%s 3 4 2", crew_program());
	run_start(&run, "%s --fields=pid --csv=%s --cgroup=%s", pfa(),
		  work_path("csv"), tree.name);
	crew_await_seen(&inside, &run);
	move_in(&comer, "/below");
	crew_await_seen(&comer, &run);
	crew_work(&comer);
	crew_work(&inside);
	end_trace(&run);
	assert_int_equal(crew_check(comer.run.out, work_path("csv")), 4);
	assert_int_equal(crew_check(inside.run.out, work_path("csv")), 4);
	check_names_and_regions(work_path("csv"));
	run_release(&comer.run);
	run_release(&inside.run);
}

static void crew_of_group_is_seen(const char *group)
{
	struct crew crew;
	struct run run;

	crew_start_in(&crew, "/below");
	run_start(&run, "%s --fields=pid --csv=%s --cgroup=%s", pfa(), work_path("csv"),
		  group);
	crew_await_seen(&crew, &run);
	crew_work(&crew);
	end_trace(&run);
	assert_int_equal(crew_check(crew.run.out, work_path("csv")), 4);
	run_release(&crew.run);
}

/* By name, as in /proc/PID/cgroup, or by directory. */
static void group_is_found_by_name_and_by_directory(void **state)
{
	char name[128];

	(void)state;
	make_groups();
	crew_of_group_is_seen(tree.name);
	snprintf(name, sizeof(name), "/%s", tree.name);
	crew_of_group_is_seen(name);
	snprintf(name, sizeof(name), "%s/below", tree.name);
	crew_of_group_is_seen(name);
	crew_of_group_is_seen(group_path(""));
	crew_of_group_is_seen("/");
}

/* It ends the trace and is no part of it. */
static void program_beside_a_group_gives_the_duration(void **state)
{
	struct crew inside;
	struct run run;

	(void)state;
	make_groups();
	crew_start_in(&inside, "");
	run_start(&run, "%s -s --cgroup=%s --csv=%s -- sh -c 'kill -USR1 %d; "
		  "while kill -0 %d; do sleep 0.01; done 2>/dev/null; exit 5'", pfa(),
		  tree.name, work_path("csv"), inside.pid, inside.pid);
	run_wait(&inside.run);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_string_equal(run.err, "");
	assert_counters_equal(run.out);
	assert_says(run.out, "\n  target         exited with status 5\n");
	assert_false(summary_has(run.out, "rusage"));
	assert_int_equal(crew_check_alone(inside.run.out, work_path("csv")), 4);
	run_release(&run);
	run_release(&inside.run);
}

static void group_without_processes_has_no_faults(void **state)
{
	struct run run;

	(void)state;
	make_groups();
	run_quietly(&run, "%s --cgroup=%s -- true", pfa(), tree.name);
	assert_says(run.out, "Summary: major=0 minor=0 cow=0\n");
	assert_counters_equal(run.out);
	run_release(&run);
}

static void assert_refused(struct run *run, const char *words)
{
	assert_error_line(run, 2, words);
	assert_string_equal(run->out, "");
	assert_nothing_left(run);
	assert_int_not_equal(access(work_path("ran"), F_OK), 0);
	run_release(run);
}

static void groups_that_are_none_are_refused(void **state)
{
	static const char *const names[] = { "no-such-group", "/no/such/group", "/tmp" };
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		run_command(&run, "%s --cgroup=%s -- touch %s", pfa(), names[i],
			    work_path("ran"));
		assert_refused(&run, "no control group '");
	}
	run_command(&run, "%s --cgroup= -- touch %s", pfa(), work_path("ran"));
	assert_refused(&run, "--cgroup: '' is not the name of a control group");
}

/* Hierarchies of version 1 have the controllers they were mounted with. */
static void group_of_a_hierarchy_without_perf_is_refused(void **state)
{
	struct run run;
	char path[256];

	(void)state;
	if (!find_mount(path, "cgroup", "perf_event"))
		return; /* there is none here, as on most machines */
	run_command(&run, "%s --cgroup=%s -- touch %s", pfa(), path, work_path("ran"));
	assert_refused(&run, "has no perf_event controller (name one of cgroup2)");
}

#define TESTS(X)                                                \
	X(members_of_a_group_and_those_below_are_seen)          \
	X(process_moved_in_is_seen_with_its_name_and_regions)   \
	X(group_is_found_by_name_and_by_directory)              \
	X(program_beside_a_group_gives_the_duration)            \
	X(group_without_processes_has_no_faults)                \
	X(groups_that_are_none_are_refused)                     \
	X(group_of_a_hierarchy_without_perf_is_refused)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, remove_groups),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
