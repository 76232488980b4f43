#include "pfa/source/scope.h"

#include <stdlib.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/source/compose.h"
#include "pfa/source/procfs.h"
#include "pfa/source/target.h"

static enum pfa_status launch(struct scope *scope, const struct live_options *options,
			      struct pfa_error *err)
{
	const struct target_manner manner = {
		.randomize = options->randomize,
		.off_terminal = options->off_terminal,
	};

	scope->program = pfa_strdup(options->argv[0]);
	scope->targets = pfa_alloc(sizeof(*scope->targets));
	scope->target_count = 1;
	return target_launch(&scope->targets[0], options->argv, &manner, err);
}

static enum pfa_status check_target(pid_t pid, struct pfa_error *err)
{
	if (pid == getpid())
		return pfa_fail(err, PFA_E_TARGET, "%d is pfa itself (trace it with "
				"another pfa)", pid);
	if (procfs_is_kernel_thread(pid))
		return pfa_fail(err, PFA_E_TARGET, "%d is a kernel thread: it has no "
				"memory of its own to fault in", pid);
	return PFA_OK;
}

static enum pfa_status attach(struct scope *scope, const struct live_options *options,
			      struct pfa_error *err)
{
	scope->targets = pfa_alloc(options->pid_count * sizeof(*scope->targets));
	for (size_t i = 0; i < options->pid_count; i++) {
		enum pfa_status status = check_target(options->pids[i], err);

		if (!status)
			status = target_attach(&scope->targets[i], options->pids[i],
					       err);
		if (status)
			return status;
		scope->target_count++;
	}
	return PFA_OK;
}

enum pfa_status scope_open(struct scope *scope, const struct live_options *options,
			   struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;

	*scope = (struct scope){ .kind = options->scope, .cgroup.fd = -1 };
	if (!procfs_is_ours())
		return pfa_fail(err, PFA_E_PERM, "/proc is not that of this PID namespace "
				"(mount it: mount -t proc proc /proc)");
	if (options->cgroup)
		status = cgroup_open(&scope->cgroup, options->cgroup, err);
	if (status)
		return status;
	if (options->argv)
		return launch(scope, options, err);
	return options->pid_count ? attach(scope, options, err) : PFA_OK;
}

void scope_close(struct scope *scope)
{
	for (size_t i = 0; i < scope->target_count; i++)
		target_close(&scope->targets[i]);
	cgroup_close(&scope->cgroup);
	free(scope->targets);
	free(scope->program);
}

enum pfa_status scope_release(struct scope *scope, struct pfa_error *err)
{
	return scope->program ? target_release(&scope->targets[0], scope->program, err)
			      : PFA_OK;
}

void scope_processes(const struct scope *scope, struct pids *pids)
{
	struct pids there = { 0 };

	if (scope->kind == SCOPE_MACHINE)
		procfs_processes(&there);
	if (scope->kind == SCOPE_CGROUP)
		cgroup_processes(&scope->cgroup, &there);
	if (scope->kind == SCOPE_PROCESSES)
		for (size_t i = 0; i < scope->target_count; i++)
			pids_add(&there, scope->targets[i].pid);
	for (size_t i = 0; i < there.count; i++)
		if (there.list[i] != getpid())
			pids_add(pids, there.list[i]);
	pids_release(&there);
}

bool scope_ended(struct scope *scope)
{
	bool ended = scope->target_count > 0;

	for (size_t i = 0; i < scope->target_count; i++)
		ended = target_poll(&scope->targets[i]) && ended;
	return ended;
}

const struct target *scope_running_program(const struct scope *scope)
{
	return scope->program && scope->targets[0].running ? &scope->targets[0] : NULL;
}

const char *scope_mode(const struct scope *scope)
{
	switch (scope->kind) {
	case SCOPE_CGROUP:
		return "cgroup";
	case SCOPE_MACHINE:
		return "machine";
	default:
		return scope->program ? "launch" : "attach";
	}
}

void scope_note_counters(struct scope *scope, const struct composer *composer,
			 const char *when)
{
	for (size_t i = 0; i < scope->target_count; i++) {
		struct target *t = &scope->targets[i];
		unsigned long long minor, major;

		/* Still there after the reading: it was not another of that pid. */
		if (!t->launched && target_fault_counters(t->pid, &minor, &major) &&
		    !target_poll(t))
			compose_note(composer, (uint32_t)t->pid,
				     "stat when=%s minor=%llu major=%llu", when,
				     minor, major);
	}
}

void scope_note_exits(const struct scope *scope, const struct composer *composer)
{
	for (size_t i = 0; i < scope->target_count; i++) {
		const struct target *t = &scope->targets[i];
		uint32_t pid = (uint32_t)t->pid;

		if (!t->reaped)
			continue;
		/* Its rusage only means something if nothing else was traced. */
		if (scope->kind == SCOPE_PROCESSES)
			compose_note(composer, pid,
				     "exit status=%d minor=%ld major=%ld",
				     t->wait_status, t->usage.ru_minflt,
				     t->usage.ru_majflt);
		else
			compose_note(composer, pid, "exit status=%d", t->wait_status);
	}
}
