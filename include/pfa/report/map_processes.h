/*
 * pfa map of several processes: a row each, and the sum of what can be summed.
 */
#ifndef PFA_REPORT_MAP_PROCESSES_H
#define PFA_REPORT_MAP_PROCESSES_H

#include <stddef.h>

#include "pfa/base/text.h"
#include "pfa/pages/smaps.h"
#include "pfa/report/table.h"

struct map_selection;

struct map_processes {
	struct table table;
	struct text cell; /* being made */
	uint64_t size_kb;
	struct smaps sum;
	size_t count;
};

void map_processes_init(struct map_processes *processes);
void map_processes_release(struct map_processes *processes);

void map_processes_add(struct map_processes *processes,
		       const struct map_selection *selection);
/* Nothing where there was but one. */
void map_processes_print(struct text *out, struct map_processes *processes);

#endif
