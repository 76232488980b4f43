/* Facts that pfa itself put between the records, snapshots, and what a loss undoes. */
#include "../support/check.h"

#include <string.h>

#include "../support/events.h"
#include "../support/layout.h"
#include "../support/watch.h"
#include "pfa/base/intern.h"
#include "pfa/model/backing.h"
#include "pfa/model/model.h"
#include "pfa/model/space.h"

static const struct who shell = { 100, 100 }, helper = { 100, 101 };

struct world {
	struct intern *strings;
	struct model *model;
	struct watch watch;
};

static int world_new(void **state)
{
	const struct model_abilities all = { .begins = true, .signals = true,
					     .clones = true };
	static struct world w;
	const struct observer observer = watch_observer(&w.watch);

	w = (struct world){ .strings = intern_new() };
	w.model = model_new(w.strings, &all, &observer);
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	model_free(w->model);
	intern_free(w->strings);
	return 0;
}

static void feed(struct world *w, struct event e)
{
	model_feed(w->model, &e);
}

static void fault(struct world *w, struct who who, uint64_t page, uint32_t error_code)
{
	feed(w, ev_fault_begin(1000, who, PAGE(page), error_code));
	feed(w, ev_fault_end(1500, who, PAGE(page), PAGE(0x777)));
}

static void note(struct world *w, uint32_t pid, const char *text)
{
	feed(w, ev_note(5000, pid, text));
}

/* ---- facts of the run ---- */

static void start_and_end_frame_the_run(void **state)
{
	struct world *w = *state;
	const struct run_facts *f = model_facts(w->model);

	feed(w, ev_note(5000, 0, "start mode=launch privilege=full pid=100"));
	assert_true(f->started);
	assert_true(f->launched);
	assert_true(f->full_privilege);
	assert_int_equal(f->start_ns, 5000);
	assert_false(f->ended);
	feed(w, ev_note(9000, 0, "end corrupt=1"));
	assert_true(f->ended);
	assert_int_equal(f->end_ns, 9000);
	assert_int_equal(f->corrupt, 1);
}

static void attached_run_without_privilege_says_so(void **state)
{
	struct world *w = *state;
	const struct run_facts *f = model_facts(w->model);

	note(w, 0, "start mode=attach privilege=software");
	assert_true(f->started);
	assert_false(f->launched);
	assert_false(f->full_privilege);
	note(w, 0, "end corrupt=0");
	assert_int_equal(f->corrupt, 0);
}

static void counters_and_exit_are_read(void **state)
{
	struct world *w = *state;
	const struct run_facts *f = model_facts(w->model);

	note(w, 0, "counters minor=18446744073709551615 major=2 lost=3");
	assert_true(f->has_counters);
	assert_true(f->counted_minor == UINT64_MAX);
	assert_int_equal(f->counted_major, 2);
	assert_int_equal(f->counted_lost, 3);
	note(w, 0, "exit status=11 minor=40 major=5");
	assert_true(f->has_exit);
	assert_true(f->has_rusage);
	assert_int_equal(f->wait_status, 11);
	assert_int_equal(f->rusage_minor, 40);
	assert_int_equal(f->rusage_major, 5);
}

/* Of a program that was not all that was traced, its faults say nothing. */
static void exit_may_come_without_counters(void **state)
{
	static const char *const notes[] = { "exit status=256", "exit status=256 ",
					     "exit status=256 minor=2" };

	for (size_t i = 0; i < COUNT_OF(notes); i++) {
		const struct run_facts *f;
		struct world *w = *state;

		f = model_facts(w->model);
		note(w, 100, notes[i]);
		assert_true(f->has_exit);
		assert_int_equal(f->wait_status, 256);
		assert_false(f->has_rusage);
		assert_false(f->has_counters);
		world_end(state);
		world_new(state);
	}
}

static void stat_is_summed_over_processes_with_both_readings(void **state)
{
	struct world *w = *state;
	const struct run_facts *f = model_facts(w->model);

	note(w, 100, "stat when=begin minor=1000 major=10");
	note(w, 200, "stat when=begin minor=5 major=0");
	note(w, 300, "stat when=begin minor=7 major=7"); /* gone before its end */
	assert_false(f->has_stat);
	note(w, 100, "stat when=begin minor=1 major=1"); /* the first one counts */
	note(w, 100, "stat when=end minor=1042 major=11");
	note(w, 200, "stat when=end minor=6 major=2");
	note(w, 400, "stat when=end minor=9 major=9"); /* no beginning */
	assert_true(f->has_stat);
	assert_int_equal(f->stat_minor, 43);
	assert_int_equal(f->stat_major, 3);
}

static const char *const malformed[] = {
	"", "\n", "sta", "counters", "counters ", "counters minor=x major=2 lost=3",
	"counters minor=1 major=2", "exit status=", "exit status=x",
	"stat when=begin", "stat when=middle minor=1 major=2", "stat minor=1 major=2",
	"object ", "object 1:2 3/4", "object 1:2 3/4 5", "object 1:2 3/4 5 /a",
	"object 1:2 3/4 100 /bin/demo\n", "object 1:2 3/4 -1 /a\n", "object 1:2 3 2 /a\n",
	"object 1:2 3/4 18446744073709551615 /a\n",
	"object 8:1 5/6 9 /bin/demoX\nsection 0x1 0x1 .x\n",
	"object 8:1 5/6 9 /bin/demo\nnonsense\n", "future news=1",
};

static void note_that_is_not_understood_is_passed_over(void **state)
{
	struct world *w = *state;
	const struct run_facts *f = model_facts(w->model);

	for (size_t i = 0; i < COUNT_OF(malformed); i++)
		note(w, 100, malformed[i]);
	assert_false(f->started);
	assert_false(f->has_counters);
	assert_false(f->has_exit);
	assert_false(f->has_stat);
	assert_int_equal(f->corrupt, 0);
	assert_int_equal(f->events, COUNT_OF(malformed));
}

static void note_needs_no_nul_at_its_end(void **state)
{
	static const char bytes[] = { 'e', 'n', 'd', ' ', 'c', 'o', 'r', 'r', 'u', 'p',
				      't', '=', '1' };
	struct world *w = *state;
	struct event e = ev_note(1, 0, "");

	e.note.bytes = bytes;
	e.note.length = 4; /* the rest is not its own */
	feed(w, e);
	assert_int_equal(model_facts(w->model)->corrupt, 0);
	e.note.length = sizeof(bytes);
	feed(w, e);
	assert_int_equal(model_facts(w->model)->corrupt, 1);
}

/* ---- layouts of ELF files ---- */

static void map_demo(struct world *w, uint64_t inode)
{
	struct event e = ev_map_file(1, shell, PAGE(0x10), PAGE(0x11), "r-xp", PAGE(1),
				     inode, "/bin/demo");

	e.mmap.dev_major = 8;
	e.mmap.dev_minor = 1;
	e.mmap.generation = 6;
	feed(w, e);
}

static const char object[] = "object 8:1 5/6 9 /bin/demo\n"
			     "segment 0x1000 0x1000 0x200 0x200 r-x\n"
			     "section 0x1000 0x180 .text\n";

static void object_note_names_sections_of_its_file(void **state)
{
	struct world *w = *state;

	map_demo(w, 5);
	fault(w, shell, 0x10, FAULT_EXEC);
	note(w, 100, object); /* may come after the mapping */
	fault(w, shell, 0x10, FAULT_EXEC);
	check_told(&w->watch, "P1.T1 MINOR map demo x +500\n"
			      "P1.T1 MINOR map demo .text x +500\n");
}

static void object_note_of_another_file_by_that_name_does_not(void **state)
{
	struct world *w = *state;

	map_demo(w, 4711);
	note(w, 100, object);
	fault(w, shell, 0x10, FAULT_EXEC);
	check_told(&w->watch, "P1.T1 MINOR map demo x +500\n");
}

static void damaged_object_note_leaves_the_file_without_sections(void **state)
{
	struct world *w = *state;

	map_demo(w, 5);
	note(w, 100, "object 8:1 5/6 9 /bin/demo\nsegment nonsense\n");
	fault(w, shell, 0x10, FAULT_EXEC);
	note(w, 100, object); /* a good one may still come */
	fault(w, shell, 0x10, FAULT_EXEC);
	check_told(&w->watch, "P1.T1 MINOR map demo x +500\n"
			      "P1.T1 MINOR map demo .text x +500\n");
}

/* The kernel maps an image in one piece first and tells of that piece alone. */
static void exec_takes_away_what_lies_between_the_segments(void **state)
{
	static const char image[] = "object 8:1 5/6 9 /bin/demo\n"
				    "segment 0x0 0x0 0x800 0x800 r--\n"
				    "segment 0x4000 0x1000 0x1200 0x1200 r-x\n"
				    "segment 0x9000 0x3000 0x100 0x3000 rw-\n";
	static const struct {
		uint64_t first, past, offset_pages;
		const char *perms;
	} maps[] = { { 0x10, 0x1c, 0, "r--p" }, { 0x14, 0x16, 1, "r-xp" },
		     { 0x19, 0x1a, 3, "rw-p" } };
	struct world *w = *state;

	feed(w, ev_exec_comm(5, shell, "demo"));
	for (size_t i = 0; i < COUNT_OF(maps); i++) {
		struct event e = ev_map_file(10, shell, PAGE(maps[i].first),
					     PAGE(maps[i].past), maps[i].perms,
					     PAGE(maps[i].offset_pages), 5, "/bin/demo");

		e.mmap.dev_major = 8;
		e.mmap.dev_minor = 1;
		e.mmap.generation = 6;
		feed(w, e);
	}
	feed(w, ev_mmap(11, shell, PAGE(0x1a), PAGE(0x1c), "rw-p", "//anon"));
	feed(w, ev_mmap(11, shell, PAGE(0x12), PAGE(0x13), "rw-p", "//anon"));
	note(w, 100, image);
	feed(w, ev_exec(12, shell, "/bin/demo"));
	assert_string_equal(layout_text(model_space(w->model, 100)),
			    "10-11 r--p demo, 12-13 rw-p anon, 14-16 r-xp demo+1, "
			    "19-1a rw-p demo+3, 1a-1c rw-p anon");
}

/* It is told of at the top, then moves to its place without a record. */
static void exec_leaves_one_stack_where_it_is_executable(void **state)
{
	struct world *w = *state;

	feed(w, ev_exec_comm(5, shell, "demo"));
	feed(w, ev_mmap(6, shell, 0x7fffffffe000, 0x7ffffffff000, "rwxp",
			"//anon"));
	feed(w, ev_mmap(7, shell, PAGE(0xc0), PAGE(0xe0), "rwxp", "[stack]"));
	feed(w, ev_mmap(8, shell, PAGE(0xe4), PAGE(0xe5), "r-xp", "[vdso]"));
	feed(w, ev_mmap(9, shell, PAGE(0x10), PAGE(0x11), "rw-p", "//anon"));
	feed(w, ev_exec(12, shell, "/bin/demo"));
	assert_string_equal(layout_text(model_space(w->model, 100)),
			    "10-11 rw-p anon, c0-e0 rwxp [stack], e4-e5 r-xp [vdso]");
}

/* ---- snapshots of what already exists ---- */

static struct event snapshot(struct who who)
{
	struct event e = ev_fork(50, (struct who){ 1, 1 }, who);

	e.fork.fresh = true;
	return e;
}

static void check_layout(struct world *w, const char *wanted)
{
	assert_string_equal(layout_text(model_space(w->model, 100)), wanted);
}

static void snapshot_is_no_fork_and_inherits_nothing(void **state)
{
	struct world *w = *state;

	feed(w, ev_mmap(10, (struct who){ 1, 1 }, PAGE(0x80), PAGE(0x81), "rw-p",
			"//anon"));
	feed(w, snapshot(shell));
	feed(w, ev_comm(50, shell, "demo"));
	feed(w, snapshot(helper));
	feed(w, ev_comm(50, helper, "worker"));
	feed(w, ev_mmap(50, shell, PAGE(0x10), PAGE(0x12), "rw-p", "//anon"));
	check_told(&w->watch, "");
	check_layout(w, "10-12 rw-p anon");
	fault(w, helper, 0x10, FAULT_WRITE);
	check_told(&w->watch, "P2.T3 MINOR zero-fill anon w +500\n");
	assert_string_equal(w->watch.fault.actor.comm, "worker");
}

static void snapshot_of_a_known_process_replaces_its_layout(void **state)
{
	struct world *w = *state;

	feed(w, ev_exec_comm(5, shell, "demo"));
	feed(w, ev_mmap(10, shell, PAGE(0x10), PAGE(0x20), "rw-p", "//anon"));
	fault(w, shell, 0x10, FAULT_WRITE);
	feed(w, snapshot(shell));
	feed(w, ev_mmap(50, shell, PAGE(0x10), PAGE(0x12), "rw-p", "//anon"));
	check_layout(w, "10-12 rw-p anon");
	fault(w, shell, 0x10, FAULT_WRITE | FAULT_PRESENT);
	check_told(&w->watch, "P1.T1 MINOR zero-fill anon w +500\n"
			      "P1.T1 COW cow anon w +500\n"); /* the frame is forgotten */
}

/* Memory as of a thread that glibc made, which pfa found: guard, stack, control block. */
static void found_threads_have_stacks_and_variables(void **state)
{
	static const char demo[] = "object 0:0 7/0 9 /bin/demo\ntls 0x3000 0x1000 0x40\n"
				   "segment 0x0 0x0 0x5000 0x5000 rw-\n";
	struct world *w = *state;

	feed(w, snapshot(shell));
	feed(w, snapshot(helper));
	feed(w, ev_map_file(50, shell, PAGE(0x10), PAGE(0x15), "rw-p", 0, 7, "/bin/demo"));
	feed(w, ev_mmap(50, shell, PAGE(0x40), PAGE(0x60), "rw-p", "//anon"));
	note(w, 100, demo);
	note(w, 100, "program 10000");
	note(w, 100, "thread 101 pointer=5f600 robust=5f8e0 stack=40000-60000");

	fault(w, shell, 0x41, FAULT_WRITE);
	assert_int_equal(w->watch.fault.stack_tid, 101);
	assert_false(w->watch.fault.tls);
	fault(w, helper, 0x5f, FAULT_WRITE);
	assert_true(w->watch.fault.tls);
	assert_string_equal(w->watch.fault.image->name, "/bin/demo");
	assert_int_equal(w->watch.fault.image_addr, 0x1000 - 0x600);
}

static void half_of_a_thread_is_passed_over(void **state)
{
	struct world *w = *state;

	feed(w, snapshot(shell));
	feed(w, ev_mmap(50, shell, PAGE(0x40), PAGE(0x60), "rw-p", "//anon"));
	note(w, 100, "thread 101 pointer=5f600 robust=5f8e0");
	note(w, 100, "program 7ff00000");
	note(w, 100, "program");
	fault(w, shell, 0x41, FAULT_WRITE);
	assert_int_equal(w->watch.fault.stack_tid, 0);
}

/* ---- losses ---- */

static void loss_is_told_and_counted(void **state)
{
	struct world *w = *state;

	feed(w, ev_lost(100, 5));
	feed(w, ev_lost(200, 7));
	check_told(&w->watch, "LOST 5\nLOST 7\n");
	assert_int_equal(model_facts(w->model)->lost, 12);
	assert_int_equal(model_facts(w->model)->gaps, 0);
}

/* Where a CPU was away nobody counted. */
static void loss_of_unknown_size_is_a_gap(void **state)
{
	struct world *w = *state;

	feed(w, ev_lost(100, 0));
	feed(w, ev_lost(200, 7));
	feed(w, ev_lost(300, 0));
	check_told(&w->watch, "LOST 0\nLOST 7\nLOST 0\n");
	assert_int_equal(model_facts(w->model)->gaps, 2);
	assert_int_equal(model_facts(w->model)->lost, 7);
	assert_true(model_facts(w->model)->suspect);
}

/* perf record sums up at the end what LOST records have told before. */
static void losses_told_twice_are_counted_once(void **state)
{
	struct world *w = *state;
	struct event sum = ev_lost(900, 10);

	sum.lost.samples = true;
	feed(w, ev_lost(100, 5));
	feed(w, ev_lost(200, 7));
	feed(w, sum);
	assert_int_equal(model_facts(w->model)->lost, 12);
	feed(w, sum); /* of another event: 20 in all */
	assert_int_equal(model_facts(w->model)->lost, 20);
	assert_int_equal(model_facts(w->model)->gaps, 0);
}

static void loss_closes_what_was_open_and_forgets_pages(void **state)
{
	struct world *w = *state;

	feed(w, ev_exec_comm(5, shell, "demo"));
	feed(w, ev_mmap(10, shell, PAGE(0x10), PAGE(0x20), "rw-p", "//anon"));
	fault(w, shell, 0x10, FAULT_WRITE);
	feed(w, ev_fault_begin(1000, shell, PAGE(0x11), FAULT_WRITE));
	feed(w, ev_call_begin(1010, helper, MM_CALL_munmap, PAGE(0x10), PAGE(1)));
	feed(w, ev_lost(1020, 5));
	feed(w, ev_call_end(1030, helper, MM_CALL_munmap, 0)); /* not applied */
	feed(w, ev_fault_end(1040, shell, PAGE(0x11), PAGE(0x778)));
	fault(w, shell, 0x10, FAULT_WRITE | FAULT_PRESENT);
	check_told(&w->watch, "P1.T1 MINOR zero-fill anon w +500\n"
			      "LOST 5\n"
			      "P1.T1 MINOR unknown anon ?\n"
			      "P1.T1 COW cow anon w +500\n");
	check_layout(w, "10-20 rw-p anon"); /* goes on as it is known */
}

/* A page seen present for the first time may have been copied in what was lost. */
static void history_is_whole_no_more_after_a_loss(void **state)
{
	struct world *w = *state;

	feed(w, ev_exec_comm(5, shell, "demo"));
	feed(w, ev_map_file(10, shell, PAGE(0x10), PAGE(0x20), "rw-p", 0, 7, "/lib/x.so"));
	fault(w, shell, 0x10, FAULT_WRITE | FAULT_PRESENT);
	feed(w, ev_lost(1020, 5));
	fault(w, shell, 0x11, FAULT_WRITE | FAULT_PRESENT);
	check_told(&w->watch, "P1.T1 COW cow-copy x.so w +500\n"
			      "LOST 5\n"
			      "P1.T1 COW cow x.so w +500\n");
}

static void layouts_were_suspect_for_a_while_after_a_loss(void **state)
{
	struct world *w = *state;
	const struct run_facts *f = model_facts(w->model);

	assert_false(f->suspect);
	feed(w, ev_lost(100, 5));
	assert_true(f->suspect);
	feed(w, snapshot(shell));
	assert_true(f->suspect); /* what was told in between is not taken back */
}

static void fork_whose_flags_were_lost_is_told_with_the_loss(void **state)
{
	struct world *w = *state;

	feed(w, ev_exec_comm(5, shell, "demo"));
	feed(w, ev_fork(100, shell, (struct who){ 200, 200 }));
	feed(w, ev_lost(110, 5));
	check_told(&w->watch, "P1.T1 FORK P2.T2 process\nLOST 5\n");
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(start_and_end_frame_the_run),
		in_world(losses_told_twice_are_counted_once),
		in_world(attached_run_without_privilege_says_so),
		in_world(counters_and_exit_are_read),
		in_world(exit_may_come_without_counters),
		in_world(stat_is_summed_over_processes_with_both_readings),
		in_world(note_that_is_not_understood_is_passed_over),
		in_world(note_needs_no_nul_at_its_end),
		in_world(object_note_names_sections_of_its_file),
		in_world(object_note_of_another_file_by_that_name_does_not),
		in_world(damaged_object_note_leaves_the_file_without_sections),
		in_world(exec_takes_away_what_lies_between_the_segments),
		in_world(exec_leaves_one_stack_where_it_is_executable),
		in_world(snapshot_is_no_fork_and_inherits_nothing),
		in_world(snapshot_of_a_known_process_replaces_its_layout),
		in_world(found_threads_have_stacks_and_variables),
		in_world(half_of_a_thread_is_passed_over),
		in_world(loss_is_told_and_counted),
		in_world(loss_of_unknown_size_is_a_gap),
		in_world(loss_closes_what_was_open_and_forgets_pages),
		in_world(history_is_whole_no_more_after_a_loss),
		in_world(layouts_were_suspect_for_a_while_after_a_loss),
		in_world(fork_whose_flags_were_lost_is_told_with_the_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
