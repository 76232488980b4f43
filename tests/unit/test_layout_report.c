/* Reports of whole layouts: which are shown, of which moment, and what is printed. */
#include "../support/check.h"
#include "../support/nameless.h"

#include <string.h>
#include <sys/mman.h>

#include "pfa/model/observation.h"
#include "pfa/report/layout_report.h"
#include "pfa/report/view.h"

enum { RW = PROT_READ | PROT_WRITE, SECOND = 1000000000 };

static const struct region anon = { "anon", "", "anon" };
static const struct region text = { "demo", ".text", "demo .text" };
static const struct code near_code = { .object = "demo", .addr = 0x40,
				   .text = "demo+0x40" };
static const struct code far_code = { .object = "libc.so.6", .addr = 0x99,
				   .text = "libc.so.6+0x99" };

/* ---- processes and what they have ---- */

static struct actor process(uint32_t serial)
{
	return (struct actor){ .pid = 100 + serial, .tid = 100 + serial, .serial = serial,
			       .thread_serial = serial, .comm = "demo",
			       .process_comm = "demo" };
}

/* A process with one page. */
static struct layout small(uint32_t serial, uint64_t time_ns, bool at_exit)
{
	static const struct mapping page = {
		.start = 0x1000, .end = 0x2000, .prot = PROT_READ, .name = "",
		.class = "anon", .region = &anon, .origin = { .kind = ORIGIN_before },
	};

	return (struct layout){ .actor = process(serial), .time_ns = time_ns,
				.at_exit = at_exit, .vmas = &page, .vma_count = 1,
				.pieces = &page, .piece_count = 1 };
}

static struct mapping piece(enum origin_kind kind, uint32_t maker, uint64_t made_ns,
			    const struct code *code, uint64_t pages, uint64_t touched)
{
	return (struct mapping){
		.start = 0x10000, .end = 0x10000 + pages * 4096, .name = "",
		.class = "anon", .region = &anon, .touched_bytes = touched * 4096,
		.origin = { kind, maker, made_ns, code },
	};
}

/* ---- a report and what it says ---- */

struct world {
	struct view view;
	struct layout_report *report;
	struct run_facts facts;
};

static struct world *begin(struct world *w)
{
	w->report = layout_report_new(&w->view, nameless);
	layout_report_set_origin(w->report, SECOND);
	return w;
}

static struct world maps_world(void)
{
	struct world w = { .view = view_default() };

	w.view.maps = true;
	return w;
}

static void tell(struct world *w, struct layout layout)
{
	layout_report_layout(w->report, &layout);
}

static void check_print(struct world *w, const char *wanted)
{
	struct pfa_error err;
	struct text out;

	text_init(&out);
	if (layout_report_print(w->report, &out, &w->facts, &err))
		fail_msg("%s", err.text);
	assert_string_equal(text_cstr(&out), wanted);
	text_release(&out);
	layout_report_free(w->report);
}

static void check_refusal(struct world *w, const char *wanted)
{
	struct pfa_error err;
	struct text out;

	text_init(&out);
	assert_int_equal(layout_report_print(w->report, &out, &w->facts, &err),
			 PFA_E_TARGET);
	assert_string_equal(err.text, wanted);
	assert_int_equal(pfa_exit_status(PFA_E_TARGET), 2);
	assert_int_equal(out.length, 0);
	text_release(&out);
	layout_report_free(w->report);
}

#define HEADER "  range              perms  offset      dev  inode  class  size  touched  " \
	       "maj/min/cow  made by  name\n"
#define PAGE "  00001000-00002000  r--p   00000000  00:00      0  anon   4.0K       0B  " \
	     "          -  before   anon\n" \
	     "  total                                                    4.0K       0B  " \
	     "          -\n"

/* ---- maps ---- */

static void maps_have_the_columns_of_proc_and_what_else_is_known(void **state)
{
	const struct mapping vmas[] = {
		{ .start = 0x55550000, .end = 0x55552000, .prot = PROT_READ | PROT_EXEC,
		  .pgoff_bytes = 0x1000, .inode = 77, .dev_major = 8, .dev_minor = 17,
		  .name = "/usr/bin/de\nmo", .class = "text", .region = &text,
		  .origin = { ORIGIN_exec, 2, SECOND + 1500, NULL }, .parts = 1,
		  .faults = { [FAULT_MAJOR] = 1, [FAULT_MINOR] = 2 },
		  .touched_bytes = 8192 },
		{ .start = 0x7f0000000000, .end = 0x7f0000100000, .prot = RW,
		  .shared = true, .name = "", .class = "shared", .region = &anon,
		  .origin = { ORIGIN_mmap, 1, SECOND + 2000000, &far_code }, .parts = 3,
		  .faults = { [FAULT_COW] = 5 }, .touched_bytes = 4096 },
	};
	const struct life fork = { .kind = LIFE_FORK, .actor = process(1),
				   .child = process(2) };
	struct world w = maps_world();

	(void)state;
	layout_report_life(begin(&w)->report, &fork);
	tell(&w, (struct layout){ .actor = process(2), .time_ns = SECOND + 5600000,
				  .at_exit = true, .vmas = vmas, .vma_count = 2 });
	check_print(&w,
		"102 demo at exit (0.005600): 2 VMAs, 1.0M mapped\n"
		"  range                      perms  offset      dev  inode  class   size  "
		"touched  maj/min/cow  made by                                         name\n"
		"  55550000-55552000          r-xp   00001000  08:11     77  text    8.0K  "
		"   8.0K        1/2/0  exec +0.000001                                  "
		"/usr/bin/de\\x0amo\n"
		"  7f0000000000-7f0000100000  rw-s   00000000  00:00      0  shared  1.0M  "
		"   4.0K        0/0/5  mmap +0.002000 by 101 libc.so.6+0x99 (3 parts)  anon\n"
		"  total                                                             1.0M  "
		"  12.0K        1/2/5\n");
}

static void processes_come_as_they_are_told(void **state)
{
	struct world w = maps_world();

	(void)state;
	begin(&w);
	tell(&w, small(2, SECOND + 1000, true));
	tell(&w, small(1, SECOND + 2000, false));
	check_print(&w, "102 demo at exit (0.000001): 1 VMA, 4.0K mapped\n" HEADER PAGE
			"\n101 demo still alive (0.000002): 1 VMA, 4.0K mapped\n"
			HEADER PAGE);
}

static void fixed_names_have_no_times(void **state)
{
	struct world w = maps_world();

	(void)state;
	w.view.fixed_ts = true;
	w.view.processes = "P2";
	begin(&w);
	tell(&w, small(2, SECOND + 1000, true));
	tell(&w, small(1, SECOND + 2000, false));
	check_print(&w, "P2 demo at exit: 1 VMA, 4.0K mapped\n" HEADER PAGE);
}

static void partial_trace_says_so_first(void **state)
{
	struct world w = maps_world();
	struct layout layout = small(1, SECOND, false);

	(void)state;
	w.facts = (struct run_facts){ .lost = 7, .gaps = 2, .stopped = true,
				      .suspect = true };
	layout.suspect = true;
	layout.vma_count = 0;
	tell(begin(&w), layout);
	check_print(&w, "Partial: 7 records were lost, a CPU came online 2 times, "
			"--max-faults ended the run: layouts may be wrong\n"
			"101 demo still alive (0.000000), perhaps wrong (records were "
			"lost): 0 VMAs, 0B mapped\n");
}

static void trace_without_processes_says_so(void **state)
{
	struct world w = maps_world();

	(void)state;
	check_print(begin(&w), "No process was traced.\n");
}

/* ---- moments ---- */

static bool moment_begins(struct world *w, uint64_t next_ns)
{
	uint64_t moment_ns = 0;
	bool begins = layout_report_moment_begins(w->report, next_ns, &moment_ns);

	if (begins)
		assert_int_equal(moment_ns, SECOND + w->view.at_ns);
	return begins;
}

static void what_the_stream_shows_at_that_time_has_happened(void **state)
{
	struct world w = maps_world();

	(void)state;
	w.view.has_at = true;
	w.view.at_ns = 5000;
	begin(&w);
	tell(&w, small(1, SECOND + 1000, true)); /* ended before: not shown */
	assert_false(moment_begins(&w, SECOND + 5000));
	assert_false(moment_begins(&w, SECOND + 5999));
	assert_true(moment_begins(&w, SECOND + 6000));
	tell(&w, small(2, SECOND + 5000, false));
	layout_report_moment_ends(w.report);
	assert_true(layout_report_is_over(w.report));
	assert_false(moment_begins(&w, SECOND + 9000));
	tell(&w, small(2, SECOND + 5500, false)); /* the model's end */
	check_print(&w, "102 demo at 0.000005: 1 VMA, 4.0K mapped\n" HEADER PAGE);
}

static void time_within_a_microsecond_is_exact(void **state)
{
	struct world w = maps_world();

	(void)state;
	w.view.has_at = true;
	w.view.at_ns = 5001;
	begin(&w);
	assert_false(moment_begins(&w, SECOND + 5001));
	assert_true(moment_begins(&w, SECOND + 5002));
	layout_report_moment_ends(w.report);
	check_refusal(&w, "no process lived at 0.000005 (--show=life tells when they begin "
			  "and end)");
}

static void time_after_the_end_is_the_end(void **state)
{
	struct world w = maps_world();

	(void)state;
	w.view.has_at = true;
	w.view.at_ns = 3ULL * SECOND;
	begin(&w);
	tell(&w, small(1, SECOND + 1000, true));
	check_print(&w, "The trace ended before 3.000000: each process as it was at the "
			"end.\n101 demo at exit (0.000001): 1 VMA, 4.0K mapped\n"
			HEADER PAGE);
}

/* ---- who is meant ---- */

static void name_of_nobody_is_refused_with_those_there_are(void **state)
{
	struct world w = maps_world();

	(void)state;
	w.view.processes = "P1,77";
	begin(&w);
	tell(&w, small(1, SECOND, true));
	tell(&w, small(2, SECOND, true));
	check_refusal(&w, "there is no layout of process 77; there is of 101 demo, "
			  "102 demo");
}

static void process_with_two_names_is_shown_once(void **state)
{
	struct world w = maps_world();

	(void)state;
	w.view.processes = "P1,101";
	begin(&w);
	tell(&w, small(1, SECOND + 1000, true));
	check_print(&w, "101 demo at exit (0.000001): 1 VMA, 4.0K mapped\n" HEADER PAGE);
}

static void who_did_not_live_then_is_refused(void **state)
{
	struct world w = maps_world();

	(void)state;
	w.view.processes = "101";
	w.view.has_at = true;
	begin(&w);
	tell(&w, small(1, SECOND, true));
	assert_true(moment_begins(&w, SECOND + 1000));
	tell(&w, small(2, SECOND, false));
	layout_report_moment_ends(w.report);
	check_refusal(&w, "there is no layout of process 101 at 0.000000; there is of "
			  "102 demo");
}

static void refusal_names_ten_processes(void **state)
{
	struct world w = maps_world();

	(void)state;
	w.view.processes = "P99";
	begin(&w);
	for (uint32_t serial = 1; serial <= 12; serial++)
		tell(&w, small(serial, SECOND, true));
	check_refusal(&w, "there is no layout of process P99; there is of 101 demo, "
			  "102 demo, 103 demo, 104 demo, 105 demo, 106 demo, 107 demo, "
			  "108 demo, 109 demo, 110 demo and 2 more");
}

/* ---- leaks ---- */

static struct world leaks_world(void)
{
	struct world w = { .view = view_default() };

	w.view.leaks = true;
	return w;
}

static void tell_pieces(struct world *w, const struct mapping *pieces, size_t count)
{
	struct layout layout = small(2, SECOND + 9000000, true);

	layout.pieces = pieces;
	layout.piece_count = count;
	tell(w, layout);
}

static void leaks_are_grouped_by_caller_and_by_touch(void **state)
{
	const struct mapping pieces[] = {
		piece(ORIGIN_mmap, 2, SECOND + 1000000, &near_code, 2, 1),
		piece(ORIGIN_mmap, 2, SECOND + 3000000, &far_code, 1, 1),
		piece(ORIGIN_mmap, 2, SECOND + 2000000, &near_code, 4, 4),
		piece(ORIGIN_brk, 2, SECOND + 4000000, &near_code, 1, 1),
		piece(ORIGIN_mmap, 2, SECOND + 5000000, &near_code, 256, 0),
		piece(ORIGIN_shmat, 2, SECOND + 6000000, NULL, 256, 0),
		piece(ORIGIN_mmap, 1, SECOND + 100, &near_code, 16, 16),
		piece(ORIGIN_exec, 2, SECOND + 100, NULL, 8, 8),
		piece(ORIGIN_stack, 2, SECOND + 100, NULL, 33, 2),
		piece(ORIGIN_before, 0, 0, NULL, 3, 0),
	};
	struct world w = leaks_world();

	(void)state;
	tell_pieces(begin(&w), pieces, COUNT_OF(pieces));
	check_print(&w,
		"102 demo at exit (0.009000): mapped while traced, and still there\n"
		"  Touched and kept\n"
		"  call   pieces   size  touched  oldest  youngest  called from\n"
		"  mmap        2  24.0K    20.0K   8.0ms     7.0ms  demo+0x40\n"
		"  brk         1   4.0K     4.0K   5.0ms     5.0ms  demo+0x40\n"
		"  mmap        1   4.0K     4.0K   6.0ms     6.0ms  libc.so.6+0x99\n"
		"  total       4  32.0K    28.0K   8.0ms     5.0ms\n"
		"  Reserved, never touched\n"
		"  call   pieces  size  touched  oldest  youngest  called from\n"
		"  mmap        1  1.0M       0B   4.0ms     4.0ms  demo+0x40\n"
		"  shmat       1  1.0M       0B   3.0ms     3.0ms  unknown\n"
		"  total       2  2.0M       0B   4.0ms     3.0ms\n"
		"  left out: before 12.0K, exec 32.0K, stack 132.0K, from its parent 64.0K\n");
}

static void leaks_are_bounded_by_top_and_have_no_ages_when_fixed(void **state)
{
	const struct mapping pieces[] = {
		piece(ORIGIN_mmap, 2, SECOND, &near_code, 2, 1),
		piece(ORIGIN_mmap, 2, SECOND, &far_code, 1, 1),
	};
	struct world w = leaks_world();

	(void)state;
	w.view.top = 1;
	w.view.fixed_ts = true;
	tell_pieces(begin(&w), pieces, COUNT_OF(pieces));
	check_print(&w, "P2 demo at exit: mapped while traced, and still there\n"
			"  Touched and kept\n"
			"  call   pieces   size  touched  called from\n"
			"  mmap        1   8.0K     4.0K  demo+0x40\n"
			"  total       2  12.0K     8.0K\n"
			"  ... 1 more (--top=2 shows them)\n");
}

static void who_kept_nothing_is_said_to(void **state)
{
	struct world w = leaks_world();

	(void)state;
	tell_pieces(begin(&w), NULL, 0);
	check_print(&w, "102 demo at exit (0.009000): mapped while traced, and still "
			"there\n  nothing\n");
}

/* ---- compare ---- */

static struct world compare_world(const char *processes)
{
	struct world w = { .view = view_default() };

	w.view.compare = processes;
	return w;
}

static void tell_fork(struct world *w, uint32_t parent, uint32_t child, uint32_t number)
{
	const struct life life = { .kind = LIFE_FORK, .actor = process(parent),
				   .child = process(child), .fork = number };

	layout_report_life(w->report, &life);
}

static void tell_copy(struct world *w, bool child_side, uint32_t fork, const char *kind)
{
	const struct fault fault = { .actor = process(child_side ? 2 : 1), .addr = 0x1008,
				     .type = FAULT_COW, .kind = kind, .fork = fork,
				     .child_side = child_side, .region = &anon };

	layout_report_fault(w->report, &fault);
}

static void exec(struct world *w, uint32_t serial)
{
	const struct life life = { .kind = LIFE_EXEC_REBUILD, .actor = process(serial) };

	layout_report_life(w->report, &life);
}

#define BESIDE "101 demo still alive (0.000003)\nbeside 102 demo at exit (0.000003)\n"
#define RANGES "  range              101   102         size  101 copied  reused  102 copied" \
	       "  reused  name\n" \
	       "  00001000-00002000  r--p  r--p  same  4.0K "
#define SUMS "  in all  ranges  size\n  same         1  4.0K\n"

/* The first to end asks for the other. */
static void tell_both(struct world *w)
{
	uint64_t moment_ns;

	tell(w, small(2, SECOND + 3000, true));
	assert_true(layout_report_moment_begins(w->report, SECOND + 4000, &moment_ns));
	assert_int_equal(moment_ns, SECOND + 3000);
	tell(w, small(3, moment_ns, false));
	tell(w, small(1, moment_ns, false));
	layout_report_moment_ends(w->report);
	assert_false(layout_report_moment_begins(w->report, SECOND + 5000, &moment_ns));
	assert_false(layout_report_is_over(w->report));
}

static void two_are_compared_when_the_first_ends(void **state)
{
	struct world w = compare_world("101,P2");

	(void)state;
	begin(&w);
	tell_fork(&w, 1, 3, 4);
	tell_copy(&w, false, 4, "cow-copy"); /* of another fork */
	tell_fork(&w, 1, 2, 5);
	tell_copy(&w, false, 5, "cow-copy");
	tell_copy(&w, true, 5, "cow-reuse");
	tell_copy(&w, true, 5, "cow");
	tell_both(&w);
	tell_copy(&w, false, 5, "cow-copy"); /* after that */
	tell(&w, small(1, SECOND + 9000, true));
	check_print(&w, BESIDE RANGES "          1       -           -       1  anon\n" SUMS
			"  101 (parent) since the fork: 1 page copied, 0 reused\n"
			"  102 (child) since the fork: 0 pages copied, 1 reused, 1 copied "
			"or reused\n");
}

static void exec_leaves_the_copies_behind(void **state)
{
	struct world w = compare_world("P1,P2");

	(void)state;
	begin(&w);
	tell_fork(&w, 1, 2, 1);
	tell_copy(&w, false, 1, "cow-copy");
	tell_copy(&w, true, 1, "cow-copy");
	exec(&w, 2);
	tell_both(&w);
	check_print(&w, BESIDE RANGES "          1       -           -       -  anon\n" SUMS
			"  101 (parent) since the fork: 1 page copied, 0 reused\n"
			"  102 (child) since the fork: 1 page copied, 0 reused\n");
}

static void strangers_have_nothing_to_copy(void **state)
{
	struct world w = compare_world("P1,P2");

	(void)state;
	begin(&w);
	tell_both(&w);
	check_print(&w, BESIDE "  range              101   102         size  name\n"
			"  00001000-00002000  r--p  r--p  same  4.0K  anon\n" SUMS
			"  neither is the other's child: no pages to copy\n");
}

/* It was not born when the first ended. */
static void who_comes_later_is_compared_at_its_own_end(void **state)
{
	struct world w = compare_world("P1,P2");
	uint64_t moment_ns;

	(void)state;
	begin(&w);
	tell(&w, small(1, SECOND + 1000, true));
	assert_true(layout_report_moment_begins(w.report, SECOND + 2000, &moment_ns));
	layout_report_moment_ends(w.report);
	tell(&w, small(2, SECOND + 7000, true));
	check_print(&w, "101 demo at exit (0.000001)\nbeside 102 demo at exit (0.000007)\n"
			"  range              101   102         size  name\n"
			"  00001000-00002000  r--p  r--p  same  4.0K  anon\n" SUMS
			"  neither is the other's child: no pages to copy\n");
}

static void one_of_two_is_refused(void **state)
{
	struct world w = compare_world("P1,P2");

	(void)state;
	tell(begin(&w), small(1, SECOND + 1000, true));
	check_refusal(&w, "there is no layout of process P2; there is of 101 demo");
	w = compare_world("P1,P2");
	check_refusal(begin(&w), "no process lived (--show=life tells when they begin and "
				 "end)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_have_the_columns_of_proc_and_what_else_is_known),
		cmocka_unit_test(processes_come_as_they_are_told),
		cmocka_unit_test(fixed_names_have_no_times),
		cmocka_unit_test(partial_trace_says_so_first),
		cmocka_unit_test(trace_without_processes_says_so),
		cmocka_unit_test(what_the_stream_shows_at_that_time_has_happened),
		cmocka_unit_test(time_within_a_microsecond_is_exact),
		cmocka_unit_test(time_after_the_end_is_the_end),
		cmocka_unit_test(name_of_nobody_is_refused_with_those_there_are),
		cmocka_unit_test(process_with_two_names_is_shown_once),
		cmocka_unit_test(who_did_not_live_then_is_refused),
		cmocka_unit_test(refusal_names_ten_processes),
		cmocka_unit_test(leaks_are_grouped_by_caller_and_by_touch),
		cmocka_unit_test(leaks_are_bounded_by_top_and_have_no_ages_when_fixed),
		cmocka_unit_test(who_kept_nothing_is_said_to),
		cmocka_unit_test(two_are_compared_when_the_first_ends),
		cmocka_unit_test(exec_leaves_the_copies_behind),
		cmocka_unit_test(strangers_have_nothing_to_copy),
		cmocka_unit_test(who_comes_later_is_compared_at_its_own_end),
		cmocka_unit_test(one_of_two_is_refused),
	};

	return cmocka_run_group_tests(tests, nameless_setup, nameless_teardown);
}
