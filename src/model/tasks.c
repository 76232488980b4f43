#include "pfa/model/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/model/mm.h"

enum { RECENT_THREADS = 8 };

struct tasks {
	struct process *processes; /* alive, by pid */
	struct thread *threads;    /* alive, by tid */
	struct thread *recent[RECENT_THREADS]; /* by tid: records come in bursts */
	uint32_t serial, thread_serial; /* given last */
	const char *no_comm, *no_image;
	bool with_pieces;
	struct mm_sum sum; /* of their address spaces */
	tasks_on_end *on_end; /* NULL: nobody wants to know */
	void *on_end_context;
};

struct tasks *tasks_new(struct intern *strings)
{
	struct tasks *tasks = pfa_alloc(sizeof(*tasks));

	tasks->no_comm = intern_text(strings, "?");
	tasks->no_image = intern_text(strings, "");
	return tasks;
}

void tasks_tell_ends(struct tasks *tasks, tasks_on_end *on_end, void *context)
{
	tasks->on_end = on_end;
	tasks->on_end_context = context;
}

const struct mm_sum *tasks_sum(const struct tasks *tasks)
{
	return &tasks->sum;
}

void tasks_keep_pieces(struct tasks *tasks)
{
	tasks->with_pieces = true;
}

struct mm *tasks_new_mm(struct tasks *tasks)
{
	return mm_new(tasks->with_pieces, &tasks->sum);
}

static void process_delete(struct tasks *tasks, struct process *process)
{
	if (tasks->on_end)
		tasks->on_end(tasks->on_end_context, process);
	HASH_DEL(tasks->processes, process);
	mm_drop(process->mm);
	free(process);
}

static void thread_delete(struct tasks *tasks, struct thread *thread)
{
	struct thread **recent = &tasks->recent[thread->tid % RECENT_THREADS];

	if (*recent == thread)
		*recent = NULL;
	HASH_DEL(tasks->threads, thread);
	free(thread);
}

void tasks_free(struct tasks *tasks)
{
	struct thread *thread, *next_thread;
	struct process *process, *next_process;

	if (!tasks)
		return;
	tasks->on_end = NULL;
	HASH_ITER(hh, tasks->threads, thread, next_thread)
		thread_delete(tasks, thread);
	HASH_ITER(hh, tasks->processes, process, next_process)
		process_delete(tasks, process);
	free(tasks);
}

struct process *tasks_find_process(struct tasks *tasks, uint32_t pid)
{
	struct process *process;

	HASH_FIND(hh, tasks->processes, &pid, sizeof(pid), process);
	return process;
}

static PFA_RARE struct thread *search_thread(struct tasks *tasks, uint32_t tid)
{
	struct thread *thread;

	HASH_FIND(hh, tasks->threads, &tid, sizeof(tid), thread);
	if (thread)
		tasks->recent[tid % RECENT_THREADS] = thread;
	return thread;
}

struct thread *tasks_find_thread(struct tasks *tasks, uint32_t tid)
{
	struct thread *recent = tasks->recent[tid % RECENT_THREADS];

	return recent && recent->tid == tid ? recent : search_thread(tasks, tid);
}

struct process *tasks_new_process(struct tasks *tasks, uint32_t pid, struct mm *mm,
				  const char *comm)
{
	struct process *process = tasks_find_process(tasks, pid);
	struct thread *thread, *next;

	if (process) {
		/* Its end was not seen. */
		HASH_ITER(hh, tasks->threads, thread, next)
			if (thread->process == process)
				thread_delete(tasks, thread);
		process_delete(tasks, process);
	}
	process = pfa_alloc(sizeof(*process));
	process->pid = pid;
	process->serial = ++tasks->serial;
	process->mm = mm;
	process->comm = comm ? comm : tasks->no_comm;
	process->image = tasks->no_image;
	HASH_ADD(hh, tasks->processes, pid, sizeof(pid), process);
	return process;
}

struct process *tasks_process(struct tasks *tasks, uint32_t pid)
{
	struct process *process = tasks_find_process(tasks, pid);

	return process ? process : tasks_new_process(tasks, pid, tasks_new_mm(tasks),
						     NULL);
}

static PFA_RARE struct thread *new_thread(struct tasks *tasks, uint32_t pid,
					  uint32_t tid)
{
	struct thread *thread = pfa_alloc(sizeof(*thread));

	thread->tid = tid;
	thread->serial = ++tasks->thread_serial;
	thread->process = tasks_process(tasks, pid);
	thread->process->live_threads++;
	if (tid == pid)
		thread->process->first_serial = thread->serial;
	thread->comm = thread->process->comm;
	HASH_ADD(hh, tasks->threads, tid, sizeof(tid), thread);
	return thread;
}

struct thread *tasks_thread(struct tasks *tasks, uint32_t pid, uint32_t tid)
{
	struct thread *thread = tasks_find_thread(tasks, tid);

	if (thread && thread->process->pid == pid)
		return thread;
	if (thread) /* a reused tid whose end was not seen */
		tasks_thread_ends(tasks, thread);
	return new_thread(tasks, pid, tid);
}

void tasks_thread_ends(struct tasks *tasks, struct thread *thread)
{
	struct process *process = thread->process;

	if (thread->call.active)
		mm_call_ends(process->mm, thread->call.generation);
	thread_stacks_leave(&process->mm->thread_stacks, thread);
	thread_delete(tasks, thread);
	if (!--process->live_threads)
		process_delete(tasks, process);
}

void tasks_keep_only(struct tasks *tasks, struct thread *kept)
{
	struct thread *thread, *next;

	HASH_ITER(hh, tasks->threads, thread, next)
		if (thread != kept && thread->process == kept->process)
			tasks_thread_ends(tasks, thread);
}

struct actor tasks_actor(struct tasks *tasks, const struct process *process)
{
	const struct thread *leader = tasks_find_thread(tasks, process->pid);

	return leader && leader->process == process ? thread_actor(leader)
						    : process_actor(process);
}

size_t tasks_thread_count(const struct tasks *tasks)
{
	return HASH_COUNT(tasks->threads);
}

struct thread *tasks_first_thread(struct tasks *tasks)
{
	return tasks->threads;
}

struct thread *tasks_next_thread(struct thread *thread)
{
	return thread->hh.next;
}

struct process *tasks_first_process(struct tasks *tasks)
{
	return tasks->processes;
}

struct process *tasks_next_process(struct process *process)
{
	return process->hh.next;
}
