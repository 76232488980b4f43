/*
 * What is printed at the end: the Summary: line, the facts of the run, tables and
 * histograms.
 */
#ifndef PFA_REPORT_SUMMARY_H
#define PFA_REPORT_SUMMARY_H

#include "pfa/base/text.h"

struct run_facts;
struct tally;
struct view;

/* `all` counts everything traced, `shown` what passed the filters. */
void summary_print(struct text *out, const struct view *view,
		   const struct run_facts *facts, const struct tally *all,
		   const struct tally *shown);

#endif
