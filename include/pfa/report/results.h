/*
 * Files that are written when the run is over: folded stacks, an order file, a prefetch
 * list; and --first-touch, which shares what the last of them collects.
 *
 * The files are opened at the start, so that a wrong path is told before the run.
 */
#ifndef PFA_REPORT_RESULTS_H
#define PFA_REPORT_RESULTS_H

#include <stdint.h>

#include "pfa/base/outfile.h"
#include "pfa/base/status.h"

struct fault;
struct life;
struct naming;
struct run_facts;
struct view;

/* X(ID, option) */
#define RESULT_FILES(X)                                                     \
	X(FOLDED, "folded") X(ORDER, "order-file") X(PREFETCH, "prefetch-list")

enum result_file {
#define X(id, option) RESULT_##id,
	RESULT_FILES(X)
#undef X
	RESULT_COUNT
};

extern const char *const result_options[RESULT_COUNT];

struct results {
	struct folded *folded;           /* each NULL if it is not wanted */
	struct order_file *order;
	struct first_touch *first_touch;
	struct outfile files[RESULT_COUNT];
	bool wanted[RESULT_COUNT];
};

/* `paths` NULL: none; a path NULL: not that one. What is borrowed must outlive them. */
enum pfa_status results_open(struct results *results, const struct view *view,
			     const char *const *paths, struct naming *naming,
			     struct pfa_error *err) PFA_MUST_CHECK;

/* A fault that passes the filters. */
void results_fault(struct results *results, const struct fault *fault);
void results_life(struct results *results, const struct life *life);

/* Writes the files; the naming must still be there. */
enum pfa_status results_print(struct results *results,
			      struct pfa_error *err) PFA_MUST_CHECK;

/* Closes them and tells the first write error; releases what was opened. */
enum pfa_status results_close(struct results *results,
			      struct pfa_error *err) PFA_MUST_CHECK;
/* For a run that never began: they are removed. */
void results_discard(struct results *results);

#endif
