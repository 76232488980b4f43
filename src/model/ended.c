#include "pfa/model/ended.h"

#include <sys/mman.h>

#include "pfa/decode/mm_calls.h"
#include "pfa/model/givers.h"
#include "pfa/model/mm.h"
#include "pfa/model/names.h"
#include "pfa/model/pages.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"

bool ended_changed(struct ended *e, enum change_kind kind, uint64_t start,
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

/* Ranges that calls make stay theirs until they are unmapped. */
void ended_made(struct ended *e, enum origin_kind kind, uint64_t start, uint64_t end)
{
	struct origin origin = { .kind = kind, .maker = e->process->serial,
				 .time_ns = e->time_ns };

	if (!e->mm->pieces)
		return;
	origin.code = e->call->code;
	origin.stack = e->call->stack;
	mm_made(e->mm, start, end, &origin);
}

/* This call, as it gives back what `held`, a VMA or nothing, has in [start, end). */
uint32_t ended_giver_of(const struct ended *e, enum refault how, const char *call,
			 const struct vma *held, uint64_t start, uint64_t end)
{
	if (!held || !held->backing || held->start >= end || held->end <= start)
		return 0;
	return givers_number(e->names->givers, how, call, e->call->code, held->backing);
}

/* Of a range that it removes or maps anew: named after what it held when it began. */
uint32_t ended_unmapper(const struct ended *e, uint64_t start, uint64_t end)
{
	return ended_giver_of(e, REFAULT_UNMAP, mm_call_name(e->call->call),
			      &e->call->before, start, end);
}

void ended_gave(struct ended *e, uint32_t giver, uint64_t pages)
{
	if (!pages)
		return;
	e->change->pages_given += pages;
	e->change->giver = giver_by_number(e->names->givers, giver);
}

void ended_unmap(struct ended *e, uint64_t start, uint64_t end)
{
	uint64_t before = space_mapped_bytes(e->mm->space);
	uint32_t giver = ended_unmapper(e, start, end);

	ended_gave(e, giver, mm_unmap(e->mm, start, end, e->call->time_ns, giver));
	e->change->removed_bytes += before - space_mapped_bytes(e->mm->space);
}

/* The range is named after what it held when the call began. */
bool ended_removed(struct ended *e, enum change_kind kind, uint64_t start,
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
	ended_unmap(e, start, end);
	/* Where another thread has mapped anew what was there then, nothing goes now. */
	return e->change->removed_bytes ||
	       (before->start < end && before->end > start);
}

/* The pages of a range that is mapped anew have been given back, too. */
void ended_mapped_over(struct ended *e, uint64_t start, uint64_t end, uint32_t giver)
{
	ended_gave(e, giver,
	     pages_give_back(e->mm->pages, start, end, PAGE_UNMAPPED, giver));
}

bool ended_mapped(struct ended *e, enum origin_kind kind, uint64_t start, uint64_t end,
		   uint64_t time_ns)
{
	ended_mapped_over(e, start, end, ended_unmapper(e, start, end));
	ended_made(e, kind, start, end);
	mm_claim(e->mm, start, end, time_ns);
	e->change->made_bytes = end - start;
	/* After a loss its record may tell of more than the call has mapped. */
	if (e->call->mapped && e->call->grown_bytes < end - start)
		e->change->removed_bytes = end - start - e->call->grown_bytes;
	return ended_changed(e, CHANGE_MMAP_ADD, start, end);
}
