/*
 * System calls and MMAP2 records applied to an address space.
 *
 * MMAP2 carries the VMA as it is after mmap, mprotect, brk growth or stack growth,
 * merged with its neighbours; nothing comes for what removes or moves, so that is
 * taken from the calls' arguments and results (call_ends.h).
 */
#ifndef PFA_MODEL_CALLS_H
#define PFA_MODEL_CALLS_H

#include <stdbool.h>

#include "pfa/decode/event.h"
#include "pfa/model/observation.h"
#include "pfa/model/space.h"

struct backing_table;
struct names;
struct thread;

void calls_begin(struct thread *thread, const struct names *names,
		 const struct event *event);

/* The first VMA of the range as it was when the call that has just ended began; NULL:
 * nothing was there. */
const struct vma *calls_before(const struct thread *thread,
				const struct change *change);

/*
 * Applies a call that has ended. True when there is something to tell: a change of the
 * layout, an advice, or that it failed. Then *change says all of it but actor, CPU, time
 * and region.
 */
bool calls_end(struct thread *thread, const struct event *event,
	       struct names *names, struct change *change);

/* The VMA that an MMAP2 record tells of. */
struct vma calls_vma_of(const struct event *event, struct backing_table *backings);

/* Applies an MMAP2 record; true when it was the stack growing: likewise. */
bool calls_mmap(struct thread *thread, const struct event *event,
		const struct names *names, struct change *change);

#endif
