/*
 * A run of pfa: from a source to its reports.
 */
#ifndef PFA_SESSION_H
#define PFA_SESSION_H

#include <stdbool.h>

#include "pfa/base/status.h"

struct options;

/* Traces live and reports: a stream and a summary, or frame by frame. */
enum pfa_status session_trace(const struct options *options,
			      struct pfa_error *err) PFA_MUST_CHECK;
/* Traces live into a capture. */
enum pfa_status session_record(const struct options *options,
			       struct pfa_error *err) PFA_MUST_CHECK;
/* Reads a capture and reports. */
enum pfa_status session_report(const struct options *options,
			       struct pfa_error *err) PFA_MUST_CHECK;

/* Whether what is printed is to have colours. */
bool session_color(const struct options *options);

#endif
