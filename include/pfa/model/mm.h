/*
 * One address space with all that the model knows of it, shared by its holders:
 * the processes that run in it (CLONE_VM: vfork's child until its exec).
 */
#ifndef PFA_MODEL_MM_H
#define PFA_MODEL_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

struct mm {
	unsigned holders;
	struct space *space;
	struct pages *pages;
	uint64_t brk; /* the program break; 0: unknown */
	bool whole_history; /* traced from its exec on, nothing lost */
	bool suspect; /* records were lost, and no snapshot came since */
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

struct mm *mm_new(void);
struct mm *mm_hold(struct mm *mm);
void mm_drop(struct mm *mm); /* NULL-safe; frees at the last */
struct mm *mm_fork(const struct mm *parent);

/* Forgets everything: what is known comes anew from a snapshot. */
void mm_reset(struct mm *mm);

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
/* Removes a range, but for what was claimed after `since_ns`. */
void mm_unmap(struct mm *mm, uint64_t start, uint64_t end, uint64_t since_ns);

#endif
