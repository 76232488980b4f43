/*
 * The descriptors of a live session: events opened on tasks, switched, read, closed.
 *
 * Every event is opened on every task for every CPU, and written into that CPU's ring.
 */
#ifndef PFA_SOURCE_EVENT_FDS_H
#define PFA_SOURCE_EVENT_FDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pfa/base/status.h"

struct evlist;
struct evsel;
struct perf_event_attr;
struct ring;

/* perf_event_open(2), without a group. */
int perf_open(const struct perf_event_attr *attr, pid_t tid, int cpu);

/* The fds of one arming, and what must be done with them together. */
struct event_fds {
	struct event_fd *list;
	size_t count, capacity;
};

struct event_fd {
	int fd;
	pid_t tid;
	const struct evsel *evsel;
};

/*
 * Opens every event on `tid` for every ring's CPU, disabled. *gone tells that
 * the task has ended meanwhile, which is not an error.
 */
enum pfa_status events_arm_task(struct evlist *list, pid_t tid,
				const struct ring *rings, size_t ring_count,
				struct event_fds *fds, bool *gone,
				struct pfa_error *err) PFA_MUST_CHECK;

/*
 * Faults' ends are enabled before their beginnings and disabled after them, so
 * that no beginning is left without an end by us.
 */
void events_enable(const struct event_fds *fds);
void events_disable(const struct event_fds *fds);

/* The kernel's own counts of the two software events and of records lost. */
struct event_counts {
	uint64_t minor, major, lost;
};
struct event_counts events_count(const struct event_fds *fds);

/*
 * Closes them. The kernel takes about 40 ms for the last user of each tracepoint,
 * more than a second in all: a process of its own does that, so that nobody
 * waits for it.
 */
void event_fds_release(struct event_fds *fds);

#endif
