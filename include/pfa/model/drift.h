/*
 * Where an address space as modelled and as the kernel has it differ.
 *
 * Both are cut at each other's borders, so that it does not matter where one has a
 * border between equal neighbours: the kernel splits VMAs for reasons of its own
 * (madvise, mlock, mbind, names). Pure functions.
 */
#ifndef PFA_MODEL_DRIFT_H
#define PFA_MODEL_DRIFT_H

#include <stddef.h>
#include <stdint.h>

#include "pfa/model/space.h"

struct backing_table;
struct text;

/* A range, as long as what each has there is of one piece. */
struct difference {
	uint64_t start, end;
	struct vma modelled, mapped; /* end 0: nothing */
};

/* The space that a text of /proc/PID/maps tells of. The caller frees it. */
struct space *drift_read_maps(const char *text, size_t length,
			      struct backing_table *backings);

/* All of them in order of address; the caller frees the list. NULL: there are none. */
struct difference *drift_find(const struct space *modelled, const struct space *mapped,
			      size_t *count);

/* Makes the modelled space what the mapped one is there. */
void drift_repair(struct space *modelled, const struct difference *difference);

/* What one of them has at an address: "rw-p anon", "nothing". */
void drift_describe(struct text *out, const struct vma *vma, uint64_t addr);

#endif
