/*
 * What a run is held to, as the user writes it: METRIC[/s][@GLOB] OP VALUE.
 *
 *     major>100    major@libfoo*>0    faults/s>1000    fault_time>20ms    mapped>=512M
 *
 * --fail-if fails if the expression holds; --alert tells when it begins to. OP is one of
 * > >= < <=. Sizes and times are as base/units.h has them, counts are plain numbers.
 * GLOB is matched as --region is; it ends at the last operator. Blanks may stand around
 * operator and value.
 *
 * A metric is of the whole run, all processes together; with /s of any one second; those
 * of a process (BUDGET_OF_PROCESS) are of any one process, at its largest.
 */
#ifndef PFA_REPORT_BUDGET_TEXT_H
#define PFA_REPORT_BUDGET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"

struct text;

enum budget_unit { BUDGET_COUNT, BUDGET_SIZE, BUDGET_TIME };

/* What can be asked of a metric. */
enum budget_trait {
	BUDGET_BY_SECOND = 1 << 0, /* /s */
	BUDGET_BY_REGION = 1 << 1, /* @GLOB */
	BUDGET_OF_FAULTS = BUDGET_BY_SECOND | BUDGET_BY_REGION,
	BUDGET_OF_PROCESS = 1 << 2,
	BUDGET_AT_END = 1 << 3, /* not known before */
};

/* X(name, what a metric needs, as an error says it) */
#define BUDGET_NEEDS(X)                                                             \
	X(MAJORS, "major-faults events")                                            \
	X(MINORS, "minor-faults events")                                            \
	X(TOTAL, "minor-faults and major-faults events")                            \
	X(EVERY, "every fault, not samples of them (perf record -c 1)")             \
	X(ENTRIES, "the beginnings of faults (--events=entries)")                   \
	X(CALLS, "the system calls that change memory (--events=calls)")            \
	X(READINGS, "readings of the memory of processes (--rss-interval)")

enum budget_need_index {
#define X(name, text) NEED_INDEX_##name,
	BUDGET_NEEDS(X)
#undef X
};

enum budget_need {
#define X(name, text) NEEDS_##name = 1 << NEED_INDEX_##name,
	BUDGET_NEEDS(X)
#undef X
};

/* X(name, unit, traits, needs) */
#define BUDGET_METRICS(X)                                                           \
	X(major, COUNT, BUDGET_OF_FAULTS, NEEDS_MAJORS | NEEDS_EVERY)               \
	X(minor, COUNT, BUDGET_OF_FAULTS, NEEDS_MINORS | NEEDS_EVERY | NEEDS_ENTRIES) \
	X(cow, COUNT, BUDGET_OF_FAULTS, NEEDS_MINORS | NEEDS_EVERY | NEEDS_ENTRIES) \
	X(invalid, COUNT, BUDGET_OF_FAULTS, NEEDS_EVERY | NEEDS_ENTRIES)            \
	X(faults, COUNT, BUDGET_OF_FAULTS, NEEDS_TOTAL | NEEDS_EVERY)               \
	X(fault_time, TIME, BUDGET_OF_FAULTS, NEEDS_TOTAL | NEEDS_EVERY | NEEDS_ENTRIES) \
	X(max_latency, TIME, BUDGET_BY_REGION, NEEDS_TOTAL | NEEDS_EVERY | NEEDS_ENTRIES) \
	X(p99_latency, TIME, BUDGET_BY_REGION, NEEDS_TOTAL | NEEDS_EVERY | NEEDS_ENTRIES) \
	X(rss, SIZE, BUDGET_OF_PROCESS, NEEDS_READINGS)                             \
	X(heap, SIZE, BUDGET_OF_PROCESS, NEEDS_CALLS)                               \
	X(stack, SIZE, BUDGET_OF_PROCESS, NEEDS_CALLS)                              \
	X(vmas, COUNT, BUDGET_OF_PROCESS, NEEDS_CALLS)                              \
	X(mapped, SIZE, BUDGET_OF_PROCESS, NEEDS_CALLS)                             \
	X(leaked, SIZE, BUDGET_AT_END, NEEDS_CALLS)                                 \
	X(lost, COUNT, 0, 0)

enum budget_metric {
#define X(name, unit, traits, needs) METRIC_##name,
	BUDGET_METRICS(X)
#undef X
	METRIC_COUNT
};

enum budget_comparison { BUDGET_ABOVE, BUDGET_AT_LEAST, BUDGET_BELOW, BUDGET_AT_MOST };

enum { BUDGET_GLOB_MAX = 256 };

struct budget {
	const char *text; /* all of it; borrowed */
	bool alert; /* tell it when it begins to hold; else the run fails */
	enum budget_metric metric;
	bool per_second;
	char glob[BUDGET_GLOB_MAX]; /* "": all regions */
	enum budget_comparison comparison;
	uint64_t limit; /* bytes, nanoseconds, or a number */
};

/*
 * Of --fail-if, or with `alert` set of --alert. PFA_E_USAGE names the place (characters
 * from 1) and what may stand there. `text` must outlive the budget.
 */
enum pfa_status budget_parse(struct budget *budget, const char *text, bool alert,
			     struct pfa_error *err) PFA_MUST_CHECK;

/* "--fail-if", "--alert" */
const char *budget_option(const struct budget *budget);
bool budget_has_trait(const struct budget *budget, enum budget_trait trait);
/* With < or <=: it wants a least. */
bool budget_is_floor(const struct budget *budget);
/* ... of every second, and what is there can be told of whole seconds only. */
bool budget_is_floor_of_rate(const struct budget *budget);
bool budget_holds(const struct budget *budget, uint64_t figure);
/* Its figure differs from run to run. */
bool budget_is_timed(const struct budget *budget);
/* "312", "31.0ms", "1.5M", "1001/s" */
void budget_put_figure(struct text *out, const struct budget *budget, uint64_t figure);

/* PFA_E_PERM for the first that needs what is not among `known` (enum budget_need). */
enum pfa_status budgets_check(const struct budget *budgets, size_t count, unsigned known,
			      struct pfa_error *err) PFA_MUST_CHECK;

#endif
