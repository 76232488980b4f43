/*
 * Runs a command to its end and tells what can be seen from outside.
 *
 * Standard input is empty, standard output is read through a pipe (at most a
 * megabyte of it is kept) unless the command sends it to a file, standard error
 * is kept for run_complaint(). Times are CLOCK_MONOTONIC.
 */
#ifndef TESTS_BENCH_RUN_H
#define TESTS_BENCH_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/base/text.h"

struct setting;

struct run {
	int status; /* as wait() gives it */
	uint64_t began_ns, ended_ns;
	uint64_t summary_ns; /* when "Summary:" could be read; 0: never */
	uint64_t peak_bytes; /* resident, with the files that are mapped */
	uint64_t peak_anon_bytes; /* without them; where memory was watched */
	struct text out, err;
};

/*
 * False if it could not be started or did not exit with 0. `watch_memory` looks
 * at its memory once a millisecond, which takes a bit of its time.
 * run_release() must follow in any case.
 */
bool run_command(struct run *run, const struct setting *setting,
		 const char *pattern, bool watch_memory);
void run_release(struct run *run);

/* One line: how it ended and what it said last. Borrowed. */
const char *run_complaint(struct run *run);

#endif
