#include "pfa/model/calls.h"

#include <errno.h>
#include <linux/mman.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/model/backing.h"
#include "pfa/model/mm.h"
#include "pfa/model/pages.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"

/* Newer than the headers of Debian 12, or not in all of them. */
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

/* The call at hand, as its function sees it. */
struct ended {
	struct mm *mm;
	const struct open_call *call;
	const uint64_t *args;
	uint64_t result;
	uint64_t time_ns;
	struct change *change;
};

/* ---- the beginning ---- */

static uint64_t heap_end(const struct space *space)
{
	const struct vma *vma = space_at_or_above(space, 0);

	for (; vma; vma = space_at_or_above(space, vma->end))
		if (vma->backing->kind == BACKING_HEAP)
			return vma->end;
	return 0;
}

void calls_begin(struct thread *thread, const struct event *event)
{
	struct open_call *call = &thread->call;
	struct mm *mm = thread->process->mm;
	const struct vma *vma;

	if (call->active)
		mm_call_ends(mm, call->generation); /* its end was lost */
	memset(call, 0, sizeof(*call));
	call->active = true;
	call->call = event->call_begin.call;
	call->time_ns = event->time_ns;
	memcpy(call->args, event->call_begin.args, sizeof(call->args));
	call->generation = mm_call_begins(mm);
	if (call->call == MM_CALL_brk && call->args[0])
		call->brk_before = mm->brk ? mm->brk : heap_end(mm->space);
	vma = space_at_or_above(mm->space, call->args[0]);
	if (vma)
		call->before = *vma;
}

const struct vma *calls_before(const struct thread *thread,
				const struct change *change)
{
	const struct vma *before = &thread->call.before;

	return before->start < change->end && before->end > change->start ? before
									  : NULL;
}

/* ---- records of VMAs ---- */

static struct vma vma_of(const struct event *event, struct backing_table *backings)
{
	const struct file_id file = {
		.inode = event->mmap.inode,
		.generation = event->mmap.generation,
		.dev_major = event->mmap.dev_major,
		.dev_minor = event->mmap.dev_minor,
	};
	struct vma vma = {
		.start = page_down(event->mmap.start),
		.end = page_up(event->mmap.start + event->mmap.length),
		.pgoff_bytes = event->mmap.pgoff_bytes,
		.prot = event->mmap.prot,
		.flags = event->mmap.flags,
		.backing = backing_of(backings, event->mmap.name, &file),
	};

	/* Only for files is the offset a place; elsewhere it is an address. */
	if (vma.backing->kind < BACKING_SPECIAL)
		vma.pgoff_bytes = 0;
	return vma;
}

static bool is_protect(const struct open_call *call)
{
	return call->active && (call->call == MM_CALL_mprotect ||
				call->call == MM_CALL_pkey_mprotect);
}

/* MAP_GROWSDOWN is not in the record: it is the call's, and stays with the VMA. */
static uint32_t grows_down(const struct space *space, const struct vma *vma,
			   const struct open_call *call)
{
	const struct vma *old = space_find(space, vma->end - 1);

	if (call->active && call->call == MM_CALL_mmap)
		return (uint32_t)call->args[3] & MAP_GROWSDOWN;
	return old && old->backing == vma->backing ? old->flags & MAP_GROWSDOWN : 0;
}

static bool stack_grew(const struct space *space, const struct vma *vma,
		       struct change *change)
{
	const struct vma *old = space_find(space, vma->end - 1);

	if (!vma_grows_down(vma) || !old || old->backing != vma->backing ||
	    old->end != vma->end || old->start <= vma->start)
		return false;
	change->kind = CHANGE_STACK_GROW;
	change->start = vma->start;
	change->end = vma->end;
	change->old_start = old->start;
	change->old_end = old->end;
	change->prot = vma->prot;
	return true;
}

bool calls_mmap(struct thread *thread, const struct event *event,
		struct backing_table *backings, struct change *change)
{
	struct open_call *call = &thread->call;
	struct mm *mm = thread->process->mm;
	struct vma vma = vma_of(event, backings);
	const struct vma *old;
	bool grew;

	if (vma.start >= vma.end)
		return false;
	vma.flags |= grows_down(mm->space, &vma, call);
	/* The kernel names the heap by the old break, which at its first growth does
	 * not lie in it yet. */
	if (call->active && call->call == MM_CALL_brk &&
	    vma.backing->kind == BACKING_ANON)
		vma.backing = backing_of(backings, "[heap]", NULL);
	if (call->active) {
		call->mapped = true;
		call->vma = vma;
		call->mapped_ns = event->time_ns;
	}
	/* mprotect keeps what was advised; a new mapping starts without. */
	old = space_find(mm->space, vma.start);
	if (is_protect(call) && old)
		vma.advice = old->advice;
	grew = !call->active && stack_grew(mm->space, &vma, change);
	space_map(mm->space, &vma);
	return grew;
}

/* ---- the ends: one function a row of mm_calls.h ---- */

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
	mm_unmap(e->mm, start, end, e->call->time_ns);
	return end > start;
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
	uint64_t time = e->call->mapped ? e->call->mapped_ns : e->time_ns;

	restore(e, start, end);
	pages_forget(e->mm->pages, start, end);
	mm_claim(e->mm, start, end, time);
	return changed(e, CHANGE_MMAP_ADD, start, end);
}

static bool end_remap_file_pages(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);
	uint64_t end = start + page_down(e->args[1]);

	pages_forget(e->mm->pages, start, end);
	return changed(e, CHANGE_MMAP_ADD, start, end);
}

static bool end_shmat(struct ended *e)
{
	const struct vma *vma = space_find(e->mm->space, e->result);

	if (!vma)
		return false;
	pages_forget(e->mm->pages, vma->start, vma->end);
	mm_claim(e->mm, vma->start, vma->end, e->time_ns);
	return changed(e, CHANGE_MMAP_ADD, vma->start, vma->end);
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
	if (end == start)
		return false;
	changed(e, CHANGE_MUNMAP_REMOVE, start, end);
	mm_unmap(e->mm, start, end, e->call->time_ns);
	return true;
}

static bool end_mprotect(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);

	changed(e, CHANGE_PERM_CHANGE, start, page_up(start + e->args[1]));
	e->change->old_prot = e->call->before.prot;
	return true;
}

static bool end_pkey_mprotect(struct ended *e)
{
	return end_mprotect(e);
}

static bool end_brk(struct ended *e)
{
	uint64_t before = e->call->brk_before, now = e->result;

	e->mm->brk = now;
	/* A break that did not move: a query, or a refusal. */
	if (!e->args[0] || !before || now == before)
		return false;
	if (now > before) {
		changed(e, CHANGE_BRK_GROW, page_up(before), page_up(now));
		return e->change->end > e->change->start;
	}
	return removed(e, CHANGE_BRK_SHRINK, page_up(now), page_up(before));
}

/* Copies the VMAs of a range to another place. */
static void copy_vmas(struct space *space, uint64_t from, uint64_t to,
		      uint64_t length)
{
	uint64_t at = from;

	while (at < from + length) {
		const struct vma *vma = space_at_or_above(space, at);
		struct vma copy;

		if (!vma || vma->start >= from + length)
			return;
		copy = *vma;
		at = vma->end;
		if (copy.start < from) {
			copy.pgoff_bytes += from - copy.start;
			copy.start = from;
		}
		if (copy.end > from + length)
			copy.end = from + length;
		copy.start = copy.start - from + to;
		copy.end = copy.end - from + to;
		space_map(space, &copy);
	}
}

/*
 * Moves the layout of a range. Another thread may have mapped something else where it
 * was before we see the end: then what was there at the beginning has moved.
 */
static void move_vmas(struct ended *e, uint64_t from, uint64_t to, uint64_t length)
{
	const struct vma *now = space_find(e->mm->space, from);
	struct vma moved = e->call->before;

	if (now && now->backing == moved.backing) {
		copy_vmas(e->mm->space, from, to, length);
		return;
	}
	if (moved.start > from || moved.end < from + length)
		return;
	moved.pgoff_bytes += from - moved.start;
	moved.start = to;
	moved.end = to + length;
	space_map(e->mm->space, &moved);
}

/* Makes the VMA that ends at `end` reach `new_end`. */
static void extend(struct space *space, uint64_t end, uint64_t new_end)
{
	const struct vma *vma = space_find(space, end - 1);
	struct vma longer;

	if (!vma || new_end <= end)
		return;
	longer = *vma;
	longer.end = new_end;
	space_map(space, &longer);
}

static bool resized(struct ended *e, uint64_t old_length, uint64_t new_length)
{
	uint64_t addr = e->result;

	if (new_length < old_length)
		mm_unmap(e->mm, addr + new_length, addr + old_length,
			 e->call->time_ns);
	extend(e->mm->space, addr + old_length, addr + new_length);
	e->change->old_start = addr;
	e->change->old_end = addr + old_length;
	return new_length != old_length &&
	       changed(e, CHANGE_RESIZE_MAPPING, addr, addr + new_length);
}

static bool moved(struct ended *e, uint64_t old_length, uint64_t new_length)
{
	uint64_t from = e->args[0], to = e->result;
	uint64_t kept = old_length < new_length ? old_length : new_length;
	bool keep_old = e->args[3] & MREMAP_DONTUNMAP;

	space_unmap(e->mm->space, to, to + new_length);
	move_vmas(e, from, to, kept);
	extend(e->mm->space, to + kept, to + new_length);
	pages_move(e->mm->pages, from, to, kept);
	if (!keep_old)
		mm_unmap(e->mm, from, from + old_length, e->call->time_ns);
	mm_claim(e->mm, to, to + new_length, e->time_ns);
	e->change->old_start = from;
	e->change->old_end = from + old_length;
	return changed(e, CHANGE_MOVE_MAPPING, to, to + new_length);
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

	if (old_length == 0) {
		/* A second view of a shared mapping, from one VMA. */
		copy_vmas(e->mm->space, from, to, 4096);
		extend(e->mm->space, to + 4096, to + new_length);
		mm_claim(e->mm, to, to + new_length, e->time_ns);
		return changed(e, CHANGE_MMAP_ADD, to, to + new_length);
	}
	if (from == to)
		return resized(e, old_length, new_length);
	if (!can_move(from, old_length, to, new_length))
		return false;
	return moved(e, old_length, new_length);
}

/* What an advice does to the pages, and to the VMAs at fork. */
static const struct advice {
	int number;
	const char *name;
	enum page_state state; /* of pages given back; PAGE_UNSEEN: none are */
	uint32_t set, clear;
} advices[] = {
	{ MADV_NORMAL, "normal", PAGE_UNSEEN, 0, 0 },
	{ MADV_RANDOM, "random", PAGE_UNSEEN, 0, 0 },
	{ MADV_SEQUENTIAL, "sequential", PAGE_UNSEEN, 0, 0 },
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
	{ MADV_HUGEPAGE, "hugepage", PAGE_UNSEEN, 0, 0 },
	{ MADV_NOHUGEPAGE, "nohugepage", PAGE_UNSEEN, 0, 0 },
	{ MADV_MERGEABLE, "mergeable", PAGE_UNSEEN, 0, 0 },
	{ MADV_UNMERGEABLE, "unmergeable", PAGE_UNSEEN, 0, 0 },
	{ MADV_DONTDUMP, "dontdump", PAGE_UNSEEN, 0, 0 },
	{ MADV_DODUMP, "dodump", PAGE_UNSEEN, 0, 0 },
	{ MADV_POPULATE_READ, "populate-read", PAGE_UNSEEN, 0, 0 },
	{ MADV_POPULATE_WRITE, "populate-write", PAGE_UNSEEN, 0, 0 },
	{ 25, "collapse", PAGE_UNSEEN, 0, 0 },
	{ 102, "guard-install", PAGE_DONTNEED, 0, 0 },
	{ 103, "guard-remove", PAGE_UNSEEN, 0, 0 },
	{ -1, "other", PAGE_UNSEEN, 0, 0 },
};

static bool end_madvise(struct ended *e)
{
	uint64_t start = page_down(e->args[0]);
	uint64_t end = page_up(start + e->args[1]);
	const struct advice *row = advices;

	while (row->number >= 0 && row->number != (int)e->args[2])
		row++;
	if (row->state != PAGE_UNSEEN)
		pages_give_back(e->mm->pages, start, end, row->state);
	if (row->set | row->clear)
		space_advise(e->mm->space, start, end, row->set, row->clear);
	e->change->advice = row->name;
	return changed(e, CHANGE_ADVISE, start, end);
}

/* mmap and mremap return addresses; errors are the last 4095 of them. */
static bool failed(int64_t result)
{
	return result < 0 && result >= -4095;
}

/* Over a hole madvise does its work on what is mapped, and then complains. */
static bool is_partial(const struct open_call *call, const struct event *event)
{
	return call->call == MM_CALL_madvise && event->call_end.result == -ENOMEM;
}

bool calls_end(struct thread *thread, const struct event *event,
	       struct change *change)
{
	static bool (*const ends[])(struct ended *) = {
#define X(name) end_##name,
		MM_CALLS(X)
#undef X
	};
	struct open_call *call = &thread->call;
	struct ended e = {
		.mm = thread->process->mm,
		.call = call,
		.args = call->args,
		.result = (uint64_t)event->call_end.result,
		.time_ns = event->time_ns,
		.change = change,
	};
	bool result = false;

	/* Without its beginning (attached in the middle) it cannot be applied. */
	if (!call->active || call->call != event->call_end.call)
		return false;
	memset(change, 0, sizeof(*change));
	if (!failed(event->call_end.result) || is_partial(call, event))
		result = ends[call->call](&e);
	call->active = false;
	mm_call_ends(e.mm, thread->call.generation);
	return result;
}
