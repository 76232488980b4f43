/*
 * /proc/PID/pagemap: a word for each page of an address space.
 *
 * Where the kernel has PAGEMAP_SCAN (6.7) it tells where there is anything at all, so
 * that what was only reserved costs nothing. Else all of a range is read.
 *
 * Source: Documentation/admin-guide/mm/pagemap.rst, include/uapi/linux/fs.h.
 */
#ifndef PFA_PAGES_PAGEMAP_H
#define PFA_PAGES_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"

/* Of an entry. The frame is 0 for who may not know it. */
#define PAGEMAP_FRAME ((1ULL << 55) - 1)
#define PAGEMAP_SOFT_DIRTY (1ULL << 55)
#define PAGEMAP_EXCLUSIVE (1ULL << 56)
#define PAGEMAP_UFFD_WP (1ULL << 57)
#define PAGEMAP_GUARD (1ULL << 58)
#define PAGEMAP_FILE (1ULL << 61)
#define PAGEMAP_SWAPPED (1ULL << 62)
#define PAGEMAP_PRESENT (1ULL << 63)

/* What a scan tells of a part and an entry does not. */
enum pagemap_part_is {
	PART_ZERO = 1 << 5, /* the numbers are the kernel's */
	PART_HUGE = 1 << 6,
};

struct pagemap_part {
	uint64_t start, end;
	unsigned is; /* enum pagemap_part_is */
};

enum { PAGEMAP_PARTS = 512 };

struct pagemap {
	int fd;
	bool can_scan;
	bool ended; /* the process has, or became another program: there is no more */
	/* Parts that a scan has found and nobody asked for yet. */
	struct pagemap_part parts[PAGEMAP_PARTS];
	size_t next, count;
	uint64_t scanned; /* up to here */
};

/*
 * Of the process that the directory /proc/PID is of. Without `may_scan` it does as an
 * older kernel needs it.
 */
enum pfa_status pagemap_open(struct pagemap *pagemap, int process_dir, bool may_scan,
			     struct pfa_error *err) PFA_MUST_CHECK;
void pagemap_close(struct pagemap *pagemap);

/* Begins anew at an address; parts follow in order. */
void pagemap_seek(struct pagemap *pagemap, uint64_t start);
/* The next part before `end` that may have anything in it; false: there is none. */
bool pagemap_next(struct pagemap *pagemap, uint64_t end, struct pagemap_part *part);

/* Entries from that address on. Returns how many; 0 sets `ended`. */
size_t pagemap_read(struct pagemap *pagemap, uint64_t addr, uint64_t *entries,
		    size_t count);

/* Asks once more whether what was read is the whole: sets `ended` if not. */
void pagemap_check(struct pagemap *pagemap, uint64_t addr);

#endif
