/*
 * The number that a run is about: nanoseconds or bytes. False if the run does
 * not tell it.
 */
#ifndef TESTS_BENCH_VALUES_H
#define TESTS_BENCH_VALUES_H

#include <stdbool.h>

struct run;

typedef bool value_of_run(const struct run *run, double *value);

/* What the workload says of itself: the time of its work, and nothing else. */
value_of_run value_said_elapsed;
/* From the start of the command to its end. */
value_of_run value_whole_time;
/* The largest resident memory without mapped files. */
value_of_run value_own_memory;
/* What programs/space.c and programs/model.c say. */
value_of_run value_said_change, value_said_lookup, value_said_kept, value_said_fault;
/* From the target's end (programs/ending.c) to the summary, and to our end. */
value_of_run value_end_to_summary, value_end_to_exit;

/*
 * What a run must have got right for its number to count. The workload's words
 * are in run->out, the tracer's in the output file. Says why not.
 */
struct text;

typedef bool check_of_run(const struct run *run, const char *out_path,
			  struct text *why);

/* Nothing lost, and as many faults as the kernel counted. */
check_of_run check_complete;
/* Moreover: each round of mmap_storm's first thread is there, change by change. */
check_of_run check_every_change;
/* Of `pfa map --pages`: what is resident, by smaps and by the page tables the same. */
check_of_run check_all_resident;
/* Moreover: it was compared with the kernel, and nothing differed. */
check_of_run check_no_drift;

#endif
