/*
 * The ends of system calls that change an address space: one function a row of
 * decode/mm_calls.h, each applied when the call has succeeded.
 *
 * Sources: mmap(2), mremap(2), brk(2), madvise(2), shmat(2); mm/mmap.c, mm/mremap.c.
 */
#ifndef PFA_MODEL_CALL_ENDS_H
#define PFA_MODEL_CALL_ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/model/observation.h"

struct ended;

/* Whether it changed anything that is told: then *change says what. */
bool call_ends(struct ended *e);

#endif
