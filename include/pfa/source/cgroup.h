/*
 * A control group, as a set of processes.
 *
 * Source: cgroups(7); PERF_FLAG_PID_CGROUP in perf_event_open(2).
 */
#ifndef PFA_SOURCE_CGROUP_H
#define PFA_SOURCE_CGROUP_H

#include "pfa/base/status.h"

struct pids;

/* Embedded in its owner. */
struct cgroup {
	char *path; /* of its directory */
	int fd;	    /* likewise, what perf_event_open takes; -1: none */
};

/*
 * Finds a control group by its directory, or by its name below the mount of a
 * hierarchy that has the perf_event controller: as in /proc/PID/cgroup.
 */
enum pfa_status cgroup_open(struct cgroup *cgroup, const char *name,
			    struct pfa_error *err) PFA_MUST_CHECK;
void cgroup_close(struct cgroup *cgroup);

/* Adds the processes in it and in the groups below it. */
void cgroup_processes(const struct cgroup *cgroup, struct pids *pids);

#endif
