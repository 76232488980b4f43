/*
 * Where a thread that runs already has its control block, which its thread pointer
 * leads to: with that its thread-local variables are known, and its stack, which it
 * lies at the end of.
 *
 * A thread that is traced from its birth tells it by its system calls (model/tls.h).
 */
#ifndef PFA_SOURCE_THREAD_AREA_H
#define PFA_SOURCE_THREAD_AREA_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct thread_area {
	uint64_t pointer;
	uint64_t robust_head; /* of its robust futexes: lies in the control block */
};

/*
 * False where it cannot be told: the process is not ours to read, the thread has ended,
 * it is no thread of a C library for x86-64. Reads the memory of the block, and seldom
 * of the page below.
 */
bool thread_area_read(pid_t tid, struct thread_area *area);

#endif
