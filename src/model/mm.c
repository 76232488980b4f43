#include "pfa/model/mm.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/model/pages.h"
#include "pfa/model/space.h"
#include "pfa/model/totals.h"

struct mm *mm_new(bool with_pieces, struct mm_sum *sum)
{
	struct mm *mm = pfa_alloc(sizeof(*mm));

	mm->holders = 1;
	mm->sum = sum;
	mm->space = space_new();
	mm->pages = pages_new();
	mm->pieces = with_pieces ? space_new() : NULL;
	return mm;
}

struct mm *mm_hold(struct mm *mm)
{
	mm->holders++;
	return mm;
}

static void leave_fork(struct mm *mm)
{
	if (mm->fork_peer)
		mm->fork_peer->fork_peer = NULL;
	mm->fork_peer = NULL;
}

void mm_drop(struct mm *mm)
{
	if (!mm || --mm->holders)
		return;
	leave_fork(mm);
	mm->sum->vmas -= mm->summed_vmas;
	mm->sum->bytes -= mm->summed_bytes;
	space_free(mm->space);
	pages_free(mm->pages);
	space_free(mm->pieces);
	thread_stacks_release(&mm->thread_stacks);
	free(mm->claims);
	free(mm);
}

/* What the parent's advice keeps from the child: pages, or all of a VMA. */
static void wipe(const struct space *parent, struct pages *pages)
{
	const struct vma *vma = space_at_or_above(parent, 0);

	for (; vma; vma = space_at_or_above(parent, vma->end))
		if (vma->advice & (VMA_WIPEONFORK | VMA_DONTFORK))
			pages_forget(pages, vma->start, vma->end);
}

struct mm *mm_fork(const struct mm *parent)
{
	struct mm *child = pfa_alloc(sizeof(*child));

	child->holders = 1;
	child->sum = parent->sum;
	child->space = space_fork(parent->space);
	child->pages = pages_fork(parent->pages);
	child->pieces = parent->pieces ? space_fork(parent->pieces) : NULL;
	child->program = parent->program;
	child->brk = parent->brk;
	child->whole_history = parent->whole_history;
	child->suspect = parent->suspect;
	wipe(parent->space, child->pages);
	mm_trim_origins(child);
	return child;
}

void mm_set_fork(struct mm *parent, struct mm *child, uint32_t fork)
{
	leave_fork(parent);
	pages_forked(parent->pages);
	pages_forked(child->pages); /* where it has blocks of its own already */
	parent->fork = child->fork = fork;
	parent->fork_child = false;
	child->fork_child = true;
	parent->fork_peer = child;
	child->fork_peer = parent;
}

bool mm_fork_shares(const struct mm *mm, uint64_t addr)
{
	const struct mm *peer = mm->fork_peer;
	struct page page;

	if (!peer || peer->suspect || !space_find(peer->space, addr))
		return false;
	page = pages_get(peer->pages, addr);
	return !page.since_fork &&
	       (page.state == PAGE_UNSEEN || page.state == PAGE_MAPPED);
}

void mm_measure(struct mm *mm, struct totals *totals)
{
	struct mm_sum *sum = mm->sum;

	totals_size(totals, mm->space);
	sum->vmas += totals->vma_count - mm->summed_vmas;
	sum->bytes += totals->size_bytes - mm->summed_bytes;
	mm->summed_vmas = totals->vma_count;
	mm->summed_bytes = totals->size_bytes;
	if (sum->vmas > sum->vmas_peak)
		sum->vmas_peak = sum->vmas;
	if (sum->bytes > sum->bytes_peak)
		sum->bytes_peak = sum->bytes;
}

void mm_reset(struct mm *mm)
{
	leave_fork(mm);
	space_free(mm->space);
	pages_free(mm->pages);
	mm->space = space_new();
	mm->pages = pages_new();
	if (mm->pieces) {
		space_free(mm->pieces);
		mm->pieces = space_new();
	}
	thread_stacks_release(&mm->thread_stacks);
	mm->fork = 0;
	mm->fork_child = false;
	mm->brk = 0;
	mm->whole_history = false;
	mm->suspect = false;
	mm->calls_under_way = mm->older_calls = 0;
	mm->claim_count = mm->older_claims = 0;
}

bool mm_is_sure(const struct mm *mm)
{
	return !mm->suspect && (mm->whole_history || space_vma_count(mm->space));
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

unsigned mm_call_begins(struct mm *mm)
{
	mm->calls_under_way++;
	return mm->generation;
}

/* No call is under way that began before this generation. */
static void next_generation(struct mm *mm)
{
	size_t useless = mm->calls_under_way ? mm->older_claims : mm->claim_count;

	mm->claim_count -= useless;
	if (useless && mm->claim_count)
		memmove(mm->claims, mm->claims + useless,
			mm->claim_count * sizeof(*mm->claims));
	mm->older_claims = mm->claim_count;
	mm->older_calls = mm->calls_under_way;
	mm->generation++;
}

void mm_call_ends(struct mm *mm, unsigned generation)
{
	if (!mm->calls_under_way)
		return; /* all was forgotten since it began */
	mm->calls_under_way--;
	if (generation != mm->generation && mm->older_calls)
		mm->older_calls--;
	if (!mm->older_calls)
		next_generation(mm);
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

static uint64_t unmap(struct mm *mm, uint64_t start, uint64_t end, uint32_t giver)
{
	space_unmap(mm->space, start, end);
	thread_stacks_remove(&mm->thread_stacks, start, end);
	if (mm->pieces)
		space_unmap(mm->pieces, start, end);
	return pages_give_back(mm->pages, start, end, PAGE_UNMAPPED, giver);
}

/* Removes the range but for claims[from...], one claim at a time. */
static uint64_t unmap_between(struct mm *mm, uint64_t start, uint64_t end,
			      uint64_t since_ns, uint32_t giver, size_t from)
{
	uint64_t given = 0;

	for (size_t i = from; i < mm->claim_count && start < end; i++) {
		const struct claim *c = &mm->claims[i];

		if (c->time_ns <= since_ns || c->end <= start || c->start >= end)
			continue;
		if (c->start > start)
			given += unmap_between(mm, start, c->start, since_ns, giver,
					       i + 1);
		start = c->end;
	}
	return start < end ? given + unmap(mm, start, end, giver) : given;
}

uint64_t mm_unmap(struct mm *mm, uint64_t start, uint64_t end, uint64_t since_ns,
		  uint32_t giver)
{
	return unmap_between(mm, start, end, since_ns, giver, 0);
}

/* ---- what made what ---- */

void mm_made(struct mm *mm, uint64_t start, uint64_t end, const struct origin *origin)
{
	const struct vma piece = { .start = start, .end = end, .origin = *origin };

	if (mm->pieces)
		space_map(mm->pieces, &piece);
}

void mm_found(struct mm *mm, uint64_t start, uint64_t end, const struct origin *origin)
{
	while (mm->pieces && start < end) {
		const struct vma *next = space_at_or_above(mm->pieces, start);
		uint64_t hole_end = next && next->start < end ? next->start : end;
		uint64_t past = next ? next->end : end;

		if (start < hole_end)
			mm_made(mm, start, hole_end, origin);
		start = past;
	}
}

const struct vma *mm_piece(const struct mm *mm, uint64_t addr)
{
	return mm->pieces ? space_find(mm->pieces, addr) : NULL;
}

void mm_trim_origins(struct mm *mm)
{
	const struct vma *vma = space_at_or_above(mm->space, 0);
	uint64_t end = 0;

	if (!mm->pieces)
		return;
	for (; vma; vma = space_at_or_above(mm->space, end)) {
		space_unmap(mm->pieces, end, vma->start);
		end = vma->end;
	}
	space_unmap(mm->pieces, end, UINT64_MAX);
}

void mm_copy_origins(struct mm *mm, uint64_t from, uint64_t to, uint64_t length)
{
	if (!mm->pieces)
		return;
	space_unmap(mm->pieces, to, to + length);
	space_copy(mm->pieces, from, to, length);
}
