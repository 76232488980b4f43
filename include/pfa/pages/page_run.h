/*
 * Pages of an address space that are alike, and runs of them folded into one.
 *
 * Plain data, and functions of it. Addresses are bytes, ends exclusive; pages are of
 * PAGE_BYTES, whatever maps them. The flags are those of /proc/kpageflags by their
 * numbers there (Documentation/admin-guide/mm/pagemap.rst), but for those from the page
 * table: soft_dirty, uffd_wp, and huge (one entry maps it with its neighbours; only a
 * scan tells), while thp says that the frame is one of a larger block.
 */
#ifndef PFA_PAGES_PAGE_RUN_H
#define PFA_PAGES_PAGE_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct text;

enum { PAGE_BYTES = 4096 };

enum page_state {
	PAGE_UNMAPPED, /* nothing is in the page table */
	PAGE_IN_RAM,
	PAGE_IN_SWAP,
	PAGE_GUARD, /* MADV_GUARD_INSTALL, or another mark without memory */
};

/* X(bit, name as printed) */
#define PAGE_FLAGS(X)                                                       \
	X(24, zero) X(17, hugetlb) X(22, thp) X(21, ksm) X(2, referenced)   \
	X(4, dirty) X(5, lru) X(6, active) X(8, writeback) X(9, reclaim)    \
	X(13, swapcache) X(18, unevictable) X(33, mlocked)                  \
	X(19, hwpoison) X(32, reserved) X(20, nopage) X(40, soft_dirty)     \
	X(62, uffd_wp) X(63, huge)

enum page_flag {
#define X(bit, name) PAGE_FLAG_##name = bit,
	PAGE_FLAGS(X)
#undef X
	PAGE_FLAG_ANON = 12, /* these two say what kind of memory it is */
	PAGE_FLAG_SWAPBACKED = 14,
};

struct page_run {
	uint64_t start, end;
	enum page_state state;
	bool file; /* or shared memory: not anonymous */
	bool exclusive; /* no other page table has it */
	bool has_flags; /* else only zero, thp and hugetlb may be known */
	uint64_t flags; /* a bit each, by enum page_flag */
	uint64_t phys, phys_end; /* of the first page, behind the last; 0: unknown */
	uint64_t extents; /* in how many pieces it lies in physical memory */
	uint64_t maps_min, maps_max; /* page tables that have a page; 0: unknown */
};

/* Takes runs in the order of addresses, none missing between the first and the last. */
struct page_sink {
	void *context;
	void (*run)(void *context, const struct page_run *run);
};

static inline bool page_has(const struct page_run *run, enum page_flag flag)
{
	return run->flags >> flag & 1;
}

/* Whether the kernel counts it: no RSS has zero pages, hugetlb pages, bare frames. */
bool page_in_rss(const struct page_run *run);

/* "thp,dirty,lru" of those in PAGE_FLAGS; nothing where there are none. */
void page_put_flags(struct text *out, const struct page_run *run);

/* Folds neighbours that differ at most in where they lie, and in how many map them. */
struct page_fold {
	struct page_sink to;
	struct page_run run;
	bool open;
};

void page_fold_put(struct page_fold *fold, const struct page_run *run);
void page_fold_end(struct page_fold *fold);

#endif
