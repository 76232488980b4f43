/*
 * perf_event_open(2), without a group and closed on exec.
 */
#ifndef PFA_SOURCE_PERF_OPEN_H
#define PFA_SOURCE_PERF_OPEN_H

#include <sys/types.h>

struct perf_event_attr;

/* On a task (-1: all) or, with PERF_FLAG_PID_CGROUP, a control group's directory. */
int perf_open(const struct perf_event_attr *attr, pid_t of, int cpu, unsigned long flags);

#endif
