/*
 * Arming all threads of processes that are running meanwhile.
 */
#ifndef PFA_SOURCE_ATTACH_H
#define PFA_SOURCE_ATTACH_H

#include <stdbool.h>
#include <stddef.h>

#include "pfa/base/status.h"

struct event_fds;
struct evlist;
struct pids;
struct rings;

/* How many threads the processes have now. */
size_t attach_count_threads(const struct pids *processes);

/*
 * A birth that is under way when its maker is armed has inherited nothing by then, and
 * shows up in /proc later still. It is over in no time, once it has a CPU: after that.
 */
#define ATTACH_BIRTH_NS 10000000

/*
 * Opens the events on every thread of the processes. With `children` the processes
 * that they make meanwhile are armed too, and added to the list. Unless the processes
 * are `at_rest`, which bear nobody, it looks for late births after a moment. *twice is set
 * when a thread may have been armed both by inheritance and by us (dedupe.h). Fails
 * with PFA_E_TARGET when one of the processes given has no thread left.
 */
enum pfa_status attach_processes(struct evlist *list, struct pids *processes,
				 bool children, bool at_rest, const struct rings *rings,
				 struct event_fds *fds, bool *twice,
				 struct pfa_error *err) PFA_MUST_CHECK;

#endif
