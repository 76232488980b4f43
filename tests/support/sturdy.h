/*
 * The target that takes no harm (live/sturdy.c), from the side of the test.
 *
 * Whatever goes wrong in here (also a target that no longer makes progress) fails the
 * test.
 */
#ifndef TESTS_SUPPORT_STURDY_H
#define TESTS_SUPPORT_STURDY_H

#include <sys/types.h>

struct run;

/* Starts "sturdy WHAT" and waits until it is ready. */
void sturdy_start(struct run *run, const char *what);

/* The process that said "ready" in a text. */
pid_t sturdy_pid(const char *said);

/* Waits until it has taken so many page faults more, or some thousand. */
void sturdy_await_faults(pid_t pid, unsigned long long more);
void sturdy_goes_on(pid_t pid);

/* What its page faults took at best, in ns a round, since it was asked before. */
long sturdy_best(const struct run *run);

/* Ends it, as it always ends; then the run is released. */
void sturdy_ends_unharmed(struct run *run);

/* The only child of a process; waits for it. */
pid_t child_of(pid_t parent);

#endif
