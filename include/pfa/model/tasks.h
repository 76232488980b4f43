/*
 * The processes and threads of a session, by pid and tid.
 *
 * The table owns them while they live; reports remember a process by its serial,
 * since a reused pid is a new process. Unknown ones are made on demand: a capture
 * may begin in the middle of their life.
 */
#ifndef PFA_MODEL_TASKS_H
#define PFA_MODEL_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/hash.h"
#include "pfa/decode/mm_calls.h"
#include "pfa/model/observation.h"
#include "pfa/model/pages.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"

struct mm;
struct mm_sum;
struct intern;

struct process {
	uint32_t pid;
	uint32_t serial; /* by appearance, from 1 */
	struct mm *mm;
	const char *comm; /* of its leader; interned */
	size_t live_threads;
	uint32_t first_serial; /* of its first thread */
	uint32_t parent; /* serial; 0: unknown */
	bool shared_space; /* with its parent, until exec */
	bool existed; /* before the trace began */
	bool in_exec; /* the new image is being mapped */
	const struct backing *executable; /* the first file it mapped; NULL: none yet */
	uint64_t snapshot_ns; /* time of the records of what existed; 0: none */
	uint64_t born_ns;
	uint64_t image_ns; /* when its program began; 0: unknown */
	uint64_t vmas_dropped; /* by the exec that goes on */
	const char *image; /* its program's path; "": unknown */
	enum ending ending;
	int status;
	uint64_t robust_offset; /* tls.h; 0: unknown */
	struct totals totals;
	UT_hash_handle hh; /* by pid, while alive */
};

/* A fault that has begun. */
struct open_fault {
	bool active;
	uint64_t time_ns, addr, ip;
	uint32_t error_code;
	bool kernel;
	bool in_vma, below_stack, shared;
	bool in_file;
	uint64_t file_offset_bytes;
	uint32_t prot;
	const struct backing *backing; /* NULL: no VMA held the address */
	struct page before;
	const struct region *region; /* NULL: no VMA held the address */
	struct image image; /* likewise */
};

/* A system call that has begun. */
struct open_call {
	bool active;
	enum mm_call call;
	unsigned generation; /* see mm.h */
	uint32_t change;     /* see space.h */
	uint64_t time_ns;
	uint64_t ip;
	const struct code *code; /* where it was made; NULL: a capture without it */
	const struct stack *stack;
	uint64_t args[MM_CALL_ARGS];
	uint64_t brk_before;  /* brk: the break, or the heap's end */
	struct vma before; /* the first VMA at or above args[0] */
	bool mapped; /* an MMAP2 record came since: the VMA it told of last */
	struct vma vma;
	uint64_t mapped_ns;
	struct footprint vmas; /* of these records */
	uint64_t grown_bytes; /* by which they made the space larger */
};

struct thread {
	uint32_t tid;
	uint32_t serial; /* by appearance, from 1 */
	struct process *process;
	const char *comm;
	uint64_t pointer; /* of the thread (tls.h); 0: unknown */
	const struct backing *tls_of; /* where its variables lie: of this program */
	uint64_t tls_start, tls_bytes;
	struct open_fault fault;
	struct open_call call;
	bool has_stack; /* known to thread_stacks.h */
	bool in_exec; /* from COMM to the new image's first mapping or fault */
	bool fork_untold; /* what the new process shares follows */
	struct life fork;
	UT_hash_handle hh;
};

struct tasks;

/* Told of every process that ends, just before it is forgotten. */
typedef void tasks_on_end(void *context, const struct process *process);

struct tasks *tasks_new(struct intern *strings);
void tasks_tell_ends(struct tasks *tasks, tasks_on_end *on_end, void *context);
/* Address spaces keep what made what (mm.h). Before the first process. */
void tasks_keep_pieces(struct tasks *tasks);
/* An empty address space, as this table's processes have them. */
struct mm *tasks_new_mm(struct tasks *tasks);
/* All that live together. */
const struct mm_sum *tasks_sum(const struct tasks *tasks);
void tasks_free(struct tasks *tasks);

/* Finds or makes. A thread is moved if it is found under another process. */
struct process *tasks_process(struct tasks *tasks, uint32_t pid);
struct thread *tasks_thread(struct tasks *tasks, uint32_t pid, uint32_t tid);

struct process *tasks_find_process(struct tasks *tasks, uint32_t pid);
struct thread *tasks_find_thread(struct tasks *tasks, uint32_t tid);

/* A process by this pid begins anew, in `mm`, which it takes. */
struct process *tasks_new_process(struct tasks *tasks, uint32_t pid,
				  struct mm *mm, const char *comm);

/* The thread has ended; the last one ends its process. */
void tasks_thread_ends(struct tasks *tasks, struct thread *thread);

/* The process's other threads are gone: it has called exec. */
void tasks_keep_only(struct tasks *tasks, struct thread *thread);

/* A process as its first thread, if that lives, else as process_actor(). */
struct actor tasks_actor(struct tasks *tasks, const struct process *process);

/* Of those that live. */
size_t tasks_thread_count(const struct tasks *tasks);

struct thread *tasks_first_thread(struct tasks *tasks);
struct thread *tasks_next_thread(struct thread *thread);

/* The living processes, in order of appearance. */
struct process *tasks_first_process(struct tasks *tasks);
struct process *tasks_next_process(struct process *process);

/* The process as a whole: as its first thread. */
static inline struct actor process_actor(const struct process *process)
{
	return (struct actor){
		.pid = process->pid,
		.tid = process->pid,
		.serial = process->serial,
		.comm = process->comm,
		.process_comm = process->comm,
	};
}

static inline struct actor thread_actor(const struct thread *thread)
{
	return (struct actor){
		.pid = thread->process->pid,
		.tid = thread->tid,
		.serial = thread->process->serial,
		.thread_serial = thread->serial,
		.comm = thread->comm,
		.process_comm = thread->process->comm,
	};
}

#endif
