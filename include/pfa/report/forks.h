/*
 * What was copied after each fork: by which side, where, and by which code.
 *
 * A fork leaves two address spaces with the same pages. Who writes to one first gets a
 * copy; who is left alone with one keeps it: it is reused.
 *
 * Memory is bounded by the number of processes that live, not by the number of forks. A
 * fork is over when both sides have gone on to something else: another fork, exec, or
 * their end. Of forks that are over only those stay that copied most.
 */
#ifndef PFA_REPORT_FORKS_H
#define PFA_REPORT_FORKS_H

#include <stddef.h>
#include <stdint.h>

#include "pfa/model/observation.h"

struct naming;

struct cow_counts {
	uint64_t copied, copied_bytes, reused;
	uint64_t untold; /* copied or reused: the frames are not known */
	uint64_t timed; /* of these faults: latency known */
	uint64_t time_ns;
};

enum fork_side { SIDE_PARENT, SIDE_CHILD, SIDE_COUNT };

struct cow_place {
	enum fork_side side;
	const struct region *region;
	const struct code *code; /* NULL: the kernel's, for the process */
	const char *by; /* the code as printed, of those from fork_places() */
	struct cow_counts counts;
};

struct fork_group {
	uint32_t number;
	uint64_t time_ns;
	struct actor actors[SIDE_COUNT]; /* as they were at the fork */
	struct cow_counts sides[SIDE_COUNT];
	struct place_entry *places; /* Private. */
};

struct forks {
	/* Private. */
	struct fork_entry *entries;
	struct side_entry *sides; /* processes whose memory some fork shares, by serial */
	size_t kept; /* forks that are over: so many, up to twice as many for a while */
	size_t over;
	size_t dropped; /* of those that are over and copied something */
};

/* The first `kept` in order are wanted. */
void forks_init(struct forks *forks, size_t kept);
void forks_release(struct forks *forks);

void forks_life(struct forks *forks, const struct life *life);
void forks_fault(struct forks *forks, const struct fault *fault);

/*
 * Those with any faults, but for the dropped ones: most copies first, then most faults,
 * then the earliest. The caller frees the array; the groups are borrowed.
 */
const struct fork_group **forks_sorted(const struct forks *forks, size_t *count);

/*
 * The places of one in the same order, then by side, region and function. The caller frees
 * the array.
 */
struct cow_place *fork_places(const struct fork_group *group, struct naming *naming,
			      size_t *count);

#endif
