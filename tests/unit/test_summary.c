/* What is printed at the end, to the letter. */
#include "../support/check.h"
#include "../support/nameless.h"

#include <signal.h>

#include "pfa/report/by_name.h"
#include "pfa/report/census.h"
#include "pfa/report/forks.h"
#include "pfa/report/refaults.h"
#include "pfa/report/summary.h"
#include "pfa/report/tally.h"
#include "pfa/report/view.h"

static const struct region anon = { "anon", "", "anon" };
static const struct region code = { "demo", ".text", "demo .text" };

static void add(struct tally *tally, enum fault_type type, const char *kind,
		const struct region *region, uint32_t thread, uint64_t latency_ns)
{
	const struct fault fault = {
		.actor = { .pid = 4321, .tid = 4320 + thread, .serial = 1,
			   .thread_serial = thread, .comm = thread > 1 ? "worker" : "demo",
			   .process_comm = "demo" },
		.type = type, .kind = kind, .region = region, .latency_ns = latency_ns,
		.addr = 0x1000, .kernel = type == FAULT_MAJOR,
		.in_file = region == &code, .file_offset_bytes = 0x100000,
	};

	tally_fault(tally, &fault, 0);
}

/* Four faults of two threads. */
static void fill(struct tally *tally)
{
	tally_init(tally);
	add(tally, FAULT_MAJOR, "page-in", &code, 1, 12400000);
	add(tally, FAULT_MINOR, "zero-fill", &anon, 1, 600);
	add(tally, FAULT_MINOR, "zero-fill", &anon, 2, 800);
	add(tally, FAULT_COW, "cow-copy", &anon, 2, LATENCY_UNKNOWN);
}

static void check_summary(const struct view *view, const struct run_facts *facts,
			  const struct tally *all, const struct tally *shown,
			  const char *wanted)
{
	struct refaults refaults;
	struct census census;
	struct by_name by_name;
	struct forks forks;
	const struct outcome outcome = { .facts = facts, .all = all, .shown = shown,
					 .census = &census, .forks = &forks,
					 .refaults = &refaults, .by_name = &by_name,
					 .naming = nameless };
	struct text out;

	text_init(&out);
	census_init(&census, view->top);
	forks_init(&forks, view->top);
	refaults_init(&refaults);
	by_name_init(&by_name, nameless);
	summary_print(&out, view, &outcome);
	assert_string_equal(text_cstr(&out), wanted);
	census_release(&census);
	forks_release(&forks);
	refaults_release(&refaults);
	by_name_release(&by_name);
	text_release(&out);
}

static void run_without_faults_has_a_short_summary(void **state)
{
	const struct view view = view_default();
	const struct run_facts facts = { .start_ns = 1000, .end_ns = 2001000 };
	struct tally none;

	(void)state;
	tally_init(&none);
	check_summary(&view, &facts, &none, &none,
		      "Summary: major=0 minor=0 cow=0\n"
		      "  faults         0, 0 of them in kernel mode\n"
		      "  invalid        0\n"
		      "  lost           0 records\n"
		      "  elapsed        2.0ms\n");
	tally_release(&none);
}

static void summary_tells_what_was_verified(void **state)
{
	struct view view = view_default();
	struct run_facts facts = { .start_ns = 1000, .end_ns = 2001000, .verified = true,
				   .compared = 12, .unquiet = 3 };
	struct tally none;

	(void)state;
	tally_init(&none);
	check_summary(&view, &facts, &none, &none,
		      "Summary: major=0 minor=0 cow=0\n"
		      "  faults         0, 0 of them in kernel mode\n"
		      "  invalid        0\n"
		      "  lost           0 records\n"
		      "  drift          0 (12 layouts compared, 3 changed meanwhile)\n"
		      "  elapsed        2.0ms\n");
	facts.drifts = 2;
	facts.first_drift = (struct drift){
		.actor = { .pid = 4321, .serial = 5, .process_comm = "demo" },
		.start = 0x1000, .end = 0x3000, .ranges = 2,
		.modelled = "rw-p anon", .mapped = "nothing",
	};
	view.fixed_ts = true;
	check_summary(&view, &facts, &none, &none,
		      "Summary: major=0 minor=0 cow=0\n"
		      "  faults         0, 0 of them in kernel mode\n"
		      "  invalid        0\n"
		      "  lost           0 records\n"
		      "  drift          2\n"
		      "  first drift    0x1000-0x3000 of P5 (demo): modelled rw-p anon, "
		      "mapped nothing\n");
	tally_release(&none);
}

#define BAR "########################################"

static void summary_of_a_small_run(void **state)
{
	const struct view view = view_default();
	const struct run_facts facts = {
		.start_ns = 0, .end_ns = 50000000, .launched = true,
		.has_exit = true, .wait_status = 3 << 8, .has_rusage = true,
		.rusage_minor = 13, .rusage_major = 1, .has_counters = true,
		.counted_minor = 3, .counted_major = 1, .thread_ns = 100000000,
		.has_pressure = true, .group_pressure = true,
		.pressure_some_ns = 5000000, .pressure_full_ns = 1000000,
	};
	struct tally tally;

	(void)state;
	fill(&tally);
	check_summary(&view, &facts, &tally, &tally,
		"Summary: major=1 minor=2 cow=1\n"
		"  faults         4, 1 of them in kernel mode\n"
		"  invalid        0\n"
		"  lost           0 records\n"
		"  elapsed        50.0ms\n"
		"  time in faults 12.4ms, 24.8% of elapsed, 12.4% of its threads' time\n"
		"  thrash         majors/s 20.0, refaults 0, from swap 0\n"
		"  pressure       some 5.0ms, full 1.0ms, 10.0% of elapsed (waiting for "
		"memory, in the control group)\n"
		"  target         exited with status 3\n"
		"\nReconciliation: pfa saw minor+cow 3, major 1\n"
		"  perf counters  minor 3, major 1: equal\n"
		"  rusage         minor 13, major 1: +10 minor, +0 major (before exec, and "
		"faults taken for the process without an event)\n"
		"\nFaults by kind\n"
		"  kind             faults  major  minor  cow  invalid    time     max\n"
		"  MINOR zero-fill       2      0      2    0        0   1.4us   800ns\n"
		"  COW cow-copy          1      0      0    1        0       -       -\n"
		"  MAJOR page-in         1      1      0    0        0  12.4ms  12.4ms\n"
		"\nFaults by region\n"
		"  region      faults  major  minor  cow  invalid    time     max\n"
		"  anon             3      0      2    1        0   1.4us   800ns\n"
		"  demo .text       1      1      0    0        0  12.4ms  12.4ms\n"
		"\nMajor faults by file offset (windows of 1M)\n"
		"  file          faults  major  minor  cow  invalid    time     max\n"
		"  demo at 1.0M       1      1      0    0        0  12.4ms  12.4ms\n"
		"\nSlowest faults\n"
		"  latency  kind       address  region\n"
		"   12.4ms  page-in    0x1000   demo .text\n"
		"    800ns  zero-fill  0x1000   anon\n"
		"    600ns  zero-fill  0x1000   anon\n"
		"\nLatency of MAJOR faults\n"
		"  8.4ms - 16.8ms  1  " BAR "\n"
		"\nLatency of MINOR faults\n"
		"  512ns - 1.0us  2  " BAR "\n"
		"\nFaults over time (from the start, a row is 1.0ms)\n"
		"  0ns  4  " BAR "\n");
	tally_release(&tally);
}

static void fixed_summary_holds_nothing_that_varies(void **state)
{
	const struct run_facts facts = {
		.start_ns = 0, .end_ns = 50000000, .has_exit = true,
		.has_rusage = true, .rusage_minor = 13, .has_counters = true,
		.counted_minor = 3, .counted_major = 1, .has_stat = true,
		.stat_minor = 99,
	};
	struct view view = view_default();
	struct tally tally;

	(void)state;
	view.fixed_ts = true;
	fill(&tally);
	check_summary(&view, &facts, &tally, &tally,
		"Summary: major=1 minor=2 cow=1\n"
		"  faults         4, 1 of them in kernel mode\n"
		"  invalid        0\n"
		"  lost           0 records\n"
		"  target         exited with status 0\n"
		"\nReconciliation: pfa saw minor+cow 3, major 1\n"
		"  perf counters  minor 3, major 1: equal\n"
		"\nFaults by kind\n"
		"  kind             faults  major  minor  cow  invalid\n"
		"  MINOR zero-fill       2      0      2    0        0\n"
		"  COW cow-copy          1      0      0    1        0\n"
		"  MAJOR page-in         1      1      0    0        0\n"
		"\nFaults by region\n"
		"  region      faults  major  minor  cow  invalid\n"
		"  anon             3      0      2    1        0\n"
		"  demo .text       1      1      0    0        0\n"
		"\nMajor faults by file offset (windows of 1M)\n"
		"  file          faults  major  minor  cow  invalid\n"
		"  demo at 1.0M       1      1      0    0        0\n");
	tally_release(&tally);
}

static void what_went_wrong_is_told(void **state)
{
	const struct run_facts facts = {
		.start_ns = 0, .end_ns = 1000, .lost = 12,
		.suspect = true, .has_exit = true, .wait_status = SIGSEGV,
		.has_rusage = true, .unfinished = 1, .retried = 2, .unpaired = 3,
		.gaps = 6, .corrupt = 4, .late = 5, .has_counters = true,
		.counted_minor = 9,
	};
	const struct view view = view_default();
	struct tally all, none;

	(void)state;
	tally_init(&all);
	tally_init(&none);
	add(&all, FAULT_INVALID, "unmapped", &anon, 1, LATENCY_UNKNOWN);
	check_summary(&view, &facts, &all, &none,
		"Summary: major=0 minor=0 cow=0 invalid=1 lost=12\n"
		"  faults         1, 0 of them in kernel mode\n"
		"  invalid        1\n"
		"  lost           12 records; regions after that may be wrong\n"
		"  elapsed        1.0us\n"
		"  target         killed by signal 11 (Segmentation fault)\n"
		"  unfinished     1 faults had begun when tracing ended\n"
		"  retried        2 attempts, interrupted or done again: not counted as "
		"faults\n"
		"  unpaired       3 completions without their beginning: no latency\n"
		"  gaps           6 times a CPU came online: what ran there at first is "
		"missing\n"
		"  corrupt        4 records skipped\n"
		"  late           5 records arrived out of order\n"
		"\nReconciliation: pfa saw minor+cow 0, major 0\n"
		"  perf counters  minor 9, major 0: +9 minor, +0 major (lost records)\n"
		"  rusage         minor 0, major 0: equal\n"
		"\nOf 1 faults the filters let 0 pass; the tables hold those.\n");
	tally_release(&all);
	tally_release(&none);
}

/* A gap is no loss that anybody counted: it is not in the first line. */
static void gap_alone_is_told(void **state)
{
	const struct run_facts facts = { .gaps = 1, .suspect = true };
	const struct view view = view_default();
	struct tally none;

	(void)state;
	tally_init(&none);
	check_summary(&view, &facts, &none, &none,
		"Summary: major=0 minor=0 cow=0\n"
		"  faults         0, 0 of them in kernel mode\n"
		"  invalid        0\n"
		"  lost           0 records; regions after that may be wrong\n"
		"  gaps           1 times a CPU came online: what ran there at first is "
		"missing\n");
	tally_release(&none);
}

/* Where a program was not all that was traced its rusage says nothing. */
static void exit_without_counters_is_told_without_them(void **state)
{
	struct run_facts facts = { .has_exit = true, .wait_status = 3 << 8 };
	const struct view view = view_default();
	struct tally none;

	(void)state;
	tally_init(&none);
	check_summary(&view, &facts, &none, &none,
		"Summary: major=0 minor=0 cow=0\n"
		"  faults         0, 0 of them in kernel mode\n"
		"  invalid        0\n"
		"  lost           0 records\n"
		"  target         exited with status 3\n");
	facts.has_counters = true;
	check_summary(&view, &facts, &none, &none,
		"Summary: major=0 minor=0 cow=0\n"
		"  faults         0, 0 of them in kernel mode\n"
		"  invalid        0\n"
		"  lost           0 records\n"
		"  target         exited with status 3\n"
		"\nReconciliation: pfa saw minor+cow 0, major 0\n"
		"  perf counters  minor 0, major 0: equal\n");
	tally_release(&none);
}

/* Each source of counts says why it may differ; one reason goes before all. */
static void difference_from_the_kernels_counts_is_explained(void **state)
{
	struct run_facts facts = {
		.has_counters = true, .counted_minor = 3, .has_exit = true,
		.has_rusage = true, .rusage_minor = 3, .has_stat = true, .stat_minor = 3,
		.stat_major = 1,
	};
	const struct view view = view_default();
	struct tally none;

	(void)state;
	tally_init(&none);
	check_summary(&view, &facts, &none, &none,
		"Summary: major=0 minor=0 cow=0\n"
		"  faults         0, 0 of them in kernel mode\n"
		"  invalid        0\n"
		"  lost           0 records\n"
		"  target         exited with status 0\n"
		"\nReconciliation: pfa saw minor+cow 0, major 0\n"
		"  perf counters  minor 3, major 0: +3 minor, +0 major\n"
		"  rusage         minor 3, major 0: +3 minor, +0 major (before exec, and "
		"faults taken for the process without an event)\n"
		"  /proc/PID/stat minor 3, major 1: +3 minor, +1 major (children are not in "
		"it, faults without an event are, and it is read a moment before and "
		"after)\n");
	facts.stopped = true;
	check_summary(&view, &facts, &none, &none,
		"Summary: major=0 minor=0 cow=0\n"
		"  faults         0, 0 of them in kernel mode\n"
		"  invalid        0\n"
		"  lost           0 records\n"
		"  target         exited with status 0\n"
		"\nReconciliation: pfa saw minor+cow 0, major 0\n"
		"  perf counters  minor 3, major 0: +3 minor, +0 major (after --max-faults)\n"
		"  rusage         minor 3, major 0: +3 minor, +0 major (after --max-faults)\n"
		"  /proc/PID/stat minor 3, major 1: +3 minor, +1 major (after "
		"--max-faults)\n");
	tally_release(&none);
}

static void tables_end_after_the_top_rows(void **state)
{
	const struct run_facts facts = { .start_ns = 0 };
	struct view view = view_default();
	struct tally tally;

	(void)state;
	view.fixed_ts = true;
	view.top = 1;
	tally_init(&tally);
	add(&tally, FAULT_MINOR, "zero-fill", &anon, 1, LATENCY_UNKNOWN);
	add(&tally, FAULT_MINOR, "zero-read", &anon, 1, LATENCY_UNKNOWN);
	add(&tally, FAULT_MINOR, "zero-read", &anon, 1, LATENCY_UNKNOWN);
	add(&tally, FAULT_COW, "cow", &anon, 1, LATENCY_UNKNOWN);
	check_summary(&view, &facts, &tally, &tally,
		"Summary: major=0 minor=3 cow=1\n"
		"  faults         4, 0 of them in kernel mode\n"
		"  invalid        0\n"
		"  lost           0 records\n"
		"\nFaults by kind\n"
		"  kind             faults  major  minor  cow  invalid\n"
		"  MINOR zero-read       2      0      2    0        0\n"
		"  ... 2 more (--top=3 shows them)\n"
		"\nFaults by region\n"
		"  region  faults  major  minor  cow  invalid\n"
		"  anon         4      0      3    1        0\n");
	tally_release(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_without_faults_has_a_short_summary),
		cmocka_unit_test(summary_tells_what_was_verified),
		cmocka_unit_test(summary_of_a_small_run),
		cmocka_unit_test(fixed_summary_holds_nothing_that_varies),
		cmocka_unit_test(what_went_wrong_is_told),
		cmocka_unit_test(gap_alone_is_told),
		cmocka_unit_test(exit_without_counters_is_told_without_them),
		cmocka_unit_test(difference_from_the_kernels_counts_is_explained),
		cmocka_unit_test(tables_end_after_the_top_rows),
	};

	return cmocka_run_group_tests(tests, nameless_setup, nameless_teardown);
}
