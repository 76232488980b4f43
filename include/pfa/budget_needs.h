/*
 * Whether the events of a session are enough to judge its budgets: known before anything
 * is traced, or a capture is read.
 */
#ifndef PFA_BUDGET_NEEDS_H
#define PFA_BUDGET_NEEDS_H

#include <stdbool.h>

#include "pfa/base/status.h"

struct evlist;
struct view;

/*
 * PFA_E_PERM names the first that could not be judged, and what it needs. `looks`: the
 * memory of processes is looked at (of a capture: it is not known that it was not).
 */
enum pfa_status budget_needs_check(const struct view *view, const struct evlist *list,
				   bool looks, struct pfa_error *err) PFA_MUST_CHECK;

/* Why figures are below what they would be with all events; NULL: they are not. */
const char *budget_needs_partial(const struct evlist *list);

#endif
