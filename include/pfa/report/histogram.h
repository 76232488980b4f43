/*
 * Histograms as text: a row a bucket, a bar in proportion to the largest.
 */
#ifndef PFA_REPORT_HISTOGRAM_H
#define PFA_REPORT_HISTOGRAM_H

#include "pfa/base/text.h"

struct tally;

/* One log2 histogram for each type that has latencies. */
void histogram_print_latencies(struct text *out, const struct tally *tally);
void histogram_print_over_time(struct text *out, const struct tally *tally);

#endif
