/*
 * Drops what is recorded twice.
 *
 * A thread born while its process is being attached to may inherit events from the
 * thread that made it and then be armed itself: every event of it comes
 * twice, under two ids. Of one event, on one CPU, by one thread, only the id seen
 * first counts.
 */
#ifndef PFA_SOURCE_DEDUPE_H
#define PFA_SOURCE_DEDUPE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

struct dedupe;
struct evlist;

struct dedupe *dedupe_new(const struct evlist *list);
void dedupe_free(struct dedupe *dedupe);

/* Whether the record, from the ring of `cpu`, is a second copy. */
bool dedupe_is_copy(struct dedupe *dedupe, uint32_t cpu,
		    const struct perf_event_header *record);

#endif
