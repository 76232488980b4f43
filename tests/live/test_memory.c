/*
 * Peaks of memory are what the program itself reads in /proc/self/status, and of its
 * heap and stack what it made them; whoever ends too soon to be looked at is told of by
 * the kernel.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/live.h"
#include "../support/run.h"
#include "pfa/base/units.h"
#include "pfa/source/exit_stats.h"

/* What grower says of itself. */
struct own {
	uint32_t pid;
	uint64_t size_peak, rss_peak, stack, heap_peak;
};

/* The numbers that a MEMORY row has more. */
struct told {
	uint64_t size_peak, rss_peak, rss, heap, stack;
};

static struct own own_of(const char *line)
{
	struct own own;

	if (sscanf(line, "%" SCNu32 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		   &own.pid, &own.size_peak, &own.rss_peak, &own.stack,
		   &own.heap_peak) != 5)
		fail_msg("grower says: %s", line);
	return own;
}

static void need_exit_stats(void)
{
	struct exit_stats *stats = exit_stats_open();

	if (!stats)
		skip_because("the kernel has no taskstats for us");
	exit_stats_close(stats);
}

/* The rows of a process in the CSV, and what was the last to be told; by the header. */
static struct told last_told(uint32_t pid, const char *reason, size_t *count)
{
	struct told told = { 0 };
	struct run run;
	char *line, *rest;

	*count = 0;
	run_quietly(&run, "awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i } "
		    "$2 == \"MEMORY\" && $3 == %" PRIu32 " && $c[\"detail\"] == \"%s\" "
		    "{ print $c[\"mapped_peak\"], $c[\"rss_peak\"], 0 + $c[\"rss\"], "
		    "$c[\"heap\"], $c[\"stack\"] }' %s", pid, reason, work_path("csv"));
	for (line = strtok_r(run.out, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		assert_int_equal(sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
					" %" SCNu64, &told.size_peak, &told.rss_peak,
					&told.rss, &told.heap, &told.stack), 5);
		++*count;
	}
	run_release(&run);
	return told;
}

/* The kernel adds up its counts of each CPU for /proc only: three kinds of memory. */
static uint64_t uncertainty_bytes(void)
{
	return 3ULL * 32 * 4096 * (uint64_t)sysconf(_SC_NPROCESSORS_CONF);
}

static struct own trace_grower(const char *options, const char *milliseconds)
{
	struct own own;
	struct run run;

	run_command(&run, "%s -s --show=memory,life %s --csv=%s -o %s -- %s/grower %s", pfa(),
		    options, work_path("csv"), work_path("out"), live_programs(),
		    milliseconds);
	assert_run_status(&run, 0);
	own = own_of(run.out);
	run_release(&run);
	return own;
}

static char *summary(void)
{
	struct run run;
	char *out;

	run_command(&run, "cat %s", work_path("out"));
	out = strdup(run.out);
	run_release(&run);
	return out;
}

/* ---- one that is looked at ---- */

static void peaks_are_what_the_program_reads_of_itself(void **state)
{
	struct own own = trace_grower("--rss-interval=20ms", "500");
	struct told told;
	size_t count;

	(void)state;
	told = last_told(own.pid, "interval", &count);
	print_message("%zu samples, VmHWM %" PRIu64 ", its own %" PRIu64 "\n", count,
		      told.rss_peak, own.rss_peak);
	assert_true(count >= 5);
	assert_int_equal(told.size_peak, own.size_peak);
	assert_int_equal(told.rss_peak, own.rss_peak);
	assert_int_equal(told.stack, own.stack);
	assert_true(told.rss < told.rss_peak);
}

/* ---- one that is not ---- */

static void kernel_tells_of_who_ends_too_soon(void **state)
{
	struct own own;
	struct told told;
	size_t count;

	(void)state;
	need_exit_stats();
	own = trace_grower("--rss-interval=1m", "0");
	told = last_told(own.pid, "exit", &count);
	print_message("VmHWM %" PRIu64 " at exit, its own %" PRIu64 "\n", told.rss_peak,
		      own.rss_peak);
	assert_int_equal(count, 1);
	assert_int_equal(told.size_peak, own.size_peak);
	assert_in_range(told.rss_peak, own.rss_peak - uncertainty_bytes(),
			own.rss_peak + uncertainty_bytes());
}

static void each_of_many_children_is_told_of(void **state)
{
	enum { CHILDREN = 40 };
	struct run run;
	char *line, *rest;
	size_t seen = 0;

	(void)state;
	need_exit_stats();
	run_command(&run, "%s -s --show=memory --csv=%s -o %s -- sh -c 'i=0; while [ $i -lt "
		    "%d ]; do %s/grower 0 & i=$((i + 1)); done; wait'", pfa(),
		    work_path("csv"), work_path("out"), CHILDREN, live_programs());
	assert_run_status(&run, 0);
	for (line = strtok_r(run.out, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct own own = own_of(line);
		size_t count;
		struct told told = last_told(own.pid, "exit", &count);

		assert_int_equal(count, 1);
		assert_int_equal(told.size_peak, own.size_peak);
		seen++;
	}
	run_release(&run);
	assert_int_equal(seen, CHILDREN);
}

/* ---- heap, stack, and the model's own peak ---- */

/* "  4711 grower  33.6M  ...": the row of the table says so. */
static void heap_and_stack_peak_at_what_the_program_made_them(void **state)
{
	struct own own = trace_grower("--rss-interval=20ms", "100");
	char heap[UNITS_MAX], stack[UNITS_MAX], hwm[UNITS_MAX], peak[UNITS_MAX];
	char wanted[64], *out = summary();
	char found[4][32];
	const char *at;

	(void)state;
	assert_true(own.stack > 3 << 20);
	assert_true(own.heap_peak >= 6 << 20);
	snprintf(wanted, sizeof(wanted), "\n  %" PRIu32 " grower ", own.pid);
	at = strstr(out, "\nMemory (");
	assert_non_null(at);
	at = strstr(at, wanted);
	assert_non_null(at);
	assert_int_equal(sscanf(at + strlen(wanted), " %31s %31s %31s %31s", found[0],
				found[1], found[2], found[3]), 4);
	assert_string_equal(found[0], units_size(hwm, own.rss_peak));
	assert_string_equal(found[1], units_size(peak, own.size_peak));
	assert_string_equal(found[2], units_size(heap, own.heap_peak));
	assert_string_equal(found[3], units_size(stack, own.stack));
	free(out);
}

static void mapped_peak_of_the_model_is_the_kernels(void **state)
{
	struct own own = trace_grower("", "0");
	struct run run;

	(void)state;
	run_quietly(&run, "awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i } "
		    "$2 == \"EXIT\" { print $c[\"mapped_peak\"] }' %s", work_path("csv"));
	assert_true(strtoull(run.out, NULL, 10) == own.size_peak);
	run_release(&run);
}

/* ---- what is said of the run ---- */

static void interval_of_0_says_nothing(void **state)
{
	struct own own = trace_grower("--rss-interval=0", "200");
	char *out = summary();
	size_t count;

	(void)state;
	last_told(own.pid, "interval", &count);
	assert_int_equal(count, 0);
	last_told(own.pid, "exit", &count);
	assert_int_equal(count, 0);
	assert_null(strstr(out, "\nMemory ("));
	free(out);
}

static void course_fits_a_terminal(void **state)
{
	struct own own = trace_grower("--rss-interval=5ms", "200");
	char *out = summary(), *line, *rest, *course, *end;

	(void)state;
	(void)own;
	course = strstr(out, "\nFaults and resident memory over time");
	assert_non_null(course);
	end = strstr(course, "\n\n");
	if (end) /* other tables follow */
		*end = '\0';
	for (line = strtok_r(course + 1, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		assert_true(strlen(line) <= 80);
	free(out);
}

static void capture_tells_the_same(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "%s --show=memory --rss-interval=10ms --capture=%s -o %s -- "
		    "%s/grower 100", pfa(), work_path("capture"), work_path("out"),
		    live_programs());
	assert_run_status(&run, 0);
	run_release(&run);
	run_quietly(&run, "%s report --show=memory -i %s | cmp - %s", pfa(),
		    work_path("capture"), work_path("out"));
	run_release(&run);
}

static void pressure_is_that_of_the_run(void **state)
{
	uint64_t before, after;
	char *out;
	FILE *f;

	(void)state;
	f = fopen("/proc/pressure/memory", "re");
	if (!f || fscanf(f, "some %*s %*s %*s total=%" SCNu64, &before) != 1)
		skip_because("the kernel has no pressure of memory");
	fclose(f);
	trace_grower("", "50");
	f = fopen("/proc/pressure/memory", "re");
	assert_int_equal(fscanf(f, "some %*s %*s %*s total=%" SCNu64, &after), 1);
	fclose(f);
	out = summary();
	assert_says(out, "\n  pressure       some ");
	if (before == after)
		assert_says(out, "\n  pressure       some 0ns, full 0ns");
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peaks_are_what_the_program_reads_of_itself),
		cmocka_unit_test(kernel_tells_of_who_ends_too_soon),
		cmocka_unit_test(each_of_many_children_is_told_of),
		cmocka_unit_test(heap_and_stack_peak_at_what_the_program_made_them),
		cmocka_unit_test(mapped_peak_of_the_model_is_the_kernels),
		cmocka_unit_test(interval_of_0_says_nothing),
		cmocka_unit_test(course_fits_a_terminal),
		cmocka_unit_test(capture_tells_the_same),
		cmocka_unit_test(pressure_is_that_of_the_run),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
