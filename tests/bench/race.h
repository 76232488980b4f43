/*
 * Rows measured together: their commands take turns, round by round, so that
 * what disturbs the machine disturbs all of them.
 */
#ifndef TESTS_BENCH_RACE_H
#define TESTS_BENCH_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/text.h"
#include "rows.h"

struct setting;

/* The values of one command in all rounds. */
struct samples {
	double *values;
	size_t count, capacity;
	uint64_t peak_bytes; /* the most resident memory of its runs */
	uint64_t lost; /* records in all of its runs */
	bool tells_lost;
};

enum verdict { NO_BAR, MET, MISSED, NOT_MEASURED, FAILED };

struct result {
	const struct row *row;
	struct samples samples[PARTS];
	struct text not_measured, failed, missed; /* why; empty: it isn't */
};

/* Of the samples there are; they are sorted by it. 0 where there are none. */
double samples_median(struct samples *samples);

void result_init(struct result *result, const struct row *row);
void result_release(struct result *result);
enum verdict result_verdict(struct result *result);

/* Measures these rows together. Ends early when interrupted. */
void race(struct result *results, size_t count, const struct setting *setting);

#endif
