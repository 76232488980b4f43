/*
 * The records that a tracer lost, by what it wrote: the summary at the end of
 * pfa's output, or the records of a perf.data file that tell of losses.
 *
 * False if it is neither.
 */
#ifndef TESTS_BENCH_LOST_H
#define TESTS_BENCH_LOST_H

#include <stdbool.h>
#include <stdint.h>

bool lost_records(const char *path, uint64_t *lost);

/* The end of a file, large enough for a summary. Owned by the caller. */
char *tail_of_file(const char *path);

#endif
