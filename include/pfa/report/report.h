/*
 * The reports of one run: everything the model observes goes in here and out as a
 * stream, exports, and at the end a summary.
 */
#ifndef PFA_REPORT_REPORT_H
#define PFA_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/model/observation.h"
#include "pfa/report/view.h"

struct report;
struct symbols;
struct top;

struct report_paths {
	const char *stream; /* NULL: stdout */
	const char *const *exports; /* by export_formats[]; NULL: not wanted */
	const char *const *results; /* by enum result_file; NULL: none */
};

/* `symbols`: where names come from; NULL: nothing is named. Borrowed. */
enum pfa_status report_open(struct report **report, const struct view *view,
			    const struct report_paths *paths, struct symbols *symbols,
			    struct pfa_error *err) PFA_MUST_CHECK;

/* The observer to hand to the model. */
struct observer report_observer(struct report *report);

/* Time zero. Before the first observation. */
void report_set_origin(struct report *report, uint64_t time_ns);

/* All events before that time have been fed to the model: a rate may have dropped. */
void report_time_passes(struct report *report, uint64_t now_ns);

/* The model must tell layouts. */
bool report_wants_layouts(const struct report *report);
/* Where whole layouts are what is printed: see layout_report.h. */
bool report_moment_begins(struct report *report, uint64_t next_ns, uint64_t *moment_ns);
void report_moment_ends(struct report *report);
/* What follows is not printed. */
bool report_is_over(const struct report *report);

/* The frames, where they are what is shown; else NULL. Borrowed. */
struct top *report_top(struct report *report);
/* The last of them ends here. Before report_close(). */
void report_end_frames(struct report *report, const struct run_facts *facts);

uint64_t report_fault_count(const struct report *report);

/* Makes what was printed so far visible. False: nobody reads the stream any more. */
bool report_flush(struct report *report);

/* Why more happened than was observed: told beside budgets. Before report_close(). */
void report_note_partial(struct report *report, const char *why);

/*
 * Prints the summary, closes everything, tells the first write error, or else
 * PFA_E_BUDGET; frees.
 */
enum pfa_status report_close(struct report *report, const struct run_facts *facts,
			     struct pfa_error *err) PFA_MUST_CHECK;

/* For a run that never began: no summary. Frees. */
void report_discard(struct report *report);

#endif
