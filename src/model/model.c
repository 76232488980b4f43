#include "pfa/model/model.h"

#include <sched.h>
#include <stdlib.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/model/backing.h"
#include "pfa/model/calls.h"
#include "pfa/model/exec.h"
#include "pfa/model/mm.h"
#include "pfa/model/notes.h"
#include "pfa/model/pairing.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"

struct model {
	struct intern *strings;
	struct model_abilities abilities;
	struct observer observer;
	struct backing_table *backings;
	struct region_table *regions;
	struct tasks *tasks;
	struct notes *notes;
	struct run_facts facts;
	uint64_t lost_samples;
	bool layouts_wanted;
};

struct model *model_new(struct intern *strings,
			const struct model_abilities *abilities,
			const struct observer *observer)
{
	struct model *m = pfa_alloc(sizeof(*m));

	m->strings = strings;
	m->abilities = *abilities;
	m->observer = *observer;
	m->backings = backing_table_new(strings);
	m->regions = region_table_new(strings);
	m->tasks = tasks_new(strings);
	m->notes = notes_new(&m->facts, m->backings);
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	notes_free(m->notes);
	tasks_free(m->tasks);
	region_table_free(m->regions);
	backing_table_free(m->backings);
	free(m);
}

const struct run_facts *model_facts(const struct model *m)
{
	return &m->facts;
}

const struct space *model_space(const struct model *m, uint32_t pid)
{
	const struct process *process = tasks_find_process(m->tasks, pid);

	return process ? process->mm->space : NULL;
}

/* ---- telling ---- */

static void tell_fault(struct model *m, enum pairing_result result,
		       const struct fault *fault)
{
	if (result == PAIRING_RETRIED)
		m->facts.retried++;
	if (result == PAIRING_FAULT)
		m->observer.fault(m->observer.context, fault);
}

static void tell_change(struct model *m, const struct thread *thread,
			const struct event *event, struct change *change,
			const struct region *region)
{
	change->actor = thread_actor(thread);
	change->cpu = event->cpu;
	change->time_ns = event->time_ns;
	change->region = region;
	m->observer.change(m->observer.context, change);
}

static void tell_life(struct model *m, struct life *life, const struct event *event)
{
	life->cpu = event->cpu;
	life->time_ns = event->time_ns;
	m->observer.life(m->observer.context, life);
}

static const struct region *region_at(struct model *m, const struct thread *thread,
				      uint64_t addr)
{
	const struct space *space = thread->process->mm->space;
	const struct vma *vma = space_find(space, addr);

	if (!vma)
		return region_named(m->regions, "unmapped", "");
	return region_of_range(m->regions, space, vma, addr);
}

/* ---- faults ---- */

/*
 * After a loss a layout may lack what is there, and a process whose start was lost
 * has none: then a missing end is no proof that the access failed.
 */
static bool layout_is_sure(const struct thread *thread)
{
	const struct mm *mm = thread->process->mm;

	return !mm->suspect && (mm->whole_history || space_vma_count(mm->space));
}

/* The thread does something else: an open fault of it is not going to complete. */
static void give_up(struct model *m, struct thread *thread, const struct event *event)
{
	struct fault fault;

	if (!thread->fault.active)
		return;
	if (layout_is_sure(thread)) {
		tell_fault(m, pairing_give_up(thread, m->regions, event,
					      m->abilities.signals, &fault),
			   &fault);
	} else {
		thread->fault.active = false;
		tell_fault(m, PAIRING_RETRIED, NULL);
	}
}

static void fault_begin(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

	thread->in_exec = false;
	give_up(m, thread, event);
	pairing_begin(thread, m->regions, event);
}

static void fault_end(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct fault fault;

	if (thread->fault.active && event->end.has_addr &&
	    event->end.addr != thread->fault.addr)
		give_up(m, thread, event);
	if (!thread->fault.active && m->abilities.begins)
		m->facts.unpaired++;
	pairing_end(thread, m->regions, event, !m->facts.no_swap, &fault);
	tell_fault(m, PAIRING_FAULT, &fault);
}

static void fault_signal(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct fault fault;

	tell_fault(m, pairing_signal(thread, m->regions, event, &fault), &fault);
}

/* ---- changes ---- */

static void call_begin(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

	give_up(m, thread, event);
	calls_begin(thread, event);
}

/* What is removed is named by what it was. */
static bool named_by_before(enum change_kind kind)
{
	return kind == CHANGE_MUNMAP_REMOVE || kind == CHANGE_BRK_SHRINK;
}

static const struct region *region_before(struct model *m, const struct thread *thread,
					  const struct change *change)
{
	const struct vma *vma = calls_before(thread, change);

	if (!vma)
		return region_named(m->regions, "unmapped", "");
	return region_of_range(m->regions, thread->process->mm->space, vma,
			       change->start > vma->start ? change->start
							  : vma->start);
}

static void call_end(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct change change;

	if (!calls_end(thread, event, &change))
		return;
	tell_change(m, thread, event, &change,
		    named_by_before(change.kind) ?
			    region_before(m, thread, &change) :
			    region_at(m, thread, change.start));
}

static void mapping(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct change change = { 0 };

	thread->in_exec = false;
	if (calls_mmap(thread, event, m->backings, &change))
		tell_change(m, thread, event, &change,
			    region_at(m, thread, change.start));
}

/* ---- lives ---- */

static void tell_fork(struct model *m, struct thread *parent, const struct event *event)
{
	if (parent->fork_untold)
		tell_life(m, &parent->fork, event);
	parent->fork_untold = false;
}

/*
 * Follows the FORK record of the same thread: whether the new process runs in its
 * parent's memory. The pid it names is that of the first PID namespace, not ours.
 */
static void task_new(struct model *m, const struct event *event)
{
	struct thread *parent = tasks_thread(m->tasks, event->pid, event->tid);
	struct process *child;

	if (!parent->fork_untold || (event->task_new.clone_flags & CLONE_THREAD))
		return;
	child = tasks_find_process(m->tasks, parent->fork.child.pid);
	if (child && (event->task_new.clone_flags & CLONE_VM)) {
		parent->fork.shared_space = true;
		mm_drop(child->mm);
		child->mm = mm_hold(parent->process->mm);
	}
	tell_fork(m, parent, event);
}

/*
 * A snapshot of a process that already exists: known or not, it starts afresh. After a
 * loss threads of it may have ended unseen; those that live follow.
 */
static void process_snapshot(struct model *m, const struct event *event)
{
	uint32_t pid = event->fork.child_pid;
	struct process *process = tasks_find_process(m->tasks, pid);
	bool suspect = process && process->mm->suspect;
	struct thread *leader;

	if (!process) {
		tasks_new_process(m->tasks, pid, mm_new(), NULL);
	} else if (process->mm->holders > 1) { /* vfork: the others keep theirs */
		mm_drop(process->mm);
		process->mm = mm_new();
	} else {
		mm_reset(process->mm);
	}
	leader = tasks_thread(m->tasks, pid, event->fork.child_tid);
	if (suspect)
		tasks_keep_only(m->tasks, leader);
}

static void fork_process(struct model *m, const struct event *event)
{
	struct thread *parent = tasks_thread(m->tasks, event->fork.parent_pid,
					     event->fork.parent_tid);
	struct thread *child;

	tell_fork(m, parent, event); /* the one before: records were lost */
	tasks_new_process(m->tasks, event->fork.child_pid,
			  mm_fork(parent->process->mm), parent->comm);
	child = tasks_thread(m->tasks, event->fork.child_pid, event->fork.child_tid);
	parent->fork = (struct life){ .kind = LIFE_FORK,
				      .actor = thread_actor(parent),
				      .child = thread_actor(child) };
	parent->fork_untold = true;
	if (!m->abilities.clones)
		tell_fork(m, parent, event);
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

static void fork_seen(struct model *m, const struct event *event)
{
	if (event->fork.child_pid != event->fork.child_tid)
		fork_thread(m, event);
	else if (event->fork.fresh)
		process_snapshot(m, event);
	else
		fork_process(m, event);
}

/* Exec's first sign: the old image is gone, the new one's MMAP2 records follow. */
static void exec_begins(struct thread *thread)
{
	struct process *process = thread->process;

	mm_drop(process->mm);
	process->mm = mm_new();
	process->mm->whole_history = true;
	thread->fault.active = false;
	thread->call.active = false;
}

static void comm_seen(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

	if (event->comm.exec) {
		give_up(m, thread, event);
		/* One that isn't the leader takes over its tid; nothing tells of
		 * the end of its own. */
		tasks_keep_only(m->tasks, thread);
		if (thread->call.active)
			mm_call_ends(thread->process->mm,
				     thread->call.generation);
		exec_begins(thread);
		thread->in_exec = true;
	}
	thread->comm = event->comm.comm;
	if (event->pid == event->tid)
		thread->process->comm = event->comm.comm;
}

static void exec_done(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct life life = { .kind = LIFE_EXEC_REBUILD,
			     .actor = thread_actor(thread),
			     .image = event->exec.filename };

	exec_trim(thread->process->mm->space);
	tell_life(m, &life, event);
}

static void exit_seen(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_find_thread(m->tasks, event->tid);
	struct life life = { .kind = LIFE_EXIT };

	/* Where exec gains privilege the kernel ends a thread's own events, and says so to
	 * those of the CPUs as if the thread had ended (begin_new_exec() in fs/exec.c). */
	if (!thread || thread->in_exec)
		return;
	give_up(m, thread, event);
	life.actor = thread_actor(thread);
	life.thread = thread->process->live_threads > 1;
	tasks_thread_ends(m->tasks, thread);
	tell_life(m, &life, event);
}

/*
 * LOST_SAMPLES is a sum: perf record writes what an event has lost in all, most of which
 * LOST records told where it happened. Returns what none has told yet.
 */
static uint64_t untold_loss(struct model *m, const struct event *event)
{
	if (!event->lost.samples)
		return event->lost.count;
	m->lost_samples += event->lost.count;
	return m->lost_samples > m->facts.lost ? m->lost_samples - m->facts.lost : 0;
}

/*
 * Records are missing: what is open may have ended unseen, what was known of pages
 * may be stale. The layout is rebuilt from a snapshot that follows (live), or goes
 * on as it is known.
 */
static void lost(struct model *m, const struct event *event)
{
	struct loss loss = { event->cpu, event->time_ns, untold_loss(m, event) };
	struct thread *thread = tasks_first_thread(m->tasks);

	if (event->lost.samples && !loss.count)
		return;
	m->facts.lost += loss.count;
	m->facts.gaps += !loss.count;
	m->facts.suspect = true;
	for (; thread; thread = tasks_next_thread(thread)) {
		struct mm *mm = thread->process->mm;

		tell_fork(m, thread, event);
		thread->fault.active = false;
		if (thread->call.active)
			mm_call_ends(mm, thread->call.generation);
		thread->call.active = false;
		mm->whole_history = false;
		mm->suspect = true;
		pages_forget(mm->pages, 0, UINT64_MAX);
	}
	m->observer.loss(m->observer.context, &loss);
}

/* ---- the fold ---- */

void model_feed(struct model *m, const struct event *event)
{
	m->facts.events++;
	switch (event->kind) {
	case EVENT_FAULT_BEGIN:
		fault_begin(m, event);
		break;
	case EVENT_FAULT_END:
		fault_end(m, event);
		break;
	case EVENT_SIGNAL:
		fault_signal(m, event);
		break;
	case EVENT_CALL_BEGIN:
		call_begin(m, event);
		break;
	case EVENT_CALL_END:
		call_end(m, event);
		break;
	case EVENT_MMAP:
		mapping(m, event);
		break;
	case EVENT_TASK_NEW:
		task_new(m, event);
		break;
	case EVENT_FORK:
		fork_seen(m, event);
		break;
	case EVENT_COMM:
		comm_seen(m, event);
		break;
	case EVENT_EXEC:
		exec_done(m, event);
		break;
	case EVENT_EXIT:
		exit_seen(m, event);
		break;
	case EVENT_LOST:
		lost(m, event);
		break;
	case EVENT_NOTE:
		notes_take(m->notes, event);
		break;
	case EVENT_GROUP_EXIT:
	case EVENT_NONE:
		break;
	}
}

void model_want_layouts(struct model *m)
{
	m->layouts_wanted = true;
}

void model_tell_layouts(struct model *m, uint64_t time_ns)
{
	(void)m;
	(void)time_ns;
}

void model_finish(struct model *m)
{
	struct thread *thread = tasks_first_thread(m->tasks);

	for (; thread; thread = tasks_next_thread(thread))
		if (thread->fault.active)
			m->facts.unfinished++;
}
