/*
 * The rings of a session: one for each CPU of the machine, online or not, so that
 * one that comes online during the run has where to write.
 */
#ifndef PFA_SOURCE_RINGS_H
#define PFA_SOURCE_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/source/ring.h"

/* Embedded in its owner. */
struct rings {
	struct ring *list;
	size_t count;
};

/*
 * Opens them, each of `bytes` rounded up to a power of two of pages. With 0 it is
 * the largest of our sizes that the kernel lets us lock.
 */
enum pfa_status rings_open(struct rings *rings, uint64_t bytes,
			   struct pfa_error *err) PFA_MUST_CHECK;
/* Finds the ring of a CPU, if it has one. */
bool rings_find(const struct rings *rings, uint32_t cpu, size_t *index);

void rings_close(struct rings *rings);

#endif
