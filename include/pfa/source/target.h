/*
 * The traced processes: a program we launch behind a gate, or running ones.
 *
 * A launched program waits at the gate, before its exec, until target_release().
 * Whatever becomes of pfa, the program is not harmed: at the gate it ends by itself
 * when pfa dies, and after it nothing ties it to us but that we are its parent.
 */
#ifndef PFA_SOURCE_TARGET_H
#define PFA_SOURCE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "pfa/base/status.h"

struct target {
	pid_t pid;
	int pidfd; /* readable once the process has ended */
	bool ended;

	/* Of a launched program only. */
	bool launched;
	bool running; /* it has been let go, and its exec worked */
	int gate_fd;   /* written to open the gate; -1 afterwards */
	int report_fd; /* carries the errno of a failed exec */
	bool reaped; /* what follows is known */
	int wait_status;
	struct rusage usage; /* of it and the children it waited for */
};

/* How a program is launched. */
struct target_manner {
	bool randomize; /* its addresses; false turns ASLR off for it */
	bool off_terminal; /* what it has of stdin to stderr and is a terminal is
			    * /dev/null for it instead */
};

/* Forks the program up to the gate. */
enum pfa_status target_launch(struct target *target, char *const *argv,
			      const struct target_manner *manner,
			      struct pfa_error *err) PFA_MUST_CHECK;
/* Opens the gate; PFA_E_TARGET when the program cannot be executed. */
enum pfa_status target_release(struct target *target, const char *program,
			       struct pfa_error *err) PFA_MUST_CHECK;
enum pfa_status target_attach(struct target *target, pid_t pid,
			      struct pfa_error *err) PFA_MUST_CHECK;

/* Notices the end, and reaps a launched program. True once it has ended. */
bool target_poll(struct target *target);

void target_close(struct target *target);

/* The process's own fault counters, /proc/PID/stat; false when it is gone. */
bool target_fault_counters(pid_t pid, unsigned long long *minor,
			   unsigned long long *major);

#endif
