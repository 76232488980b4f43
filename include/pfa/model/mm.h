/*
 * One address space with all that the model knows of it, shared by its holders:
 * the processes that run in it (CLONE_VM: vfork's child until its exec).
 */
#ifndef PFA_MODEL_MM_H
#define PFA_MODEL_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/model/thread_stacks.h"

struct backing;
struct origin;
struct totals;
struct pages;
struct space;
struct vma;

/* A range that a call has just mapped, and when. */
struct claim {
	uint64_t start, end;
	uint64_t time_ns;
};

/* A fault that was served a moment ago: by whom, when. */
struct completion {
	uint64_t page;
	uint64_t time_ns;
	uint32_t tid;
};

enum { RECENT_MAX = 16 };

/* All living address spaces of a session together. */
struct mm_sum {
	uint64_t vmas, vmas_peak;
	uint64_t bytes, bytes_peak;
};

struct mm {
	unsigned holders;
	struct mm_sum *sum; /* borrowed; its part in it: */
	uint64_t summed_vmas, summed_bytes;
	struct space *space;
	struct pages *pages;
	const struct backing *program; /* that exec mapped; NULL: unknown */
	struct space *pieces; /* what made what, call by call; NULL: nobody asks */
	struct thread_stacks thread_stacks;
	uint32_t fork; /* the last that copied it; 0: none */
	bool fork_child; /* by which it came into being */
	struct mm *fork_peer; /* the other side of it; NULL: gone, or forked again */
	uint64_t brk; /* the program break; 0: unknown */
	bool whole_history; /* traced from its exec on, nothing lost */
	bool suspect; /* a change was not seen: records were lost, or it had begun before
		       * the trace; and no snapshot came since */
	uint64_t last_change_ns; /* of the last record that its layout may be from */
	struct completion recent[RECENT_MAX]; /* a ring */
	unsigned recent_next;

	/*
	 * A munmap takes effect between its begin and its end; another thread's
	 * mmap may reuse the range before we see the end. What was claimed after
	 * the begin is not removed. Kept while a call is under way that began
	 * before: when all calls of the generation before this one have ended, what
	 * had been claimed until this one is of no use, and a new one begins.
	 */
	unsigned calls_under_way;
	unsigned older_calls; /* of them, begun in the generation before */
	unsigned generation;  /* of the calls that begin now */
	struct claim *claims;
	size_t claim_count, claim_capacity;
	size_t older_claims; /* of them, made before this generation */
};

/* `with_pieces`: what made each range is wanted. A fork does as its parent. */
struct mm *mm_new(bool with_pieces, struct mm_sum *sum);
struct mm *mm_hold(struct mm *mm);
void mm_drop(struct mm *mm); /* NULL-safe; frees at the last */
struct mm *mm_fork(const struct mm *parent);
/* The two are the sides of that fork, from now on. */
void mm_set_fork(struct mm *parent, struct mm *child, uint32_t fork);
/* Whether the other side of the last fork has the page still, as it was then. */
bool mm_fork_shares(const struct mm *mm, uint64_t addr);

/* It is as large as this now: in the totals of a process, and in the sum. */
void mm_measure(struct mm *mm, struct totals *totals);

/* Forgets everything: what is known comes anew from a snapshot. */
void mm_reset(struct mm *mm);

/*
 * After a loss a layout may lack what is there, and a process whose start was lost has
 * none.
 */
bool mm_is_sure(const struct mm *mm);

void mm_remember_completion(struct mm *mm, uint64_t addr, uint64_t time_ns,
			    uint32_t tid);
/* Whether another thread's fault on the page was served just before that time. */
bool mm_completed_by_other(const struct mm *mm, uint64_t addr, uint64_t time_ns,
			   uint32_t tid);

/* Returns the call's generation, which its end wants to know. */
unsigned mm_call_begins(struct mm *mm);
void mm_call_ends(struct mm *mm, unsigned generation);

/* Notes that [start, end) was mapped by a call at that time. */
void mm_claim(struct mm *mm, uint64_t start, uint64_t end, uint64_t time_ns);
/*
 * Removes a range, but for what was claimed after `since_ns`. Its pages were given back
 * by `giver` (givers.h); returns how many there were.
 */
uint64_t mm_unmap(struct mm *mm, uint64_t start, uint64_t end, uint64_t since_ns,
		  uint32_t giver);

/* Notes what made [start, end), whatever was there before. */
void mm_made(struct mm *mm, uint64_t start, uint64_t end, const struct origin *origin);
/* The same where nobody knows of a maker yet. */
void mm_found(struct mm *mm, uint64_t start, uint64_t end, const struct origin *origin);
/* The piece that holds the address; NULL: nobody knows. Borrowed until a change. */
const struct vma *mm_piece(const struct mm *mm, uint64_t addr);
/* Nothing made what is not mapped. */
void mm_trim_origins(struct mm *mm);
/* What made `length` bytes at `from` has made them at `to`, too. */
void mm_copy_origins(struct mm *mm, uint64_t from, uint64_t to, uint64_t length);

#endif
