/*
 * PFA_RARE: a function off the way that every record takes. It stays out of its
 * callers, which then need no registers saved for it.
 */
#ifndef PFA_BASE_RARE_H
#define PFA_BASE_RARE_H

#define PFA_RARE __attribute__((noinline))

#endif
