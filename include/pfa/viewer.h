/*
 * Somebody who looks at `pfa top` on a terminal: frames are drawn as they end, keys are
 * obeyed as they are pressed.
 */
#ifndef PFA_VIEWER_H
#define PFA_VIEWER_H

#include <stdbool.h>

#include "pfa/base/status.h"

struct top;
struct viewer;

/* The top is borrowed. On failure there is no viewer. */
enum pfa_status viewer_open(struct viewer **viewer, struct top *top, bool color,
			    struct pfa_error *err) PFA_MUST_CHECK;
/* Gives the terminal back. */
void viewer_close(struct viewer *viewer);

/* Readable: a round is wanted. Borrowed. */
int viewer_fd(const struct viewer *viewer);

/* Obeys the keys, draws what is new. False: it is enough. */
bool viewer_round(struct viewer *viewer);

/* It is all over: shows what it came to, until a key, or `interrupt_fd`, ends it. */
void viewer_linger(struct viewer *viewer, int interrupt_fd);

#endif
