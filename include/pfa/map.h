/*
 * pfa map: what processes have in memory now, read and printed. No tracing: nothing of
 * the target is changed or slowed but for the moment in which the kernel reads its page
 * tables.
 */
#ifndef PFA_MAP_H
#define PFA_MAP_H

#include "pfa/base/status.h"

struct options;

/*
 * Where a process ends while it is read, what was read is printed, and the status is
 * PFA_E_IO.
 */
enum pfa_status map_run(const struct options *options,
			struct pfa_error *err) PFA_MUST_CHECK;

#endif
