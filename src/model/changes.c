#include "pfa/decode/event.h"
#include "pfa/model/calls.h"
#include "pfa/model/mm.h"
#include "pfa/model/model_state.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"
#include "pfa/model/totals.h"

static void tell_change(struct model *m, const struct thread *thread,
			const struct event *event, struct change *change,
			const struct region *region)
{
	struct process *process = thread->process;

	change->actor = thread_actor(thread);
	change->cpu = event->cpu;
	change->time_ns = event->time_ns;
	change->region = region;
	totals_change(&process->totals, change);
	mm_measure(process->mm, &process->totals);
	m->observer.change(m->observer.context, change);
}

static const struct region *region_at(struct model *m, const struct thread *thread,
				      uint64_t addr)
{
	const struct space *space = thread->process->mm->space;
	const struct vma *vma = space_find(space, addr);

	if (!vma)
		return region_named(m->names.regions, "unmapped", "");
	return region_of_range(m->names.regions, space, vma, addr);
}

/* The record tells of a change of the layout, or that one may be under way. */
static void concerns_layout(const struct thread *thread, const struct event *event)
{
	thread->process->mm->last_change_ns = event->time_ns;
}

void changes_call_begin(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

	faults_give_up(m, thread, event);
	thread->process->totals.records++;
	thread->process->in_exec = false;
	concerns_layout(thread, event);
	calls_begin(thread, &m->names, event);
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
		return region_named(m->names.regions, "unmapped", "");
	return region_of_range(m->names.regions, thread->process->mm->space, vma,
			       change->start > vma->start ? change->start
							  : vma->start);
}

void changes_call_end(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct change change;

	thread->process->totals.records++;
	concerns_layout(thread, event);
	if (!calls_end(thread, event, &m->names, &change))
		return;
	tell_change(m, thread, event, &change,
		    named_by_before(change.kind) ?
			    region_before(m, thread, &change) :
			    region_at(m, thread, change.start));
}

void changes_mapping(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct change change = { 0 };

	thread->in_exec = false;
	concerns_layout(thread, event);
	if (calls_mmap(thread, event, &m->names, &change))
		tell_change(m, thread, event, &change,
			    region_at(m, thread, change.start));
	else
		mm_measure(thread->process->mm, &thread->process->totals);
}
