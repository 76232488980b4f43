#include "pfa/report/rate.h"

bool rate_tenth_ends(struct rate *r, uint64_t since_ns, struct rate_end *end)
{
	uint64_t now = since_ns / RATE_TENTH_NS;
	uint64_t *tenth;

	if (now <= r->now)
		return false;
	*end = (struct rate_end){
		.since_ns = (r->now + 1) * RATE_TENTH_NS,
		.sum = r->sum,
		.whole = r->now + 1 >= RATE_TENTHS,
	};
	/* What follows is the same over and over. */
	r->now = end->whole && !r->sum ? now : r->now + 1;
	tenth = &r->tenths[r->now % RATE_TENTHS];
	r->sum -= *tenth;
	*tenth = 0;
	return true;
}

void rate_add(struct rate *r, uint64_t amount)
{
	r->tenths[r->now % RATE_TENTHS] += amount;
	r->sum += amount;
}
