/*
 * What a process did, counted as it does it (struct totals in observation.h).
 */
#ifndef PFA_MODEL_TOTALS_H
#define PFA_MODEL_TOTALS_H

#include "pfa/model/observation.h"

struct space;

void totals_fault(struct totals *totals, const struct fault *fault);
/* A change, or a call that failed. */
void totals_change(struct totals *totals, const struct change *change);
/* Its address space is as large as this now. */
void totals_size(struct totals *totals, const struct space *space);

#endif
