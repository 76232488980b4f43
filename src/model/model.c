#include "pfa/model/model.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/model/backing.h"
#include "pfa/model/calls.h"
#include "pfa/model/mm.h"
#include "pfa/model/pairing.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"
#include "pfa/symbol/elf_layout.h"

/* The fault counters of an attached process when tracing began. */
struct stat_begin {
	uint32_t pid;
	uint64_t minor, major;
	UT_hash_handle hh;
};

struct model {
	struct intern *strings;
	struct model_abilities abilities;
	struct observer observer;
	struct backing_table *backings;
	struct region_table *regions;
	struct tasks *tasks;
	struct stat_begin *stats;
	struct run_facts facts;
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
	return m;
}

void model_free(struct model *m)
{
	struct stat_begin *stat, *next;

	if (!m)
		return;
	HASH_ITER(hh, m->stats, stat, next) {
		HASH_DEL(m->stats, stat);
		free(stat);
	}
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
	return region_of(m->regions, space, vma, addr);
}

/* ---- faults ---- */

/* The thread does something else: an open fault of it is not going to complete. */
static void give_up(struct model *m, struct thread *thread, const struct event *event)
{
	struct fault fault;

	if (thread->fault.active)
		tell_fault(m, pairing_give_up(thread, m->regions, event,
					      m->abilities.signals, &fault),
			   &fault);
}

static void fault_begin(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

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
	pairing_end(thread, m->regions, event, &fault);
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

static void call_end(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	const struct region *before;
	struct change change;

	/* What is removed must be named before it goes. */
	before = thread->call.active && thread->call.call == MM_CALL_munmap ?
			 region_at(m, thread, thread->call.args[0]) : NULL;
	if (!calls_end(thread, event, &change))
		return;
	tell_change(m, thread, event, &change,
		    before ? before : region_at(m, thread, change.start));
}

static void mapping(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);
	struct change change = { 0 };

	if (calls_mmap(thread, event, m->backings, &change))
		tell_change(m, thread, event, &change,
			    region_at(m, thread, change.start));
}

/* ---- lives ---- */

static void task_new(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_thread(m->tasks, event->pid, event->tid);

	thread->new_child = event->task_new.child;
	thread->new_child_flags = event->task_new.clone_flags;
}

/* A snapshot of a process that already exists: known or not, it starts afresh. */
static void process_snapshot(struct model *m, const struct event *event)
{
	struct process *process =
		tasks_find_process(m->tasks, event->fork.child_pid);

	m->facts.suspect = false;
	if (process)
		mm_reset(process->mm);
	else
		tasks_new_process(m->tasks, event->fork.child_pid, mm_new(), NULL);
	tasks_thread(m->tasks, event->fork.child_pid, event->fork.child_tid);
}

static struct mm *child_mm(const struct thread *parent, uint32_t child, bool *shared)
{
	*shared = parent->new_child == child &&
		  (parent->new_child_flags & CLONE_VM);
	return *shared ? mm_hold(parent->process->mm)
		       : mm_fork(parent->process->mm);
}

static void fork_process(struct model *m, const struct event *event)
{
	struct thread *parent = tasks_thread(m->tasks, event->fork.parent_pid,
					     event->fork.parent_tid);
	struct life life = { .kind = LIFE_FORK };
	struct thread *child;
	struct mm *mm = child_mm(parent, event->fork.child_tid, &life.shared_space);

	tasks_new_process(m->tasks, event->fork.child_pid, mm, parent->comm);
	child = tasks_thread(m->tasks, event->fork.child_pid, event->fork.child_tid);
	life.actor = thread_actor(parent);
	life.child = thread_actor(child);
	tell_life(m, &life, event);
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
		if (thread->call.active)
			mm_call_ends(thread->process->mm);
		exec_begins(thread);
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

	tell_life(m, &life, event);
}

static void exit_seen(struct model *m, const struct event *event)
{
	struct thread *thread = tasks_find_thread(m->tasks, event->tid);
	struct life life = { .kind = LIFE_EXIT };

	if (!thread)
		return;
	give_up(m, thread, event);
	life.actor = thread_actor(thread);
	life.thread = thread->process->live_threads > 1;
	tasks_thread_ends(m->tasks, thread);
	tell_life(m, &life, event);
}

/*
 * Records are missing: what is open may have ended unseen, what was known of pages
 * may be stale. The layout is rebuilt from a snapshot that follows (live), or goes
 * on as it is known.
 */
static void lost(struct model *m, const struct event *event)
{
	struct loss loss = { event->cpu, event->time_ns, event->lost.count };
	struct thread *thread = tasks_first_thread(m->tasks);

	m->facts.lost += event->lost.count;
	m->facts.lost_times++;
	m->facts.suspect = true;
	for (; thread; thread = tasks_next_thread(thread)) {
		struct mm *mm = thread->process->mm;

		thread->fault.active = false;
		if (thread->call.active)
			mm_call_ends(mm);
		thread->call.active = false;
		mm->whole_history = false;
		pages_forget(mm->pages, 0, UINT64_MAX);
	}
	m->observer.loss(m->observer.context, &loss);
}

/* ---- notes: the words are those of source/live.c and source/objects.c ---- */

static void note_start(struct model *m, const struct event *event, const char *text)
{
	m->facts.started = true;
	m->facts.start_ns = event->time_ns;
	m->facts.launched = strstr(text, "mode=launch") != NULL;
	m->facts.full_privilege = strstr(text, "privilege=full") != NULL;
}

static void note_end(struct model *m, const struct event *event, const char *text)
{
	m->facts.ended = true;
	m->facts.end_ns = event->time_ns;
	if (strstr(text, "corrupt=1"))
		m->facts.corrupt++;
}

static void note_counters(struct model *m, const struct event *event,
			  const char *text)
{
	(void)event;
	m->facts.has_counters =
		sscanf(text, "counters minor=%" SCNu64 " major=%" SCNu64
		       " lost=%" SCNu64, &m->facts.counted_minor,
		       &m->facts.counted_major, &m->facts.counted_lost) == 3;
}

static void note_exit(struct model *m, const struct event *event, const char *text)
{
	(void)event;
	m->facts.has_exit =
		sscanf(text, "exit status=%d minor=%" SCNu64 " major=%" SCNu64,
		       &m->facts.wait_status, &m->facts.rusage_minor,
		       &m->facts.rusage_major) == 3;
}

static void note_stat(struct model *m, const struct event *event, const char *text)
{
	struct stat_begin *begin;
	uint64_t minor, major;
	char when[8];

	if (sscanf(text, "stat when=%7s minor=%" SCNu64 " major=%" SCNu64, when,
		   &minor, &major) != 3)
		return;
	HASH_FIND(hh, m->stats, &event->pid, sizeof(event->pid), begin);
	if (!strcmp(when, "begin") && !begin) {
		begin = pfa_alloc(sizeof(*begin));
		*begin = (struct stat_begin){ .pid = event->pid,
					      .minor = minor, .major = major };
		HASH_ADD(hh, m->stats, pid, sizeof(begin->pid), begin);
	} else if (!strcmp(when, "end") && begin) {
		m->facts.has_stat = true;
		m->facts.stat_minor += minor - begin->minor;
		m->facts.stat_major += major - begin->major;
	}
}

/* "object MAJOR:MINOR INODE/GENERATION LENGTH PATH\n" and the packed layout. */
static void note_object(struct model *m, const struct event *event,
			const char *text)
{
	struct backing *backing;
	struct file_id file;
	struct pfa_error err;
	size_t length;
	char *path;
	int at = 0;

	(void)event;
	if (sscanf(text, "object %u:%u %" SCNu64 "/%" SCNu64 " %zu %n",
		   &file.dev_major, &file.dev_minor, &file.inode,
		   &file.generation, &length, &at) != 5 || !at ||
	    length >= strlen(text + at) || text[at + (int)length] != '\n')
		return;
	path = pfa_memdup(text + at, length + 1);
	path[length] = '\0';
	backing = backing_of(m->backings, path, &file);
	free(path);
	text += at + length + 1;
	if (!backing->layout &&
	    elf_layout_unpack(text, strlen(text), &backing->layout, &err))
		backing->layout = NULL;
}

static const struct note_kind {
	const char *word;
	void (*take)(struct model *m, const struct event *event, const char *text);
} note_kinds[] = {
	{ "object ", note_object }, { "stat ", note_stat },
	{ "counters ", note_counters }, { "exit ", note_exit },
	{ "start ", note_start }, { "end", note_end },
};

static void note_seen(struct model *m, const struct event *event)
{
	char *text = pfa_alloc(event->note.length + 1);

	memcpy(text, event->note.bytes, event->note.length);
	for (size_t i = 0; i < sizeof(note_kinds) / sizeof(note_kinds[0]); i++) {
		const struct note_kind *kind = &note_kinds[i];

		if (!strncmp(text, kind->word, strlen(kind->word))) {
			kind->take(m, event, text);
			break;
		}
	}
	free(text);
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
		note_seen(m, event);
		break;
	case EVENT_GROUP_EXIT:
	case EVENT_NONE:
		break;
	}
}

void model_finish(struct model *m)
{
	struct thread *thread = tasks_first_thread(m->tasks);

	for (; thread; thread = tasks_next_thread(thread))
		if (thread->fault.active)
			m->facts.unfinished++;
}
