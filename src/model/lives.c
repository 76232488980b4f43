#include <sched.h>
#include <signal.h>

#include "pfa/decode/event.h"
#include "pfa/model/exec.h"
#include "pfa/model/mm.h"
#include "pfa/model/model_state.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"
#include "pfa/model/tls.h"
#include "pfa/model/totals.h"

static void tell_life(struct model *m, struct life *life, const struct event *event)
{
	life->cpu = event->cpu;
	life->time_ns = event->time_ns;
	m->observer.life(m->observer.context, life);
}

/* ---- fork ---- */

/* From now on the two share what they had until one of them writes to it. */
static void number_fork(struct model *m, struct thread *parent)
{
	struct process *child = tasks_find_process(m->tasks, parent->fork.child.pid);

	if (!child || parent->fork.shared_space)
		return;
	parent->fork.fork = ++m->forks;
	mm_measure(child->mm, &child->totals);
	mm_set_fork(parent->process->mm, child->mm, m->forks);
}

void lives_settle_fork(struct model *m, struct thread *parent, const struct event *event)
{
	if (!parent->fork_untold)
		return;
	parent->fork_untold = false;
	number_fork(m, parent);
	tell_life(m, &parent->fork, event);
}

/*
 * Follows the FORK record of the same thread: whether the new process runs in its
 * parent's memory. The pid it names is that of the first PID namespace, not ours.
 */
void lives_task_new(struct model *m, const struct event *event)
{
	struct thread *parent = tasks_thread(m->tasks, event->pid, event->tid);
	struct process *child;

	if (!parent->fork_untold || (event->task_new.clone_flags & CLONE_THREAD))
		return;
	child = tasks_find_process(m->tasks, parent->fork.child.pid);
	if (child && (event->task_new.clone_flags & CLONE_VM)) {
		parent->fork.shared_space = child->shared_space = true;
		mm_drop(child->mm);
		child->mm = mm_hold(parent->process->mm);
		child->totals = (struct totals){ 0 };
	}
	lives_settle_fork(m, parent, event);
}

/*
 * A snapshot of a process that already exists: known or not, it starts afresh. After a
 * loss threads of it may have ended unseen; those that live follow.
 */
static void snapshot(struct model *m, const struct event *event)
{
	uint32_t pid = event->fork.child_pid;
	struct process *process = tasks_find_process(m->tasks, pid);
	struct process *parent = tasks_find_process(m->tasks, event->fork.parent_pid);
	bool suspect = process && process->mm->suspect;
	struct thread *leader;

	if (!process) {
		process = tasks_new_process(m->tasks, pid, tasks_new_mm(m->tasks), NULL);
	} else if (process->mm->holders > 1) { /* vfork: the others keep theirs */
		mm_drop(process->mm);
		process->mm = tasks_new_mm(m->tasks);
	} else {
		mm_reset(process->mm);
	}
	/* Records of it may have come before. */
	if (!process->born_ns) {
		process->existed = true;
		process->born_ns = event->time_ns;
		process->parent = parent ? parent->serial : 0;
	}
	process->snapshot_ns = process->mm->last_change_ns = event->time_ns;
	leader = tasks_thread(m->tasks, pid, event->fork.child_tid);
	if (suspect)
		tasks_keep_only(m->tasks, leader);
}

static struct thread *new_child(struct model *m, const struct thread *parent,
				const struct event *event)
{
	struct mm *mm = mm_fork(parent->process->mm);
	struct process *child = tasks_new_process(m->tasks, event->fork.child_pid, mm,
						  parent->comm);
	struct thread *thread;

	child->parent = parent->process->serial;
	child->born_ns = mm->last_change_ns = event->time_ns;
	child->image = parent->process->image;
	thread = tasks_thread(m->tasks, event->fork.child_pid, event->fork.child_tid);
	tls_fork(thread, parent);
	return thread;
}

static void fork_process(struct model *m, const struct event *event)
{
	struct thread *parent = tasks_thread(m->tasks, event->fork.parent_pid,
					     event->fork.parent_tid);
	struct thread *child;

	lives_settle_fork(m, parent, event); /* the one before: records were lost */
	child = new_child(m, parent, event);
	parent->fork = (struct life){ .kind = LIFE_FORK,
				      .actor = thread_actor(parent),
				      .child = thread_actor(child) };
	parent->fork_untold = true;
	if (!m->abilities.clones)
		lives_settle_fork(m, parent, event);
}

static void fork_thread(struct model *m, const struct event *event)
{
	struct thread *child = tasks_thread(m->tasks, event->fork.child_pid,
					    event->fork.child_tid);
	struct thread *parent = tasks_find_thread(m->tasks, event->fork.parent_tid);
	struct life life = { .kind = LIFE_FORK, .thread = true };

	if (parent)
		child->comm = parent->comm;
	if (event->fork.fresh)
		return; /* it was there before: not a fork of this run */
	life.actor = thread_actor(parent ? parent : child);
	life.child = thread_actor(child);
	tell_life(m, &life, event);
}

void lives_fork(struct model *m, const struct event *event)
{
	if (event->fork.child_pid != event->fork.child_tid)
		fork_thread(m, event);
	else if (event->fork.fresh)
		snapshot(m, event);
	else
		fork_process(m, event);
}

/* ---- exec ---- */

/* Exec's first sign: the old image is gone, the new one's MMAP2 records follow. */
static void exec_begins(struct model *m, struct thread *thread,
			const struct event *event)
{
	struct process *process = thread->process;

	process->vmas_dropped = process->mm->holders > 1 ? 0
					: space_vma_count(process->mm->space);
	mm_drop(process->mm);
	process->mm = tasks_new_mm(m->tasks);
	process->mm->whole_history = true;
	process->mm->last_change_ns = event->time_ns;
	process->in_exec = true;
	process->image_ns = event->time_ns;
	process->totals.heap_peak_bytes = process->totals.stack_peak_bytes = 0;
	process->executable = NULL;
	process->shared_space = false;
	process->ending = ENDED_UNKNOWN; /* its other threads were killed */
	thread->fault.active = false;
	thread->call.active = false;
	tls_exec(thread);
}

void lives_comm(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

	if (event->comm.exec) {
		if (!thread->process->born_ns) /* the program launched */
			thread->process->born_ns = event->time_ns;
		faults_give_up(m, thread, event);
		/* One that isn't the leader takes over its tid; nothing tells of
		 * the end of its own. */
		tasks_keep_only(m->tasks, thread);
		if (thread->call.active)
			mm_call_ends(thread->process->mm,
				     thread->call.generation);
		exec_begins(m, thread, event);
		thread->in_exec = true;
	}
	thread->comm = event->comm.comm;
	if (event->pid == event->tid)
		thread->process->comm = event->comm.comm;
}

void lives_exec(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct process *process = thread->process;
	struct life life = { .kind = LIFE_EXEC_REBUILD,
			     .actor = thread_actor(thread),
			     .image = event->exec.filename,
			     .old_image = process->image,
			     .executable = process->executable,
			     .vmas_dropped = process->vmas_dropped };

	exec_trim(process->mm->space);
	mm_trim_origins(process->mm);
	process->mm->last_change_ns = event->time_ns;
	mm_measure(process->mm, &process->totals);
	life.vmas_made = space_vma_count(process->mm->space);
	life.mapped_bytes = space_mapped_bytes(process->mm->space);
	process->image = event->exec.filename;
	process->in_exec = false;
	tell_life(m, &life, event);
}

/* ---- exit ---- */

void lives_exit_call(struct model *m, const struct event *event)
{
	struct process *process = tasks_thread(m->tasks, event->pid, event->tid)->process;

	if (process->ending != ENDED_UNKNOWN)
		return;
	process->ending = ENDED_STATUS;
	process->status = event->exit_call.status;
}

/* Signals that end nobody who does not handle them (signal(7)). */
static bool is_harmless(int number)
{
	static const int harmless[] = { SIGCHLD, SIGCONT, SIGURG, SIGWINCH,
					SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (harmless[i] == number)
			return true;
	return false;
}

/*
 * The kernel makes SIGKILL of a fatal signal that leaves no core (complete_signal() in
 * kernel/signal.c), and sends it to the other threads of whoever ends.
 */
void lives_death(struct model *m, const struct event *event)
{
	struct process *process = tasks_thread(m->tasks, event->pid, event->tid)->process;

	if (process->ending != ENDED_UNKNOWN || is_harmless(event->death.signal))
		return;
	process->ending = event->death.signal == SIGKILL ? ENDED_KILLED : ENDED_SIGNAL;
	process->status = event->death.signal;
}

/* The one thread that is left of a process of which nobody saw the end; NULL: its end
 * was seen. */
static struct thread *last_of(struct model *m, uint32_t pid)
{
	struct thread *leader;

	if (!tasks_find_process(m->tasks, pid))
		return NULL;
	leader = tasks_thread(m->tasks, pid, pid);
	tasks_keep_only(m->tasks, leader);
	return leader;
}

void lives_exit(struct model *m, const struct event *event)
{
	struct thread *thread = event->exit.all ?
					last_of(m, event->pid) :
					tasks_find_thread(m->tasks, event->tid);
	struct life life = { .kind = LIFE_EXIT };
	struct totals totals;

	/* Where exec gains privilege the kernel ends a thread's own events, and says so to
	 * those of the CPUs as if the thread had ended (begin_new_exec() in fs/exec.c). */
	if (!thread || thread->in_exec)
		return;
	faults_give_up(m, thread, event);
	life.actor = thread_actor(thread);
	life.thread = thread->process->live_threads > 1;
	if (!life.thread) {
		totals = thread->process->totals;
		life.totals = &totals;
		life.ending = thread->process->ending;
		life.status = thread->process->status;
	}
	tasks_thread_ends(m->tasks, thread);
	tell_life(m, &life, event);
}

/* ---- ends ---- */

static void tell_process(const struct model *m, const struct process *process, bool ended)
{
	const struct process_facts facts = {
		.actor = process_actor(process),
		.parent = process->parent,
		.shared_space = process->shared_space,
		.existed = process->existed || !process->born_ns,
		.ended = ended,
		.born_ns = process->born_ns ? process->born_ns : m->begun_ns,
		.ended_ns = m->now_ns,
		.totals = &process->totals,
	};

	if (m->observer.process)
		m->observer.process(m->observer.context, &facts);
}

void lives_process_ends(void *context, const struct process *process)
{
	struct model *m = context;

	if (m->layouts_wanted)
		layouts_tell(m, process, m->now_ns, true);
	tell_process(m, process, true);
}

void lives_finish(struct model *m)
{
	struct process *process = tasks_first_process(m->tasks);

	for (; process; process = tasks_next_process(process))
		tell_process(m, process, false);
}
