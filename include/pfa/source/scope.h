/*
 * Who is traced: a program launched, processes named, a control group, the machine.
 */
#ifndef PFA_SOURCE_SCOPE_H
#define PFA_SOURCE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pfa/base/status.h"
#include "pfa/source/cgroup.h"
#include "pfa/source/live_options.h"

struct composer;
struct pids;
struct target;

/* Embedded in its owner; scope_close() also after a failure to open. */
struct scope {
	enum scope_kind kind;
	struct cgroup cgroup;
	struct target *targets; /* the program, or those named */
	size_t target_count;
	char *program; /* its name, or NULL */
};

/* Launches the program up to its gate, opens the processes, finds the group. */
enum pfa_status scope_open(struct scope *scope, const struct live_options *options,
			   struct pfa_error *err) PFA_MUST_CHECK;
void scope_close(struct scope *scope);

/* Lets the program go, if there is one. */
enum pfa_status scope_release(struct scope *scope,
			      struct pfa_error *err) PFA_MUST_CHECK;

/* Adds the processes that are in it now, without pfa itself. */
void scope_processes(const struct scope *scope, struct pids *pids);

/* True once every target has ended; never without one. */
bool scope_ended(struct scope *scope);

/* The program once it has been let go, or NULL. */
const struct target *scope_running_program(const struct scope *scope);

/* "launch", "attach", "cgroup", "machine" */
const char *scope_mode(const struct scope *scope);

/* Notes, for the processes attached to, their own counters of faults. */
void scope_note_counters(struct scope *scope, const struct composer *composer,
			 const char *when);
/* Notes how a launched program has ended. */
void scope_note_exits(const struct scope *scope, const struct composer *composer);

#endif
