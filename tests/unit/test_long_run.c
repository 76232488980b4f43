/* Memory does not grow with the length of a run. */
#include "../support/check.h"

#include "../support/long_run.h"

#ifdef __SANITIZE_ADDRESS__
/* It keeps what was freed for a while: nothing can be said of memory. */
enum { RECORDS = 200000, MEMORY_TELLS = 0 };
#else
enum { RECORDS = 4000000, MEMORY_TELLS = 1 };
#endif

static void busy_machine_leaves_nothing_behind(void **state)
{
	struct long_run run;

	(void)state;
	long_run(&run, RECORDS, NULL);
	assert_true(run.tenths[TENTHS - 1].records >= RECORDS);
	if (MEMORY_TELLS)
		assert_false(long_run_grew(&run));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy_machine_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
