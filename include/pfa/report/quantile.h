/*
 * The value below or at which a part of all values lies, without keeping them: counted
 * in log-linear buckets, 64 to each power of two.
 *
 * What is told is the upper end of a bucket, or the largest value where that is less:
 * never below the true value (by nearest rank), at most 1/64 of it above.
 */
#ifndef PFA_REPORT_QUANTILE_H
#define PFA_REPORT_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

enum {
	QUANTILE_BITS = 6, /* a power of two has 2^6 buckets */
	QUANTILE_BUCKETS = (64 - QUANTILE_BITS + 1) << QUANTILE_BITS,
};

struct quantile {
	uint64_t percent; /* 1 to 100 */
	uint64_t count; /* of values */
	/* Private. */
	uint64_t largest;
	uint64_t buckets[QUANTILE_BUCKETS];
	size_t at; /* the bucket that the rank is in */
	uint64_t below; /* values in those before it */
};

void quantile_init(struct quantile *quantile, uint64_t percent);
void quantile_add(struct quantile *quantile, uint64_t value);
/* 0 where there are no values. */
uint64_t quantile_value(const struct quantile *quantile);

#endif
