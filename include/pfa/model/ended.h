/*
 * A system call that has ended, as the function that applies it (call_ends.c, mremap.c)
 * sees it, and what these functions have in common.
 *
 * Ranges are [start, end), page-aligned. Pointers are borrowed for the call.
 */
#ifndef PFA_MODEL_ENDED_H
#define PFA_MODEL_ENDED_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/model/observation.h"

struct mm;
struct names;
struct open_call;
struct process;
struct vma;

/* The call at hand. */
struct ended {
	struct mm *mm;
	const struct process *process;
	const struct open_call *call;
	const uint64_t *args;
	uint64_t result;
	uint64_t time_ns;
	struct names *names;
	struct change *change;
};

/* Names the change, after what is mapped at its start now. True. */
bool ended_changed(struct ended *e, enum change_kind kind, uint64_t start, uint64_t end);

/* The range is the call's, until it is unmapped. */
void ended_made(struct ended *e, enum origin_kind kind, uint64_t start, uint64_t end);

/* A new mapping is in the range: what was there has been given back. True. */
bool ended_mapped(struct ended *e, enum origin_kind kind, uint64_t start, uint64_t end,
		  uint64_t time_ns);

/* Removes the range. */
void ended_unmap(struct ended *e, uint64_t start, uint64_t end);
/* The same, as a change named after what the range held when the call began. Whether
 * there was anything. */
bool ended_removed(struct ended *e, enum change_kind kind, uint64_t start, uint64_t end);

/*
 * Numbers of givers (givers.h), 0 for none: this call, giving back what `held`, a VMA or
 * NULL, has in the range; or what the range held when the call began.
 */
uint32_t ended_giver_of(const struct ended *e, enum refault how, const char *call,
			const struct vma *held, uint64_t start, uint64_t end);
uint32_t ended_unmapper(const struct ended *e, uint64_t start, uint64_t end);
/* So many pages were given back. */
void ended_gave(struct ended *e, uint32_t giver, uint64_t pages);
/* The pages of a range that is mapped anew are. */
void ended_mapped_over(struct ended *e, uint64_t start, uint64_t end, uint32_t giver);

/* mremap.c: the end of that call, with all that it can do. */
bool end_mremap(struct ended *e);

#endif
