/*
 * What the faults so far tell of each page of an address space: which frame was
 * mapped last, or how the page was given back and by whom.
 *
 * Kept by blocks of 2 MiB of address space; blocks are shared between parent and
 * child until one of them changes. Five bytes a touched page. A frame is a physical
 * page number, 0 when unknown (frames beyond 16 TiB are unknown too).
 */
#ifndef PFA_MODEL_PAGES_H
#define PFA_MODEL_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/model/observation.h"

enum page_state {
	PAGE_UNSEEN,   /* no fault seen on it */
	PAGE_MAPPED,   /* by a fault, to the frame if known */
	PAGE_ZERO,     /* to the shared zero page */
	PAGE_DONTNEED, /* dropped by MADV_DONTNEED, REMOVE */
	PAGE_FREE,     /* MADV_FREE: may be dropped */
	PAGE_PAGEOUT,  /* MADV_PAGEOUT: may be swapped out */
	PAGE_UNMAPPED, /* by munmap and its like; what is there now is new */
};

struct page {
	enum page_state state;
	uint32_t frame; /* of a mapped page */
	uint32_t giver; /* of one given back (givers.h); 0: unknown */
	bool own; /* written: not the page cache's any more */
	bool since_fork; /* written since the last fork: not shared by it any more */
};

struct pages;

struct pages *pages_new(void);
void pages_free(struct pages *pages);
/* A child's, with blocks in common. */
struct pages *pages_fork(const struct pages *parent);
/* It is certain now that parent and child have a copy each: what both have is shared
 * from here on. For either of them. */
void pages_forked(struct pages *pages);

/* The frame of a physical address; 0: unknown, or beyond what is told apart. */
uint32_t page_frame(uint64_t phys);

struct page pages_get(const struct pages *pages, uint64_t addr);
/*
 * `page_size_bytes` of the mapping just made; `phys` is that of `addr`, or 0. `own`: by
 * a write to private memory.
 */
void pages_set_mapped(struct pages *pages, uint64_t addr,
		      uint64_t page_size_bytes, uint64_t phys, bool own);
/* The zero page, or the huge one. */
void pages_set_zero(struct pages *pages, uint64_t addr, uint64_t page_size_bytes);

/*
 * Pages that are there become `state`, those unseen stay so. PAGE_UNMAPPED: what had
 * been given back in another way becomes unseen. Returns how many were there.
 */
uint64_t pages_give_back(struct pages *pages, uint64_t start, uint64_t end,
			 enum page_state state, uint32_t giver);
/* Forgets the range. */
void pages_forget(struct pages *pages, uint64_t start, uint64_t end);
/* What was known of `length` bytes at `from` is now known at `to`. */
void pages_move(struct pages *pages, uint64_t from, uint64_t to, uint64_t length);

/* How many pages of the range a fault was seen on since they were mapped. */
uint64_t pages_touched(const struct pages *pages, uint64_t start, uint64_t end);

/*
 * The faults that each page took since it was mapped, where the caller counts them: 16
 * bytes a page more. A child begins at 0.
 */
void pages_count_fault(struct pages *pages, uint64_t addr, enum fault_type type);
/* Adds those of [start, end) to the sums. */
void pages_sum_faults(const struct pages *pages, uint64_t start, uint64_t end,
		      uint64_t sums[FAULT_TYPE_COUNT]);

#endif
