/*
 * A capture tells what the live run told, the same every time, to pfa and to perf,
 * to root and to nobody, whole or cut; and pfa reads what perf recorded.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"

/* ---- live and replayed ---- */

static void assert_same_files(const char *one, const char *two)
{
	struct run run;

	run_command(&run, "cmp %s %s", one, two);
	if (run.status)
		fail_msg("%s%s", run.out, run.err);
	run_release(&run);
}

/* How late we were with each event is in the 36th cell: not replayed. */
static void cut_delays(const char *csv)
{
	struct run run;

	run_quietly(&run, "sed -Ei 's/^(([^,]*,){35})[^,]*/\\1/' %s", csv);
	run_release(&run);
}

/* One run, told live and then from the capture made on the way. */
static void live_is_replayed(const char *options, const char *program)
{
	struct run run;

	run_command(&run, "%s %s --capture=%s -o %s --csv=%s -- %s", pfa(), options,
		    work_path("capture"), work_path("live"), work_path("live.csv"),
		    program);
	assert_run_status(&run, 0);
	run_release(&run);
	run_quietly(&run, "%s report %s -i %s -o %s --csv=%s", pfa(), options,
		    work_path("capture"), work_path("replayed"),
		    work_path("replayed.csv"));
	run_release(&run);
	assert_same_files(work_path("live"), work_path("replayed"));
	cut_delays(work_path("live.csv"));
	cut_delays(work_path("replayed.csv"));
	assert_same_files(work_path("live.csv"), work_path("replayed.csv"));
}

static void live_output_is_replayed_byte_for_byte(void **state)
{
	static const char *const names[] = { "cow_fork", "threads", "vfork_exec",
					     "segv_bus", "thp", "mmap_storm 2000",
					     "touch_storm 20000 2" };
	char program[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(program, sizeof(program), "%s/%s", demos(), names[i]);
		live_is_replayed("", program);
		live_is_replayed("--fixed-ts --show=faults,vma,life", program);
		live_is_replayed("--show=faults,vma,life --fields=latency,pid,tid,comm,"
				 "cpu,kind,mode,access,refault,offset,ip,page_size,phys",
				 program);
	}
}

static void live_output_of_a_process_tree_is_replayed(void **state)
{
	(void)state;
	live_is_replayed("--show=faults,vma,life",
			 "sh -c '(ls / | sort | wc -l) & (sh -c true); wait'");
}

static void filters_are_replayed(void **state)
{
	char program[256];

	(void)state;
	snprintf(program, sizeof(program), "%s/cow_fork", demos());
	live_is_replayed("--type=COW --kind=cow-copy,cow-reuse", program);
	live_is_replayed("--region='libc*' --min-latency=2us --top=3", program);
	live_is_replayed("-s", program);
}

static void record(const char *program)
{
	struct run run;

	run_quietly(&run, "%s record -o %s -- %s >/dev/null", pfa(),
		    work_path("capture"), program);
	run_release(&run);
}

static void record_demo(const char *demo)
{
	char program[256];

	snprintf(program, sizeof(program), "%s/%s", demos(), demo);
	record(program);
}

static void report_says_the_same_every_time(void **state)
{
	static const char *const options[] = { "", "--fixed-ts",
					       "--show=faults,vma,life" };

	(void)state;
	record_demo("threads");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct run one, two;

		run_quietly(&one, "%s report %s -i %s", pfa(), options[i],
			    work_path("capture"));
		run_quietly(&two, "%s report %s -i %s", pfa(), options[i],
			    work_path("capture"));
		assert_string_equal(one.out, two.out);
		assert_non_null(strstr(one.out, "Summary: major="));
		run_release(&one);
		run_release(&two);
	}
}

/* ---- perf ---- */

struct seen {
	bool major;
	uint64_t addr;
};

static int compare_seen(const void *one, const void *two)
{
	const struct seen *a = one, *b = two;

	if (a->major != b->major)
		return a->major ? 1 : -1;
	return a->addr < b->addr ? -1 : a->addr > b->addr;
}

static size_t seen_by_perf(char *text, struct seen *seen, size_t max)
{
	size_t count = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char event[64];
		struct seen s;

		if (sscanf(line, "%63s %" SCNx64, event, &s.addr) != 2)
			continue;
		s.major = !strcmp(event, "major-faults:");
		if (!s.major && strcmp(event, "minor-faults:") != 0)
			continue;
		assert_in_range(count, 0, max - 1);
		seen[count++] = s;
	}
	qsort(seen, count, sizeof(*seen), compare_seen);
	return count;
}

static size_t seen_by_pfa(const struct csv *csv, struct seen *seen, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];

		if (!csv_is_completed(row))
			continue;
		assert_in_range(count, 0, max - 1);
		seen[count++] = (struct seen){ !strcmp(row->type, "MAJOR"), row->addr };
	}
	qsort(seen, count, sizeof(*seen), compare_seen);
	return count;
}

static void perf_script_shows_the_same_faults(void **state)
{
	enum { MAX = 8192 };
	static struct seen perf[MAX], ours[MAX];
	size_t perf_count, our_count;
	struct run run, report;
	struct csv csv;

	(void)state;
	need_programs("perf");
	record("sh -c 'ls / | sort | wc -l; ls /'");
	run_quietly(&run, "perf script -i %s -F sw:event,addr", work_path("capture"));
	perf_count = seen_by_perf(run.out, perf, MAX);
	run_quietly(&report, "%s report -s -i %s --csv=%s", pfa(), work_path("capture"),
		    work_path("csv"));
	csv_read(&csv, work_path("csv"));
	our_count = seen_by_pfa(&csv, ours, MAX);
	assert_int_equal(perf_count, our_count);
	assert_true(our_count > 100);
	for (size_t i = 0; i < our_count; i++)
		if (compare_seen(&perf[i], &ours[i]) != 0)
			fail_msg("perf: %#jx, pfa: %#jx", (uintmax_t)perf[i].addr,
				 (uintmax_t)ours[i].addr);
	csv_release(&csv);
	run_release(&run);
	run_release(&report);
}

static void perf_opens_captures_without_complaint(void **state)
{
	static const char *const commands[] = { "script", "report --stdio",
						"evlist", "report --header-only" };

	(void)state;
	need_programs("perf");
	record_demo("cow_fork");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct run run;

		run_quietly(&run, "perf %s -i %s", commands[i], work_path("capture"));
		assert_true(strlen(run.out) > 0);
		run_release(&run);
	}
}

/* perf wants tracefs mounted; the mount ends with the command's namespace. */
#define WITH_TRACEFS \
	OWN_MOUNTS "test -d /sys/kernel/tracing/events || " \
	"mount -t tracefs nodev /sys/kernel/tracing; exec %s'"

static void captures_of_perf_are_read_and_gaps_told(void **state)
{
	struct run run;
	struct csv csv;
	char command[512];

	(void)state;
	need_programs("perf");
	snprintf(command, sizeof(command), "perf record -q -o %s -d "
		 "-e exceptions:page_fault_user -e minor-faults -e major-faults -c 1 "
		 "%s/first_touch", work_path("perfs"), demos());
	run_command(&run, WITH_TRACEFS, command);
	assert_run_status(&run, 0);
	run_release(&run);

	run_command(&run, "%s report -s -i %s --csv=%s", pfa(), work_path("perfs"),
		    work_path("csv"));
	assert_run_status(&run, 0);
	assert_non_null(strstr(run.err, "note: the capture has no "
					"exceptions:page_fault_kernel"));
	assert_non_null(strstr(run.err, "note: the capture has no syscalls events"));
	assert_null(strstr(run.err, "error: "));
	run_release(&run);
	csv_read(&csv, work_path("csv"));
	assert_true(csv_count_type(&csv, "MINOR") > 20);
	assert_true(csv_count_type(&csv, "COW") > 0);
	assert_int_equal(csv_count_type(&csv, "INVALID"), 0);
	csv_release(&csv);
}

static void captures_of_perf_without_faults_are_refused(void **state)
{
	struct run run;

	(void)state;
	need_programs("perf");
	run_command(&run, "perf record -q -o %s -e context-switches -c 1 true",
		    work_path("perfs"));
	assert_run_status(&run, 0);
	run_release(&run);
	run_command(&run, "%s report -i %s", pfa(), work_path("perfs"));
	assert_run_status(&run, 1);
	assert_non_null(strstr(run.err, "holds no minor-faults"));
	run_release(&run);
}

/* ---- no privilege, no kernel ---- */

static void report_needs_nothing_of_the_machine(void **state)
{
	struct run root, nobody;

	(void)state;
	record_demo("cow_fork");
	assert_int_equal(chmod(work_path("capture"), 0644), 0);
	run_quietly(&root, "install -m 755 %s %s", pfa(), work_path("pfa"));
	run_release(&root);
	run_command(&root, "%s report --symfs=/proc/fs -i %s", work_path("pfa"),
		    work_path("capture"));
	assert_run_status(&root, 0);
	run_command(&nobody, OWN_MOUNTS "umount -a -t tracefs,debugfs; "
		    "! test -d /sys/kernel/tracing/events && exec setpriv "
		    "--reuid=65534 --regid=65534 --clear-groups "
		    "%s report --symfs=/proc/fs -i %s'", work_path("pfa"),
		    work_path("capture"));
	assert_run_status(&nobody, 0);
	assert_string_equal(root.out, nobody.out);
	assert_string_equal(root.err, nobody.err);
	run_release(&root);
	run_release(&nobody);
}

/* ---- cut captures ---- */

/* All on one CPU: then bytes of the file are in the order of time. */
static cpu_set_t stay_on_this_cpu(void)
{
	cpu_set_t before, here;

	CPU_ZERO(&here);
	CPU_SET((size_t)sched_getcpu(), &here);
	sched_getaffinity(0, sizeof(before), &before);
	sched_setaffinity(0, sizeof(here), &here);
	return before;
}

static off_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* What a cut capture tells must be how the whole one begins. */
static void assert_begins(const char *part_path, const char *whole_path)
{
	struct run part, whole;

	run_quietly(&part, "cat %s", part_path);
	run_quietly(&whole, "cat %s", whole_path);
	if (strncmp(part.out, whole.out, strlen(part.out)) != 0)
		fail_msg("a cut capture tells other things:\n%s", part.out);
	run_release(&part);
	run_release(&whole);
}

static void check_cut(off_t length)
{
	const char *end;
	struct run run;

	run_quietly(&run, "cp %s %s", work_path("capture"), work_path("cut"));
	run_release(&run);
	assert_int_equal(truncate(work_path("cut"), length), 0);
	unlink(work_path("cut.csv"));
	run_command(&run, "%s report -i %s --csv=%s", pfa(), work_path("cut"),
		    work_path("cut.csv"));
	assert_run_status(&run, 1);
	end = strchr(run.err, '\n');
	assert_true(!strncmp(run.err, "error: ", 7) && end && !end[1]);
	assert_non_null(strstr(run.err, "cut off"));
	/* Cut in its head it tells nothing; after that, what it holds. */
	if (strstr(run.err, "; the report ends there"))
		assert_begins(work_path("cut.csv"), work_path("whole.csv"));
	else
		assert_string_equal(run.out, "");
	run_release(&run);
}

static void cut_captures_are_replayed_up_to_the_cut(void **state)
{
	cpu_set_t before = stay_on_this_cpu();
	struct run run;
	off_t size;

	(void)state;
	record_demo("touch_storm 3000");
	sched_setaffinity(0, sizeof(before), &before);
	run_quietly(&run, "%s report -s -i %s --csv=%s", pfa(), work_path("capture"),
		    work_path("whole.csv"));
	run_release(&run);
	size = size_of(work_path("capture"));
	for (int part = 1; part < 16; part++)
		check_cut(size * part / 16 + part);
	check_cut(size - 1);
}

#define TESTS(X)                                       \
	X(live_output_is_replayed_byte_for_byte)       \
	X(live_output_of_a_process_tree_is_replayed)   \
	X(filters_are_replayed)                        \
	X(report_says_the_same_every_time)             \
	X(perf_script_shows_the_same_faults)           \
	X(perf_opens_captures_without_complaint)       \
	X(captures_of_perf_are_read_and_gaps_told)     \
	X(captures_of_perf_without_faults_are_refused) \
	X(report_needs_nothing_of_the_machine)         \
	X(cut_captures_are_replayed_up_to_the_cut)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
