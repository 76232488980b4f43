#include "pfa/model/call_ends.h"

#include <linux/mman.h>
#include <stdio.h>
#include <sys/mman.h>

#include "pfa/decode/mm_calls.h"
#include "pfa/model/advice.h"
#include "pfa/model/backing.h"
#include "pfa/model/code.h"
#include "pfa/model/givers.h"
#include "pfa/model/mm.h"
#include "pfa/model/names.h"
#include "pfa/model/pages.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"

/* Not in all headers. */
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* ---- what they have in common ---- */

static bool changed(struct ended *e, enum change_kind kind, uint64_t start,
		    uint64_t end)
{
	const struct vma *vma = space_find(e->mm->space, start);

	e->change->kind = kind;
	e->change->start = start;
	e->change->end = end;
	if (vma) {
		e->change->prot = vma->prot;
		e->change->shared = vma->flags & MAP_SHARED;
	}
	return true;
}

/* NULL: a capture without it. */
static const struct code *caller(const struct ended *e)
{
	return e->call->ip ? code_at(e->names->codes, e->mm->space, e->call->ip) : NULL;
}

/* Ranges that calls make stay theirs until they are unmapped. */
static void made(struct ended *e, enum origin_kind kind, uint64_t start, uint64_t end)
{
	struct origin origin = { .kind = kind, .maker = e->process->serial,
				 .time_ns = e->time_ns };

	if (!e->mm->pieces)
		return;
	origin.code = caller(e);
	mm_made(e->mm, start, end, &origin);
}

/* This call, as it gives back what `held`, a VMA or nothing, has in [start, end). */
static uint32_t giver_of(const struct ended *e, enum refault how, const char *call,
			 const struct vma *held, uint64_t start, uint64_t end)
{
	if (!held || !held->backing || held->start >= end || held->end <= start)
		return 0;
	return givers_number(e->names->givers, how, call, caller(e), held->backing);
}

/* Of a range that it removes or maps anew: named after what it held when it began. */
static uint32_t unmapper(const struct ended *e, uint64_t start, uint64_t end)
{
	return giver_of(e, REFAULT_UNMAP, mm_call_name(e->call->call), &e->call->before,
			start, end);
}

static void gave(struct ended *e, uint32_t giver, uint64_t pages)
{
	if (!pages)
		return;
	e->change->pages_given += pages;
	e->change->giver = giver_by_number(e->names->givers, giver);
}

static void unmap(struct ended *e, uint64_t start, uint64_t end)
{
	uint64_t before = space_mapped_bytes(e->mm->space);
	uint32_t giver = unmapper(e, start, end);

	gave(e, giver, mm_unmap(e->mm, start, end, e->call->time_ns, giver));
	e->change->removed_bytes += before - space_mapped_bytes(e->mm->space);
}

/* The range is named after what it held when the call began. */
static bool removed(struct ended *e, enum change_kind kind, uint64_t start,
		    uint64_t end)
{
	const struct vma *before = &e->call->before;

	e->change->kind = kind;
	e->change->start = start;
	e->change->end = end;
	if (before->start < end && before->end > start) {
		e->change->prot = before->prot;
		e->change->shared = before->flags & MAP_SHARED;
	}
	unmap(e, start, end);
	/* Where another thread has mapped anew what was there then, nothing goes now. */
	return e->change->removed_bytes ||
	       (before->start < end && before->end > start);
}

/* The pages of a range that is mapped anew have been given back, too. */
static void mapped_over(struct ended *e, uint64_t start, uint64_t end, uint32_t giver)
{
	gave(e, giver,
	     pages_give_back(e->mm->pages, start, end, PAGE_UNMAPPED, giver));
}

static bool mapped(struct ended *e, enum origin_kind kind, uint64_t start, uint64_t end,
		   uint64_t time_ns)
{
	mapped_over(e, start, end, unmapper(e, start, end));
	made(e, kind, start, end);
	mm_claim(e->mm, start, end, time_ns);
	e->change->made_bytes = end - start;
	/* After a loss its record may tell of more than the call has mapped. */
	if (e->call->mapped && e->call->grown_bytes < end - start)
		e->change->removed_bytes = end - start - e->call->grown_bytes;
	return changed(e, CHANGE_MMAP_ADD, start, end);
}

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
	return mapped(e, ORIGIN_mmap, start, end,
		      e->call->mapped ? e->call->mapped_ns : e->time_ns);
}

static bool end_remap_file_pages(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);
	uint64_t end = start + page_down(e->args[1]);

	mapped_over(e, start, end, unmapper(e, start, end));
	return changed(e, CHANGE_MMAP_ADD, start, end);
}

static bool end_shmat(struct ended *e)
{
	const struct vma *vma = space_find(e->mm->space, e->result);

	return vma && mapped(e, ORIGIN_shmat, vma->start, vma->end, e->time_ns);
}

static bool end_munmap(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);
	uint64_t end = page_up(e->args[0] + e->args[1]);

	return removed(e, CHANGE_MUNMAP_REMOVE, start, end);
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
	return end > start && removed(e, CHANGE_MUNMAP_REMOVE, start, end);
}

/* ---- mprotect, brk, madvise ---- */

static bool end_mprotect(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);

	if (!e->call->mapped) /* no VMA that was not so before */
		return false;
	changed(e, CHANGE_PERM_CHANGE, start, page_up(start + e->args[1]));
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
	made(e, ORIGIN_brk, before, now);
	e->change->made_bytes = now - before;
	return changed(e, CHANGE_BRK_GROW, before, now);
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
	return removed(e, CHANGE_BRK_SHRINK, page_up(now), page_up(before));
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
	return giver_of(e, hows[advice->state], call, &e->call->before, start, end);
}

static void give_back(struct ended *e, uint64_t start, uint64_t end,
		      const struct advice *advice)
{
	uint32_t giver = advice_giver(e, advice, start, end);

	gave(e, giver,
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
	return changed(e, CHANGE_ADVISE, start, end);
}

/* ---- mremap ---- */

/* Part of a VMA is somewhere else now, in the place of what was there. */
static void move_part(struct ended *e, const struct vma *vma, uint64_t start,
		      uint64_t end, uint64_t distance)
{
	uint64_t to = start + distance;
	const struct vma *there = space_at_or_above(e->mm->space, to);
	struct vma moved = *vma;

	mapped_over(e, to, end + distance,
		    giver_of(e, REFAULT_UNMAP, "mremap", there, to, end + distance));
	mm_copy_origins(e->mm, start, to, end - start);
	moved.pgoff_bytes += start - vma->start;
	moved.start = to;
	moved.end = end + distance;
	space_map(e->mm->space, &moved);
	pages_move(e->mm->pages, start, to, end - start);
}

/*
 * Several VMAs move each for itself: what the new place has where the old one has holes
 * stays (remap_move() in mm/mremap.c, since Linux 6.17). Another thread may have mapped
 * something else in the old place before we see the end: then what was there at the
 * beginning has moved. If nothing was, a snapshot taken meanwhile has it moved already.
 */
static void move_range(struct ended *e, uint64_t from, uint64_t to, uint64_t length)
{
	const struct vma *vma = space_find(e->mm->space, from);
	const struct vma *before = &e->call->before;
	uint64_t end = from + length;

	if (!vma || vma->backing != before->backing) {
		if (before->start <= from && before->end >= end)
			move_part(e, before, from, end, to - from);
		return;
	}
	for (uint64_t at = from; vma && vma->start < end;) {
		const struct vma part = *vma;

		if (part.start > at)
			at = part.start;
		move_part(e, &part, at, part.end < end ? part.end : end, to - from);
		at = part.end;
		vma = at < end ? space_at_or_above(e->mm->space, at) : NULL;
	}
}

/* Makes the VMA that ends at `end` reach `new_end`. */
static void extend(struct ended *e, uint64_t end, uint64_t new_end)
{
	const struct vma *vma = space_find(e->mm->space, end - 1), *there;
	struct vma longer;

	if (!vma || vma->end >= new_end)
		return;
	longer = *vma;
	longer.end = new_end;
	there = space_at_or_above(e->mm->space, end);
	mapped_over(e, end, new_end,
		    giver_of(e, REFAULT_UNMAP, "mremap", there, end, new_end));
	space_map(e->mm->space, &longer);
	made(e, ORIGIN_mremap, end, new_end);
	e->change->made_bytes += new_end - end;
}

static bool resized(struct ended *e, uint64_t old_length, uint64_t new_length)
{
	uint64_t addr = e->result;

	if (new_length < old_length)
		unmap(e, addr + new_length, addr + old_length);
	extend(e, addr + old_length, addr + new_length);
	if (new_length > old_length)
		space_join(e->mm->space, addr + new_length);
	e->change->old_start = addr;
	e->change->old_end = addr + old_length;
	return new_length != old_length &&
	       changed(e, CHANGE_RESIZE_MAPPING, addr, addr + new_length);
}

/* The old place is empty now, or its pages are (MREMAP_DONTUNMAP): they have moved. */
static void leave(struct ended *e, uint64_t from, uint64_t length)
{
	uint32_t giver;

	if (e->args[3] & MREMAP_DONTUNMAP) {
		e->change->made_bytes += length;
		e->change->vmas = (struct footprint){ 1, 1 }; /* it stays as it is */
		return;
	}
	giver = unmapper(e, from, from + length);
	gave(e, giver,
	     mm_unmap(e->mm, from, from + length, e->call->time_ns, giver));
}

/*
 * Anonymous memory that was written keeps the offsets of its old place, which do not
 * run on from a neighbour's (copy_vma() in mm/vma.c).
 */
static bool is_written(const struct mm *mm, const struct vma *vma)
{
	return vma->backing->kind < BACKING_SPECIAL &&
	       pages_touched(mm->pages, vma->start, vma->end);
}

/* What the call has put into a range is one with the neighbours that it is like. */
static void join_range(struct ended *e, uint64_t start, uint64_t end)
{
	while (start < end) {
		const struct vma *vma = space_at_or_above(e->mm->space, start);
		uint64_t first, past;

		if (!vma || vma->start >= end)
			return;
		first = vma->start;
		past = vma->end;
		if (!is_written(e->mm, vma)) {
			space_join(e->mm->space, first);
			space_join(e->mm->space, past);
		}
		start = past;
	}
}

/* What was mapped before, or has been made, and is not there now. */
static void count_removed(struct ended *e, uint64_t before)
{
	uint64_t now = space_mapped_bytes(e->mm->space);
	uint64_t at_most = before + e->change->made_bytes;

	e->change->removed_bytes = now < at_most ? at_most - now : 0;
}

static bool moved(struct ended *e, uint64_t old_length, uint64_t new_length)
{
	uint64_t from = e->args[0], to = e->result;
	uint64_t kept = old_length < new_length ? old_length : new_length;
	uint64_t before = space_mapped_bytes(e->mm->space);

	move_range(e, from, to, kept);
	extend(e, to + kept, to + new_length);
	leave(e, from, old_length);
	join_range(e, to, to + new_length);
	mm_claim(e->mm, to, to + new_length, e->time_ns);
	count_removed(e, before);
	e->change->old_start = from;
	e->change->old_end = from + old_length;
	return changed(e, CHANGE_MOVE_MAPPING, to, to + new_length);
}

/* A second view of a shared mapping, from one VMA. */
static bool doubled(struct ended *e, uint64_t from, uint64_t to, uint64_t length)
{
	space_copy(e->mm->space, from, to, 4096);
	extend(e, to + 4096, to + length);
	return mapped(e, ORIGIN_mremap, to, to + length, e->time_ns);
}

/* The kernel moves nothing onto itself; corrupt records may. */
static bool can_move(uint64_t from, uint64_t old_length, uint64_t to,
		     uint64_t new_length)
{
	return from + old_length > from && to + new_length > to &&
	       (from + old_length <= to || to + new_length <= from);
}

static bool end_mremap(struct ended *e)
{
	uint64_t old_length = page_up(e->args[1]), new_length = page_up(e->args[2]);
	uint64_t from = e->args[0], to = e->result;

	if (old_length == 0)
		return doubled(e, from, to, new_length);
	if (from == to)
		return resized(e, old_length, new_length);
	return can_move(from, old_length, to, new_length) &&
	       moved(e, old_length, new_length);
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
	return told;
}
