/*
 * An observer that writes down what it is told, one short line an observation:
 *
 *     P1.T2 MINOR zero-fill anon w +500            a fault, and its latency
 *     P1.T1 MUNMAP_REMOVE 10-14 anon               pages in hex, as in layout.h
 *     P1.T1 FORK P2.T3 process
 *     P2.T3 EXIT process
 *     LOST 5
 *     P1 DRIFT 10-12 nothing, mapped rw-p anon, of 1
 *
 * P and T are the serials of process and thread; kernel-mode faults end in "kernel".
 */
#ifndef TESTS_SUPPORT_WATCH_H
#define TESTS_SUPPORT_WATCH_H

#include "pfa/model/observation.h"

struct watch {
	char told[8192];
	size_t used;
	struct fault fault; /* the last one */
	struct life life;   /* likewise */
};

struct observer watch_observer(struct watch *watch);

/* What was told since the last check, exactly; then it is forgotten. */
void check_told(struct watch *watch, const char *lines);

#endif
