/*
 * One budget or alert while the run goes on: its figure, what that was at its worst, and
 * crossings. Embedded in budgets.c; watch_init() / watch_release().
 */
#ifndef PFA_REPORT_BUDGET_WATCH_H
#define PFA_REPORT_BUDGET_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/report/budgets.h"
#include "pfa/report/rate.h"

struct fault;
struct quantile;
struct region;

enum { WATCH_REGIONS = 64 };

struct watch {
	const struct budget *budget;
	uint64_t value; /* of the run, or with /s of the last second */
	uint64_t completed, timed; /* faults concerned; those whose latency is known */
	struct quantile *quantile; /* NULL: none is wanted */
	struct rate rate;
	/* Regions seen last, and whether they match. */
	struct {
		const struct region *region;
		bool matches;
	} regions[WATCH_REGIONS];
	bool judged;
	uint64_t worst; /* of the figures judged */
	bool over; /* the alert's expression holds */
	uint64_t crossings, first_ns, last_ns;
};

void watch_init(struct watch *watch, const struct budget *budget);
void watch_release(struct watch *watch);

/* Whether the fault made a difference: `value` has it. */
bool watch_fault(struct watch *watch, const struct fault *fault);

/* Whether an alert is told of `value` as yet: a few faults make no percentile. */
bool watch_has_enough(const struct watch *watch);

/*
 * A figure at a time. True: it is a crossing. `over` is the watch's own, or that of the
 * process that the figure is of.
 */
bool watch_judge(struct watch *watch, uint64_t figure, uint64_t time_ns, bool *over);

/* A figure of before, of which it is too late to tell a crossing. */
void watch_note(struct watch *watch, uint64_t figure);

/* At the end. */
struct budget_result watch_result(const struct watch *watch);

#endif
