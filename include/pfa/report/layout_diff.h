/*
 * Two layouts as one list of ranges, each all of one verdict.
 */
#ifndef PFA_REPORT_LAYOUT_DIFF_H
#define PFA_REPORT_LAYOUT_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout;
struct mapping;

enum verdict {
	VERDICT_SAME,
	VERDICT_PERMISSION,
	VERDICT_BACKING, /* another file, another place in it, another kind of memory */
	VERDICT_BOTH, /* permission and backing */
	VERDICT_ONLY_FIRST,
	VERDICT_ONLY_SECOND,
	VERDICT_COUNT
};

struct layout_range {
	uint64_t start, end;
	const struct mapping *of[2]; /* NULL: nothing there */
	enum verdict verdict;
};

/* A walk through both, in the order of addresses. */
struct layout_diff {
	const struct layout *of[2];
	size_t next[2];
	uint64_t at;
};

void layout_diff_init(struct layout_diff *diff, const struct layout *first,
		      const struct layout *second);
bool layout_diff_next(struct layout_diff *diff, struct layout_range *range);

#endif
