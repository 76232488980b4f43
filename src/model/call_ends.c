#include "pfa/model/call_ends.h"

#include <linux/mman.h>
#include <stdio.h>
#include <sys/mman.h>

#include "pfa/decode/mm_calls.h"
#include "pfa/model/advice.h"
#include "pfa/model/backing.h"
#include "pfa/model/ended.h"
#include "pfa/model/mm.h"
#include "pfa/model/pages.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"

/* ---- mmap and its like ---- */

/* Puts back what the call's MMAP2 told of [start, end). */
static void put_back(struct ended *e, uint64_t start, uint64_t end)
{
	struct vma vma = e->call->vma;

	if (vma.backing->kind >= BACKING_SPECIAL)
		vma.pgoff_bytes += start - vma.start;
	vma.start = start;
	vma.end = end;
	space_map(e->mm->space, &vma);
}

/*
 * Another thread's munmap may have ended between our MMAP2 and our end: then it
 * removed what had come after it.
 */
static void restore(struct ended *e, uint64_t start, uint64_t end)
{
	const struct vma *vma = &e->call->vma;

	if (!e->call->mapped || vma->start > start || vma->end < end)
		return;
	while (start < end) {
		const struct vma *next = space_at_or_above(e->mm->space, start);
		uint64_t hole_end = next && next->start < end ? next->start : end;
		uint64_t past = next ? next->end : end;

		if (start < hole_end)
			put_back(e, start, hole_end);
		start = past;
	}
}

/* Huge pages are mapped whole; their size is in the flags (mmap(2)), or 2 MiB. */
static uint64_t length_mapped(uint64_t length, uint64_t flags)
{
	unsigned shift = (flags >> MAP_HUGE_SHIFT) & 63;
	uint64_t page = flags & MAP_HUGETLB ? 1ULL << (shift ? shift : 21) : 4096;

	return (length + page - 1) & ~(page - 1);
}

/* The mapping is there by its MMAP2 record. What the range held before is gone. */
static bool end_mmap(struct ended *e)
{
	uint64_t start = e->result;
	uint64_t end = start + length_mapped(e->args[1], e->args[3]);

	restore(e, start, end);
	thread_stacks_remove(&e->mm->thread_stacks, start, end);
	if (e->args[3] & MAP_STACK && e->args[3] & MAP_ANONYMOUS)
		thread_stacks_add(&e->mm->thread_stacks, start, end);
	return ended_mapped(e, ORIGIN_mmap, start, end,
		      e->call->mapped ? e->call->mapped_ns : e->time_ns);
}

static bool end_remap_file_pages(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);
	uint64_t end = start + page_down(e->args[1]);

	ended_mapped_over(e, start, end, ended_unmapper(e, start, end));
	return ended_changed(e, CHANGE_MMAP_ADD, start, end);
}

static bool end_shmat(struct ended *e)
{
	const struct vma *vma = space_find(e->mm->space, e->result);

	return vma && ended_mapped(e, ORIGIN_shmat, vma->start, vma->end, e->time_ns);
}

static bool end_munmap(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);
	uint64_t end = page_up(e->args[0] + e->args[1]);

	return ended_removed(e, CHANGE_MUNMAP_REMOVE, start, end);
}

/* A segment is attached in one piece but may have been split since (ipc/shm.c). */
static bool end_shmdt(struct ended *e)
{
	const struct vma *vma = space_find(e->mm->space, e->args[0]);
	uint64_t start = e->args[0], end = start;
	const struct backing *backing = vma ? vma->backing : NULL;

	while (vma && vma->backing == backing &&
	       vma->start - start == vma->pgoff_bytes) {
		end = vma->end;
		vma = space_at_or_above(e->mm->space, end);
	}
	return end > start && ended_removed(e, CHANGE_MUNMAP_REMOVE, start, end);
}

/* ---- mprotect, brk, madvise ---- */

static bool end_mprotect(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);
	uint64_t end = page_up(start + e->args[1]);

	if (!e->call->mapped) /* no VMA that was not so before */
		return false;
	if (e->result) /* it failed after that VMA */
		end = e->call->vma.end;
	ended_changed(e, CHANGE_PERM_CHANGE, start, end);
	e->change->old_prot = e->call->before.prot;
	return true;
}

static bool end_pkey_mprotect(struct ended *e)
{
	return end_mprotect(e);
}

static bool grown(struct ended *e, uint64_t before, uint64_t now)
{
	if (now == before)
		return false;
	ended_made(e, ORIGIN_brk, before, now);
	e->change->made_bytes = now - before;
	return ended_changed(e, CHANGE_BRK_GROW, before, now);
}

static bool end_brk(struct ended *e)
{
	uint64_t before = e->call->brk_before, now = e->result;

	e->mm->brk = now;
	/* A break that did not move: a query. */
	if (!e->args[0] || !before || now == before)
		return false;
	if (now > before)
		return grown(e, page_up(before), page_up(now));
	return ended_removed(e, CHANGE_BRK_SHRINK, page_up(now), page_up(before));
}

/* Each advice of one page's worth of pages is a giver of its own name. */
static uint32_t advice_giver(struct ended *e, const struct advice *advice,
			     uint64_t start, uint64_t end)
{
	static const enum refault hows[] = {
		[PAGE_DONTNEED] = REFAULT_DONTNEED,
		[PAGE_FREE] = REFAULT_FREE,
		[PAGE_PAGEOUT] = REFAULT_SWAP,
	};
	char call[48];

	snprintf(call, sizeof(call), "madvise(%s)", advice->name);
	return ended_giver_of(e, hows[advice->state], call, &e->call->before, start, end);
}

static void give_back(struct ended *e, uint64_t start, uint64_t end,
		      const struct advice *advice)
{
	uint32_t giver = advice_giver(e, advice, start, end);

	ended_gave(e, giver,
	     pages_give_back(e->mm->pages, start, end, advice->state, giver));
}

static bool end_madvise(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);
	uint64_t end = page_up(start + e->args[1]);
	const struct advice *advice = advice_of((int)e->args[2]);

	if (advice->state != PAGE_UNSEEN)
		give_back(e, start, end, advice);
	if (advice->set | advice->clear)
		space_advise(e->mm->space, start, end, advice->set, advice->clear);
	e->change->advice = advice->name;
	return ended_changed(e, CHANGE_ADVISE, start, end);
}

/* ---- the table ---- */

/* VMAs that the records of the call told of, and those touched by now. */
static struct footprint footprint_of(struct ended *e)
{
	struct footprint vmas = space_footprint(e->mm->space);

	vmas.before += e->call->vmas.before + e->change->vmas.before;
	vmas.after += e->call->vmas.after + e->change->vmas.after;
	return vmas;
}

bool call_ends(struct ended *e)
{
	static bool (*const ends[])(struct ended *) = {
#define X(name) end_##name,
		MM_CALLS(X)
#undef X
	};
	bool told;

	space_resume_change(e->mm->space, e->call->change);
	told = ends[e->call->call](e);
	e->change->vmas = footprint_of(e);
	e->change->vma_count = space_vma_count(e->mm->space);
	e->change->mapped_bytes = space_mapped_bytes(e->mm->space);
	e->change->heap_bytes = space_heap_bytes(e->mm->space);
	e->change->stack_bytes = space_stack_bytes(e->mm->space);
	return told;
}
