/*
 * The perf events of a live session: which, with what attributes, opened how.
 *
 * events_choose() fills the list with what the privilege allows; event_fds.h opens
 * them on tasks.
 */
#ifndef PFA_SOURCE_EVENTS_H
#define PFA_SOURCE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/source/call_graph.h"

struct event_groups;
struct evlist;
struct formats;

struct event_choice {
	unsigned wanted;	/* groups, a bit each (event_groups.h) */
	bool inherit_processes; /* children too, not only threads */
	bool start_at_exec;	/* armed before exec, silent until then */
	bool cpu_wide;		/* for all processes of a CPU */
	struct call_graph call_graph;
};

/* The id of the note event, which the kernel never sees. */
#define EVENTS_NOTE_ID 0x7066616e6f7465ULL

/*
 * Fills the list and the formats, and says which groups there are. *tracing_data is
 * what a capture carries (NULL without tracepoints; the caller frees).
 */
enum pfa_status events_choose(struct evlist *list, struct formats *formats,
			      const struct event_choice *choice,
			      struct event_groups *groups, void **tracing_data,
			      size_t *tracing_data_bytes,
			      struct pfa_error *err) PFA_MUST_CHECK;

/* Instead of for tasks, after all: what only means something for those goes. */
void events_make_cpu_wide(struct evlist *list);

/*
 * The event a ring hangs on: of our own process, recording nothing. Readers of the
 * ring are woken each time `wakeup_bytes` have been written.
 */
enum pfa_status events_open_anchor(uint32_t cpu, uint32_t wakeup_bytes, int *fd,
				   struct pfa_error *err) PFA_MUST_CHECK;

#endif
