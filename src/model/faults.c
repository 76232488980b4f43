#include "pfa/decode/event.h"
#include "pfa/model/mm.h"
#include "pfa/model/model_state.h"
#include "pfa/model/pages.h"
#include "pfa/model/pairing.h"
#include "pfa/model/tasks.h"
#include "pfa/model/totals.h"

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

/*
 * The thread does something else: an open fault of it is not going to complete. Where
 * the layout is not sure, that is no proof that the access failed.
 */
void faults_give_up(struct model *m, struct thread *thread, const struct event *event)
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

void faults_begin(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

	thread->in_exec = false;
	faults_give_up(m, thread, event);
	pairing_begin(thread, &m->names, event);
}

void faults_end(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct fault fault;

	if (thread->fault.active && event->end.has_addr &&
	    event->end.addr != thread->fault.addr)
		faults_give_up(m, thread, event);
	if (!event->end.kernel)
		thread->process->in_exec = false;
	if (!thread->fault.active && m->abilities.begins)
		m->facts.unpaired++;
	pairing_end(thread, &m->names, event, !m->facts.no_swap, &fault);
	tell_fault(m, thread, PAIRING_FAULT, &fault);
}

void faults_signal(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct fault fault;

	tell_fault(m, thread, pairing_signal(thread, &m->names, event, &fault), &fault);
}
