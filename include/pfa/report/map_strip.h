/*
 * pfa map --strip: a VMA as a line of cells, each so many of its pages, so that the holes
 * are seen.
 */
#ifndef PFA_REPORT_MAP_STRIP_H
#define PFA_REPORT_MAP_STRIP_H

#include <stddef.h>
#include <stdint.h>

#include "pfa/pages/page_sums.h"

struct map_view;
struct map_vma;
struct page_run;
struct text;

enum { STRIP_CELLS_MAX = 128 };

struct map_strip {
	const struct map_vma *vma;
	uint64_t start, end; /* the part of it that is drawn */
	size_t count;
	struct page_sums cells[STRIP_CELLS_MAX];
};

void map_strip_init(struct map_strip *strip, const struct map_view *view,
		    const struct map_vma *vma, uint64_t start, uint64_t end);
/* A run that lies in the part. */
void map_strip_put(struct map_strip *strip, const struct page_run *run);

/* '#', '+', 'H', 'h', '%', 's', 'g' or '.': as the legend has it. */
char map_strip_cell(const struct page_sums *cell);

void map_strip_print(struct text *out, const struct map_view *view,
		     const struct map_strip *strip);
void map_strip_put_legend(struct text *out);

#endif
