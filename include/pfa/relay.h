/*
 * From the thread that drains the rings to the one that analyses: records are copied into
 * batches, a batch is handed over at each round, and the rings are free again, however
 * long it takes to look up a name or to write a line.
 *
 * What waits in between has a limit: beyond it the draining thread waits, too, and what
 * does not fit the rings meanwhile is lost and counted as ever. As long as little waits,
 * and the draining thread has a higher priority than usual, the other has a lower one.
 */
#ifndef PFA_RELAY_H
#define PFA_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/consumer.h"

struct evlist;
struct keeper;
struct record;
struct relay;

/* The far side, all of it called in the other thread. */
struct relay_far {
	void *context;
	/* The record is a copy of the relay's keeper, to be released there. */
	void (*take)(void *context, const struct record *record);
	/* As a consumer's round. */
	bool (*round)(void *context, uint64_t limit_ns);
};

/* `wake_fd` as a consumer's. What is passed is borrowed. */
enum pfa_status relay_open(struct relay **relay, const struct evlist *list,
			   const struct relay_far *far, int wake_fd,
			   struct pfa_error *err) PFA_MUST_CHECK;
/* The near side. A round is false as soon as one of the far side was. */
struct consumer *relay_consumer(struct relay *relay);
struct keeper *relay_keeper(struct relay *relay);

/* Hands the rest over and waits until it has been taken: from then on there is one
 * thread. */
void relay_end(struct relay *relay);
/* After relay_end(), when all copies are released. NULL-safe. */
void relay_free(struct relay *relay);

#endif
