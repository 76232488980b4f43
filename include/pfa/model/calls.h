/*
 * System calls and MMAP2 records applied to an address space.
 *
 * MMAP2 carries the VMA as it is after mmap, mprotect, brk growth or stack growth,
 * merged with its neighbours; nothing comes for what removes or moves, so that is
 * taken from the calls' arguments and results. One row of mm_calls.h has one function here.
 */
#ifndef PFA_MODEL_CALLS_H
#define PFA_MODEL_CALLS_H

#include <stdbool.h>

#include "pfa/decode/event.h"
#include "pfa/model/observation.h"

struct backing_table;
struct thread;
struct vma;

void calls_begin(struct thread *thread, const struct event *event);

/* The first VMA of the range as it was when the call that has just ended began; NULL:
 * nothing was there. */
const struct vma *calls_before(const struct thread *thread,
				const struct change *change);

/*
 * Applies a call that has ended. True when it changed the layout or was an advice: kind, range,
 * old range, protections and advice of *change are set (not its actor and region).
 */
bool calls_end(struct thread *thread, const struct event *event,
	       struct change *change);

/* Applies an MMAP2 record; true when it was the stack growing. */
bool calls_mmap(struct thread *thread, const struct event *event,
		struct backing_table *backings, struct change *change);

#endif
