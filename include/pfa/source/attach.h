/*
 * Arming all threads of a process that is running meanwhile.
 */
#ifndef PFA_SOURCE_ATTACH_H
#define PFA_SOURCE_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pfa/base/status.h"

struct event_fds;
struct evlist;
struct ring;

/*
 * Opens the events on every thread of the process. *twice is set when a thread may
 * have been armed both by inheritance and by us (see dedupe.h). A process
 * that ends meanwhile is not an error.
 */
enum pfa_status attach_process(struct evlist *list, pid_t pid,
			       const struct ring *rings, size_t ring_count,
			       struct event_fds *fds, bool *twice,
			       struct pfa_error *err) PFA_MUST_CHECK;

#endif
