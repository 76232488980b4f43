/*
 * The descriptors of a live session: events opened on tasks, switched, read, closed.
 *
 * Every event is opened on every task for every CPU, or on every CPU for all tasks, and
 * written into that CPU's ring.
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
struct ring;
struct rings;

/* The fds of one arming, and what must be done with them together. */
struct event_fds {
	struct event_fd *list;
	size_t count, capacity;
};

struct event_fd {
	int fd;
	int owner; /* the task, or -1 - cpu: what is switched together */
	uint32_t cpu;
	const struct evsel *evsel;
};

/* How many descriptors a task takes for each CPU. */
size_t events_to_open(const struct evlist *list);

/*
 * Opens every event on the task for every ring's CPU, disabled. *gone tells that
 * the task has ended meanwhile, which is not an error.
 */
enum pfa_status events_arm_task(struct evlist *list, pid_t tid,
				const struct rings *rings, struct event_fds *fds,
				bool *gone, struct pfa_error *err) PFA_MUST_CHECK;

/*
 * Opens every event on the ring's CPU, disabled, for all tasks there: those of a
 * control group's directory, or with -1 all. *offline tells that the CPU is not
 * online now, which is not an error.
 */
enum pfa_status events_arm_cpu(struct evlist *list, const struct ring *ring, int cgroup,
			       struct event_fds *fds, bool *offline,
			       struct pfa_error *err) PFA_MUST_CHECK;

/*
 * Faults' ends are enabled before their beginnings and disabled after them, so
 * that no beginning is left without an end by us. Enabled are those from `first` on.
 */
void events_enable(const struct event_fds *fds, size_t first);
void events_disable(const struct event_fds *fds);

/* The kernel's own counts of the two software events. Records lost are added to
 * lost[] by the rings' order. */
struct event_counts {
	uint64_t minor, major;
};
struct event_counts events_count(const struct event_fds *fds, const struct rings *rings,
				 uint64_t *lost);

/* Closes those from `first` on. */
void event_fds_drop(struct event_fds *fds, size_t first);

/*
 * Closes them. The kernel takes about 40 ms for the last user of each tracepoint,
 * more than a second in all: a worker of its own does that, so that nobody waits.
 */
void event_fds_release(struct event_fds *fds);

#endif
