/*
 * What is printed at the end: the Summary: line, the facts of the run, tables and
 * histograms.
 */
#ifndef PFA_REPORT_SUMMARY_H
#define PFA_REPORT_SUMMARY_H

#include <stdint.h>

#include "pfa/base/text.h"

struct budgets;
struct by_name;
struct census;
struct forks;
struct naming;
struct refaults;
struct run_facts;
struct tally;
struct view;

/* What a run has come to. */
struct outcome {
	const struct run_facts *facts;
	const struct tally *all;   /* everything traced */
	const struct tally *shown; /* what passed the filters; the same if there are none */
	const struct census *census; /* its faults are those shown */
	const struct forks *forks;
	const struct refaults *refaults;
	const struct budgets *budgets; /* NULL: there are none */
	const struct by_name *by_name;
	struct naming *naming;
	uint64_t origin_ns;
};

void summary_print(struct text *out, const struct view *view,
		   const struct outcome *outcome);

#endif
