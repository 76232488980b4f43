/*
 * The tables of faults: by kind, region and place in a file, and the slowest of them.
 */
#ifndef PFA_REPORT_BREAKDOWN_H
#define PFA_REPORT_BREAKDOWN_H

#include "pfa/base/text.h"

struct tally;
struct view;

void breakdown_print(struct text *out, const struct view *view,
		     const struct tally *tally);

#endif
