/*
 * Which processes and threads there are, from /proc.
 *
 * The lists are of one moment; a number may be nobody's when it is looked at.
 */
#ifndef PFA_SOURCE_PROCFS_H
#define PFA_SOURCE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Embedded in its owner; each pid at most once, in the order added. */
struct pids {
	pid_t *list;
	size_t count, capacity;
};

void pids_release(struct pids *pids);
bool pids_have(const struct pids *pids, pid_t pid);
/* False when it was there already. */
bool pids_add(struct pids *pids, pid_t pid);

/* Adds all processes, or all threads of one. */
void procfs_processes(struct pids *pids);
void procfs_threads(pid_t pid, struct pids *tids);

/* 0: nobody in our PID namespace; -1: the process is gone. */
pid_t procfs_parent(pid_t pid);

/* Whether it has ended and waits for its parent: no thread of it runs any more. */
bool procfs_is_dead(pid_t pid);

/* Whether /proc is there, and of our PID namespace: else its numbers are others'. */
bool procfs_is_ours(void);

/* False where it cannot be told. */
bool procfs_is_kernel_thread(pid_t pid);

/* Adds the children of the processes in the list that are not among `before`. Whether
 * there were any: they may have children, too. */
bool procfs_add_children(struct pids *pids, const struct pids *before);

#endif
