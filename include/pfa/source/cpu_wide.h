/*
 * Events on whole CPUs, for all tasks or for those of a control group, while CPUs
 * come and go.
 *
 * An event of a CPU ends when the CPU goes offline; when it is back online new ones
 * are opened. What ran there in between, some milliseconds, nobody saw.
 */
#ifndef PFA_SOURCE_CPU_WIDE_H
#define PFA_SOURCE_CPU_WIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/base/status.h"

struct cpu_wide;
struct event_fds;
struct evlist;
struct rings;

/* Everything is borrowed. `cgroup` is a directory, or -1. */
struct cpu_wide *cpu_wide_new(struct evlist *list, const struct rings *rings, int cgroup,
			      struct event_fds *fds);
void cpu_wide_free(struct cpu_wide *wide);

/* Opens the events on all CPUs that are online, disabled. */
enum pfa_status cpu_wide_arm(struct cpu_wide *wide,
			     struct pfa_error *err) PFA_MUST_CHECK;

/* Becomes readable when a CPU goes or comes; -1 where nobody tells. */
int cpu_wide_fd(const struct cpu_wide *wide);

/* Opens and enables them on a CPU that has come: true, and which. To be called until
 * it is false. */
bool cpu_wide_rearm(struct cpu_wide *wide, uint32_t *cpu);

#endif
