/*
 * The processes that are being traced, as far as the side-band records tell.
 *
 * Needed when records were lost: their address spaces are then read anew. The rings
 * are seen one after the other, so a process may be held to live after its end; it
 * is then found gone when it is looked at.
 */
#ifndef PFA_SOURCE_FOLLOWED_H
#define PFA_SOURCE_FOLLOWED_H

#include <linux/perf_event.h>
#include <stdint.h>
#include <sys/types.h>

struct composer;
struct followed;

struct followed *followed_new(void);
void followed_free(struct followed *followed);

void followed_add(struct followed *followed, pid_t pid);
/* Looks at a FORK or EXIT record. */
void followed_saw(struct followed *followed,
		  const struct perf_event_header *record);

/* Emits a snapshot of every process that still lives. */
void followed_snapshot(struct followed *followed, const struct composer *composer);

/* How many are still there. */
size_t followed_count_living(const struct followed *followed);

#endif
