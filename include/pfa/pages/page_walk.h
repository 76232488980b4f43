/*
 * The pages of a range, one by one, with all that may be known of them.
 *
 * What nothing is known of, since nothing is there, comes as one run, so that the time
 * is that of what is there.
 */
#ifndef PFA_PAGES_PAGE_WALK_H
#define PFA_PAGES_PAGE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/pages/frames.h"
#include "pfa/pages/page_run.h"
#include "pfa/pages/pagemap.h"

struct page_walk {
	struct pagemap pagemap;
	struct frames frames;
	bool has_frames; /* a frame's number was told */
	uint64_t *entries, *numbers, *flags, *counts; /* of FRAMES_MAX pages */
};

/*
 * Of the process whose directory in /proc is open; that may be closed. Without
 * `may_scan` as on a kernel without PAGEMAP_SCAN.
 */
enum pfa_status page_walk_open(struct page_walk *walk, int process_dir, bool may_scan,
			       struct pfa_error *err) PFA_MUST_CHECK;
/* Harmless where all of it is 0. */
void page_walk_close(struct page_walk *walk);

/*
 * The pages of [start, end), of a VMA of hugetlb pages or not. Where the process ends
 * meanwhile the runs end, too, and pagemap.ended is set.
 */
void page_walk_range(struct page_walk *walk, uint64_t start, uint64_t end, bool hugetlb,
		     const struct page_sink *sink);

#endif
