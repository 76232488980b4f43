/* Budgets as they are written: what each word means, and what is said of a wrong one. */
#include "../support/check.h"

#include <string.h>

#include "pfa/base/text.h"
#include "pfa/report/budget_text.h"

static void expressions_are_read(void **state)
{
	static const struct {
		const char *text;
		enum budget_metric metric;
		bool per_second;
		const char *glob;
		enum budget_comparison comparison;
		uint64_t limit;
	} rows[] = {
		{ "major>100", METRIC_major, false, "", BUDGET_ABOVE, 100 },
		{ "minor>=0", METRIC_minor, false, "", BUDGET_AT_LEAST, 0 },
		{ "faults<5", METRIC_faults, false, "", BUDGET_BELOW, 5 },
		{ "cow<=5", METRIC_cow, false, "", BUDGET_AT_MOST, 5 },
		{ "faults/s>1000", METRIC_faults, true, "", BUDGET_ABOVE, 1000 },
		{ "major@libfoo*>0", METRIC_major, false, "libfoo*", BUDGET_ABOVE, 0 },
		{ "invalid/s@[[]heap]>=3", METRIC_invalid, true, "[[]heap]",
		  BUDGET_AT_LEAST, 3 },
		{ "cow@libc.so.6 .data > 2", METRIC_cow, false, "libc.so.6 .data",
		  BUDGET_ABOVE, 2 },
		{ "cow@memfd:a>b<c>2", METRIC_cow, false, "memfd:a>b<c", BUDGET_ABOVE, 2 },
		{ "fault_time>20ms", METRIC_fault_time, false, "", BUDGET_ABOVE, 20000000 },
		{ "fault_time/s>1.5us", METRIC_fault_time, true, "", BUDGET_ABOVE, 1500 },
		{ "max_latency>=1", METRIC_max_latency, false, "", BUDGET_AT_LEAST,
		  1000000000 },
		{ "p99_latency@*>50ns", METRIC_p99_latency, false, "*", BUDGET_ABOVE, 50 },
		{ "rss>512M", METRIC_rss, false, "", BUDGET_ABOVE, 512ULL << 20 },
		{ " heap\t>= 1.5k ", METRIC_heap, false, "", BUDGET_AT_LEAST, 1536 },
		{ "stack<8G", METRIC_stack, false, "", BUDGET_BELOW, 8ULL << 30 },
		{ "vmas>65530", METRIC_vmas, false, "", BUDGET_ABOVE, 65530 },
		{ "mapped>4096", METRIC_mapped, false, "", BUDGET_ABOVE, 4096 },
		{ "leaked>0", METRIC_leaked, false, "", BUDGET_ABOVE, 0 },
		{ "lost>18446744073709551615", METRIC_lost, false, "", BUDGET_ABOVE,
		  UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pfa_error err;
		struct budget b;

		if (budget_parse(&b, rows[i].text, false, &err))
			fail_msg("%s: %s", rows[i].text, err.text);
		assert_int_equal(b.metric, rows[i].metric);
		assert_int_equal(b.per_second, rows[i].per_second);
		assert_string_equal(b.glob, rows[i].glob);
		assert_int_equal(b.comparison, rows[i].comparison);
		assert_int_equal(b.limit, rows[i].limit);
		assert_ptr_equal(b.text, rows[i].text);
		assert_false(b.alert);
	}
}

struct bad {
	const char *text, *complaint;
};

static void check_refused(const struct bad *bad, bool alert)
{
	struct pfa_error err;
	struct budget b;

	assert_int_equal(budget_parse(&b, bad->text, alert, &err), PFA_E_USAGE);
	if (!strstr(err.text, bad->complaint))
		fail_msg("\"%s\" does not say \"%s\"", err.text, bad->complaint);
	assert_null(strchr(err.text, '\n'));
}

static void what_is_wrong_is_named_with_its_place(void **state)
{
	static const struct bad rows[] = {
		{ "", "--fail-if='', at 1: a metric is wanted: major, minor, cow, invalid, "
		      "faults, fault_time, max_latency, p99_latency, rss, heap, stack, "
		      "vmas, mapped, leaked, lost" },
		{ "majr>1", "='majr>1', at 1: a metric is wanted: major, " },
		{ "majors>1", "at 1: a metric" },
		{ "  Major>1", "at 3: a metric" },
		{ ">1", "at 1: a metric" },
		{ "major", "at 6: one of > >= < <= is wanted" },
		{ "major=1", "at 6: one of" },
		{ "major !> 1", "at 7: one of" },
		{ "major@libc", "at 11: one of" },
		{ "major>", "at 7: wanted is a number such as 100" },
		{ "major>>1", "at 7: wanted is a number" },
		{ "major=>1", "at 6: one of" },
		{ "major>-1", "at 7: wanted is a number" },
		{ "major>1.5", "at 7: wanted is a number" },
		{ "major>1K", "at 7: wanted is a number" },
		{ "major>1 2", "at 7: wanted is a number" },
		{ "major>18446744073709551616", "at 7: wanted is a number" },
		{ "major>0000000000000000000000000000000000000000000000000000000000000000",
		  "at 7: wanted is a number" },
		{ "major > 20ms", "at 9: wanted is a number" },
		{ "rss>lots", "at 5: wanted is a size such as 512M" },
		{ "rss>5ms", "at 5: wanted is a size" },
		{ "fault_time>5M5", "at 12: wanted is a time such as 20ms" },
		{ "fault_time>1e3", "at 12: wanted is a time" },
		{ "major<0", "at 7: nothing is below 0" },
		{ "major/x>1", "at 6: /s is wanted" },
		{ "major/>1", "at 6: /s is wanted" },
		{ "major/sec>1", "at 6: /s is wanted" },
		{ "rss/s>1", "at 4: /s goes with major, minor, cow, invalid, faults, "
			     "fault_time" },
		{ "max_latency/s>1", "at 12: /s goes with" },
		{ "lost/s>1", "at 5: /s goes with" },
		{ "vmas@libc>1", "at 5: @GLOB goes with major, minor, cow, invalid, faults, "
				 "fault_time, max_latency, p99_latency" },
		{ "leaked@anon>1", "at 7: @GLOB goes with" },
		{ "major@>1", "at 7: a region is wanted" },
		{ "major@ >1", "at 7: a region is wanted" },
		{ "major@libc/s", "at 13: one of" },
	};
	static const struct bad alerts[] = {
		{ "leaked>1", "--alert='leaked>1', at 1: leaked is known at the end only" },
		{ "major<5", "at 6: an alert takes < with /s only" },
		{ "mapped<=5M", "at 7: an alert takes <" },
		{ "majr>1", "--alert='majr>1', at 1: " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_refused(&rows[i], false);
	for (size_t i = 0; i < COUNT_OF(alerts); i++)
		check_refused(&alerts[i], true);
}

static void region_of_any_length_is_refused_or_kept(void **state)
{
	char text[BUDGET_GLOB_MAX + 32] = "major@";
	struct pfa_error err;
	struct budget b;

	(void)state;
	memset(text + 6, 'x', BUDGET_GLOB_MAX - 1);
	memcpy(text + 6 + BUDGET_GLOB_MAX - 1, ">0", 3);
	assert_int_equal(budget_parse(&b, text, false, &err), PFA_OK);
	assert_int_equal(strlen(b.glob), BUDGET_GLOB_MAX - 1);
	memcpy(text + 6 + BUDGET_GLOB_MAX - 1, "x>0", 4);
	assert_int_equal(budget_parse(&b, text, false, &err), PFA_E_USAGE);
	assert_non_null(strstr(err.text, "at 7: the region is too long"));
}

static void operators_mean_what_they_say(void **state)
{
	static const struct {
		const char *text;
		bool below, equal, above;
	} rows[] = {
		{ "faults>10", false, false, true },
		{ "faults>=10", false, true, true },
		{ "faults<10", true, false, false },
		{ "faults<=10", true, true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pfa_error err;
		struct budget b;

		assert_int_equal(budget_parse(&b, rows[i].text, false, &err), PFA_OK);
		assert_int_equal(budget_holds(&b, 9), rows[i].below);
		assert_int_equal(budget_holds(&b, 10), rows[i].equal);
		assert_int_equal(budget_holds(&b, 11), rows[i].above);
		assert_int_equal(budget_is_floor(&b), rows[i].below);
	}
}

static void figures_have_their_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t figure;
		const char *shown;
	} rows[] = {
		{ "faults>1", 12345, "12345" },
		{ "faults/s>1", 12345, "12345/s" },
		{ "fault_time>1", 1500000, "1.5ms" },
		{ "fault_time/s>1", 1500000, "1.5ms/s" },
		{ "mapped>1", 1536, "1.5K" },
		{ "vmas>1", 1536, "1536" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pfa_error err;
		struct budget b;
		struct text out;

		assert_int_equal(budget_parse(&b, rows[i].text, false, &err), PFA_OK);
		text_init(&out);
		budget_put_figure(&out, &b, rows[i].figure);
		assert_string_equal(text_cstr(&out), rows[i].shown);
		text_release(&out);
	}
}

static void what_cannot_be_known_is_refused(void **state)
{
	static const struct {
		const char *text;
		unsigned without;
		const char *complaint; /* NULL: it can be judged all the same */
	} rows[] = {
		{ "faults>1", NEEDS_ENTRIES | NEEDS_CALLS | NEEDS_READINGS, NULL },
		{ "faults>1", NEEDS_EVERY, "faults needs every fault, not samples" },
		{ "faults>1", NEEDS_TOTAL, "faults needs minor-faults and major-faults" },
		{ "major>1", NEEDS_ENTRIES | NEEDS_MINORS, NULL },
		{ "major>1", NEEDS_MAJORS, "major needs major-faults events" },
		{ "minor>1", NEEDS_ENTRIES, "minor needs the beginnings of faults" },
		{ "cow>1", NEEDS_ENTRIES, "cow needs the beginnings" },
		{ "invalid>1", NEEDS_ENTRIES, "invalid needs the beginnings" },
		{ "p99_latency>1", NEEDS_ENTRIES, "p99_latency needs the beginnings" },
		{ "fault_time>1", NEEDS_ENTRIES, "fault_time needs the beginnings" },
		{ "vmas>1", NEEDS_ENTRIES, NULL },
		{ "vmas>1", NEEDS_CALLS, "vmas needs the system calls" },
		{ "mapped>1", NEEDS_CALLS, "mapped needs the system calls" },
		{ "leaked>1", NEEDS_CALLS, "leaked needs the system calls" },
		{ "rss>1", NEEDS_READINGS, "rss needs readings of the memory of processes" },
		{ "rss>1", NEEDS_CALLS | NEEDS_ENTRIES, NULL },
		{ "heap>1", NEEDS_READINGS | NEEDS_ENTRIES, NULL },
		{ "heap>1", NEEDS_CALLS, "heap needs the system calls" },
		{ "stack>1", NEEDS_CALLS, "stack needs the system calls" },
		{ "lost>1", ~0U, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pfa_error err;
		struct budget b;
		enum pfa_status status;

		assert_int_equal(budget_parse(&b, rows[i].text, false, &err), PFA_OK);
		status = budgets_check(&b, 1, ~rows[i].without, &err);
		assert_int_equal(status, rows[i].complaint ? PFA_E_PERM : PFA_OK);
		if (status && !strstr(err.text, rows[i].complaint))
			fail_msg("\"%s\" does not say \"%s\"", err.text,
				 rows[i].complaint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_are_read),
		cmocka_unit_test(what_is_wrong_is_named_with_its_place),
		cmocka_unit_test(region_of_any_length_is_refused_or_kept),
		cmocka_unit_test(operators_mean_what_they_say),
		cmocka_unit_test(figures_have_their_units),
		cmocka_unit_test(what_cannot_be_known_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
