/*
 * Each demo says which faults it makes, address by address, and some of them how the
 * layout changes and who lives. pfa must see just these, in this order: live, and from a
 * capture.
 */
#include "../support/announced.h"
#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/swap.h"

static void every_completed_fault_has_a_latency(const struct csv *csv)
{
	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];

		if (csv_is_completed(row) && !row->has_latency)
			fail_msg("no latency: %s", csv_describe(row));
		if (csv_is_fault(row) && !csv_is_completed(row) && row->has_latency)
			fail_msg("latency of a failure: %s", csv_describe(row));
	}
}

static void check(const char *said, const char *csv_path)
{
	struct announced announced;
	struct csv csv;

	announced_parse(&announced, said);
	csv_read(&csv, csv_path);
	announced_check(&announced, &csv);
	every_completed_fault_has_a_latency(&csv);
	csv_release(&csv);
	if (announced.skip[0])
		skip_because("the demo says: %s", announced.skip);
	announced_release(&announced);
}

static void demo_is_seen(const char *demo)
{
	struct run run;

	run_quietly(&run, "%s -s --failed --show=faults,vma,life -o %s --csv=%s -- %s/%s", pfa(),
		    work_path("summary"), work_path("csv"), demos(), demo);
	check(run.out, work_path("csv"));
	run_release(&run);
}

static void demo_is_replayed(const char *demo)
{
	struct run recorded, replayed;

	run_quietly(&recorded, "%s record -o %s -- %s/%s", pfa(),
		    work_path("capture"), demos(), demo);
	run_quietly(&replayed, "%s report -s -i %s --failed --show=faults,vma,life --csv=%s", pfa(),
		    work_path("capture"), work_path("csv"));
	check(recorded.out, work_path("csv"));
	run_release(&recorded);
	run_release(&replayed);
}

/* X(demo, its arguments); swap_in apart, as it needs preparations */
#define DEMOS(X)                                                               \
	X(brk_heap, "") X(cached_file, "") X(code_pages, "") X(cold_file, "") \
	X(cow_fork, "") X(data_bss, "") X(dontneed_refault, "")                \
	X(first_touch, "") X(long_running, " 20 0") X(mmap_storm, " 500")      \
	X(mprotect_write, "") X(mremap_move, "")                               \
	X(one_parent_multi_child, "") X(parent_child, "")                      \
	X(private_write, "") X(segv_bus, "") X(shared_memory, "")              \
	X(single_basic, "") X(stack_grow, "") X(stress, "") X(thp, "")         \
	X(threads, "") X(touch_storm, " 20000 4") X(vfork_exec, "")            \
	X(write_notify, "") X(zero_then_write, "")

/* Those with most to lose on the way through a capture. */
#define REPLAYED_DEMOS(X)                                                     \
	X(cold_file, "") X(cow_fork, "") X(mmap_storm, " 500")                 \
	X(mremap_move, "") X(parent_child, "") X(segv_bus, "")                 \
	X(stack_grow, "") X(stress, "") X(thp, "") X(threads, "")              \
	X(vfork_exec, "")

#define X(demo, arguments)                                                    \
	static void demo_##demo##_is_seen_fault_by_fault(void **state)        \
	{                                                                     \
		(void)state;                                                  \
		demo_is_seen(#demo arguments);                                \
	}
DEMOS(X)
#undef X

#define X(demo, arguments)                                                    \
	static void demo_##demo##_is_replayed_fault_by_fault(void **state)    \
	{                                                                     \
		(void)state;                                                  \
		demo_is_replayed(#demo arguments);                            \
	}
REPLAYED_DEMOS(X)
#undef X

static void demo_swap_in_is_seen_fault_by_fault(void **state)
{
	const char *why_not = swap_on();

	(void)state;
	if (why_not)
		skip_because("%s", why_not);
	demo_is_seen("swap_in");
}

static int no_swap(void **state)
{
	swap_off();
	return run_kill_all(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(demo, arguments)                                                    \
	cmocka_unit_test_teardown(demo_##demo##_is_seen_fault_by_fault,       \
				  run_kill_all),
		DEMOS(X)
#undef X
		cmocka_unit_test_teardown(demo_swap_in_is_seen_fault_by_fault,
					  no_swap),
#define X(demo, arguments)                                                    \
	cmocka_unit_test_teardown(demo_##demo##_is_replayed_fault_by_fault,   \
				  run_kill_all),
		REPLAYED_DEMOS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
