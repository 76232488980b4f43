#include "pfa/model/advice.h"

#include <sys/mman.h>

#include "pfa/model/space.h"

/* Newer than the headers of Debian 12, or not in all of them. */
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
enum { MADV_GUARD_INSTALL_NUMBER = 102, MADV_GUARD_REMOVE_NUMBER = 103 };

static const struct advice advices[] = {
	{ MADV_NORMAL, "normal", PAGE_UNSEEN, 0, VMA_RANDOM | VMA_SEQUENTIAL },
	{ MADV_RANDOM, "random", PAGE_UNSEEN, VMA_RANDOM, VMA_SEQUENTIAL },
	{ MADV_SEQUENTIAL, "sequential", PAGE_UNSEEN, VMA_SEQUENTIAL, VMA_RANDOM },
	{ MADV_WILLNEED, "willneed", PAGE_UNSEEN, 0, 0 },
	{ MADV_DONTNEED, "dontneed", PAGE_DONTNEED, 0, 0 },
	{ MADV_DONTNEED_LOCKED, "dontneed-locked", PAGE_DONTNEED, 0, 0 },
	{ MADV_REMOVE, "remove", PAGE_DONTNEED, 0, 0 },
	{ MADV_FREE, "free", PAGE_FREE, 0, 0 },
	{ MADV_COLD, "cold", PAGE_UNSEEN, 0, 0 },
	{ MADV_PAGEOUT, "pageout", PAGE_PAGEOUT, 0, 0 },
	{ MADV_DONTFORK, "dontfork", PAGE_UNSEEN, VMA_DONTFORK, 0 },
	{ MADV_DOFORK, "dofork", PAGE_UNSEEN, 0, VMA_DONTFORK },
	{ MADV_WIPEONFORK, "wipeonfork", PAGE_UNSEEN, VMA_WIPEONFORK, 0 },
	{ MADV_KEEPONFORK, "keeponfork", PAGE_UNSEEN, 0, VMA_WIPEONFORK },
	{ MADV_HUGEPAGE, "hugepage", PAGE_UNSEEN, VMA_HUGEPAGE, VMA_NOHUGEPAGE },
	{ MADV_NOHUGEPAGE, "nohugepage", PAGE_UNSEEN, VMA_NOHUGEPAGE, VMA_HUGEPAGE },
	{ MADV_MERGEABLE, "mergeable", PAGE_UNSEEN, VMA_MERGEABLE, 0 },
	{ MADV_UNMERGEABLE, "unmergeable", PAGE_UNSEEN, 0, VMA_MERGEABLE },
	{ MADV_DONTDUMP, "dontdump", PAGE_UNSEEN, VMA_DONTDUMP, 0 },
	{ MADV_DODUMP, "dodump", PAGE_UNSEEN, 0, VMA_DONTDUMP },
	{ MADV_POPULATE_READ, "populate-read", PAGE_UNSEEN, 0, 0 },
	{ MADV_POPULATE_WRITE, "populate-write", PAGE_UNSEEN, 0, 0 },
	{ MADV_COLLAPSE, "collapse", PAGE_UNSEEN, 0, 0 },
	{ MADV_GUARD_INSTALL_NUMBER, "guard-install", PAGE_DONTNEED, 0, 0 },
	{ MADV_GUARD_REMOVE_NUMBER, "guard-remove", PAGE_UNSEEN, 0, 0 },
	{ -1, "other", PAGE_UNSEEN, 0, 0 },
};

const struct advice *advice_of(int number)
{
	const struct advice *row = advices;

	while (row->number >= 0 && row->number != number)
		row++;
	return row;
}
