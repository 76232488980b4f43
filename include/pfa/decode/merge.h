/*
 * Per-CPU streams of records become one stream in time order.
 *
 * Each ring is in order by itself but for rare inversions; among each other rings
 * are not ordered. Records go in as they are read and come out by (time, cpu,
 * arrival), once nothing older can still arrive: the caller knows that limit.
 * The merge does not look at the bytes: they stay the caller's.
 */
#ifndef PFA_DECODE_MERGE_H
#define PFA_DECODE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/decode/record.h"

struct merge;

struct merge *merge_new(void);
void merge_free(struct merge *merge);

void merge_push(struct merge *merge, const struct record *record);

/* The oldest record if its time is at most `limit_ns`; false when there is none. */
bool merge_pop(struct merge *merge, uint64_t limit_ns, struct record *record);

/* Records that arrived after younger ones had been released. */
uint64_t merge_late_count(const struct merge *merge);

#endif
