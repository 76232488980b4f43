/*
 * The processes that are being traced, as far as the side-band records tell.
 *
 * Needed where the kernel does not choose them for us, and when records were lost:
 * then their address spaces are read anew. The rings are seen one after the other,
 * so a process may be held to live after its end; it is then found gone when it
 * is looked at.
 */
#ifndef PFA_SOURCE_FOLLOWED_H
#define PFA_SOURCE_FOLLOWED_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct composer;
struct followed;
struct pids;

enum follow_rule {
	FOLLOW_RECORDED, /* all that records are of: the kernel chose them */
	FOLLOW_MEMBERS,	 /* likewise, but some come without a FORK record */
	FOLLOW_CHILDREN, /* those named and their descendants, among many others */
	FOLLOW_NAMED,	 /* only those named, among many others */
};

struct followed *followed_new(enum follow_rule rule);
void followed_free(struct followed *followed);

/* Whether children matter that nobody saw being born. */
bool followed_takes_children(const struct followed *followed);

void followed_add(struct followed *followed, pid_t pid);
bool followed_has(const struct followed *followed, pid_t pid);
/* Adds all of them to the list. */
void followed_pids(const struct followed *followed, struct pids *pids);

/* False for a FORK record of a thread. */
bool followed_read_birth(const struct perf_event_header *record, uint32_t *pid,
			 uint32_t *parent);
void followed_born(struct followed *followed, uint32_t pid, uint32_t parent);
/* Looks at an EXIT record. */
void followed_saw_exit(struct followed *followed,
		       const struct perf_event_header *record);

/*
 * Whether the record is to be kept: it is of a process that is followed. By
 * FOLLOW_MEMBERS an unknown one is welcome: *met is its pid.
 */
bool followed_admits(struct followed *followed,
		     const struct perf_event_header *record, uint32_t *met);

/*
 * Snapshots take time, and the rings go on filling: all processes are marked as due,
 * then some are taken at a time, until a moment in time. Whether all are done. What
 * is not there any more is followed no more, and said to have ended.
 */
void followed_mark_due(struct followed *followed);
/* That one is not: nothing can have changed. */
void followed_is_known(struct followed *followed, pid_t pid);
bool followed_snapshot(struct followed *followed, const struct composer *composer,
		       uint64_t until_ns);

/* How many are still there. */
size_t followed_count_living(const struct followed *followed);

#endif
