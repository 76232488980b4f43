#include "pfa/report/fork_copies.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/search.h"
#include "pfa/model/observation.h"

enum how { COPIED, REUSED, UNTOLD };

struct fork_copy {
	uint64_t addr; /* 0: nowhere any more */
	bool child_side;
	enum how how;
};

void fork_copies_release(struct fork_copies *c)
{
	free(c->list);
}

void fork_copies_begin(struct fork_copies *c, uint32_t fork)
{
	c->fork = fork;
	c->count = 0;
}

static enum how how_of(const struct fault *fault)
{
	if (!strcmp(fault->kind, "cow-copy"))
		return COPIED;
	return strcmp(fault->kind, "cow-reuse") != 0 ? UNTOLD : REUSED;
}

void fork_copies_fault(struct fork_copies *c, const struct fault *fault)
{
	if (!c->fork || fault->fork != c->fork)
		return;
	c->list = pfa_grow(c->list, c->count, &c->capacity, sizeof(*c->list));
	c->list[c->count++] = (struct fork_copy){ fault->addr, fault->child_side,
						  how_of(fault) };
	c->sorted = false;
}

void fork_copies_exec(struct fork_copies *c, bool child_side)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].child_side == child_side)
			c->list[i].addr = 0;
	c->sorted = false;
}

/* Equal addresses are counted together: their order does not matter. */
static int compare(const void *a, const void *b)
{
	const struct fork_copy *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

static void sort(struct fork_copies *c)
{
	if (!c->sorted && c->count)
		qsort(c->list, c->count, sizeof(*c->list), compare);
	c->sorted = true;
}

struct copy_counts fork_copies_in(struct fork_copies *c, bool child_side,
				  uint64_t start, uint64_t end)
{
	uint64_t count[UNTOLD + 1] = { 0 };

	sort(c);
	for (size_t i = COUNT_BELOW(c->list, c->count, addr, start);
	     i < c->count && c->list[i].addr < end; i++)
		if (c->list[i].child_side == child_side)
			count[c->list[i].how]++;
	return (struct copy_counts){ count[COPIED], count[REUSED], count[UNTOLD] };
}
