/* Tables and histograms as they stand on the terminal. */
#include "../support/check.h"

#include <string.h>

#include "pfa/report/histogram.h"
#include "pfa/report/table.h"
#include "pfa/report/tally.h"

static void check_text(struct text *out, const char *wanted)
{
	assert_string_equal(text_cstr(out), wanted);
	text_release(out);
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
	static const char *const cells[] = {
		"region", "faults", "note",
		"libc.so.6 .text", "7", "x",
		"[heap]", "123456789", "longer note",
	};
	struct table table;
	struct text out;

	(void)state;
	text_init(&out);
	table_init(&table, "lrl");
	for (size_t i = 0; i < COUNT_OF(cells); i++)
		table_cell(&table, cells[i]);
	table_print(&table, &out);
	table_release(&table);
	check_text(&out, "  region              faults  note\n"
			 "  libc.so.6 .text          7  x\n"
			 "  [heap]           123456789  longer note\n");
}

/* Only what names a row: the last column may be as long as it is. */
static void name_too_long_loses_its_middle(void **state)
{
	static const char name[] =
		"std::vector<some::very::long::Type<with::many::Parameters>, std::allocator>::"
		"_M_realloc_insert (a.out)";
	char long_note[201];
	struct table table;
	struct text out;

	(void)state;
	memset(long_note, 'x', 200);
	long_note[200] = '\0';
	text_init(&out);
	table_init(&table, "rll");
	table_cell(&table, "1");
	table_cell(&table, name);
	table_cell(&table, long_note);
	table_print(&table, &out);
	table_release(&table);
	assert_non_null(strstr(text_cstr(&out), "  1  std::vector<some::very::long::Type<with::"
						"man..._M_realloc_insert (a.out)  x"));
	assert_non_null(strstr(text_cstr(&out), long_note));
	text_release(&out);
}

static void numbers_and_times_are_cells(void **state)
{
	struct table table;
	struct text out;

	(void)state;
	text_init(&out);
	table_init(&table, "rr");
	table_cell(&table, "n");
	table_cell(&table, "time");
	table_count_cell(&table, UINT64_MAX);
	table_time_cell(&table, 12400000);
	table_count_cell(&table, 0);
	table_time_cell(&table, 5);
	table_print(&table, &out);
	table_release(&table);
	check_text(&out, "                     n    time\n"
			 "  18446744073709551615  12.4ms\n"
			 "                     0     5ns\n");
}

static void table_without_cells_prints_nothing(void **state)
{
	struct table table;
	struct text out;

	(void)state;
	text_init(&out);
	table_init(&table, "lr");
	table_print(&table, &out);
	table_release(&table);
	check_text(&out, "");
}

static void empty_last_cell_leaves_no_blanks(void **state)
{
	struct table table;
	struct text out;

	(void)state;
	text_init(&out);
	table_init(&table, "ll");
	table_cell(&table, "a");
	table_cell(&table, "bar");
	table_cell(&table, "b");
	table_cell(&table, "");
	table_print(&table, &out);
	table_release(&table);
	assert_null(strstr(text_cstr(&out), " \n"));
	check_text(&out, "  a  bar\n  b\n");
}

/* ---- histograms ---- */

#define BAR "########################################"

static void histogram_has_a_row_for_each_bucket_between_first_and_last(void **state)
{
	struct tally tally;
	struct text out;

	(void)state;
	text_init(&out);
	tally_init(&tally);
	tally.latency[FAULT_MINOR][9] = 1000;
	tally.latency[FAULT_MINOR][10] = 500;
	tally.latency[FAULT_MINOR][12] = 1; /* too few for a mark, but not none */
	tally.latency[FAULT_COW][23] = 3;
	histogram_print_latencies(&out, &tally);
	check_text(&out, "\nLatency of MINOR faults\n"
			 "  512ns - 1.0us  1000  " BAR "\n"
			 "  1.0us - 2.0us   500  ####################\n"
			 "  2.0us - 4.1us     0\n"
			 "  4.1us - 8.2us     1  #\n"
			 "\nLatency of COW faults\n"
			 "  8.4ms - 16.8ms  3  " BAR "\n");
	tally_release(&tally);
}

static void no_latencies_no_histogram(void **state)
{
	struct tally tally;
	struct text out;

	(void)state;
	text_init(&out);
	tally_init(&tally);
	histogram_print_latencies(&out, &tally);
	check_text(&out, "");
	tally_release(&tally);
}

static void course_over_time_tells_its_unit(void **state)
{
	struct tally tally;
	struct series rss;
	struct text out;

	(void)state;
	text_init(&out);
	tally_init(&tally);
	series_init(&rss, false);
	tally.over_time.bucket_ns = 2000000;
	tally.over_time.values[1] = 20;
	tally.over_time.values[3] = 10;
	histogram_print_over_time(&out, &tally, &rss);
	check_text(&out, "\nFaults over time (from the start, a row is 2.0ms)\n"
			 "  2.0ms  20  " BAR "\n"
			 "  4.0ms   0\n"
			 "  6.0ms  10  ####################\n");
	tally_release(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
		cmocka_unit_test(name_too_long_loses_its_middle),
		cmocka_unit_test(numbers_and_times_are_cells),
		cmocka_unit_test(table_without_cells_prints_nothing),
		cmocka_unit_test(empty_last_cell_leaves_no_blanks),
		cmocka_unit_test(histogram_has_a_row_for_each_bucket_between_first_and_last),
		cmocka_unit_test(no_latencies_no_histogram),
		cmocka_unit_test(course_over_time_tells_its_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
