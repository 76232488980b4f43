/*
 * The events of a session, armed: on every thread of the processes traced, or on whole
 * CPUs, into one ring for each CPU.
 */
#ifndef PFA_SOURCE_ARMING_H
#define PFA_SOURCE_ARMING_H

#include <stdbool.h>

#include "pfa/base/status.h"
#include "pfa/source/event_fds.h"
#include "pfa/source/procfs.h"
#include "pfa/source/rings.h"

struct cpu_wide;
struct evlist;
struct followed;
struct live_options;
struct scope;
struct text;

/* Embedded in its owner; arming_close() also after a failure to open. */
struct arming {
	struct rings rings;
	struct event_fds fds;
	struct followed *followed;
	struct cpu_wide *wide; /* NULL: the events are on threads */
	bool twice; /* a thread may have been armed both by inheritance and by us */
	uint64_t enable_again_ns; /* for those who were just being born; 0: it is done */
	struct pids before; /* the processes that there were before, if it matters */
};

/*
 * Opens rings and events, disabled. Where threads, events and CPUs together are more
 * than we may open files, the events are opened on the CPUs for all processes; the
 * notices say so.
 */
enum pfa_status arming_open(struct arming *arming, struct evlist *list,
			    const struct scope *scope,
			    const struct live_options *options, struct text *notices,
			    struct pfa_error *err) PFA_MUST_CHECK;

/* Enables the events. */
void arming_enable(struct arming *arming);

/*
 * To be called from time to time: a moment later, those of threads born just then. True
 * once, where births were going on: what such threads did meanwhile has no records.
 */
bool arming_enable_late(struct arming *arming);

/* Follows who is in the scope now, and children of those that nobody saw being born. */
void arming_find_all(struct arming *arming, const struct scope *scope);
void arming_close(struct arming *arming);

#endif
