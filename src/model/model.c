#include "pfa/model/model.h"

#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/model/samples.h"
#include "pfa/model/mm.h"
#include "pfa/model/model_state.h"
#include "pfa/model/notes.h"
#include "pfa/model/pages.h"
#include "pfa/model/stacks.h"
#include "pfa/model/tasks.h"
#include "pfa/model/tls.h"
#include "pfa/model/verify.h"

struct model *model_new(struct intern *strings,
			const struct model_abilities *abilities,
			const struct observer *observer)
{
	struct model *m = pfa_alloc(sizeof(*m));
	struct samples samples;

	m->abilities = *abilities;
	m->observer = *observer;
	names_init(&m->names, strings);
	m->tasks = tasks_new(strings);
	tasks_tell_ends(m->tasks, lives_process_ends, m);
	samples = (struct samples){ m->tasks, &m->observer };
	m->verify = verify_new(m->tasks, &m->names, strings, &m->facts, &m->observer);
	m->notes = notes_new(&m->facts, m->names.backings, m->names.kernel, m->verify,
			     &samples);
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
		mm->last_change_ns = event->time_ns;
		pages_forget(mm->pages, 0, UINT64_MAX);
	}
	m->observer.loss(m->observer.context, &loss);
}

/* ---- the fold ---- */

static void note(struct model *m, const struct event *event)
{
	notes_take(m->notes, event);
}

static void thread_pointer(struct model *m, const struct event *event)
{
	tls_thread_pointer(tasks_thread(m->tasks, event->pid, event->tid),
			   event->thread_pointer.addr);
}

static void robust_list(struct model *m, const struct event *event)
{
	tls_robust_list(tasks_thread(m->tasks, event->pid, event->tid),
			event->robust_list.head);
}

void model_feed(struct model *m, const struct event *event)
{
	/* NULL: nothing that matters here. */
	static void (*const folds[EVENT_KIND_COUNT])(struct model *,
						     const struct event *) = {
		[EVENT_FAULT_BEGIN] = faults_begin,
		[EVENT_FAULT_END] = faults_end,
		[EVENT_SIGNAL] = faults_signal,
		[EVENT_CALL_BEGIN] = changes_call_begin,
		[EVENT_CALL_END] = changes_call_end,
		[EVENT_MMAP] = changes_mapping,
		[EVENT_TASK_NEW] = lives_task_new,
		[EVENT_FORK] = lives_fork,
		[EVENT_COMM] = lives_comm,
		[EVENT_EXEC] = lives_exec,
		[EVENT_EXIT] = lives_exit,
		[EVENT_EXIT_CALL] = lives_exit_call,
		[EVENT_DEATH] = lives_death,
		[EVENT_THREAD_POINTER] = thread_pointer,
		[EVENT_ROBUST_LIST] = robust_list,
		[EVENT_LOST] = lost,
		[EVENT_NOTE] = note,
	};

	m->facts.events++;
	if (m->now_ns && event->time_ns > m->now_ns)
		m->facts.thread_ns += tasks_thread_count(m->tasks) *
				      (event->time_ns - m->now_ns);
	m->now_ns = event->time_ns;
	if (!m->begun_ns)
		m->begun_ns = m->now_ns;
	if (folds[event->kind])
		folds[event->kind](m, event);
}

void model_use_symbols(struct model *m, struct symbols *symbols)
{
	stack_table_use(m->names.stacks, symbols);
}

void model_want_origins(struct model *m)
{
	tasks_keep_pieces(m->tasks);
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
