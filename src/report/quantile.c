#include "pfa/report/quantile.h"

#include <string.h>

void quantile_init(struct quantile *q, uint64_t percent)
{
	memset(q, 0, sizeof(*q));
	q->percent = percent;
}

/* Small values have a bucket each. */
static size_t bucket_of(uint64_t value)
{
	unsigned top, shift;

	if (value >> QUANTILE_BITS == 0)
		return value;
	top = 63 - (unsigned)__builtin_clzll(value);
	shift = top - QUANTILE_BITS;
	return ((size_t)shift << QUANTILE_BITS) + (value >> shift);
}

static uint64_t last_of(size_t bucket)
{
	size_t shift = bucket >> QUANTILE_BITS;
	uint64_t mantissa;

	if (shift <= 1)
		return bucket;
	shift--;
	mantissa = bucket - (shift << QUANTILE_BITS);
	return (mantissa << shift) + ((1ULL << shift) - 1);
}

/* The nearest rank: of 100 values the 99th, of 101 the 100th. */
static uint64_t rank_of(const struct quantile *q)
{
	return q->count - (uint64_t)((__uint128_t)q->count * (100 - q->percent) / 100);
}

void quantile_add(struct quantile *q, uint64_t value)
{
	size_t bucket = bucket_of(value);
	uint64_t rank;

	if (value > q->largest)
		q->largest = value;
	q->buckets[bucket]++;
	q->count++;
	q->below += bucket < q->at;
	rank = rank_of(q);
	while (q->below >= rank)
		q->below -= q->buckets[--q->at];
	while (q->below + q->buckets[q->at] < rank)
		q->below += q->buckets[q->at++];
}

uint64_t quantile_value(const struct quantile *q)
{
	uint64_t last = last_of(q->at);

	return last < q->largest ? last : q->largest;
}
