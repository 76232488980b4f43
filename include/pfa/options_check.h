/*
 * Whether options go together. The error names those that do not, and the remedy.
 */
#ifndef PFA_OPTIONS_CHECK_H
#define PFA_OPTIONS_CHECK_H

#include "pfa/base/status.h"

struct options;

enum pfa_status options_check(const struct options *options,
			      struct pfa_error *err) PFA_MUST_CHECK;

#endif
