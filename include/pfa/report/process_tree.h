/*
 * The processes of a run as a tree: who was whose child, the programs they ran, and
 * what each did. Below a process its threads, if it had several that faulted.
 *
 * Of many, those with the most faults are printed, and their ancestors. Siblings come
 * in the order of the process with the most faults among each and its descendants.
 */
#ifndef PFA_REPORT_PROCESS_TREE_H
#define PFA_REPORT_PROCESS_TREE_H

#include <stdint.h>

#include "pfa/base/text.h"

struct census;
struct view;

/* Nothing where there was no process. `origin_ns`: times are since then. */
void process_tree_print(struct text *out, const struct view *view,
			const struct census *census, uint64_t origin_ns);

#endif
