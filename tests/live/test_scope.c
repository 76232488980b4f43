/*
 * More than one program: the whole machine, a control group, processes in namespaces
 * of their own; and with fewer events than all.
 */
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/crew.h"
#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/summary.h"

static size_t faults_of(const struct csv *csv, uint32_t pid)
{
	size_t faults = 0;

	for (size_t i = 0; i < csv->count; i++)
		faults += csv_is_fault(&csv->rows[i]) && csv->rows[i].pid == pid;
	return faults;
}

static size_t faults_of_comm(const struct csv *csv, const char *comm)
{
	size_t faults = 0;

	for (size_t i = 0; i < csv->count; i++)
		faults += csv_is_fault(&csv->rows[i]) &&
			  !strcmp(csv->rows[i].comm, comm);
	return faults;
}

/* ---- the whole machine ---- */

static void machine_is_seen_while_a_program_runs(void **state)
{
	struct crew beside;
	struct run run;
	struct csv csv;
	char *report;

	(void)state;
	crew_start(&beside, "%s 3 4 2", crew_program());
	run_start(&run, "%s -a -s -o %s --csv=%s -- sh -c '%s/mixed; kill -USR1 %d; "
		  "while kill -0 %d; do sleep 0.01; done 2>/dev/null; exit 3'", pfa(),
		  work_path("report"), work_path("csv"), demos(), beside.pid,
		  beside.pid);
	run_wait(&beside.run);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_string_equal(run.err, "");
	assert_int_equal(crew_check(beside.run.out, work_path("csv")), 4);
	csv_read(&csv, work_path("csv"));
	assert_true(faults_of_comm(&csv, "mixed") > 100);
	assert_true(faults_of(&csv, (uint32_t)beside.pid) > 4 * 4);
	assert_int_equal(faults_of(&csv, (uint32_t)run.pid), 0);
	csv_release(&csv);
	run_release(&run);
	run_release(&beside.run);

	run_quietly(&run, "cat %s", work_path("report"));
	report = run.out;
	assert_counters_equal(report);
	assert_nothing_odd(report);
	assert_says(run.out, "\n  target         exited with status 3\n");
	assert_false(summary_has(report, "rusage")); /* of the program alone */
	run_release(&run);
}

static void machine_is_seen_until_told_to_end(void **state)
{
	struct crew crew;
	struct run run;

	(void)state;
	crew_start(&crew, "%s 2 4 1", crew_program());
	run_start(&run, "%s -a --fields=pid --csv=%s", pfa(), work_path("csv"));
	crew_await_seen(&crew, &run);
	crew_work(&crew);
	kill(run.pid, SIGINT);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_string_equal(run.err, "");
	assert_counters_equal(run.out);
	assert_nothing_odd(run.out);
	assert_false(summary_has(run.out, "target"));
	assert_int_equal(crew_check(crew.run.out, work_path("csv")), 2);
	run_release(&run);
	run_release(&crew.run);
	run_quietly(&run, "%s -a -s --duration=50ms", pfa());
	assert_counters_equal(run.out);
	run_release(&run);
}

/* The same bytes from the capture, of many processes at once. */
static void machine_is_replayed(void **state)
{
	struct run live, replayed;

	(void)state;
	run_quietly(&live, "%s -a -o %s --capture=%s --show=faults,vma,life -- "
		    "sh -c '(%s/threads; %s/mmap_storm 50) >/dev/null & "
		    "%s/cow_fork >/dev/null; wait'", pfa(), work_path("live"),
		    work_path("capture"), demos(), demos(), demos());
	run_release(&live);
	run_quietly(&live, "cat %s", work_path("live"));
	run_quietly(&replayed, "%s report --show=faults,vma,life -i %s", pfa(),
		    work_path("capture"));
	assert_counters_equal(live.out);
	assert_string_equal(live.out, replayed.out);
	run_release(&live);
	run_release(&replayed);
}

/* ---- a control group ---- */

/* A directory of cgroup2: its mount, and the name of ours below it. */
static struct {
	char mount[256], name[64];
	bool mounted; /* by us */
	unsigned groups;
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
	if (tree.mounted)
		umount(tree.mount);
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
	assert_int_equal(faults_of(&csv, (uint32_t)outside.pid), 0);
	for (size_t i = 0; i < csv.count; i++)
		if (csv_is_fault(&csv.rows[i]) && strcmp(csv.rows[i].comm, "crew") != 0)
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
	assert_run_status(run, 2);
	assert_string_equal(run->out, "");
	if (strncmp(run->err, "error: ", 7) != 0 || !strstr(run->err, words) ||
	    strchr(run->err, '\n') != run->err + strlen(run->err) - 1)
		fail_msg("\"%s\" is not one line with \"%s\"", run->err, words);
	assert_nothing_left(run);
	assert_int_not_equal(access(work_path("ran"), F_OK), 0);
	run_release(run);
}

static void groups_that_are_none_are_refused(void **state)
{
	static const char *const names[] = { "no-such-group", "/no/such/group", "/tmp" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct run run;

		run_command(&run, "%s --cgroup=%s -- touch %s", pfa(), names[i],
			    work_path("ran"));
		assert_refused(&run, "no control group '");
	}
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

/* ---- namespaces ---- */

#define INSIDE "/proc/fs/inside" /* /proc is their own: nobody else has this file */

/* The PID of who knows itself as `inner`, by the last of its namespaces. */
static pid_t outer_pid_of(const char *comm, pid_t inner)
{
	struct run run;
	pid_t pid;

	run_quietly(&run, "sh -c 'grep -lsx \"Name:.%s\" /proc/[0-9]*/status | "
		    "xargs grep -lsx \"NSpid:.*[^0-9]%d\" | cut -d/ -f3'", comm, inner);
	assert_int_equal(sscanf(run.out, "%d", &pid), 1);
	assert_int_equal(strchr(run.out, '\n')[1], '\0');
	run_release(&run);
	return pid;
}

static size_t lines_with(const char *text, const char *words)
{
	size_t lines = 0;

	for (text = strstr(text, words); text; text = strstr(text + 1, words))
		lines++;
	return lines;
}

/* As the user outside sees it: its PIDs, and the sections of a file he cannot see. */
static void check_insider(const char *said, const char *csv_path, pid_t outer)
{
	size_t touches = 0, in_text = 0;
	struct csv csv;

	csv_read(&csv, csv_path);
	for (size_t i = 0; i < csv.count; i++) {
		const struct csv_row *row = &csv.rows[i];

		if (!csv_is_fault(row) || strcmp(row->comm, "inside") != 0)
			continue;
		if (row->pid < (uint32_t)outer)
			fail_msg("nobody has that PID: %s", csv_describe(row));
		/* Its headers are read, too, and lie in none. */
		if (!strcmp(row->region, "inside") && !strcmp(row->access, "x") &&
		    !row->section[0])
			fail_msg("no section: %s", csv_describe(row));
		in_text += !strcmp(row->region, "inside") &&
			   !strcmp(row->section, ".text");
		touches += row->pid == (uint32_t)outer && !strcmp(row->region, "anon") &&
			   row->addr >> 28 == 0x200;
	}
	csv_release(&csv);
	assert_true(in_text > 0);
	assert_int_equal(touches, lines_with(said, "touch 1 "));
}

static void insiders_are_seen(const char *options)
{
	struct run run;
	pid_t outer;

	run_start(&run, "%s -s %s -o %s --csv=%s -- unshare -pmf "
		  "--propagation unchanged --mount-proc sh -c '"
		  "mount -t tmpfs none /proc/fs && cp %s " INSIDE " && exec " INSIDE
		  " 2 4 1'", pfa(), options, work_path("report"), work_path("csv"),
		  crew_program());
	assert_int_equal(crew_await_ready(&run), 1);
	outer = outer_pid_of("inside", 1);
	assert_int_equal(kill(outer, SIGUSR1), 0);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_string_equal(run.err, "");
	check_insider(run.out, work_path("csv"), outer);
	run_release(&run);
	run_quietly(&run, "cat %s", work_path("report"));
	assert_counters_equal(run.out);
	assert_nothing_odd(run.out);
	run_release(&run);
}

static void those_in_other_namespaces_are_seen_from_here(void **state)
{
	(void)state;
	insiders_are_seen("");
	insiders_are_seen("-a");
}

/* ---- fewer events ---- */

#define LEFT_OUT "note: left out by --events: no "

static const struct {
	const char *events, *notice;
	bool latency, kernel, calls;
} choices[] = {
	{ "entries,calls,tasks,kernel", "", true, true, true },
	{ "faults", LEFT_OUT "COW, kind, access, latency, munmap, mremap, madvise, "
		    "telling vfork from fork, kernel-mode faults, physical addresses\n",
	  false, false, false },
	{ "-calls", LEFT_OUT "munmap, mremap, madvise\n", true, true, false },
	{ "-kernel", LEFT_OUT "kernel-mode faults, physical addresses\n", true, false,
	  true },
	{ "-entries", LEFT_OUT "COW, kind, access, latency\n", false, true, true },
	{ "-tasks", LEFT_OUT "telling vfork from fork\n", true, true, true },
};

static void check_choice(size_t i, const char *csv_path)
{
	bool latency = false, kernel = false, calls = false;
	struct csv csv;

	csv_read(&csv, csv_path);
	for (size_t k = 0; k < csv.count; k++) {
		const struct csv_row *row = &csv.rows[k];

		latency |= row->has_latency;
		kernel |= !strcmp(row->mode, "kernel");
		calls |= !strcmp(row->event, "MUNMAP_REMOVE");
	}
	csv_release(&csv);
	assert_int_equal(latency, choices[i].latency);
	assert_int_equal(kernel, choices[i].kernel);
	assert_int_equal(calls, choices[i].calls);
}

static void events_left_out_are_told_and_the_rest_is_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		struct run run;

		print_message("--events=%s\n", choices[i].events);
		run_command(&run, "%s -s --events=%s --show=faults,vma --csv=%s -- "
			    "%s/mixed", pfa(), choices[i].events, work_path("csv"),
			    demos());
		assert_run_status(&run, 0);
		assert_string_equal(run.err, choices[i].notice);
		assert_counters_equal(run.out);
		assert_nothing_odd(run.out);
		check_choice(i, work_path("csv"));
		run_release(&run);
	}
}

#define TESTS(X)                                                         \
	X(machine_is_seen_while_a_program_runs, run_kill_all)            \
	X(machine_is_seen_until_told_to_end, run_kill_all)               \
	X(machine_is_replayed, run_kill_all)                             \
	X(members_of_a_group_and_those_below_are_seen, remove_groups)    \
	X(process_moved_in_is_seen_with_its_name_and_regions, remove_groups) \
	X(group_is_found_by_name_and_by_directory, remove_groups)        \
	X(program_beside_a_group_gives_the_duration, remove_groups)      \
	X(group_without_processes_has_no_faults, remove_groups)          \
	X(groups_that_are_none_are_refused, run_kill_all)                \
	X(group_of_a_hierarchy_without_perf_is_refused, run_kill_all)    \
	X(those_in_other_namespaces_are_seen_from_here, run_kill_all)    \
	X(events_left_out_are_told_and_the_rest_is_counted, run_kill_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name, teardown) cmocka_unit_test_teardown(name, teardown),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
