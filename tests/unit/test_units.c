/* Sizes, times and counts as people write them. */
#include "../support/check.h"

#include <stdio.h>

#include "pfa/base/units.h"

#define REFUSED UINT64_MAX

struct reading {
	const char *text;
	uint64_t value;
};

static const struct reading sizes[] = {
	{ "0", 0 }, { "1", 1 }, { "4096", 4096 }, { "8B", 8 }, { "4K", 4096 },
	{ "4k", 4096 }, { "1.5M", 1572864 }, { "0.25K", 256 }, { "2G", 2147483648 },
	{ "3T", 3298534883328 }, { "", REFUSED }, { "K", REFUSED },
	{ "-1", REFUSED }, { "+1", REFUSED }, { " 4K", REFUSED }, { "4 K", REFUSED },
	{ "4KB", REFUSED }, { "4KiB", REFUSED }, { "0x10K", REFUSED }, { "1ms", REFUSED },
	{ "inf", REFUSED }, { "nan", REFUSED }, { "1e400", REFUSED },
	{ "9300000000000000000", REFUSED }, { "9000000T", REFUSED },
};

static const struct reading times[] = {
	{ "0", 0 }, { "10ns", 10 }, { "1.5us", 1500 }, { "500ms", 500000000 },
	{ "1", 1000000000 }, { "2.5", 2500000000 }, { "3s", 3000000000 },
	{ "2m", 120000000000 }, { "1h", 3600000000000 }, { "5MS", 5000000 },
	{ "0.4ns", 0 }, { "0.5ns", 1 }, { "", REFUSED }, { "ms", REFUSED },
	{ "5min", REFUSED }, { "5 ms", REFUSED }, { "-5ms", REFUSED },
	{ "4K", REFUSED }, { "1e300h", REFUSED },
};

static const struct reading counts[] = {
	{ "0", 0 }, { "20", 20 }, { "007", 7 },
	{ "18446744073709551614", UINT64_MAX - 1 },
	{ "18446744073709551616", REFUSED }, { "", REFUSED }, { "-1", REFUSED },
	{ "+1", REFUSED }, { "1.5", REFUSED }, { "5 ", REFUSED }, { " 5", REFUSED },
	{ "0x10", REFUSED }, { "1K", REFUSED },
};

static void check_readings(const struct reading *rows, size_t count,
			   bool (*parse)(const char *text, uint64_t *value))
{
	for (size_t i = 0; i < count; i++) {
		char wanted[64], found[64];
		uint64_t value = 0;

		if (!parse(rows[i].text, &value))
			value = REFUSED;
		snprintf(wanted, sizeof(wanted), "'%s' is %ju", rows[i].text,
			 (uintmax_t)rows[i].value);
		snprintf(found, sizeof(found), "'%s' is %ju", rows[i].text,
			 (uintmax_t)value);
		assert_string_equal(found, wanted);
	}
}

static void sizes_are_read_or_refused(void **state)
{
	(void)state;
	check_readings(sizes, COUNT_OF(sizes), units_parse_size);
}

static void times_are_read_or_refused(void **state)
{
	(void)state;
	check_readings(times, COUNT_OF(times), units_parse_time);
}

static void counts_are_read_or_refused(void **state)
{
	(void)state;
	check_readings(counts, COUNT_OF(counts), units_parse_count);
}

static const struct reading printed_sizes[] = {
	{ "0B", 0 }, { "1023B", 1023 }, { "1.0K", 1024 }, { "1.5K", 1536 },
	{ "132.0K", 135168 }, { "1.0M", 1048576 }, { "1.0M", 1048575 }, { "2.0M", 2097152 },
	{ "1.2G", 1288490189 }, { "4.0T", 4398046511104 },
	{ "1.0P", 1125899906842624 }, { "16384.0P", UINT64_MAX },
};

static const struct reading printed_times[] = {
	{ "0ns", 0 }, { "999ns", 999 }, { "1.0us", 1000 }, { "1.0us", 1049 },
	{ "1.1us", 1050 }, { "1.9us", 1949 }, { "2.0us", 1950 },
	{ "12.4ms", 12400000 }, { "1.0s", 1000000000 }, { "1.0s", 999999999 }, { "1.0ms", 999999 }, { "90.0s", 90000000000 },
	{ "18446744073.7s", UINT64_MAX },
};

static void sizes_are_printed_with_one_decimal(void **state)
{
	char buf[UNITS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(printed_sizes); i++)
		assert_string_equal(units_size(buf, printed_sizes[i].value),
				    printed_sizes[i].text);
}

static void times_are_printed_with_one_decimal_rounded_half_up(void **state)
{
	char buf[UNITS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(printed_times); i++)
		assert_string_equal(units_time(buf, printed_times[i].value),
				    printed_times[i].text);
}

/* Half a tenth of the unit that was printed, which is at most the value itself. */
static void check_near(uint64_t printed, uint64_t value)
{
	uint64_t off = printed > value ? printed - value : value - printed;

	assert_in_range(off, 0, value / 20 + 1);
}

static void what_is_printed_reads_back_within_its_rounding(void **state)
{
	char buf[UNITS_MAX];
	uint64_t again;

	(void)state;
	for (uint64_t value = 1; value < 1ULL << 49; value += value / 7 + 1) {
		assert_true(units_parse_size(units_size(buf, value), &again));
		check_near(again, value);
		assert_true(units_parse_time(units_time(buf, value), &again));
		check_near(again, value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_read_or_refused),
		cmocka_unit_test(times_are_read_or_refused),
		cmocka_unit_test(counts_are_read_or_refused),
		cmocka_unit_test(sizes_are_printed_with_one_decimal),
		cmocka_unit_test(times_are_printed_with_one_decimal_rounded_half_up),
		cmocka_unit_test(what_is_printed_reads_back_within_its_rounding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
