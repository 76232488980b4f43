/*
 * A run of any length through the whole pipeline: the records of a busy machine,
 * drained in rounds as from its rings, to a report that goes nowhere.
 */
#ifndef TESTS_SUPPORT_LONG_RUN_H
#define TESTS_SUPPORT_LONG_RUN_H

#include <stdbool.h>
#include <stdint.h>

enum { TENTHS = 10 };

/* At the end of each tenth of the run, since its start. */
struct long_run {
	struct {
		uint64_t records;
		double seconds; /* of processor time */
		uint64_t anon_kib; /* RssAnon of /proc/self/status */
	} tenths[TENTHS];
};

/* Calls `told`, if not NULL, as each tenth has passed. */
void long_run(struct long_run *run, uint64_t records,
	      void (*told)(const struct long_run *run, int tenth));

/* Memory after the last tenth against the second: the first fills the tables. */
bool long_run_grew(const struct long_run *run);

#endif
