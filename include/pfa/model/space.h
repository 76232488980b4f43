/*
 * An address space: an ordered map of VMAs.
 *
 * A two-level sorted array: chunks of VMAs under an index of the chunks' first
 * addresses, so that 65,000 VMAs cost two short binary searches to look up and
 * a small move to change. Addresses are page-aligned bytes, ends exclusive.
 * Pointers to VMAs are borrowed until the next change of the space.
 */
#ifndef PFA_MODEL_SPACE_H
#define PFA_MODEL_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/model/observation.h"

struct backing;

/* What madvise(2) leaves with a VMA: neighbours that differ in it are two. */
enum vma_advice {
	VMA_DONTFORK = 1 << 0,   /* a child does not get it */
	VMA_WIPEONFORK = 1 << 1, /* a child gets it empty */
	VMA_RANDOM = 1 << 2,
	VMA_SEQUENTIAL = 1 << 3,
	VMA_HUGEPAGE = 1 << 4,
	VMA_NOHUGEPAGE = 1 << 5,
	VMA_MERGEABLE = 1 << 6,
	VMA_DONTDUMP = 1 << 7,
};

struct vma {
	uint64_t start, end;
	uint64_t pgoff_bytes;
	const struct backing *backing;
	uint32_t prot;  /* PROT_* */
	uint32_t flags; /* MAP_SHARED or MAP_PRIVATE, MAP_GROWSDOWN, MAP_HUGETLB */
	uint32_t advice; /* enum vma_advice */
	uint32_t made_by; /* the change that made it; the space's own */
	struct origin origin; /* in a map of what made what; of no use elsewhere */
};

struct space;

struct space *space_new(void);
void space_free(struct space *space);

/* A child's copy after fork: without what DONTFORK keeps from it. */
struct space *space_fork(const struct space *parent);

/* The VMA that holds the address, or NULL. */
const struct vma *space_find(const struct space *space, uint64_t addr);
/* The same for the code that runs: asked for in turns with data, both stay quick. */
const struct vma *space_find_code(const struct space *space, uint64_t ip);
/* The first VMA that ends above the address: it holds it, or lies above. */
const struct vma *space_at_or_above(const struct space *space, uint64_t addr);
/* The VMA that ends at or below the address and nearest to it, or NULL. */
const struct vma *space_below(const struct space *space, uint64_t addr);

/* Puts the VMA where it says, over whatever is there. */
void space_map(struct space *space, const struct vma *vma);
/* Removes a range, splitting VMAs at its ends. Returns the bytes removed. */
uint64_t space_unmap(struct space *space, uint64_t start, uint64_t end);
/* Puts what is mapped in a range at another place, too, over whatever is there. */
void space_copy(struct space *space, uint64_t from, uint64_t to, uint64_t length);
/* Joins the VMA that ends at the address with that which begins there, if alike. */
void space_join(struct space *space, uint64_t addr);
/*
 * Sets and clears advice bits over a range. Where that changes a VMA, it is split at the
 * ends, and joined with neighbours that have become its like.
 */
void space_advise(struct space *space, uint64_t start, uint64_t end,
		  uint32_t set, uint32_t clear);

/*
 * Changes have numbers, so that one may be done in several steps, and others between
 * them: a VMA that it made in an earlier step is none that was there before. The
 * footprint is that of the steps since it was resumed; it may fall below 0 by wrapping
 * around, so that the sum over all of them is right. 0: nobody asks whose it is.
 */
uint32_t space_new_change(struct space *space);
void space_resume_change(struct space *space, uint32_t change);
struct footprint space_footprint(const struct space *space);

/*
 * A number that whoever wants to may give to what is executable now: it is 0 again when
 * that changes. A child has its parent's.
 */
uint64_t space_code_stamp(const struct space *space);
void space_set_code_stamp(struct space *space, uint64_t stamp);

size_t space_vma_count(const struct space *space);
uint64_t space_mapped_bytes(const struct space *space);
/* Of that: [heap], and what grows down. */
uint64_t space_heap_bytes(const struct space *space);
uint64_t space_stack_bytes(const struct space *space);

/* Whether two VMAs show the same thing in the same way, so that if they touch
 * and their offsets run on, they are one. */
bool vma_mergeable(const struct vma *low, const struct vma *high);

/* A stack: the kernel extends it downwards when it is touched below its start. */
bool vma_grows_down(const struct vma *vma);

static inline uint64_t page_down(uint64_t addr)
{
	return addr & ~4095ULL;
}

static inline uint64_t page_up(uint64_t addr)
{
	return addr + 4095 < addr ? ~4095ULL : (addr + 4095) & ~4095ULL;
}

#endif
