/*
 * Which of many intervals holds an address: of several the one that begins last (the
 * innermost, where they are nested), found by a binary search.
 *
 * Add them in any order, settle once, then ask. Of those with one beginning the one of
 * the highest rank wins while it lasts, then the lowest value. One without an end of
 * its own (`open`) ends where the next begins, at `end` at the latest, and is nothing
 * where another covers its beginning.
 */
#ifndef PFA_SYMBOL_INTERVALS_H
#define PFA_SYMBOL_INTERVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INTERVALS_NONE = UINT32_MAX };

struct interval {
	uint64_t start, end; /* the first byte behind it */
	uint32_t value, rank;
	bool open;
};

/* Embedded; all zero is empty. */
struct intervals {
	struct interval *list; /* until settled */
	size_t count, capacity;
	struct stretch { uint64_t start; uint32_t value; } *flat;
	size_t flat_count, flat_capacity;
};

/* One that is empty is left out. */
void intervals_add(struct intervals *intervals, const struct interval *interval);
void intervals_settle(struct intervals *intervals);
void intervals_release(struct intervals *intervals);

/* The value of the one that holds the address, or INTERVALS_NONE. */
uint32_t intervals_find(const struct intervals *intervals, uint64_t addr);

#endif
