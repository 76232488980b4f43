/*
 * Histograms as text: a row a bucket, a bar in proportion to the largest.
 */
#ifndef PFA_REPORT_HISTOGRAM_H
#define PFA_REPORT_HISTOGRAM_H

#include "pfa/base/text.h"

struct series;
struct tally;

/* One log2 histogram for each type that has latencies. */
void histogram_print_latencies(struct text *out, const struct tally *tally);
/* Faults, and beside them what was resident of all processes, if that is known. */
void histogram_print_over_time(struct text *out, const struct tally *tally,
			       const struct series *rss);

#endif
