/*
 * Rings far too small for what happens: records are lost, which is said where it
 * happened and in the sum, and what is left is still told right.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"

enum { FAULTS = 60000 };

static uint64_t lost_of_csv(const struct csv *csv, size_t *lines)
{
	uint64_t lost = 0;

	*lines = 0;
	for (size_t i = 0; i < csv->count; i++) {
		if (strcmp(csv->rows[i].event, "LOST") != 0)
			continue;
		lost += strtoull(csv->rows[i].detail, NULL, 10);
		(*lines)++;
	}
	return lost;
}

static uint64_t lost_of_stream(const char *text, size_t *lines)
{
	uint64_t lost = 0;

	*lines = 0;
	while ((text = strstr(text, "] LOST "))) {
		text += strlen("] LOST ");
		lost += strtoull(text, NULL, 10);
		(*lines)++;
	}
	return lost;
}

static uint64_t number_after(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	if (!at)
		fail_msg("nothing says \"%s\"", words);
	return strtoull(at + strlen(words), NULL, 10);
}

/* The demo makes no fault that fails: what looks so was misread. */
static void assert_nothing_misread(const struct csv *csv)
{
	for (size_t i = 0; i < csv->count; i++)
		if (!strcmp(csv->rows[i].type, "INVALID"))
			fail_msg("no such fault: %s", csv_describe(&csv->rows[i]));
}

static void check_report(const char *report, const struct csv *csv)
{
	const char *summary = strstr(report, "Summary: ");
	size_t in_csv, in_stream;
	uint64_t lost = lost_of_csv(csv, &in_csv);

	assert_non_null(summary);
	if (!lost)
		fail_msg("nothing was lost: this shows nothing");
	assert_int_equal(lost_of_stream(report, &in_stream), lost);
	assert_int_equal(in_stream, in_csv);
	assert_int_equal(number_after(summary, " lost="), lost);
	assert_int_equal(number_after(summary, "  lost           "), lost);
	/* The kernel's counters know better than we do. */
	assert_true(number_after(summary, "perf counters  minor ") >= FAULTS);
	assert_true(csv_count_type(csv, "MINOR") + csv_count_type(csv, "COW") <
		    number_after(summary, "perf counters  minor "));
	assert_nothing_misread(csv);
}

static void losses_are_told_live(void **state)
{
	struct run run, report;
	struct csv csv;

	(void)state;
	run_quietly(&run, "%s --buffer=4K -o %s --csv=%s -- %s/touch_storm %d 2", pfa(),
		    work_path("report"), work_path("csv"), demos(), FAULTS);
	run_release(&run);
	run_quietly(&report, "cat %s", work_path("report"));
	csv_read(&csv, work_path("csv"));
	check_report(report.out, &csv);
	csv_release(&csv);
	run_release(&report);
}

static void losses_are_told_from_a_capture(void **state)
{
	struct run run, report;
	struct csv csv;

	(void)state;
	run_quietly(&run, "%s record --buffer=4K -o %s -- %s/touch_storm %d 2", pfa(),
		    work_path("capture"), demos(), FAULTS);
	run_release(&run);
	run_quietly(&report, "%s report -i %s --csv=%s", pfa(), work_path("capture"),
		    work_path("csv"));
	csv_read(&csv, work_path("csv"));
	check_report(report.out, &csv);
	csv_release(&csv);
	run_release(&report);
}

static void losses_in_a_layout_that_never_rests_are_survived(void **state)
{
	struct run run;
	struct csv csv;
	size_t lines;

	(void)state;
	run_quietly(&run, "%s -s --buffer=4K --show=faults,vma,life -o %s --csv=%s -- "
		    "%s/mmap_storm 20000", pfa(), work_path("report"),
		    work_path("csv"), demos());
	csv_read(&csv, work_path("csv"));
	assert_true(lost_of_csv(&csv, &lines) > 0);
	assert_nothing_misread(&csv);
	csv_release(&csv);
	run_release(&run);
}

static void losses_in_a_tree_of_processes_are_survived(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	run_quietly(&run, "%s -s --buffer=4K --show=faults,vma,life -o %s --csv=%s -- "
		    "sh -c 'for i in 1 2 3 4 5 6 7 8; do (%s/threads; sh -c true) & "
		    "done >/dev/null; wait'", pfa(), work_path("report"),
		    work_path("csv"), demos());
	csv_read(&csv, work_path("csv"));
	assert_nothing_misread(&csv);
	csv_release(&csv);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(losses_are_told_live, run_kill_all),
		cmocka_unit_test_teardown(losses_are_told_from_a_capture, run_kill_all),
		cmocka_unit_test_teardown(
			losses_in_a_layout_that_never_rests_are_survived, run_kill_all),
		cmocka_unit_test_teardown(losses_in_a_tree_of_processes_are_survived,
					  run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
