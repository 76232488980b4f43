/*
 * "Copied after fork" in the summary: for each fork the totals of both sides and where
 * the copies were made. Nothing if there were none.
 */
#ifndef PFA_REPORT_FORK_TABLES_H
#define PFA_REPORT_FORK_TABLES_H

#include <stdint.h>

#include "pfa/base/text.h"

struct forks;
struct naming;
struct view;

/*
 * At most --top forks, and --top rows for all of them together, of which each has an
 * equal share, but one at least.
 */
void fork_tables_print(struct text *out, const struct view *view,
		       struct naming *naming, const struct forks *forks,
		       uint64_t origin_ns);

#endif
