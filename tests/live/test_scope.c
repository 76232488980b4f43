/*
 * More than one program: the whole machine, processes in namespaces of their own; and
 * with fewer events than all.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

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
	assert_counters_equal_but_the_last(report);
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
	assert_counters_equal_but_the_last(run.out);
	assert_nothing_odd(run.out);
	assert_false(summary_has(run.out, "target"));
	assert_int_equal(crew_check(crew.run.out, work_path("csv")), 2);
	run_release(&run);
	run_release(&crew.run);
	run_quietly(&run, "%s -a -s --duration=50ms", pfa());
	assert_counters_equal_but_the_last(run.out);
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
	assert_counters_equal_but_the_last(live.out);
	assert_string_equal(live.out, replayed.out);
	run_release(&live);
	run_release(&replayed);
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
	if (!*options) /* others' files may have been replaced under them */
		assert_string_equal(run.err, "");
	check_insider(run.out, work_path("csv"), outer);
	run_release(&run);
	run_quietly(&run, "cat %s", work_path("report"));
	assert_counters_equal_but_the_last(run.out);
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

#define TESTS(X)                                         \
	X(machine_is_seen_while_a_program_runs)          \
	X(machine_is_seen_until_told_to_end)             \
	X(machine_is_replayed)                           \
	X(those_in_other_namespaces_are_seen_from_here)  \
	X(events_left_out_are_told_and_the_rest_is_counted)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
