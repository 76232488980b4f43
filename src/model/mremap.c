#include <sys/mman.h>

#include "pfa/model/backing.h"
#include "pfa/model/ended.h"
#include "pfa/model/mm.h"
#include "pfa/model/pages.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"

/* Not in all headers. */
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* Part of a VMA is somewhere else now, in the place of what was there. */
static void move_part(struct ended *e, const struct vma *vma, uint64_t start,
		      uint64_t end, uint64_t distance)
{
	uint64_t to = start + distance;
	const struct vma *there = space_at_or_above(e->mm->space, to);
	struct vma moved = *vma;

	ended_mapped_over(e, to, end + distance,
		    ended_giver_of(e, REFAULT_UNMAP, "mremap", there, to, end + distance));
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
	ended_mapped_over(e, end, new_end,
		    ended_giver_of(e, REFAULT_UNMAP, "mremap", there, end, new_end));
	space_map(e->mm->space, &longer);
	ended_made(e, ORIGIN_mremap, end, new_end);
	e->change->made_bytes += new_end - end;
}

static bool resized(struct ended *e, uint64_t old_length, uint64_t new_length)
{
	uint64_t addr = e->result;

	if (new_length < old_length)
		ended_unmap(e, addr + new_length, addr + old_length);
	extend(e, addr + old_length, addr + new_length);
	if (new_length > old_length)
		space_join(e->mm->space, addr + new_length);
	e->change->old_start = addr;
	e->change->old_end = addr + old_length;
	return new_length != old_length &&
	       ended_changed(e, CHANGE_RESIZE_MAPPING, addr, addr + new_length);
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
	giver = ended_unmapper(e, from, from + length);
	ended_gave(e, giver,
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
	return ended_changed(e, CHANGE_MOVE_MAPPING, to, to + new_length);
}

/* A second view of a shared mapping, from one VMA. */
static bool doubled(struct ended *e, uint64_t from, uint64_t to, uint64_t length)
{
	space_copy(e->mm->space, from, to, 4096);
	extend(e, to + 4096, to + length);
	return ended_mapped(e, ORIGIN_mremap, to, to + length, e->time_ns);
}

/* The kernel moves nothing onto itself; corrupt records may. */
static bool can_move(uint64_t from, uint64_t old_length, uint64_t to,
		     uint64_t new_length)
{
	return from + old_length > from && to + new_length > to &&
	       (from + old_length <= to || to + new_length <= from);
}

bool end_mremap(struct ended *e)
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
