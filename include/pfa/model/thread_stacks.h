/*
 * The stacks of an address space's threads: ranges that were mapped to be one
 * (MAP_STACK), and whose they are.
 *
 * No record tells which thread a stack is made for. It is that of the first thread that
 * has none yet and touches it: its maker, which prepares it, has one of its own. A
 * stack is used again when its thread has ended.
 */
#ifndef PFA_MODEL_THREAD_STACKS_H
#define PFA_MODEL_THREAD_STACKS_H

#include <stddef.h>
#include <stdint.h>

struct thread;

struct thread_stack {
	uint64_t start, end;
	uint32_t tid, serial; /* 0: nobody's yet */
};

/* Embedded; all 0 to begin with. */
struct thread_stacks {
	struct thread_stack *list; /* by address */
	size_t count, capacity;
};

void thread_stacks_release(struct thread_stacks *stacks);

/* A stack is mapped there, over whatever was there; or the range is unmapped. */
void thread_stacks_add(struct thread_stacks *stacks, uint64_t start, uint64_t end);
void thread_stacks_remove(struct thread_stacks *stacks, uint64_t start, uint64_t end);

/* The range is known to be the stack of the thread. */
void thread_stacks_give(struct thread_stacks *stacks, struct thread *thread,
			uint64_t start, uint64_t end);

/* The thread touches the address: the stack that it lies in, NULL: none. Borrowed. */
const struct thread_stack *thread_stacks_touch(struct thread_stacks *stacks,
					       struct thread *thread, uint64_t addr);
/* The thread ends. */
void thread_stacks_leave(struct thread_stacks *stacks, const struct thread *thread);

#endif
