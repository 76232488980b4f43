/*
 * A run of any length through pfa's pipeline, from records to the printed line:
 * whether memory stays as it is, and whether time is linear.
 *
 *	generate [RECORDS]	100000000
 *
 * A line each tenth. Times are processor time, that of making the records included.
 * Exit status 1 if memory grew.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../support/long_run.h"

static void print_tenth(const struct long_run *run, int i)
{
	const uint64_t records = i ? run->tenths[i - 1].records : 0;
	const double seconds = i ? run->tenths[i - 1].seconds : 0;

	printf("%12" PRIu64 " records  %6.1f s  %9.0f records/s  RssAnon %6" PRIu64 " KiB\n",
	       run->tenths[i].records, run->tenths[i].seconds,
	       (double)(run->tenths[i].records - records) /
		       (run->tenths[i].seconds - seconds),
	       run->tenths[i].anon_kib);
	fflush(stdout);
}

static void print_time(const struct long_run *run)
{
	const double first = run->tenths[TENTHS / 2 - 1].seconds;
	const double second = run->tenths[TENTHS - 1].seconds - first;

	printf("time: the second half took %.2f times as long as the first\n",
	       second / first);
}

int main(int argc, char **argv)
{
	uint64_t records = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000000;
	struct long_run run;

	if (records < TENTHS) {
		fprintf(stderr, "usage: %s [RECORDS]\n", argv[0]);
		return 2;
	}
	long_run(&run, records, print_tenth);
	print_time(&run);
	printf("memory: %s\n", long_run_grew(&run) ? "grew" : "did not grow");
	return long_run_grew(&run);
}
