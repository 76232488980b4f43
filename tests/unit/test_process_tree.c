/* The tree of processes, to the letter. */
#include "../support/check.h"

#include "census_world.h"
#include "pfa/report/process_tree.h"
#include "pfa/report/view.h"

enum { MS = 1000000 };

static void check_tree(const struct view *view, const struct census *census,
		       const char *wanted)
{
	struct text out;

	text_init(&out);
	process_tree_print(&out, view, census, 10 * MS);
	assert_string_equal(text_cstr(&out), wanted);
	text_release(&out);
}

static struct process_facts lived(const struct totals *totals, uint64_t from_ms,
				  uint64_t to_ms)
{
	return (struct process_facts){ .totals = totals, .born_ns = from_ms * MS,
				       .ended_ns = to_ms * MS };
}

/* sh runs gcc, which runs cc1 and, by vfork, something that is killed. */
static void fill(struct census *census)
{
	static const struct totals totals = { .changes = { 5 }, .vma_peak = 20,
					      .size_peak_bytes = 1 << 20 };
	struct process_facts facts = lived(&totals, 12, 15);

	census_init(census, 20);
	faults(census, actor_of(1, 1, "sh"), 3);
	forks(census, actor_of(1, 1, "sh"), actor_of(2, 2, "sh"));
	execs(census, actor_of(2, 2, "gcc"));
	faults(census, actor_of(2, 2, "gcc"), 1);
	faults(census, actor_of(2, 5, "worker"), 2);
	forks(census, actor_of(2, 2, "gcc"), actor_of(3, 3, "gcc"));
	facts.shared_space = true;
	ends_with(census, actor_of(3, 3, "gcc"), facts, ENDED_KILLED, 9);
	forks(census, actor_of(2, 2, "gcc"), actor_of(4, 4, "gcc"));
	execs(census, actor_of(4, 4, "cc1"));
	faults(census, actor_of(4, 4, "cc1"), 9);
	ends_with(census, actor_of(4, 4, "cc1"), lived(&totals, 13, 15), ENDED_SIGNAL, 11);
	ends_with(census, actor_of(2, 2, "gcc"), lived(&totals, 11, 16), ENDED_STATUS, 1);
	facts = lived(&totals, 10, 20);
	facts.actor = actor_of(1, 1, "sh");
	facts.existed = true;
	census_facts(census, &facts);
}

static void tree_tells_kin_times_ends_and_work(void **state)
{
	const struct view view = view_default();
	struct census census;

	(void)state;
	fill(&census);
	check_tree(&view, &census,
		"\nProcesses\n"
		"  process                                 start  lifetime  end       "
		"faults  major  minor  cow  invalid   time  changes  VMAs peak  mapped peak\n"
		"  4001 sh                                before    10.0ms  runs on   "
		"     3      0      3    0        0  3.0us        5         20         1.0M\n"
		"    4002 sh -> gcc                        1.0ms     5.0ms  status 1  "
		"     3      0      3    0        0  3.0us        5         20         1.0M\n"
		"      thread 4005 worker                                             "
		"     2      0      2    0        0  2.0us\n"
		"      thread 4002 gcc                                                "
		"     1      0      1    0        0  1.0us\n"
		"      4004 gcc -> cc1                     3.0ms     2.0ms  SEGV      "
		"     9      0      9    0        0  9.0us        5         20         1.0M\n"
		"      4003 gcc (in its parent's memory)   2.0ms     3.0ms  killed    "
		"     0      0      0    0        0      -        5         20         1.0M\n");
	census_release(&census);
}

static void fixed_tree_holds_nothing_that_varies(void **state)
{
	struct view view = view_default();
	struct census census;

	(void)state;
	view.fixed_ts = true;
	fill(&census);
	check_tree(&view, &census,
		"\nProcesses\n"
		"  process                              end       "
		"faults  major  minor  cow  invalid  changes  VMAs peak  mapped peak\n"
		"  P1 sh                                runs on   "
		"     3      0      3    0        0        5         20         1.0M\n"
		"    P2 sh -> gcc                       status 1  "
		"     3      0      3    0        0        5         20         1.0M\n"
		"      thread T5 worker                           "
		"     2      0      2    0        0\n"
		"      thread T2 gcc                              "
		"     1      0      1    0        0\n"
		"      P4 gcc -> cc1                    SEGV      "
		"     9      0      9    0        0        5         20         1.0M\n"
		"      P3 gcc (in its parent's memory)  killed    "
		"     0      0      0    0        0        5         20         1.0M\n");
	census_release(&census);
}

/* Those with the most faults and their ancestors; of threads, too, the first. */
static void long_tree_is_cut_to_the_first_and_their_ancestors(void **state)
{
	struct view view = view_default();
	struct census census;

	(void)state;
	view.fixed_ts = true;
	view.top = 1;
	fill(&census);
	check_tree(&view, &census,
		"\nProcesses\n"
		"  process                end       "
		"faults  major  minor  cow  invalid  changes  VMAs peak  mapped peak\n"
		"  P1 sh                  runs on   "
		"     3      0      3    0        0        5         20         1.0M\n"
		"    P2 sh -> gcc         status 1  "
		"     3      0      3    0        0        5         20         1.0M\n"
		"      thread T5 worker             "
		"     2      0      2    0        0\n"
		"      ... 1 more thread\n"
		"      P4 gcc -> cc1      SEGV      "
		"     9      0      9    0        0        5         20         1.0M\n"
		"  ... 1 more process (--top=4 shows them)\n");
	census_release(&census);
}

static void the_first_branch_leads_to_who_faults_most(void **state)
{
	struct view view = view_default();
	struct census census;

	(void)state;
	view.fixed_ts = true;
	census_init(&census, 20);
	faults(&census, actor_of(1, 1, "a"), 5);
	faults(&census, actor_of(2, 2, "b"), 1);
	forks(&census, actor_of(2, 2, "b"), actor_of(3, 3, "c"));
	faults(&census, actor_of(3, 3, "c"), 6);
	check_tree(&view, &census,
		"\nProcesses\n"
		"  process  end      "
		"faults  major  minor  cow  invalid  changes  VMAs peak  mapped peak\n"
		"  P2 b     runs on  "
		"     1      0      1    0        0        -          -            -\n"
		"    P3 c   runs on  "
		"     6      0      6    0        0        -          -            -\n"
		"  P1 a     runs on  "
		"     5      0      5    0        0        -          -            -\n");
	census_release(&census);
}

static void idle_processes_are_shown_as_ancestors_only(void **state)
{
	static const struct totals none;
	struct process_facts facts = { .existed = true, .totals = &none };
	struct view view = view_default();
	struct census census;

	(void)state;
	view.fixed_ts = true;
	census_init(&census, 20);
	for (uint32_t serial = 1; serial <= 3; serial++) {
		facts.actor = actor_of(serial, serial, serial == 1 ? "init" : "idle");
		facts.parent = serial > 1;
		census_facts(&census, &facts);
	}
	check_tree(&view, &census, "");
	facts.actor = actor_of(4, 4, "demo");
	facts.existed = false;
	census_facts(&census, &facts);
	check_tree(&view, &census,
		"\nProcesses\n"
		"  process    end      "
		"faults  major  minor  cow  invalid  changes  VMAs peak  mapped peak\n"
		"  P1 init    runs on  "
		"     0      0      0    0        0        0          0           0B\n"
		"    P4 demo  runs on  "
		"     0      0      0    0        0        0          0           0B\n");
	census_release(&census);
}

static void deep_tree_is_indented_no_further(void **state)
{
	struct view view = view_default();
	struct census census;
	struct text out;

	(void)state;
	view.top = 100;
	census_init(&census, view.top);
	for (uint32_t serial = 1; serial < 60; serial++)
		forks(&census, actor_of(serial, serial, "d"),
		      actor_of(serial + 1, serial + 1, "d"));
	faults(&census, actor_of(60, 60, "d"), 1);
	text_init(&out);
	process_tree_print(&out, &view, &census, 0);
	assert_non_null(strstr(text_cstr(&out), "\n                                  4017 d"));
	assert_non_null(strstr(text_cstr(&out), "\n                                  4060 d"));
	text_release(&out);
	census_release(&census);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_tells_kin_times_ends_and_work),
		cmocka_unit_test(fixed_tree_holds_nothing_that_varies),
		cmocka_unit_test(long_tree_is_cut_to_the_first_and_their_ancestors),
		cmocka_unit_test(the_first_branch_leads_to_who_faults_most),
		cmocka_unit_test(idle_processes_are_shown_as_ancestors_only),
		cmocka_unit_test(deep_tree_is_indented_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
