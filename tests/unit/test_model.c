/* The fold over events: lives of processes, what they share, and what is told of it. */
#include "../support/check.h"

#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "../support/events.h"
#include "../support/layout.h"
#include "../support/watch.h"
#include "pfa/base/intern.h"
#include "pfa/model/model.h"
#include "pfa/model/space.h"

static const struct who shell = { 100, 100 }, helper = { 100, 101 };
static const struct who child = { 200, 200 }, grandchild = { 300, 300 };

struct world {
	struct intern *strings;
	struct model *model;
	struct watch watch;
};

static void world_able(struct world *w, const struct model_abilities *abilities)
{
	const struct observer observer = watch_observer(&w->watch);

	w->watch = (struct watch){ .used = 0 };
	w->strings = intern_new();
	w->model = model_new(w->strings, abilities, &observer);
}

static int world_new(void **state)
{
	const struct model_abilities all = { .begins = true, .signals = true,
					     .clones = true };
	static struct world w;

	world_able(&w, &all);
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

static void fault(struct world *w, struct who who, uint64_t page, uint32_t error_code,
		  uint64_t frame)
{
	feed(w, ev_fault_begin(1000, who, PAGE(page), error_code));
	feed(w, ev_fault_end(1500, who, PAGE(page), PAGE(frame)));
}

/* A program that was traced from its exec on, with some memory at 10-20. */
static void start(struct world *w, struct who who)
{
	feed(w, ev_exec_comm(10, who, "demo"));
	feed(w, ev_mmap(11, who, PAGE(0x10), PAGE(0x20), "rw-p", "//anon"));
}

static void fork_process(struct world *w, struct who parent, struct who new,
			 uint64_t clone_flags)
{
	feed(w, ev_fork(100, parent, new));
	feed(w, ev_task_new(101, parent, new.tid, clone_flags));
}

static void check_layout(struct world *w, uint32_t pid, const char *wanted)
{
	const struct space *space = model_space(w->model, pid);

	assert_non_null(space);
	assert_string_equal(layout_text(space), wanted);
}

/* ---- faults ---- */

static void fault_is_told_with_actor_region_and_latency(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fault(w, shell, 0x10, FAULT_WRITE, 0x777);
	check_told(&w->watch, "P1.T1 MINOR zero-fill anon w +500\n");
	assert_int_equal(w->watch.fault.actor.pid, 100);
	assert_string_equal(w->watch.fault.actor.comm, "demo");
	assert_int_equal(w->watch.fault.addr, PAGE(0x10));
	assert_int_equal(model_facts(w->model)->events, 4);
}

static void thread_that_does_something_else_gave_its_fault_up(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fault_begin(1000, shell, PAGE(0x10), FAULT_WRITE));
	fault(w, shell, 0x10, FAULT_WRITE, 0x777); /* interrupted, tried again */
	check_told(&w->watch, "P1.T1 MINOR zero-fill anon w +500\n");
	assert_int_equal(model_facts(w->model)->retried, 1);

	feed(w, ev_kernel_fault_begin(2000, shell, PAGE(0x900), 0));
	feed(w, ev_call_begin(2100, shell, MM_CALL_brk, 0));
	check_told(&w->watch, "P1.T1 INVALID unmapped unmapped r kernel\n");

	feed(w, ev_fault_begin(3000, shell, PAGE(0x900), 0));
	feed(w, ev_fault_end(3100, shell, PAGE(0x11), PAGE(0x778)));
	check_told(&w->watch, "P1.T1 INVALID unmapped unmapped r\n"
			      "P1.T1 MINOR unknown anon ?\n");
	assert_int_equal(model_facts(w->model)->unpaired, 1);
}

static void signal_tells_of_a_failed_fault_at_once(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fault_begin(1000, shell, PAGE(0x900), FAULT_WRITE));
	feed(w, ev_signal(1200, shell, SIGSEGV, SEGV_MAPERR));
	check_told(&w->watch, "P1.T1 INVALID unmapped unmapped w\n");
	feed(w, ev_signal(1300, shell, SIGSEGV, SEGV_MAPERR));
	check_told(&w->watch, "");
}

static void exit_and_exec_close_an_open_fault(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fault_begin(1000, shell, PAGE(0x900), FAULT_WRITE));
	feed(w, ev_exec_comm(1200, shell, "next"));
	check_told(&w->watch, "P1.T1 INVALID unmapped unmapped w\n");
	feed(w, ev_fault_begin(1300, shell, PAGE(0x900), FAULT_EXEC));
	feed(w, ev_exit(1400, shell));
	check_told(&w->watch, "P1.T1 INVALID unmapped unmapped x\n"
			      "P1.T1 EXIT process\n");
}

static void fault_open_at_the_end_is_unfinished(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fault_begin(1000, shell, PAGE(0x10), FAULT_WRITE));
	feed(w, ev_fault_begin(1000, helper, PAGE(0x11), FAULT_WRITE));
	feed(w, ev_fault_end(1100, helper, PAGE(0x11), PAGE(5)));
	model_finish(w->model);
	assert_int_equal(model_facts(w->model)->unfinished, 1);
	check_told(&w->watch, "P1.T2 MINOR zero-fill anon w +100\n");
}

static void completions_alone_are_faults_of_software_events(void **state)
{
	struct world *w = *state;
	const struct model_abilities none = { .begins = false };

	world_end(state);
	world_able(w, &none);
	feed(w, ev_mmap(11, shell, PAGE(0x10), PAGE(0x20), "rw-p", "//anon"));
	feed(w, ev_fault_end(1100, shell, PAGE(0x11), 0));
	check_told(&w->watch, "P1.T1 MINOR unknown anon ?\n");
	assert_int_equal(model_facts(w->model)->unpaired, 0);
}

/* ---- changes ---- */

static void what_is_removed_is_named_by_what_it_was(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_map_file(20, shell, PAGE(0x30), PAGE(0x34), "r-xp", 0, 7,
			    "/lib/libc.so"));
	feed(w, ev_call_begin(30, shell, MM_CALL_munmap, PAGE(0x30), PAGE(4)));
	feed(w, ev_call_end(31, shell, MM_CALL_munmap, 0));
	feed(w, ev_call_begin(32, shell, MM_CALL_munmap, PAGE(0x30), PAGE(4)));
	feed(w, ev_call_end(33, shell, MM_CALL_munmap, 0));
	/* The second time nothing was there. */
	check_told(&w->watch, "P1.T1 MUNMAP_REMOVE 30-34 libc.so\n");
	check_layout(w, 100, "10-20 rw-p anon");
}

static void change_is_named_by_what_it_is_now(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_call_begin(30, helper, MM_CALL_mmap, 0, PAGE(2)));
	feed(w, ev_mmap(31, helper, PAGE(0x30), PAGE(0x32), "rw-s", "/memfd:x (deleted)"));
	feed(w, ev_call_end(32, helper, MM_CALL_mmap, (int64_t)PAGE(0x30)));
	feed(w, ev_call_begin(33, shell, MM_CALL_madvise, PAGE(0x10), PAGE(1),
			      MADV_DONTNEED));
	feed(w, ev_call_end(34, shell, MM_CALL_madvise, 0));
	feed(w, ev_mmap(35, shell, PAGE(0x7f0), PAGE(0x800), "rw-p", "[stack]"));
	feed(w, ev_mmap(36, shell, PAGE(0x7e0), PAGE(0x800), "rw-p", "[stack]"));
	check_told(&w->watch, "P1.T2 MMAP_ADD 30-32 memfd:x\n"
			      "P1.T1 ADVISE 10-11 anon\n"
			      "P1.T1 STACK_GROW 7e0-800 [stack]\n");
}

static void failed_call_is_told_with_its_error(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_call_begin(30, shell, MM_CALL_mmap, 0, PAGE(2)));
	feed(w, ev_call_end(31, shell, MM_CALL_mmap, -12));
	feed(w, ev_call_end(32, shell, MM_CALL_munmap, 0));
	check_told(&w->watch, "P1.T1 mmap 0-2 ENOMEM\n");
}

/* ---- fork ---- */

static void fork_then_child_write_is_cow_copy(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fault(w, shell, 0x10, FAULT_WRITE, 0x777);
	fork_process(w, shell, child, SIGCHLD);
	fault(w, child, 0x10, FAULT_WRITE | FAULT_PRESENT, 0x888);
	check_told(&w->watch, "P1.T1 MINOR zero-fill anon w +500\n"
			      "P1.T1 FORK P2.T2 process\n"
			      "P2.T2 COW cow-copy anon w +500\n");
	assert_string_equal(w->watch.fault.actor.comm, "demo");
}

static void fork_then_parent_write_is_cow_reuse(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fault(w, shell, 0x10, FAULT_WRITE, 0x777);
	fork_process(w, shell, child, SIGCHLD);
	feed(w, ev_exit(200, child));
	fault(w, shell, 0x10, FAULT_WRITE | FAULT_PRESENT, 0x777);
	check_told(&w->watch, "P1.T1 MINOR zero-fill anon w +500\n"
			      "P1.T1 FORK P2.T2 process\n"
			      "P2.T2 EXIT process\n"
			      "P1.T1 COW cow-reuse anon w +500\n");
}

static void child_changes_its_own_copy(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fork_process(w, shell, child, SIGCHLD);
	feed(w, ev_call_begin(30, child, MM_CALL_munmap, PAGE(0x10), PAGE(8)));
	feed(w, ev_call_end(31, child, MM_CALL_munmap, 0));
	feed(w, ev_mmap(32, shell, PAGE(0x40), PAGE(0x41), "rw-p", "//anon"));
	check_layout(w, 100, "10-20 rw-p anon, 40-41 rw-p anon");
	check_layout(w, 200, "18-20 rw-p anon");
}

static void advice_before_a_fork_shapes_the_child(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fault(w, shell, 0x14, FAULT_WRITE, 0x777);
	feed(w, ev_call_begin(30, shell, MM_CALL_madvise, PAGE(0x10), PAGE(2),
			      MADV_DONTFORK));
	feed(w, ev_call_end(31, shell, MM_CALL_madvise, 0));
	feed(w, ev_call_begin(32, shell, MM_CALL_madvise, PAGE(0x14), PAGE(2),
			      MADV_WIPEONFORK));
	feed(w, ev_call_end(33, shell, MM_CALL_madvise, 0));
	fork_process(w, shell, child, SIGCHLD);
	check_layout(w, 200, "12-14 rw-p anon, 14-16 rw-p anon wipeonfork, "
			     "16-20 rw-p anon");
	w->watch.used = 0;
	fault(w, child, 0x14, FAULT_WRITE, 0x888);
	check_told(&w->watch, "P2.T2 MINOR zero-fill anon w +500\n");
}

static void vfork_child_runs_in_its_parents_space_until_exec(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fork_process(w, shell, child, CLONE_VM | CLONE_VFORK | SIGCHLD);
	check_told(&w->watch, "P1.T1 FORK P2.T2 shared-space\n");
	feed(w, ev_mmap(32, child, PAGE(0x40), PAGE(0x41), "rw-p", "//anon"));
	check_layout(w, 100, "10-20 rw-p anon, 40-41 rw-p anon");
	feed(w, ev_exec_comm(40, child, "true"));
	feed(w, ev_mmap(41, child, PAGE(0x80), PAGE(0x81), "r-xp", "/bin/true"));
	feed(w, ev_exec(42, child, "/bin/true"));
	check_layout(w, 100, "10-20 rw-p anon, 40-41 rw-p anon");
	check_layout(w, 200, "80-81 r-xp true");
	check_told(&w->watch, "P2.T2 EXEC_REBUILD /bin/true\n");
}

static void vfork_child_that_exits_leaves_the_space(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fork_process(w, shell, child, CLONE_VM | CLONE_VFORK | SIGCHLD);
	feed(w, ev_exit(40, child));
	check_layout(w, 100, "10-20 rw-p anon");
	assert_null(model_space(w->model, 200));
	feed(w, ev_exit(50, shell));
	check_told(&w->watch, "P1.T1 FORK P2.T2 shared-space\n"
			      "P2.T2 EXIT process\nP1.T1 EXIT process\n");
}

/* In a PID namespace task_newtask names a tid that nobody else there knows. */
static void clone_flags_are_of_the_fork_before_by_the_same_thread(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fork(100, shell, child));
	feed(w, ev_task_new(101, shell, 4711, CLONE_VM | CLONE_THREAD));
	check_told(&w->watch, "");
	feed(w, ev_task_new(102, shell, 4712, SIGCHLD));
	check_told(&w->watch, "P1.T1 FORK P2.T2 process\n");
	feed(w, ev_task_new(103, shell, child.tid, CLONE_VM)); /* told already */
	check_told(&w->watch, "");
}

static void fork_is_told_at_once_where_clone_flags_are_not_traced(void **state)
{
	struct world *w = *state;
	const struct model_abilities none = { .begins = false };

	world_end(state);
	world_able(w, &none);
	start(w, shell);
	feed(w, ev_fork(100, shell, child));
	check_told(&w->watch, "P1.T1 FORK P2.T2 process\n");
	check_layout(w, 200, "10-20 rw-p anon");
}

/* ---- threads ---- */

static void threads_share_one_space_and_its_pages(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fork(100, shell, helper));
	fault(w, helper, 0x10, FAULT_WRITE, 0x777);
	fault(w, shell, 0x10, FAULT_WRITE | FAULT_PRESENT, 0x777);
	feed(w, ev_exit(300, helper));
	feed(w, ev_exit(400, shell));
	check_told(&w->watch, "P1.T1 FORK P1.T2 thread\n"
			      "P1.T2 MINOR zero-fill anon w +500\n"
			      "P1.T1 COW cow-reuse anon w +500\n"
			      "P1.T2 EXIT thread\n"
			      "P1.T1 EXIT process\n");
	assert_null(model_space(w->model, 100));
}

static void process_outlives_its_leader(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fork(100, shell, helper));
	feed(w, ev_exit(300, shell));
	fault(w, helper, 0x10, FAULT_WRITE, 0x777);
	feed(w, ev_exit(400, helper));
	check_told(&w->watch, "P1.T1 FORK P1.T2 thread\n"
			      "P1.T1 EXIT thread\n"
			      "P1.T2 MINOR zero-fill anon w +500\n"
			      "P1.T2 EXIT process\n");
}

static void thread_has_its_own_name(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fork(100, shell, helper));
	fault(w, helper, 0x10, FAULT_WRITE, 0x777);
	assert_string_equal(w->watch.fault.actor.comm, "demo");
	feed(w, ev_comm(110, helper, "worker"));
	fault(w, helper, 0x11, FAULT_WRITE, 0x778);
	assert_string_equal(w->watch.fault.actor.comm, "worker");
	fault(w, shell, 0x12, FAULT_WRITE, 0x779);
	assert_string_equal(w->watch.fault.actor.comm, "demo");
	check_layout(w, 100, "10-20 rw-p anon"); /* a rename is no exec */
}

static void process_nobody_announced_is_made_on_demand(void **state)
{
	struct world *w = *state;

	fault(w, helper, 0x10, 0, 0x777);
	check_told(&w->watch, "P1.T1 MINOR zero-read unknown r +500\n");
	assert_string_equal(w->watch.fault.actor.comm, "?");
	feed(w, ev_exit(2000, grandchild)); /* never seen: not told */
	check_told(&w->watch, "");
}

/* ---- exec ---- */

static void exec_starts_with_nothing_mapped_and_nothing_known(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fault(w, shell, 0x10, FAULT_WRITE, 0x777);
	feed(w, ev_call_begin(30, shell, MM_CALL_munmap, PAGE(0x10), PAGE(1)));
	feed(w, ev_exec_comm(40, shell, "next"));
	check_layout(w, 100, "");
	feed(w, ev_call_end(41, shell, MM_CALL_munmap, 0)); /* of the old image */
	feed(w, ev_mmap(42, shell, PAGE(0x10), PAGE(0x12), "rw-p", "//anon"));
	feed(w, ev_exec(43, shell, "/bin/next"));
	fault(w, shell, 0x10, FAULT_WRITE, 0x888);
	check_told(&w->watch, "P1.T1 MINOR zero-fill anon w +500\n"
			      "P1.T1 EXEC_REBUILD /bin/next\n"
			      "P1.T1 MINOR zero-fill anon w +500\n");
	assert_string_equal(w->watch.fault.actor.comm, "next");
}

static void exec_by_another_thread_takes_over_the_leaders_tid(void **state)
{
	struct world *w = *state;
	struct event exec = ev_exec(43, shell, "/bin/next");

	start(w, shell);
	feed(w, ev_fork(20, shell, helper));
	feed(w, ev_exit(30, shell)); /* the leader is ended, the helper lives on as 100 */
	feed(w, ev_exec_comm(40, shell, "next"));
	feed(w, ev_mmap(42, shell, PAGE(0x80), PAGE(0x81), "r-xp", "/bin/next"));
	exec.exec.old_tid = helper.tid;
	feed(w, exec);
	feed(w, ev_exit(50, shell));
	check_told(&w->watch, "P1.T1 FORK P1.T2 thread\n"
			      "P1.T1 EXIT thread\n"
			      "P1.T3 EXEC_REBUILD /bin/next\n"
			      "P1.T3 EXIT process\n");
	assert_null(model_space(w->model, 100));
}

/* Only what was seen from the start can be held against fault-around. */
static void history_is_whole_from_exec_on_and_inherited(void **state)
{
	struct world *w = *state;

	feed(w, ev_map_file(11, shell, PAGE(0x10), PAGE(0x20), "rw-p", 0, 7, "/lib/x.so"));
	fault(w, shell, 0x10, FAULT_WRITE | FAULT_PRESENT, 0x777);
	feed(w, ev_exec_comm(40, shell, "next"));
	feed(w, ev_map_file(41, shell, PAGE(0x10), PAGE(0x20), "rw-p", 0, 7, "/lib/x.so"));
	fault(w, shell, 0x10, FAULT_WRITE | FAULT_PRESENT, 0x777);
	fork_process(w, shell, child, SIGCHLD);
	fault(w, child, 0x11, FAULT_WRITE | FAULT_PRESENT, 0x778);
	check_told(&w->watch, "P1.T1 COW cow x.so w +500\n"
			      "P1.T1 COW cow-copy x.so w +500\n"
			      "P1.T1 FORK P2.T2 process\n"
			      "P2.T2 COW cow-copy x.so w +500\n");
}

/* ---- pids come back ---- */

static void reused_pid_is_a_new_process(void **state)
{
	struct world *w = *state;

	start(w, child);
	fault(w, child, 0x10, FAULT_WRITE, 0x777);
	feed(w, ev_exit(90, child));
	start(w, shell);
	fork_process(w, shell, child, SIGCHLD);
	fault(w, child, 0x10, FAULT_WRITE, 0x888);
	check_told(&w->watch, "P1.T1 MINOR zero-fill anon w +500\n"
			      "P1.T1 EXIT process\n"
			      "P2.T2 FORK P3.T3 process\n"
			      "P3.T3 MINOR zero-fill anon w +500\n");
}

static void pid_reused_without_its_exit_seen_is_a_new_process(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fork_process(w, shell, child, SIGCHLD);
	feed(w, ev_fork(110, child, (struct who){ 200, 201 }));
	feed(w, ev_mmap(111, child, PAGE(0x40), PAGE(0x41), "rw-p", "//anon"));
	fork_process(w, shell, child, SIGCHLD);
	check_told(&w->watch, "P1.T1 FORK P2.T2 process\n"
			      "P2.T2 FORK P2.T3 thread\n"
			      "P1.T1 FORK P3.T4 process\n");
	check_layout(w, 200, "10-20 rw-p anon");
}

static void tid_reused_in_another_process_moves_there(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fork(20, shell, helper));
	fork_process(w, shell, child, SIGCHLD);
	feed(w, ev_fork(120, child, (struct who){ 200, helper.tid }));
	feed(w, ev_exit(130, shell)); /* the last one there: the other has moved */
	check_told(&w->watch, "P1.T1 FORK P1.T2 thread\n"
			      "P1.T1 FORK P2.T3 process\n"
			      "P2.T3 FORK P2.T4 thread\n"
			      "P1.T1 EXIT process\n");
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(fault_is_told_with_actor_region_and_latency),
		in_world(thread_that_does_something_else_gave_its_fault_up),
		in_world(signal_tells_of_a_failed_fault_at_once),
		in_world(exit_and_exec_close_an_open_fault),
		in_world(fault_open_at_the_end_is_unfinished),
		in_world(completions_alone_are_faults_of_software_events),
		in_world(what_is_removed_is_named_by_what_it_was),
		in_world(change_is_named_by_what_it_is_now),
		in_world(failed_call_is_told_with_its_error),
		in_world(fork_then_child_write_is_cow_copy),
		in_world(fork_then_parent_write_is_cow_reuse),
		in_world(child_changes_its_own_copy),
		in_world(advice_before_a_fork_shapes_the_child),
		in_world(vfork_child_runs_in_its_parents_space_until_exec),
		in_world(vfork_child_that_exits_leaves_the_space),
		in_world(clone_flags_are_of_the_fork_before_by_the_same_thread),
		in_world(fork_is_told_at_once_where_clone_flags_are_not_traced),
		in_world(threads_share_one_space_and_its_pages),
		in_world(process_outlives_its_leader),
		in_world(thread_has_its_own_name),
		in_world(process_nobody_announced_is_made_on_demand),
		in_world(exec_starts_with_nothing_mapped_and_nothing_known),
		in_world(exec_by_another_thread_takes_over_the_leaders_tid),
		in_world(history_is_whole_from_exec_on_and_inherited),
		in_world(reused_pid_is_a_new_process),
		in_world(pid_reused_without_its_exit_seen_is_a_new_process),
		in_world(tid_reused_in_another_process_moves_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
