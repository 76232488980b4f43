/*
 * pfa map: a process as a table, a row a VMA.
 */
#ifndef PFA_REPORT_MAP_TABLE_H
#define PFA_REPORT_MAP_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "pfa/pages/smaps.h"

struct map_process;
struct map_view;
struct map_vma;
struct text;

/* Which of its VMAs are shown, in that order. */
struct map_selection {
	const struct map_process *process;
	const struct map_vma **vmas; /* owned */
	size_t count; /* that the filters let pass */
	size_t shown; /* of these, the first */
	bool whole; /* all there are */
	uint64_t size_kb; /* of all that pass, as is the sum */
	struct smaps sum;
};

void map_selection_init(struct map_selection *selection, const struct map_view *view,
			const struct map_process *process);
void map_selection_release(struct map_selection *selection);

/* "4321 demo: 21 VMAs, in kB: 3712 mapped, 2076 in RAM"; that it is a part, if it is. */
void map_put_title(struct text *out, const struct map_selection *selection);

void map_table_print(struct text *out, const struct map_view *view,
		     const struct map_selection *selection);

#endif
