/*
 * --fixed-ts promises the same bytes for the same workload, whatever else the
 * machine does in the meantime.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/live.h"
#include "../support/run.h"

enum { TIMES = 3, ATTEMPTS = 20 };

/* The report; the demo's own words go elsewhere. */
static char *report_of(const char *demo)
{
	struct run run, report;
	char *text;

	run_quietly(&run, "%s --fixed-ts --show=faults,vma,life -o %s --csv=%s -- %s/%s",
		    pfa(), work_path("report"), work_path("csv"), demos(), demo);
	run_release(&run);
	run_quietly(&report, "cat %s %s", work_path("report"), work_path("csv"));
	text = strdup(report.out);
	run_release(&report);
	return text;
}

static void print_first_difference(const char *one, const char *two)
{
	const char *line_one = one, *line_two = two;

	for (; *one && *one == *two; one++, two++) {
		if (*one != '\n')
			continue;
		line_one = one + 1;
		line_two = two + 1;
	}
	print_error("first:  %.*s\n", (int)strcspn(line_one, "\n"), line_one);
	print_error("later:  %.*s\n", (int)strcspn(line_two, "\n"), line_two);
}

/*
 * Three in a row. When the kernel maps the neighbours of a page of libc it passes over
 * those that another process has locked just then: a run may have a fault more for
 * that, and the row begins anew.
 */
static void bytes_are_the_same_every_time(const char *demo)
{
	struct run spinning;
	char *first, *again;
	int same = 1;

	free(report_of(demo)); /* its pages are in the page cache from now on */
	run_start(&spinning, "sh -c 'while :; do :; done'");
	first = report_of(demo);
	assert_non_null(strstr(first, "Summary: major="));
	for (int i = 1; same < TIMES && i < ATTEMPTS; i++) {
		again = report_of(demo);
		same++;
		if (strcmp(first, again) != 0) {
			print_first_difference(first, again);
			same = 1;
		}
		free(first);
		first = again;
	}
	free(first);
	assert_int_equal(same, TIMES);
	run_release(&spinning);
}

/* Those whose faults do not depend on what happens to be in the page cache. */
#define DEMOS(X) \
	X(first_touch) X(zero_then_write) X(brk_heap) X(stack_grow) X(mremap_move) \
	X(segv_bus)

#define X(demo)                                                         \
	static void demo_##demo##_gives_the_same_bytes(void **state)    \
	{                                                               \
		(void)state;                                            \
		bytes_are_the_same_every_time(#demo);                   \
	}
DEMOS(X)
#undef X

/* Ticks count what is printed, so filters do not leave holes. */
static void ticks_count_printed_events(void **state)
{
	struct run run, report;

	(void)state;
	run_quietly(&run, "%s --fixed-ts --kind=zero-fill --region=anon -o %s -- "
		    "%s/first_touch", pfa(), work_path("report"), demos());
	run_release(&run);
	run_quietly(&report, "cat %s", work_path("report"));
	assert_int_equal(strncmp(report.out, "[000000.001] MINOR 0x", 21), 0);
	assert_non_null(strstr(report.out, "\n[000000.002] MINOR 0x"));
	run_release(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(demo)                                                              \
	cmocka_unit_test_teardown(demo_##demo##_gives_the_same_bytes,        \
				  run_kill_all),
		DEMOS(X)
#undef X
		cmocka_unit_test_teardown(ticks_count_printed_events, run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
