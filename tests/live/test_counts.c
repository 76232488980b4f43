/*
 * pfa sees every fault: its sums are the kernel's, by the counters that pfa itself
 * reads at the end, and by counters of which pfa knows nothing (counted.c).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"

struct counts {
	uint64_t minor, major;
};

/* ---- what pfa says ---- */

static struct counts counts_of_summary(const char *text)
{
	const char *line = strstr(text, "Summary: ");
	uint64_t minor, major, cow;

	assert_non_null(line);
	assert_int_equal(sscanf(line, "Summary: major=%" SCNu64 " minor=%" SCNu64
				" cow=%" SCNu64, &major, &minor, &cow), 3);
	return (struct counts){ minor + cow, major };
}

static struct counts counts_of_csv(const struct csv *csv)
{
	return (struct counts){
		csv_count_type(csv, "MINOR") + csv_count_type(csv, "COW"),
		csv_count_type(csv, "MAJOR"),
	};
}

static void assert_same(struct counts seen, struct counts kernel)
{
	if (seen.minor != kernel.minor || seen.major != kernel.major)
		fail_msg("pfa: minor %ju major %ju, kernel: minor %ju major %ju",
			 (uintmax_t)seen.minor, (uintmax_t)seen.major,
			 (uintmax_t)kernel.minor, (uintmax_t)kernel.major);
}

/* ---- the witness ---- */

enum { PIDS_MAX = 4096 };

struct family {
	uint32_t pids[PIDS_MAX];
	size_t count;
};

static bool is_member(const struct family *family, uint32_t pid)
{
	for (size_t i = 0; i < family->count; i++)
		if (family->pids[i] == pid)
			return true;
	return false;
}

static void add_member(struct family *family, uint32_t pid)
{
	assert_in_range(family->count, 0, PIDS_MAX - 1);
	family->pids[family->count++] = pid;
}

/*
 * The faults of `first` since it execed, and of all that it forked. Exec renames
 * the thread before the new image's first fault.
 */
static struct counts counts_of_family(const struct csv *csv, uint32_t first)
{
	struct family family = { .count = 0 };
	struct counts counts = { 0, 0 };

	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];

		if (!family.count && row->pid == first &&
		    strcmp(row->comm, "counted") != 0)
			add_member(&family, first);
		if (!is_member(&family, row->pid))
			continue;
		if (!strcmp(row->event, "FORK"))
			add_member(&family, (uint32_t)strtoul(row->detail, NULL, 10));
		if (csv_is_completed(row) && !strcmp(row->type, "MAJOR"))
			counts.major++;
		else if (csv_is_completed(row))
			counts.minor++;
	}
	return counts;
}

static struct counts counts_of_witness(uint32_t *pid)
{
	FILE *file = fopen(work_path("counted"), "re");
	struct counts counts;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "counted %" SCNu64 " %" SCNu64 " %" SCNu32,
				&counts.minor, &counts.major, pid), 3);
	fclose(file);
	return counts;
}

/* ---- both at once ---- */

static void faults_are_all_counted(const char *program)
{
	struct counts witnessed;
	struct run run;
	struct csv csv;
	uint32_t pid;

	run_command(&run, "%s -s --show=faults,life -o %s --csv=%s -- %s/counted %s %s",
		    pfa(), work_path("summary"), work_path("csv"), live_programs(),
		    work_path("counted"), program);
	assert_run_status(&run, 0);
	run_release(&run);
	run_quietly(&run, "cat %s", work_path("summary"));
	if (!strstr(run.out, "exited with status 0\n"))
		fail_msg("the program failed: %s", program);
	assert_non_null(strstr(run.out, "  lost           0 records\n"));
	if (!strstr(run.out, "perf counters") ||
	    !strstr(strstr(run.out, "perf counters"), ": equal\n"))
		fail_msg("pfa itself sees a difference: %s", run.out);

	csv_read(&csv, work_path("csv"));
	assert_same(counts_of_csv(&csv), counts_of_summary(run.out));
	witnessed = counts_of_witness(&pid);
	assert_true(witnessed.minor > 0);
	assert_same(counts_of_family(&csv, pid), witnessed);
	print_message("minor %ju, major %ju\n", (uintmax_t)witnessed.minor,
		      (uintmax_t)witnessed.major);
	csv_release(&csv);
	run_release(&run);
}

static void counts_of_a_shell_that_forks_a_tree(void **state)
{
	(void)state;
	faults_are_all_counted("sh -c '(ls / | (sort; true) | wc -l) >/dev/null; "
			       "for i in 1 2 3; do (sh -c \"true; (true)\") & done; "
			       "wait'");
}

static void counts_of_gcc(void **state)
{
	FILE *source = fopen(work_path("small.c"), "we");
	char command[512];

	(void)state;
	need_programs("gcc");
	assert_non_null(source);
	fputs("#include <stdio.h>\nint main(void) { return puts(\"hi\") < 0; }\n",
	      source);
	fclose(source);
	snprintf(command, sizeof(command), "gcc -O2 -o %s %s", work_path("small"),
		 work_path("small.c"));
	faults_are_all_counted(command);
}

static void counts_of_python_with_extensions(void **state)
{
	char command[512];

	(void)state;
	snprintf(command, sizeof(command), "%s -c 'import ssl, json, sqlite3'",
		 python());
	faults_are_all_counted(command);
}

static void counts_of_node(void **state)
{
	(void)state;
	need_programs("node");
	faults_are_all_counted("node -e 0");
}

static void counts_of_java(void **state)
{
	(void)state;
	need_programs("java");
	faults_are_all_counted("java -version");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(counts_of_a_shell_that_forks_a_tree,
					  run_kill_all),
		cmocka_unit_test_teardown(counts_of_gcc, run_kill_all),
		cmocka_unit_test_teardown(counts_of_python_with_extensions,
					  run_kill_all),
		cmocka_unit_test_teardown(counts_of_node, run_kill_all),
		cmocka_unit_test_teardown(counts_of_java, run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
