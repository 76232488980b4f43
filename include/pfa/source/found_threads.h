/*
 * The threads of a process that was there before: their control blocks, and the stacks
 * that these lie at the end of.
 */
#ifndef PFA_SOURCE_FOUND_THREADS_H
#define PFA_SOURCE_FOUND_THREADS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pfa/source/thread_area.h"

struct pids;
struct procmap;

struct found_thread {
	pid_t tid;
	struct thread_area area;
	uint64_t stack_start, stack_end; /* 0: it is not known */
};

/* Embedded in its owner; all 0 to begin with. */
struct found_threads {
	struct found_thread *list; /* by thread pointer */
	size_t count, capacity;
	size_t next;	    /* whose mapping was not seen yet */
	uint64_t guard_end; /* of the mapping seen last, if it is inaccessible; else 0 */
};

/* Those of the threads whose control block can be told. */
void found_threads_read(struct found_threads *found, const struct pids *tids);

/*
 * To be called for each mapping of the process, in order of address. A stack is what lies
 * between an inaccessible mapping, or another control block, and the end of the page of
 * the thread's own: the kernel may have merged its mapping with one above. The first
 * thread, `pid`, has the stack that exec made.
 */
void found_threads_see(struct found_threads *found, pid_t pid, const struct procmap *map);
void found_threads_release(struct found_threads *found);

#endif
