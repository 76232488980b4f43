/*
 * Tells what is recorded twice.
 *
 * A thread born while its process is being attached to may inherit events from the
 * thread that made it and then be armed itself: every event of it comes
 * twice, under two ids. Of one event, on one CPU, by one thread, only the id seen
 * first counts. The two copies of a software event may bear one id; then they bear
 * the same time too (sieve.h), which no two faults of a thread do.
 */
#ifndef PFA_SOURCE_DEDUPE_H
#define PFA_SOURCE_DEDUPE_H

#include <stdbool.h>
#include <stdint.h>

struct dedupe;
struct evsel;
struct stamp;

struct dedupe *dedupe_new(void);
void dedupe_free(struct dedupe *dedupe);

/* Whether the event's record, from the ring of `cpu`, is a second copy. */
bool dedupe_is_copy(struct dedupe *dedupe, uint32_t cpu, const struct evsel *evsel,
		    const struct stamp *stamp);

#endif
