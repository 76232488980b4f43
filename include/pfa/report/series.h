/*
 * A quantity over the time of the run, in a bounded number of buckets: as the run gets
 * longer two become one, and a bucket holds twice the time.
 */
#ifndef PFA_REPORT_SERIES_H
#define PFA_REPORT_SERIES_H

#include <stdbool.h>
#include <stdint.h>

enum { SERIES_BUCKETS = 40 };

/* Plain data. */
struct series {
	bool sums; /* two buckets become their sum; else the larger of them */
	uint64_t bucket_ns;
	uint64_t values[SERIES_BUCKETS]; /* 0: nothing is known */
};

/* Buckets of a millisecond. */
void series_init(struct series *series, bool sums);

/* Half the resolution. */
void series_halve(struct series *series);

/* The value of that time since the run began. */
static inline uint64_t *series_at(struct series *series, uint64_t since_ns)
{
	while (since_ns / series->bucket_ns >= SERIES_BUCKETS)
		series_halve(series);
	return &series->values[since_ns / series->bucket_ns];
}

#endif
