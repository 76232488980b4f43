/* Processes named by pid or by serial. */
#include "../support/check.h"

#include <string.h>

#include "pfa/model/observation.h"
#include "pfa/report/process_list.h"

static void lists_are_numbers_and_serials_with_commas(void **state)
{
	static const struct {
		const char *list;
		bool valid, pair;
	} rows[] = {
		{ "1", true, false },           { "4321,P2", true, true },
		{ "P1,p2,77", true, false },    { "4294967295,1", true, true },
		{ "7,7", true, false },         { "P7,p7", true, false },
		{ "7,P7", true, true },         { "7,70", true, true },
		{ "", false, false },           { "P", false, false },
		{ "1,", false, false },         { ",1", false, false },
		{ "1,,2", false, false },       { "0", false, false },
		{ "P0", false, false },         { "01", false, false },
		{ "-1", false, false },         { "x1", false, false },
		{ "1 ,2", false, false },       { "12345678901", false, false },
		{ "PP1,2", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (process_list_valid(rows[i].list) != rows[i].valid ||
		    process_list_is_pair(rows[i].list) != rows[i].pair)
			fail_msg("'%s'", rows[i].list);
	}
}

static void process_is_found_by_its_pid_or_its_serial(void **state)
{
	static const struct {
		const char *list;
		int place;
	} rows[] = {
		{ "4321", 0 },     { "P2", 0 },      { "p2", 0 },    { "1,4321", 1 },
		{ "1,2,P2", 2 },   { "4321,P2", 0 }, { "2", -1 },    { "P4321", -1 },
		{ "43210", -1 },   { "432", -1 },    { "P22", -1 },
	};
	const struct actor actor = { .pid = 4321, .serial = 2 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(process_list_find(rows[i].list, &actor), rows[i].place);
}

static void names_are_taken_by_place(void **state)
{
	static const char list[] = "4321,P2,9";
	size_t length;

	(void)state;
	assert_int_equal(process_list_count(list), 3);
	assert_memory_equal(process_list_name(list, 1, &length), "P2", 2);
	assert_int_equal(length, 2);
	assert_string_equal(process_list_name(list, 2, &length), "9");
	assert_int_equal(length, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_numbers_and_serials_with_commas),
		cmocka_unit_test(process_is_found_by_its_pid_or_its_serial),
		cmocka_unit_test(names_are_taken_by_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
