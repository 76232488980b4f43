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

struct evlist;
struct formats;

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

#endif
