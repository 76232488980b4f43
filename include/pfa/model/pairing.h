/*
 * Faults: a beginning and an end of one thread become one observation.
 *
 * A beginning without an end failed, was interrupted, or was tried by the kernel with faults disabled;
 * a signal, or what the thread does next, tells which.
 */
#ifndef PFA_MODEL_PAIRING_H
#define PFA_MODEL_PAIRING_H

#include <stdbool.h>

#include "pfa/decode/event.h"
#include "pfa/model/observation.h"

struct names;
struct thread;

enum pairing_result {
	PAIRING_NOTHING, /* no fault to report */
	PAIRING_FAULT,   /* *fault is filled */
	PAIRING_RETRIED, /* the beginning counts for nothing: it will come again */
};

void pairing_begin(struct thread *thread, struct names *names,
		   const struct event *event);

/*
 * The end of the open fault, or of one whose beginning was not seen. `may_swap`: a
 * page that is gone may be in swap.
 */
void pairing_end(struct thread *thread, struct names *names,
		 const struct event *event, bool may_swap, struct fault *fault);

/* SIGSEGV or SIGBUS raised at the thread. */
enum pairing_result pairing_signal(struct thread *thread,
				   struct names *names,
				   const struct event *event, struct fault *fault);

/*
 * The thread went on without an end. `signals_seen`: had it been a failure of user
 * mode, its signal would have told.
 */
enum pairing_result pairing_give_up(struct thread *thread,
				    struct names *names,
				    const struct event *event, bool signals_seen,
				    struct fault *fault);

#endif
