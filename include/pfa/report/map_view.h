/*
 * What the user wants to see of what is resident, and how.
 */
#ifndef PFA_REPORT_MAP_VIEW_H
#define PFA_REPORT_MAP_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"

struct map_view {
	bool pages; /* page by page */
	bool each;  /* likewise, without folding what is alike */
	bool strip; /* cells */
	uint64_t from, to; /* of addresses; pages and strip */
	unsigned columns; /* a bit each (map_columns.h); 0: our choice */
	bool more_columns; /* those beside our choice */
	unsigned sort; /* a column */
	const char *region; /* glob, or NULL: all */
	size_t top; /* VMAs */
	bool color;
	unsigned width; /* of a line, in characters */
};

struct map_view map_view_default(void);

/* Option values. */
enum pfa_status map_view_set_range(struct map_view *view, const char *text,
				   struct pfa_error *err) PFA_MUST_CHECK;
enum pfa_status map_view_set_columns(struct map_view *view, const char *list,
				     struct pfa_error *err) PFA_MUST_CHECK;
enum pfa_status map_view_set_sort(struct map_view *view, const char *name,
				  struct pfa_error *err) PFA_MUST_CHECK;

#endif
