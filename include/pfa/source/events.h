/*
 * The perf events of a live session: which, with what attributes, opened how.
 *
 * events_choose() fills the list with what the privilege allows; events_arm_task()
 * opens them on a task for every CPU and joins them to the CPUs' rings.
 */
#ifndef PFA_SOURCE_EVENTS_H
#define PFA_SOURCE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pfa/base/status.h"

struct evlist;
struct evsel;
struct formats;
struct ring;

enum privilege {
	PRIVILEGE_FULL,     /* tracepoints, kernel mode, physical addresses */
	PRIVILEGE_SOFTWARE, /* software events of user mode only */
};

struct event_choice {
	bool inherit_processes; /* children too, not only threads */
	bool start_at_exec;     /* armed before exec, silent until then */
};

/* The id of the note event, which the kernel never sees. */
#define EVENTS_NOTE_ID 0x7066616e6f7465ULL

/*
 * Fills the list and the formats. *tracing_data is what a capture carries (NULL
 * without tracepoints; the caller frees).
 */
enum pfa_status events_choose(struct evlist *list, struct formats *formats,
			      const struct event_choice *choice,
			      enum privilege *privilege, void **tracing_data,
			      size_t *tracing_data_bytes,
			      struct pfa_error *err) PFA_MUST_CHECK;

/*
 * The event a ring hangs on: of our own process, recording nothing. Readers of the
 * ring are woken each time `wakeup_bytes` have been written.
 */
enum pfa_status events_open_anchor(uint32_t cpu, uint32_t wakeup_bytes, int *fd,
				   struct pfa_error *err) PFA_MUST_CHECK;

/* The fds of one arming, and what must be done with them together. */
struct event_fds {
	struct event_fd *list;
	size_t count, capacity;
};

struct event_fd {
	int fd;
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
