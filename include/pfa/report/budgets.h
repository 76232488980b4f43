/*
 * Holds a run to its budgets (budget_text.h): fed with what is observed, filters or not,
 * it tells crossings while they happen, and at the end what each budget has come to.
 *
 * A crossing is when an alert's expression begins to hold: of the run, with /s of the
 * last second, for sizes of one process. It is told once; the next one is possible when
 * the expression has ceased to hold, a rate only when it is a quarter of the limit away
 * from it: noise is no crossing. p99_latency is told from 100 faults on.
 *
 * A budget that could not be judged has not been held.
 *
 * rss is what was resident when somebody looked, and at its largest what the kernel
 * says it was (VmHWM): what nobody saw in time is told late, but it is told.
 */
#ifndef PFA_REPORT_BUDGETS_H
#define PFA_REPORT_BUDGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/model/observation.h"
#include "pfa/report/budget_text.h"

struct budgets;
struct text;

/* An alert's expression holds from now on. */
struct alert {
	const struct budget *budget;
	uint64_t time_ns;
	uint64_t figure;
	const struct actor *actor; /* whose figure it is; NULL: that of the run */
};

struct alert_sink {
	void (*tell)(void *context, const struct alert *alert);
	void *context;
};

enum { BUDGETS_MAX = 64 };

/* The list, at most BUDGETS_MAX, is borrowed. */
struct budgets *budgets_new(const struct budget *list, size_t count,
			    struct alert_sink sink);
void budgets_free(struct budgets *budgets);

/* The start of the first second. Before anything else. */
void budgets_set_origin(struct budgets *budgets, uint64_t time_ns);

/* Whether the model must tell layouts. */
bool budgets_want_layouts(const struct budgets *budgets);

/* Nothing older follows. */
void budgets_time(struct budgets *budgets, uint64_t now_ns);
void budgets_fault(struct budgets *budgets, const struct fault *fault);
void budgets_change(struct budgets *budgets, const struct change *change);
void budgets_life(struct budgets *budgets, const struct life *life);
void budgets_process(struct budgets *budgets, const struct process_facts *facts);
void budgets_layout(struct budgets *budgets, const struct layout *layout);
void budgets_memory(struct budgets *budgets, const struct memory_sample *sample);
void budgets_loss(struct budgets *budgets, const struct loss *loss);

/* Why the result is a part of the whole: told beside the verdict. Borrowed. */
void budgets_note_partial(struct budgets *budgets, const char *why);
/* The end: nothing follows. */
void budgets_finish(struct budgets *budgets, const struct run_facts *facts);

/* What one has come to. */
struct budget_result {
	const struct budget *budget;
	const char *unjudged; /* why not; NULL: it was judged */
	bool has_figure;
	uint64_t figure; /* of a rate or a process: the one that is nearest to failing */
	bool failed; /* --fail-if: it holds, or could not be judged */
	uint64_t crossings, first_ns, last_ns; /* --alert */
};

size_t budgets_count(const struct budgets *budgets);
/* After budgets_finish(), in the order of the command line. */
struct budget_result budgets_result(const struct budgets *budgets, size_t index);
/* "12 records were lost, ..."; "": the result is whole. Borrowed. */
const char *budgets_partial(const struct budgets *budgets);

/* PFA_E_BUDGET if any has failed: names them, and their figures. */
enum pfa_status budgets_conclude(const struct budgets *budgets,
				 struct pfa_error *err) PFA_MUST_CHECK;

#endif
