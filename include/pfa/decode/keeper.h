/*
 * Copies of records whose own bytes do not last, as those of a ring: each is kept
 * until it is released, in about the order in which they came.
 *
 * The keeper owns the copies. All are released before keeper_free(). One thread may
 * copy while another releases.
 */
#ifndef PFA_DECODE_KEEPER_H
#define PFA_DECODE_KEEPER_H

#include "pfa/decode/record.h"

struct keeper;

struct keeper *keeper_new(void);
void keeper_free(struct keeper *keeper);

/* Aligned to 8 bytes. */
const struct perf_event_header *keeper_copy(struct keeper *keeper,
					    const struct perf_event_header *record);
void keeper_release(struct keeper *keeper, const struct perf_event_header *copy);

#endif
