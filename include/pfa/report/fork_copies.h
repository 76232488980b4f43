/*
 * The pages that the two sides of one fork have copied since, or kept because nobody
 * shares them any more, by address.
 *
 * A page is copied once after a fork, so this grows with the memory that is written to,
 * never with the number of writes.
 */
#ifndef PFA_REPORT_FORK_COPIES_H
#define PFA_REPORT_FORK_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

/* Of one side. */
struct copy_counts {
	uint64_t copied, reused;
	uint64_t untold; /* copied or reused: the frames are not known */
};

struct fork_copies {
	uint32_t fork; /* its number; 0: there was none, and nothing is counted */
	struct fork_copy *list;
	size_t count, capacity;
	bool sorted;
};

void fork_copies_release(struct fork_copies *copies);

/* From now on this fork is looked at. */
void fork_copies_begin(struct fork_copies *copies, uint32_t fork);
/* Faults of other forks do not count. */
void fork_copies_fault(struct fork_copies *copies, const struct fault *fault);
/* A side has another address space: what it copied lies nowhere any more. */
void fork_copies_exec(struct fork_copies *copies, bool child_side);

/* Of [start, end); all: from 0 to UINT64_MAX. */
struct copy_counts fork_copies_in(struct fork_copies *copies, bool child_side,
				  uint64_t start, uint64_t end);

#endif
