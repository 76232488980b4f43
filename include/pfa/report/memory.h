/*
 * What the samples of a process's memory come to: peaks, and the course of what was
 * resident. The peaks are of the program that ran last: exec begins anew.
 */
#ifndef PFA_REPORT_MEMORY_H
#define PFA_REPORT_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/report/series.h"

struct memory_sample;

/* Plain data; all 0 to begin with. */
struct memory {
	uint64_t samples; /* since exec; 0: nothing is known */
	bool final; /* the last was of its end, or the trace's: no peak can be missing */
	uint64_t size_peak_bytes, rss_peak_bytes; /* the kernel's */
	bool looked; /* at it alive: the next two are known */
	uint64_t swap_peak_bytes, table_peak_bytes; /* of the samples */
	uint64_t rss_bytes; /* latest */
	struct series rss; /* the largest of each bucket */
};

/* `since_ns`: of the sample, since the run began. */
void memory_add(struct memory *memory, const struct memory_sample *sample,
		uint64_t since_ns);
/* Another program: only what it has over time goes on. */
void memory_exec(struct memory *memory);

#endif
