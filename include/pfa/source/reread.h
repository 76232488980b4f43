/*
 * Layouts read once more while the trace goes on (--verify), as notes in the stream:
 * the model compares them with what it made of the records (model/verify.h).
 *
 *     maps begin=NS part=I of=N
 *     TEXT
 *
 * The process's /proc/PID/maps in as many notes as it needs, one behind the other, all
 * of the time when reading ended; it began at NS. Parts count from 1 and are cut
 * anywhere.
 */
#ifndef PFA_SOURCE_REREAD_H
#define PFA_SOURCE_REREAD_H

#include <stddef.h>
#include <stdint.h>

#include "pfa/source/procfs.h"

struct composer;
struct followed;

/* Embedded in its owner; all 0 to begin with. */
struct reread {
	struct pids pids; /* of this turn */
	size_t at;	  /* of them, who comes next */
	uint64_t turn_ns; /* when it began */
	uint64_t next_ns; /* not before */
};

void reread_release(struct reread *reread);

/*
 * Processes in turn, some at a time: each again after 50 ms at the earliest, and one
 * part of time in twenty in all, however many they are and however long it takes.
 */
void reread_some(struct reread *reread, const struct followed *followed,
		 const struct composer *composer);

/* All of them, now. */
void reread_all(const struct followed *followed, const struct composer *composer);

#endif
