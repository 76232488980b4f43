/*
 * The middle of the pipeline: records in any order per CPU go in, and go through
 * merge, decode and model to the reports.
 */
#ifndef PFA_ANALYSIS_H
#define PFA_ANALYSIS_H

#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/source/ring.h"

struct analysis;
struct evlist;
struct keeper;
struct record;
struct report;
struct symbols;

/* The list, resolved, and the report are borrowed. */
struct analysis *analysis_new(const struct evlist *list, struct report *report,
			      uint64_t max_faults);
void analysis_free(struct analysis *analysis);

/* Copied stacks are unwound by these files; borrowed. Before the first record. */
void analysis_use_symbols(struct analysis *analysis, struct symbols *symbols);

/* Takes records that stay where they are until analysis_finish(), as a capture's do. */
struct record_sink analysis_sink(struct analysis *analysis);
/*
 * In its stead: takes copies of the keeper, which is borrowed until analysis_free(), and
 * releases each when it is of no use any more.
 */
void analysis_use_keeper(struct analysis *analysis, struct keeper *keeper);
void analysis_take(struct analysis *analysis, const struct record *record);

/* Processes what is not younger than the limit. */
void analysis_release(struct analysis *analysis, uint64_t limit_ns);

/* The time of the youngest record taken so far. */
uint64_t analysis_newest_ns(const struct analysis *analysis);

/* Whether the limit of faults, or --at, has been reached: what follows is left out. */
bool analysis_full(const struct analysis *analysis);

/* Processes the rest. The facts are borrowed until analysis_free(). */
const struct run_facts *analysis_finish(struct analysis *analysis);

#endif
