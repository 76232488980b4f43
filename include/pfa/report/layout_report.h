/*
 * A report of whole layouts (--maps, --compare, --leaks), instead of stream and
 * summary: chooses the layouts that are shown, and prints when all is known.
 *
 * Without --at: each process at its exit, or at the end of the trace. With it: those
 * that live at that moment, as they are then; where the trace ends before, as without.
 * An event that the stream shows at that time has happened, to the microsecond.
 */
#ifndef PFA_REPORT_LAYOUT_REPORT_H
#define PFA_REPORT_LAYOUT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/base/text.h"

struct fault;
struct layout;
struct layout_report;
struct life;
struct naming;
struct run_facts;
struct view;

/* Both are borrowed; the view has one of the three. */
struct layout_report *layout_report_new(const struct view *view, struct naming *naming);
void layout_report_free(struct layout_report *report);

void layout_report_set_origin(struct layout_report *report, uint64_t time_ns);
void layout_report_fault(struct layout_report *report, const struct fault *fault);
void layout_report_life(struct layout_report *report, const struct life *life);
void layout_report_layout(struct layout_report *report, const struct layout *layout);

/*
 * Whether the layouts of all living processes are wanted as they are now, that the next
 * event is known to be of that time. *moment_ns is what to call it. They are told between
 * this and layout_report_moment_ends().
 */
bool layout_report_moment_begins(struct layout_report *report, uint64_t next_ns,
				 uint64_t *moment_ns);
void layout_report_moment_ends(struct layout_report *report);
/* What follows makes no difference. */
bool layout_report_is_over(const struct layout_report *report);

/* PFA_E_TARGET: there is no such process, or none at all. */
enum pfa_status layout_report_print(struct layout_report *report, struct text *out,
				    const struct run_facts *facts,
				    struct pfa_error *err) PFA_MUST_CHECK;

#endif
