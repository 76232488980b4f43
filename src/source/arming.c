#include "pfa/source/arming.h"

#include <errno.h>
#include <sys/resource.h>

#include "pfa/base/text.h"
#include "pfa/source/attach.h"
#include "pfa/source/compose.h"
#include "pfa/source/cpu_wide.h"
#include "pfa/source/events.h"
#include "pfa/source/followed.h"
#include "pfa/source/live_options.h"
#include "pfa/source/procfs.h"
#include "pfa/source/scope.h"

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	/* Up to the hard limit; root may go beyond it. Without, we find out later. */
	limit.rlim_cur = limit.rlim_max;
	(void)!setrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max = 1 << 20;
	(void)!setrlimit(RLIMIT_NOFILE, &limit);
}

/* What pfa has open beside the events and the rings. */
enum { OTHER_FILES = 16 };

/* Then what is not of the processes traced is dropped as it comes. */
static bool threads_are_too_many(const struct arming *a, const struct evlist *list,
				 const struct pids *pids, struct text *notices)
{
	size_t threads = attach_count_threads(pids);
	size_t needed = (threads * events_to_open(list) + 1) * a->rings.count +
			OTHER_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || needed <= limit.rlim_cur)
		return false;
	text_printf(notices, "note: tracing %zu thread%s takes %zu open files, the limit "
		    "is %llu (ulimit -n): all processes of each CPU are traced and "
		    "the others dropped\n", threads, threads == 1 ? "" : "s", needed,
		    (unsigned long long)limit.rlim_cur);
	return true;
}

static enum pfa_status arm_cpus(struct arming *a, struct evlist *list, int cgroup,
				struct pfa_error *err)
{
	events_make_cpu_wide(list);
	a->wide = cpu_wide_new(list, &a->rings, cgroup, &a->fds);
	return cpu_wide_arm(a->wide, err);
}

/* Where that is not permitted, more descriptors are the remedy. */
static enum pfa_status arm_cpus_instead(struct arming *a, struct evlist *list,
					struct pfa_error *err)
{
	enum pfa_status status = arm_cpus(a, list, -1, err);

	if (status != PFA_E_PERM)
		return status;
	return pfa_fail(err, status, "too many threads for the number of open files "
			"(raise ulimit -n)");
}

static enum pfa_status arm(struct arming *a, struct evlist *list,
			   const struct scope *scope, struct pids *pids, bool children,
			   struct text *notices, struct pfa_error *err)
{
	if (scope->kind != SCOPE_PROCESSES)
		return arm_cpus(a, list, scope->cgroup.fd, err);
	if (!scope->program && threads_are_too_many(a, list, pids, notices))
		return arm_cpus_instead(a, list, err);
	/* A program that is launched waits at its gate. */
	return attach_processes(list, pids, children, scope->program, &a->rings, &a->fds,
				&a->twice, err);
}

static enum follow_rule rule_of(const struct arming *a, const struct scope *scope,
				bool children)
{
	if (scope->kind == SCOPE_CGROUP)
		return FOLLOW_MEMBERS;
	if (scope->kind == SCOPE_MACHINE || !a->wide)
		return FOLLOW_RECORDED;
	return children ? FOLLOW_CHILDREN : FOLLOW_NAMED;
}

enum pfa_status arming_open(struct arming *a, struct evlist *list,
			    const struct scope *scope,
			    const struct live_options *options, struct text *notices,
			    struct pfa_error *err)
{
	struct pids pids = { 0 };
	enum pfa_status status;

	/* After the fork of a program, which keeps its own. */
	raise_descriptor_limit();
	status = rings_open(&a->rings, options->buffer_bytes, err);
	if (status)
		return status;
	procfs_processes(&a->before);
	scope_processes(scope, &pids);
	status = arm(a, list, scope, &pids, options->follow_children, notices, err);
	a->followed = followed_new(rule_of(a, scope, options->follow_children));
	for (size_t i = 0; i < pids.count; i++)
		followed_add(a->followed, pids.list[i]);
	pids_release(&pids);
	return status;
}

/*
 * A thread that is being born copies the state of its maker's events, one by one, and
 * joins them a moment later: one that copied "disabled" and joined after it was too late
 * stays so, and so do those born of it (inherit_event() in kernel/events/core.c). What
 * is enabled stays as it is.
 */
void arming_enable(struct arming *a)
{
	events_enable(&a->fds, 0);
	if (!a->wide)
		a->enable_again_ns = compose_now_ns() + ATTACH_BIRTH_NS;
}

bool arming_enable_late(struct arming *a)
{
	if (!a->enable_again_ns || compose_now_ns() < a->enable_again_ns)
		return false;
	events_enable(&a->fds, 0);
	a->enable_again_ns = 0;
	return a->twice;
}

void arming_find_all(struct arming *a, const struct scope *scope)
{
	struct pids pids = { 0 };

	scope_processes(scope, &pids);
	if (followed_takes_children(a->followed)) {
		followed_pids(a->followed, &pids);
		while (procfs_add_children(&pids, &a->before))
			;
	}
	for (size_t i = 0; i < pids.count; i++)
		followed_add(a->followed, pids.list[i]);
	pids_release(&pids);
}

void arming_close(struct arming *a)
{
	pids_release(&a->before);
	event_fds_release(&a->fds);
	cpu_wide_free(a->wide);
	rings_close(&a->rings);
	followed_free(a->followed);
}
