#include "pfa/model/model.h"

#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/model/calls.h"
#include "pfa/model/mm.h"
#include "pfa/model/model_state.h"
#include "pfa/model/notes.h"
#include "pfa/model/pages.h"
#include "pfa/model/pairing.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"
#include "pfa/model/totals.h"
#include "pfa/model/verify.h"

struct model *model_new(struct intern *strings,
			const struct model_abilities *abilities,
			const struct observer *observer)
{
	struct model *m = pfa_alloc(sizeof(*m));

	m->abilities = *abilities;
	m->observer = *observer;
	names_init(&m->names, strings);
	m->tasks = tasks_new(strings);
	tasks_tell_ends(m->tasks, lives_process_ends, m);
	m->verify = verify_new(m->tasks, &m->names, strings, &m->facts, &m->observer);
	m->notes = notes_new(&m->facts, m->names.backings, m->verify);
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	notes_free(m->notes);
	verify_free(m->verify);
	tasks_free(m->tasks);
	names_release(&m->names);
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

static void tell_fault(struct model *m, struct thread *thread,
		       enum pairing_result result, const struct fault *fault)
{
	struct process *process = thread->process;

	if (result == PAIRING_RETRIED)
		m->facts.retried++;
	if (result != PAIRING_FAULT)
		return;
	totals_fault(&process->totals, fault);
	if (m->layouts_wanted)
		pages_count_fault(process->mm->pages, fault->addr, fault->type);
	m->observer.fault(m->observer.context, fault);
}

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

/* ---- faults ---- */

/*
 * The thread does something else: an open fault of it is not going to complete. Where
 * the layout is not sure, that is no proof that the access failed.
 */
void model_give_up(struct model *m, struct thread *thread, const struct event *event)
{
	struct fault fault;

	if (!thread->fault.active)
		return;
	if (mm_is_sure(thread->process->mm)) {
		tell_fault(m, thread, pairing_give_up(thread, &m->names, event,
					      m->abilities.signals, &fault),
			   &fault);
	} else {
		thread->fault.active = false;
		tell_fault(m, thread, PAIRING_RETRIED, NULL);
	}
}

static void fault_begin(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

	thread->in_exec = false;
	model_give_up(m, thread, event);
	pairing_begin(thread, &m->names, event);
}

static void fault_end(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct fault fault;

	if (thread->fault.active && event->end.has_addr &&
	    event->end.addr != thread->fault.addr)
		model_give_up(m, thread, event);
	if (!event->end.kernel)
		thread->process->in_exec = false;
	if (!thread->fault.active && m->abilities.begins)
		m->facts.unpaired++;
	pairing_end(thread, &m->names, event, !m->facts.no_swap, &fault);
	tell_fault(m, thread, PAIRING_FAULT, &fault);
}

static void fault_signal(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct fault fault;

	tell_fault(m, thread, pairing_signal(thread, &m->names, event, &fault), &fault);
}

/* ---- changes ---- */

/* The record tells of a change of the layout, or that one may be under way. */
static void concerns_layout(const struct thread *thread, const struct event *event)
{
	thread->process->mm->last_change_ns = event->time_ns;
}

static void call_begin(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

	model_give_up(m, thread, event);
	thread->process->totals.records++;
	thread->process->in_exec = false;
	concerns_layout(thread, event);
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
		return region_named(m->names.regions, "unmapped", "");
	return region_of_range(m->names.regions, thread->process->mm->space, vma,
			       change->start > vma->start ? change->start
							  : vma->start);
}

static void call_end(struct model *m, const struct event *event)
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

static void mapping(struct model *m, const struct event *event)
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

/* ---- losses ---- */

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

		lives_settle_fork(m, thread, event);
		thread->fault.active = false;
		if (thread->call.active)
			mm_call_ends(mm, thread->call.generation);
		thread->call.active = false;
		mm->whole_history = false;
		mm->suspect = true;
		concerns_layout(thread, event);
		pages_forget(mm->pages, 0, UINT64_MAX);
	}
	m->observer.loss(m->observer.context, &loss);
}

/* ---- the fold ---- */

static void note(struct model *m, const struct event *event)
{
	notes_take(m->notes, event);
}

void model_feed(struct model *m, const struct event *event)
{
	/* NULL: nothing that matters here. */
	static void (*const folds[EVENT_KIND_COUNT])(struct model *,
						     const struct event *) = {
		[EVENT_FAULT_BEGIN] = fault_begin,
		[EVENT_FAULT_END] = fault_end,
		[EVENT_SIGNAL] = fault_signal,
		[EVENT_CALL_BEGIN] = call_begin,
		[EVENT_CALL_END] = call_end,
		[EVENT_MMAP] = mapping,
		[EVENT_TASK_NEW] = lives_task_new,
		[EVENT_FORK] = lives_fork,
		[EVENT_COMM] = lives_comm,
		[EVENT_EXEC] = lives_exec,
		[EVENT_EXIT] = lives_exit,
		[EVENT_EXIT_CALL] = lives_exit_call,
		[EVENT_DEATH] = lives_death,
		[EVENT_LOST] = lost,
		[EVENT_NOTE] = note,
	};

	m->facts.events++;
	m->now_ns = event->time_ns;
	if (!m->begun_ns)
		m->begun_ns = m->now_ns;
	if (folds[event->kind])
		folds[event->kind](m, event);
}

void model_want_layouts(struct model *m)
{
	m->layouts_wanted = true;
	tasks_keep_pieces(m->tasks);
}

void model_tell_layouts(struct model *m, uint64_t time_ns)
{
	struct process *process = tasks_first_process(m->tasks);

	for (; process; process = tasks_next_process(process))
		layouts_tell(m, process, time_ns, false);
}

void model_finish(struct model *m)
{
	const struct mm_sum *sum = tasks_sum(m->tasks);
	struct thread *thread = tasks_first_thread(m->tasks);

	for (; thread; thread = tasks_next_thread(thread))
		if (thread->fault.active)
			m->facts.unfinished++;
	if (m->layouts_wanted)
		model_tell_layouts(m, m->now_ns);
	lives_finish(m);
	m->facts.vmas = sum->vmas;
	m->facts.vmas_peak = sum->vmas_peak;
	m->facts.space_bytes = sum->bytes;
	m->facts.space_bytes_peak = sum->bytes_peak;
}
