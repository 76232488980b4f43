#include "pfa/source/attach.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/source/event_fds.h"

struct attaching {
	struct evlist *list;
	const struct ring *rings;
	size_t ring_count;
	struct event_fds *fds;
	pid_t *armed;
	size_t armed_count, armed_capacity;
};

static bool is_armed(const struct attaching *a, pid_t tid)
{
	for (size_t i = 0; i < a->armed_count; i++)
		if (a->armed[i] == tid)
			return true;
	return false;
}

static enum pfa_status arm(struct attaching *a, pid_t tid, struct pfa_error *err)
{
	bool gone;

	a->armed = pfa_grow(a->armed, a->armed_count, &a->armed_capacity,
			    sizeof(pid_t));
	a->armed[a->armed_count++] = tid;
	return events_arm_task(a->list, tid, a->rings, a->ring_count, a->fds, &gone,
			       err);
}

/* Arms the threads not armed before; *found tells whether there were any. */
static enum pfa_status arm_new_threads(struct attaching *a, pid_t pid, bool *found,
				       struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	char path[64];
	struct dirent *entry;
	DIR *dir;

	*found = false;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (!status && dir && (entry = readdir(dir))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (!isdigit((unsigned char)entry->d_name[0]) || is_armed(a, tid))
			continue;
		*found = true;
		status = arm(a, tid, err);
	}
	if (dir)
		closedir(dir);
	return status;
}

static size_t count_threads(pid_t pid)
{
	char path[64];
	size_t count = 0;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		count += isdigit((unsigned char)entry->d_name[0]) != 0;
	if (dir)
		closedir(dir);
	return count;
}

/* Better said at once than after the first thousands. */
static enum pfa_status check_limit(const struct attaching *a, pid_t pid,
				   struct pfa_error *err)
{
	size_t threads = count_threads(pid);
	size_t needed = threads * a->list->count * a->ring_count + a->fds->count;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || needed < limit.rlim_cur)
		return PFA_OK;
	return pfa_fail(err, PFA_E_PERM, "process %d has %zu threads: to trace them takes "
			"%zu open files, the limit is %llu (raise ulimit -n)", pid,
			threads, needed, (unsigned long long)limit.rlim_cur);
}

enum pfa_status attach_process(struct evlist *list, pid_t pid,
			       const struct ring *rings, size_t ring_count,
			       struct event_fds *fds, bool *twice,
			       struct pfa_error *err)
{
	struct attaching a = { .list = list, .rings = rings,
			       .ring_count = ring_count, .fds = fds };
	enum pfa_status status = check_limit(&a, pid, err);
	bool found = true;

	/*
	 * A thread born during a pass by one that was not armed yet is found by the
	 * next pass; one born by an armed thread is found too, and armed twice.
	 */
	for (int pass = 0; !status && found; pass++) {
		status = arm_new_threads(&a, pid, &found, err);
		if (pass && found)
			*twice = true;
	}
	free(a.armed);
	return status;
}
