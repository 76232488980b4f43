/* Lives of processes: how they end, whose children they are, what they did in all. */
#include "../support/check.h"

#include <linux/sched.h>
#include <signal.h>
#include <string.h>

#include "../support/events.h"
#include "../support/layout.h"
#include "pfa/base/intern.h"
#include "pfa/model/backing.h"
#include "pfa/model/model.h"

static const struct who shell = { 100, 100 }, helper = { 100, 101 };
static const struct who child = { 200, 200 }, grandchild = { 300, 300 };

enum { TOLD_MAX = 8 };

struct world {
	struct intern *strings;
	struct model *model;
	struct life life; /* told last */
	struct totals totals; /* its */
	struct process_facts told[TOLD_MAX];
	struct totals told_totals[TOLD_MAX];
	size_t told_count;
};

static void on_fault(void *context, const struct fault *fault)
{
	(void)context, (void)fault;
}

static void on_change(void *context, const struct change *change)
{
	(void)context, (void)change;
}

static void on_life(void *context, const struct life *life)
{
	struct world *w = context;

	w->life = *life;
	if (life->totals)
		w->totals = *life->totals;
}

static void on_loss(void *context, const struct loss *loss)
{
	(void)context, (void)loss;
}

static void on_process(void *context, const struct process_facts *process)
{
	struct world *w = context;

	assert_true(w->told_count < TOLD_MAX);
	w->told[w->told_count] = *process;
	w->told_totals[w->told_count++] = *process->totals;
}

static int world_new(void **state)
{
	const struct model_abilities all = { .begins = true, .signals = true,
					     .clones = true };
	static struct world w;
	const struct observer observer = { .context = &w, .fault = on_fault,
					   .change = on_change, .life = on_life,
					   .loss = on_loss, .process = on_process };

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

static void start(struct world *w, struct who who)
{
	feed(w, ev_exec_comm(10, who, "demo"));
	feed(w, ev_mmap(11, who, PAGE(0x10), PAGE(0x20), "rw-p", "//anon"));
	feed(w, ev_exec(12, who, "/bin/demo"));
}

static void fork_process(struct world *w, uint64_t time_ns, struct who parent,
			 struct who new, uint64_t clone_flags)
{
	feed(w, ev_fork(time_ns, parent, new));
	feed(w, ev_task_new(time_ns, parent, new.tid, clone_flags));
}

/* ---- endings ---- */

static struct event exit_call(struct who who, int status)
{
	return (struct event){ .kind = EVENT_EXIT_CALL, .pid = who.pid, .tid = who.tid,
			       .time_ns = 50, .exit_call.status = status };
}

static struct event death(struct who who, int number)
{
	return (struct event){ .kind = EVENT_DEATH, .pid = who.pid, .tid = who.tid,
			       .time_ns = 50, .death.signal = number };
}

struct sign {
	int signal; /* 0: exit_group */
	int status;
	bool by_helper;
};

static const struct {
	const char *what;
	struct sign signs[4]; /* ended by two zeros */
	enum ending ending;
	int status;
} endings[] = {
	{ "nothing told", { { 0 } }, ENDED_UNKNOWN, 0 },
	{ "exit", { { 0, 3, false } }, ENDED_STATUS, 3 },
	{ "exit by a thread, which kills the others",
	  { { 0, 4, true }, { SIGKILL, 0, false } }, ENDED_STATUS, 4 },
	{ "a signal with a core", { { SIGSEGV, 0, false } }, ENDED_SIGNAL, SIGSEGV },
	{ "the first one counts", { { SIGSEGV, 0, true }, { SIGKILL, 0, false } },
	  ENDED_SIGNAL, SIGSEGV },
	{ "killed", { { SIGKILL, 0, false } }, ENDED_KILLED, SIGKILL },
	{ "harmless ones", { { SIGCHLD, 0, false }, { SIGCONT, 0, false },
			     { SIGTSTP, 0, false } }, ENDED_UNKNOWN, 0 },
	{ "a harmless one, then exit", { { SIGWINCH, 0, false }, { 0, 9, false } },
	  ENDED_STATUS, 9 },
};

static void end_is_told_as_far_as_it_is_known(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		const struct sign *s = endings[i].signs;

		start(w, shell);
		feed(w, ev_fork(20, shell, helper));
		for (; s->signal || s->status; s++) {
			struct who who = s->by_helper ? helper : shell;

			feed(w, s->signal ? death(who, s->signal)
					  : exit_call(who, s->status));
		}
		feed(w, ev_exit(60, helper));
		assert_true(w->life.thread && !w->life.totals);
		feed(w, ev_exit(61, shell));
		assert_false(w->life.thread);
		assert_non_null(w->life.totals);
		assert_int_equal(w->life.ending, endings[i].ending);
		assert_int_equal(w->life.status, endings[i].status);
		w->told_count = 0;
	}
}

static void exec_of_a_threaded_process_ends_nobody(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fork(20, shell, helper));
	feed(w, death(helper, SIGKILL));
	feed(w, ev_exec_comm(60, shell, "next"));
	feed(w, ev_exit(70, shell)); /* privilege gained: its events end, not it */
	feed(w, ev_mmap(71, shell, PAGE(0x10), PAGE(0x12), "r-xp", "/bin/next"));
	feed(w, ev_exec(72, shell, "/bin/next"));
	feed(w, exit_call(shell, 0));
	feed(w, ev_exit(80, shell));
	assert_int_equal(w->life.ending, ENDED_STATUS);
	assert_int_equal(w->told_count, 1);
}

/* ---- exec ---- */

static void exec_tells_both_images_and_their_vmas(void **state)
{
	struct world *w = *state;

	start(w, shell);
	assert_string_equal(w->life.image, "/bin/demo");
	assert_string_equal(w->life.old_image, "");
	assert_int_equal(w->life.vmas_dropped, 0);
	assert_int_equal(w->life.vmas_made, 1);
	fork_process(w, 20, shell, child, SIGCHLD);
	feed(w, ev_exec_comm(30, child, "next"));
	feed(w, ev_mmap(31, child, PAGE(0x10), PAGE(0x12), "r-xp", "/bin/next"));
	feed(w, ev_mmap(32, child, PAGE(0x7f0), PAGE(0x800), "rw-p", "[stack]"));
	feed(w, ev_exec(33, child, "/bin/next"));
	assert_string_equal(w->life.image, "/bin/next");
	assert_string_equal(w->life.old_image, "/bin/demo"); /* the fork's, from its parent */
	assert_int_equal(w->life.vmas_dropped, 1);
	assert_int_equal(w->life.vmas_made, 2);
}

/* What is not a file comes before it, its interpreter after it. */
static void exec_tells_the_file_that_it_mapped_first(void **state)
{
	struct world *w = *state;

	start(w, shell);
	assert_null(w->life.executable); /* no record of it */
	feed(w, ev_exec_comm(30, shell, "next"));
	feed(w, ev_mmap(31, shell, PAGE(0x7f0), PAGE(0x800), "rw-p", "[stack]"));
	feed(w, ev_mmap(32, shell, PAGE(0x10), PAGE(0x12), "r-xp", "/bin/next"));
	feed(w, ev_mmap(33, shell, PAGE(0x8), PAGE(0x9), "r-xp", "/lib/ld.so"));
	feed(w, ev_exec(34, shell, "./link-to-next"));
	assert_string_equal(w->life.executable->name, "/bin/next");
	fork_process(w, 40, shell, child, SIGCHLD);
	feed(w, ev_exec_comm(50, child, "other"));
	feed(w, ev_exec(51, child, "/bin/other"));
	assert_null(w->life.executable);
}

static void exec_after_vfork_drops_nothing(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fork_process(w, 20, shell, child, CLONE_VM | CLONE_VFORK | SIGCHLD);
	assert_int_equal(w->life.fork, 0);
	feed(w, ev_exec_comm(30, child, "next"));
	feed(w, ev_exec(33, child, "/bin/next"));
	assert_int_equal(w->life.vmas_dropped, 0);
}

/* ---- forks ---- */

static void forks_that_copy_are_numbered(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fork_process(w, 20, shell, child, SIGCHLD);
	assert_int_equal(w->life.fork, 1);
	feed(w, ev_fork(21, shell, helper));
	assert_int_equal(w->life.fork, 0);
	fork_process(w, 22, child, grandchild, SIGCHLD);
	assert_int_equal(w->life.fork, 2);
}

/* ---- each process is told of once ---- */

static void process_is_told_of_as_it_ends_or_the_trace_does(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fork_process(w, 20, shell, child, SIGCHLD);
	fork_process(w, 30, child, grandchild, CLONE_VM | CLONE_VFORK | SIGCHLD);
	feed(w, ev_exit(40, child));
	assert_int_equal(w->told_count, 1);
	assert_int_equal(w->told[0].actor.serial, 2);
	assert_int_equal(w->told[0].parent, 1);
	assert_true(w->told[0].ended && !w->told[0].shared_space);
	assert_int_equal(w->told[0].born_ns, 20);
	assert_int_equal(w->told[0].ended_ns, 40);
	feed(w, ev_comm(50, shell, "other"));
	model_finish(w->model);
	assert_int_equal(w->told_count, 3);
	assert_int_equal(w->told[1].actor.serial, 1);
	assert_true(!w->told[1].ended && !w->told[1].existed && !w->told[1].parent);
	assert_int_equal(w->told[1].born_ns, 10);
	assert_int_equal(w->told[1].ended_ns, 50);
	assert_int_equal(w->told[2].actor.serial, 3);
	assert_int_equal(w->told[2].parent, 2);
	assert_true(w->told[2].shared_space);
}

static void process_whose_end_was_lost_is_told_of_when_its_pid_comes_again(void **state)
{
	struct world *w = *state;

	start(w, shell);
	fork_process(w, 20, shell, child, SIGCHLD);
	fork_process(w, 30, shell, child, SIGCHLD);
	assert_int_equal(w->told_count, 1);
	assert_int_equal(w->told[0].actor.serial, 2);
	assert_int_equal(w->told[0].ended_ns, 30);
	model_finish(w->model);
	assert_int_equal(w->told_count, 3);
}

static struct event fresh(uint64_t time_ns, struct who who)
{
	struct event e = ev_fork(time_ns, (struct who){ 1, 1 }, who);

	e.fork.fresh = true;
	return e;
}

/* Attaching: events are on before the snapshot is taken. */
static void process_of_a_snapshot_existed_whatever_came_before_it(void **state)
{
	struct world *w = *state;

	feed(w, ev_call_begin(5, shell, MM_CALL_brk, 0));
	feed(w, ev_comm(6, shell, "renamed"));
	feed(w, fresh(10, shell));
	feed(w, ev_mmap(10, shell, PAGE(0x10), PAGE(0x20), "rw-p", "//anon"));
	feed(w, fresh(12, child));
	feed(w, ev_lost(20, 1));
	feed(w, fresh(30, child));
	feed(w, ev_fork(40, grandchild, (struct who){ 300, 301 }));
	model_finish(w->model);
	assert_int_equal(w->told_count, 3);
	assert_true(w->told[0].existed && w->told[1].existed && w->told[2].existed);
	assert_int_equal(w->told[0].born_ns, 10);
	assert_int_equal(w->told[1].born_ns, 12);
	assert_int_equal(w->told[2].born_ns, 5); /* no snapshot, no birth: the beginning */
}

/* ---- totals ---- */

static void totals_are_of_all_that_a_process_did(void **state)
{
	struct world *w = *state;

	start(w, shell);
	feed(w, ev_fault_begin(100, shell, PAGE(0x10), FAULT_WRITE));
	feed(w, ev_fault_end(150, shell, PAGE(0x10), PAGE(5)));
	feed(w, ev_call_begin(200, shell, MM_CALL_mmap, 0, PAGE(4)));
	feed(w, ev_mmap(201, shell, PAGE(0x20), PAGE(0x24), "r--p", "//anon"));
	feed(w, ev_call_end(202, shell, MM_CALL_mmap, (int64_t)PAGE(0x20)));
	feed(w, ev_call_begin(203, shell, MM_CALL_munmap, PAGE(0x18), PAGE(0xc)));
	feed(w, ev_call_end(204, shell, MM_CALL_munmap, 0));
	feed(w, ev_call_begin(205, shell, MM_CALL_mmap, 0, PAGE(4)));
	feed(w, ev_call_end(206, shell, MM_CALL_mmap, -12));
	feed(w, ev_exit(300, shell));
	assert_int_equal(w->totals.faults[FAULT_MINOR], 1);
	assert_int_equal(w->totals.fault_time_ns, 50);
	assert_int_equal(w->totals.records, 6);
	assert_int_equal(w->totals.failed, 1);
	assert_int_equal(w->totals.changes[CHANGE_MMAP_ADD], 1);
	assert_int_equal(w->totals.changes[CHANGE_MUNMAP_REMOVE], 1);
	assert_int_equal(w->totals.mapped_bytes, PAGE(4));
	assert_int_equal(w->totals.unmapped_bytes, PAGE(12));
	assert_int_equal(w->totals.vma_count, 1);
	assert_int_equal(w->totals.vma_peak, 2);
	assert_int_equal(w->totals.size_bytes, PAGE(8));
	assert_int_equal(w->totals.size_peak_bytes, PAGE(0x14));
	assert_memory_equal(&w->told_totals[0], &w->totals, sizeof(w->totals));
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

/* /proc shows that it is gone: its records may still be on their way, or be lost. */
static void end_of_a_whole_process_is_told_if_its_records_did_not(void **state)
{
	struct world *w = *state;
	struct event gone = ev_exit(50, shell);

	gone.exit.all = true;
	start(w, shell);
	feed(w, ev_fork(20, shell, helper)); /* a thread */
	feed(w, gone);
	assert_int_equal(w->told_count, 1);
	assert_true(w->told[0].ended);
	feed(w, gone); /* seen already */
	assert_int_equal(w->told_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(end_of_a_whole_process_is_told_if_its_records_did_not),
		in_world(end_is_told_as_far_as_it_is_known),
		in_world(exec_of_a_threaded_process_ends_nobody),
		in_world(exec_tells_both_images_and_their_vmas),
		in_world(exec_tells_the_file_that_it_mapped_first),
		in_world(exec_after_vfork_drops_nothing),
		in_world(forks_that_copy_are_numbered),
		in_world(process_is_told_of_as_it_ends_or_the_trace_does),
		in_world(process_whose_end_was_lost_is_told_of_when_its_pid_comes_again),
		in_world(process_of_a_snapshot_existed_whatever_came_before_it),
		in_world(totals_are_of_all_that_a_process_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
