/*
 * What is measured: a row for each line of the table that is printed.
 *
 * A row compares up to three commands (command.h), which take turns. Rows that
 * follow each other `with_previous` take turns together, and a command that
 * several of them name runs once for all. To add a measurement, add a row.
 */
#ifndef TESTS_BENCH_ROWS_H
#define TESTS_BENCH_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "values.h"

/* The same events with the same fields, each one, in rings of the same size. */
#define PERF_RECORD                                                           \
	"perf record -q -N -B -c 1 -k mono -d --data-page-size --phys-data " \
	"-m {ring} -e {events} -o {out} -- "

enum part { UNTRACED, PFA, PEER, PARTS };

enum unit { UNIT_TIME, UNIT_BYTES };

struct bar {
	const char *text; /* NULL: nothing to reach */
	double at_most;   /* pfa over peer; nanoseconds or bytes if absolute */
	bool absolute;
};

struct row {
	const char *name;
	const char *commands[PARTS]; /* NULL: none */
	value_of_run *value;
	enum unit unit;
	struct bar bar;
	check_of_run *check; /* of pfa's run; NULL: none */
	const char *before;  /* a command that makes what they need */
	unsigned long long room_bytes; /* for files, where more than usual */
	unsigned rounds; /* at most so many; 0: as many as asked for */
	bool with_previous;
	bool watch_memory;
	bool anyone; /* needs no privilege */
};

extern const struct row rows[];
extern const size_t row_count;

#endif
