/* What the summary in pfa's output says, line by line. */
#ifndef TESTS_SUPPORT_SUMMARY_H
#define TESTS_SUPPORT_SUMMARY_H

#include <stdbool.h>

/* Whether the summary has a line that begins with this name: "gaps", "late". */
bool summary_has(const char *output, const char *name);

/* Fails the test unless the kernel's own counters are what pfa saw. */
void assert_counters_equal(const char *output);

/*
 * The same where the faults went on when the events were disabled: one on each CPU
 * may have been counted by then, but is not recorded any more.
 */
void assert_counters_equal_but_the_last(const char *output);

/* Fails the test if anything was lost, late or damaged, or a gap is told. */
void assert_nothing_odd(const char *output);

#endif
