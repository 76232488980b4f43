/*
 * SIGINT, SIGTERM and SIGHUP end the program that runs, with all of its group,
 * and then the benchmarks: in order, so that files are removed.
 */
#ifndef TESTS_BENCH_INTERRUPT_H
#define TESTS_BENCH_INTERRUPT_H

#include <stdbool.h>
#include <sys/types.h>

void interrupt_catch(void);

/* Forks a leader of its own group, which signals will end; 0 in the child. */
pid_t interrupt_fork(void);
/* It has been waited for. */
void interrupt_forget(void);

/* The signal that came, or 0. */
int interrupted(void);

#endif
