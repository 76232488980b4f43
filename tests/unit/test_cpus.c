/* Lists of CPUs as the kernel writes them. */
#include "../support/check.h"

#include "pfa/source/cpus.h"

static const struct {
	const char *text;
	size_t count;
	uint32_t cpus[8];
} lists[] = {
	{ "0-3,8\n", 5, { 0, 1, 2, 3, 8 } },
	{ "0\n", 1, { 0 } },
	{ "7", 1, { 7 } },
	{ "0,2,4-5\n", 4, { 0, 2, 4, 5 } },
	{ "3-3\n", 1, { 3 } },
	{ "65534-65535\n", 2, { 65534, 65535 } },
	{ "", 0, { 0 } },
	{ "\n", 0, { 0 } },
	{ "garbage", 0, { 0 } },
	{ "-1", 0, { 0 } },
	{ ",1", 0, { 0 } },
	{ "3-1\n", 0, { 0 } },
	{ "0-1;5", 2, { 0, 1 } }, /* what cannot be read ends it */
	{ "0-1,x", 2, { 0, 1 } },
	{ "2,-3", 1, { 2 } },
	{ "1,", 1, { 1 } },
	{ "65536\n", 0, { 0 } }, /* no machine has so many */
	{ "18446744073709551615", 0, { 0 } },
	{ "99999999999999999999999-99999999999999999999999", 0, { 0 } },
};

static void list_names_cpus_and_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct cpus cpus = cpus_parse(lists[i].text);

		if (cpus.count != lists[i].count)
			fail_msg("'%s' names %zu", lists[i].text, cpus.count);
		for (size_t k = 0; k < cpus.count; k++)
			assert_int_equal(cpus.list[k], lists[i].cpus[k]);
		cpus_release(&cpus);
	}
}

static void huge_ranges_are_bounded(void **state)
{
	static const char *const texts[] = {
		"0-4294967295\n", "0-18446744073709551615\n",
		"0-99999999999999999999999999\n", "0-65535\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct cpus cpus = cpus_parse(texts[i]);

		assert_int_equal(cpus.count, 65536);
		assert_int_equal(cpus.list[65535], 65535);
		cpus_release(&cpus);
	}
}

static void machine_has_cpus(void **state)
{
	struct cpus present = cpus_present();

	(void)state;
	assert_true(present.count > 0);
	cpus_release(&present);
	cpus_release(&present); /* harmless */
	assert_int_equal(present.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_names_cpus_and_ranges),
		cmocka_unit_test(huge_ranges_are_bounded),
		cmocka_unit_test(machine_has_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
