/*
 * How much there was in a second, any second: a window that moves by tenths.
 *
 * While time goes on the window is nine tenths and the one that has begun: what is in it
 * was in one second. When a tenth ends, the window is exactly the second that ends then.
 */
#ifndef PFA_REPORT_RATE_H
#define PFA_REPORT_RATE_H

#include <stdbool.h>
#include <stdint.h>

enum { RATE_TENTHS = 10, RATE_TENTH_NS = 100000000 };

struct rate {
	uint64_t sum; /* in the window */
	/* Private. */
	uint64_t tenths[RATE_TENTHS];
	uint64_t now; /* the tenth that has begun, from 0 */
};

struct rate_end {
	uint64_t since_ns; /* when the tenth ended */
	uint64_t sum; /* of the second that ended with it */
	bool whole; /* there was such a second since the start */
};

/*
 * Goes on to the end of the tenth that has begun, if it ended by then; times are since
 * the start. False: it goes on. A long time without anything is gone over at once.
 */
bool rate_tenth_ends(struct rate *rate, uint64_t since_ns, struct rate_end *end);

/* Into the tenth that has begun. */
void rate_add(struct rate *rate, uint64_t amount);

#endif
