#include "pfa/source/attach.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/source/event_fds.h"
#include "pfa/source/procfs.h"
#include "pfa/source/rings.h"

/*
 * Births go on, and each pass finds some of them: but after the first these are nearly
 * all of armed threads, and need no arming.
 */
enum { PASSES_MAX = 4 };

struct attaching {
	struct evlist *list;
	const struct rings *rings;
	struct event_fds *fds;
	struct pids armed; /* threads */
	bool settled; /* whoever is found now was born meanwhile */
	bool *twice;
};

size_t attach_count_threads(const struct pids *processes)
{
	struct pids tids = { 0 };
	size_t count;

	for (size_t i = 0; i < processes->count; i++)
		procfs_threads(processes->list[i], &tids);
	count = tids.count;
	pids_release(&tids);
	return count;
}

/* Arms the threads not armed before; *found tells whether there were any. */
static enum pfa_status arm_new_threads(struct attaching *a, pid_t pid, bool *found,
				       struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	struct pids tids = { 0 };

	*found = false;
	procfs_threads(pid, &tids);
	for (size_t i = 0; i < tids.count && !status; i++) {
		bool gone;

		if (!pids_add(&a->armed, tids.list[i]))
			continue;
		*found = true;
		status = events_arm_task(a->list, tids.list[i], a->rings, a->fds,
					 &gone, err);
	}
	pids_release(&tids);
	return status;
}

/*
 * A thread born during a pass by one that was not armed yet is found by the next
 * pass; one born by an armed thread is found too, and armed twice: what fails then
 * was most likely not needed.
 */
static enum pfa_status arm_process(struct attaching *a, pid_t pid, struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	bool found = true;

	for (int pass = 0; found && !status && pass < PASSES_MAX; pass++) {
		status = arm_new_threads(a, pid, &found, err);
		if (!found || !(pass || a->settled))
			continue;
		*a->twice = true;
		if (status) /* too many files, say */
			return PFA_OK;
	}
	return status;
}

/* Hidden, it may live as well as not: kill() knows. */
static enum pfa_status nothing_armed(pid_t pid, struct pfa_error *err)
{
	if (procfs_parent(pid) < 0 && (!kill(pid, 0) || errno == EPERM))
		return pfa_fail(err, PFA_E_PERM, "process %d is hidden in /proc, which is "
				"mounted with hidepid (run as root)", pid);
	return pfa_fail(err, PFA_E_TARGET, "process %d has ended (a zombie, if ps still "
			"shows it)", pid);
}

static enum pfa_status arm_given(struct attaching *a, const struct pids *processes,
				 struct pfa_error *err)
{
	for (size_t i = 0; i < processes->count; i++) {
		pid_t pid = processes->list[i];
		size_t before = a->fds->count;
		enum pfa_status status = arm_process(a, pid, err);

		if (status)
			return status;
		if (a->fds->count == before)
			return nothing_armed(pid, err);
	}
	return PFA_OK;
}

/* Children made meanwhile, by a thread that was armed (then they are, too), or was not
 * yet. */
static enum pfa_status arm_children(struct attaching *a, struct pids *processes,
				    const struct pids *before, struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	size_t armed = processes->count;

	for (int pass = 0; !status && pass < PASSES_MAX; pass++) {
		if (!procfs_add_children(processes, before))
			break;
		*a->twice = true;
		for (; armed < processes->count && !status; armed++)
			status = arm_process(a, processes->list[armed], err);
	}
	return status;
}

static enum pfa_status arm_late_ones(struct attaching *a, const struct pids *processes,
				     struct pfa_error *err)
{
	struct timespec moment = { .tv_nsec = ATTACH_BIRTH_NS };
	enum pfa_status status = PFA_OK;

	while (nanosleep(&moment, &moment) && errno == EINTR)
		;
	a->settled = true;
	for (size_t i = 0; i < processes->count && !status; i++)
		status = arm_process(a, processes->list[i], err);
	return status;
}

enum pfa_status attach_processes(struct evlist *list, struct pids *processes,
				 bool children, bool at_rest, const struct rings *rings,
				 struct event_fds *fds, bool *twice,
				 struct pfa_error *err)
{
	struct attaching a = { .list = list, .rings = rings, .fds = fds, .twice = twice };
	struct pids before = { 0 };
	enum pfa_status status;

	procfs_processes(&before);
	status = arm_given(&a, processes, err);
	if (!status && children)
		status = arm_children(&a, processes, &before, err);
	if (!status && !at_rest)
		status = arm_late_ones(&a, processes, err);
	if (!status && !at_rest && children)
		status = arm_children(&a, processes, &before, err);
	pids_release(&a.armed);
	pids_release(&before);
	return status;
}
