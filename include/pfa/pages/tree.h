/*
 * A process and all below it, as a list in which each comes behind its parent.
 */
#ifndef PFA_PAGES_TREE_H
#define PFA_PAGES_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tree_member {
	pid_t pid;
	unsigned depth; /* below the one that was named */
};

/*
 * The processes named, in that order, and with `below` behind each its children by PID,
 * theirs behind them, and so on; each process once. To free.
 */
struct tree_member *tree_list(const pid_t *pids, size_t pid_count, bool below,
			      size_t *count);

#endif
