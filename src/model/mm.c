#include "pfa/model/mm.h"

#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/model/pages.h"
#include "pfa/model/space.h"

struct mm *mm_new(void)
{
	struct mm *mm = pfa_alloc(sizeof(*mm));

	mm->holders = 1;
	mm->space = space_new();
	mm->pages = pages_new();
	return mm;
}

struct mm *mm_hold(struct mm *mm)
{
	mm->holders++;
	return mm;
}

void mm_drop(struct mm *mm)
{
	if (!mm || --mm->holders)
		return;
	space_free(mm->space);
	pages_free(mm->pages);
	free(mm->claims);
	free(mm);
}

static void wipe(struct space *space, struct pages *pages)
{
	const struct vma *vma = space_at_or_above(space, 0);

	for (; vma; vma = space_at_or_above(space, vma->end))
		if (vma->advice & VMA_WIPEONFORK)
			pages_forget(pages, vma->start, vma->end);
}

struct mm *mm_fork(const struct mm *parent)
{
	struct mm *child = pfa_alloc(sizeof(*child));

	child->holders = 1;
	child->space = space_fork(parent->space);
	child->pages = pages_fork(parent->pages);
	child->brk = parent->brk;
	child->whole_history = parent->whole_history;
	child->suspect = parent->suspect;
	wipe(child->space, child->pages);
	return child;
}

void mm_reset(struct mm *mm)
{
	space_free(mm->space);
	pages_free(mm->pages);
	mm->space = space_new();
	mm->pages = pages_new();
	mm->brk = 0;
	mm->whole_history = false;
	mm->suspect = false;
	mm->calls_under_way = 0;
	mm->claim_count = 0;
}

void mm_remember_completion(struct mm *mm, uint64_t addr, uint64_t time_ns,
			    uint32_t tid)
{
	mm->recent[mm->recent_next] = (struct completion){ page_down(addr), time_ns, tid };
	mm->recent_next = (mm->recent_next + 1) % RECENT_MAX;
}

bool mm_completed_by_other(const struct mm *mm, uint64_t addr, uint64_t time_ns,
			   uint32_t tid)
{
	/* From the fault itself to the record of its beginning, at the most. */
	const uint64_t just_before_ns = 20000;

	for (unsigned i = 0; i < RECENT_MAX; i++) {
		const struct completion *c = &mm->recent[i];

		if (c->page == page_down(addr) && c->tid && c->tid != tid &&
		    time_ns - c->time_ns < just_before_ns)
			return true;
	}
	return false;
}

void mm_call_begins(struct mm *mm)
{
	mm->calls_under_way++;
}

void mm_call_ends(struct mm *mm)
{
	if (mm->calls_under_way)
		mm->calls_under_way--;
	if (!mm->calls_under_way)
		mm->claim_count = 0;
}

void mm_claim(struct mm *mm, uint64_t start, uint64_t end, uint64_t time_ns)
{
	/* With nothing else under way nobody will ask. */
	if (mm->calls_under_way <= 1)
		return;
	mm->claims = pfa_grow(mm->claims, mm->claim_count, &mm->claim_capacity,
			      sizeof(*mm->claims));
	mm->claims[mm->claim_count++] = (struct claim){ start, end, time_ns };
}

static void unmap(struct mm *mm, uint64_t start, uint64_t end)
{
	space_unmap(mm->space, start, end);
	pages_forget(mm->pages, start, end);
}

/* Removes the range but for claims[from...], one claim at a time. */
static void unmap_between(struct mm *mm, uint64_t start, uint64_t end,
			  uint64_t since_ns, size_t from)
{
	for (size_t i = from; i < mm->claim_count && start < end; i++) {
		const struct claim *c = &mm->claims[i];

		if (c->time_ns <= since_ns || c->end <= start || c->start >= end)
			continue;
		if (c->start > start)
			unmap_between(mm, start, c->start, since_ns, i + 1);
		start = c->end;
	}
	if (start < end)
		unmap(mm, start, end);
}

void mm_unmap(struct mm *mm, uint64_t start, uint64_t end, uint64_t since_ns)
{
	unmap_between(mm, start, end, since_ns, 0);
}
