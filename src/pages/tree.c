#include "pfa/pages/tree.h"

#include <stdint.h>
#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/source/procfs.h"

struct relation {
	pid_t pid, parent;
};

struct tree {
	struct relation *all; /* by PID */
	size_t all_count;
	struct tree_member *list;
	size_t count, capacity;
};

static int by_pid(const void *a, const void *b)
{
	const struct relation *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static void relate(struct tree *tree)
{
	struct pids pids = { 0 };

	procfs_processes(&pids);
	tree->all = pfa_alloc((pids.count + 1) * sizeof(*tree->all));
	tree->all_count = pids.count;
	for (size_t i = 0; i < pids.count; i++)
		tree->all[i] = (struct relation){ pids.list[i],
						  procfs_parent(pids.list[i]) };
	qsort(tree->all, tree->all_count, sizeof(*tree->all), by_pid);
	pids_release(&pids);
}

static void append(struct tree *tree, pid_t pid, unsigned depth)
{
	tree->list = pfa_grow(tree->list, tree->count, &tree->capacity,
			      sizeof(*tree->list));
	tree->list[tree->count++] = (struct tree_member){ pid, depth };
}

static bool is_listed(const struct tree *tree, pid_t pid)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->list[i].pid == pid)
			return true;
	return false;
}

/* As deep as processes have forked. Numbers used again make no circle: each is listed once. */
static void append_below(struct tree *tree, pid_t parent, unsigned depth)
{
	for (size_t i = 0; i < tree->all_count; i++) {
		const struct relation *r = &tree->all[i];

		if (r->parent != parent || is_listed(tree, r->pid))
			continue;
		append(tree, r->pid, depth);
		append_below(tree, r->pid, depth + 1);
	}
}

struct tree_member *tree_list(const pid_t *pids, size_t pid_count, bool below,
			      size_t *count)
{
	struct tree tree = { 0 };

	if (below)
		relate(&tree);
	for (size_t i = 0; i < pid_count; i++) {
		if (is_listed(&tree, pids[i]))
			continue;
		append(&tree, pids[i], 0);
		append_below(&tree, pids[i], 1);
	}
	free(tree.all);
	*count = tree.count;
	return tree.list;
}
