#include "pfa/model/calls.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/model/backing.h"
#include "pfa/model/call_ends.h"
#include "pfa/model/code.h"
#include "pfa/model/ended.h"
#include "pfa/model/mm.h"
#include "pfa/model/names.h"
#include "pfa/model/space.h"
#include "pfa/model/stacks.h"
#include "pfa/model/tasks.h"

/* ---- the beginning ---- */

static uint64_t heap_end(const struct space *space)
{
	const struct vma *vma = space_at_or_above(space, 0);

	for (; vma; vma = space_at_or_above(space, vma->end))
		if (vma->backing->kind == BACKING_HEAP)
			return vma->end;
	return 0;
}

void calls_begin(struct thread *thread, const struct names *names,
		 const struct event *event)
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
	if (event->call_begin.ip)
		call->code = code_at(names->codes, mm->space, thread->process->pid,
				     event->call_begin.ip);
	call->stack = stack_at(names->stacks, thread->process, event);
	call->ip = event->call_begin.ip;
	memcpy(call->args, event->call_begin.args, sizeof(call->args));
	call->generation = mm_call_begins(mm);
	call->change = space_new_change(mm->space);
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

struct vma calls_vma_of(const struct event *event, struct backing_table *backings)
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
	*change = (struct change){
		.kind = CHANGE_STACK_GROW,
		.start = vma->start,
		.end = vma->end,
		.old_start = old->start,
		.old_end = old->end,
		.prot = vma->prot,
		.vmas = { 1, 1 },
		.made_bytes = old->start - vma->start,
		.vma_count = space_vma_count(space),
		.mapped_bytes = space_mapped_bytes(space) + old->start - vma->start,
		.heap_bytes = space_heap_bytes(space),
		.stack_bytes = space_stack_bytes(space) + old->start - vma->start,
	};
	return true;
}

/* Where user addresses end: at 2^47 or more, on x86 a page below it. */
static bool is_top_of_addresses(uint64_t addr)
{
	uint64_t past = addr + 4096;

	return past >> 47 && (!(addr & (addr - 1)) || !(past & (past - 1)));
}

/*
 * While exec lays the arguments on the new image's stack, at the top of all addresses
 * (get_arg_page() in fs/exec.c), the record of each page by which it grows comes as if
 * it were of the old image, which may be the parent's own (vfork) or live on (exec
 * fails). So does that of a protection changed there before the stack moves down to its
 * place without one (setup_arg_pages()); at its place it is told of by name.
 */
static bool is_laid_by_exec(const struct vma *vma, const struct open_call *call)
{
	return !call->active && vma->backing->kind == BACKING_ANON &&
	       is_top_of_addresses(vma->end);
}

/* Puts the VMA in its place, for a call that is under way. */
static void map_for_call(struct space *space, struct open_call *call,
			 const struct vma *vma)
{
	uint64_t before = space_mapped_bytes(space);
	struct footprint f;

	space_resume_change(space, call->change);
	space_map(space, vma);
	f = space_footprint(space);
	call->vmas.before += f.before;
	call->vmas.after += f.after;
	call->grown_bytes += space_mapped_bytes(space) - before;
}

/* What no call made that we know of: by exec, by the stack, or before we came. */
static void found(const struct process *process, const struct event *event,
		  const struct vma *vma, bool grew)
{
	const struct origin origin = {
		.kind = grew			    ? ORIGIN_stack :
			process->in_exec	    ? ORIGIN_exec :
			process->snapshot_ns == event->time_ns ? ORIGIN_before :
							 ORIGIN_mmap,
		.maker = process->serial,
		.time_ns = event->time_ns,
	};

	mm_found(process->mm, vma->start, vma->end, &origin);
}

/* Exec maps it before its interpreter. */
static void note_executable(struct process *process, const struct vma *vma)
{
	if (process->in_exec && !process->executable &&
	    vma->backing->kind == BACKING_FILE)
		process->executable = vma->backing;
}

bool calls_mmap(struct thread *thread, const struct event *event,
		const struct names *names, struct change *change)
{
	struct open_call *call = &thread->call;
	struct mm *mm = thread->process->mm;
	struct vma vma = calls_vma_of(event, names->backings);
	const struct vma *old;
	bool grew;

	if (vma.start >= vma.end || is_laid_by_exec(&vma, call))
		return false;
	vma.flags |= grows_down(mm->space, &vma, call);
	/* The kernel names the heap by the old break, which at its first growth does
	 * not lie in it yet. */
	if (call->active && call->call == MM_CALL_brk &&
	    vma.backing->kind == BACKING_ANON)
		vma.backing = backing_of(names->backings, "[heap]", NULL);
	/* mprotect keeps what was advised; a new mapping starts without. */
	old = space_find(mm->space, vma.start);
	if (is_protect(call) && old)
		vma.advice = old->advice;
	grew = !call->active && stack_grew(mm->space, &vma, change);
	/* The program is what exec maps first. */
	if (thread->process->in_exec && !mm->program &&
	    vma.backing->kind == BACKING_FILE)
		mm->program = vma.backing;
	if (!call->active) {
		space_resume_change(mm->space, 0);
		space_map(mm->space, &vma);
		found(thread->process, event, &vma, grew);
		note_executable(thread->process, &vma);
		return grew;
	}
	map_for_call(mm->space, call, &vma);
	call->mapped = true;
	call->vma = vma;
	call->mapped_ns = event->time_ns;
	return false;
}

/* ---- the ends ---- */

/* mmap and mremap return addresses; errors are the last 4095 of them. */
static int error_of(const struct open_call *call, int64_t result)
{
	if (result < 0 && result >= -4095)
		return (int)-result;
	/* brk returns the break, which has not moved. */
	return call->call == MM_CALL_brk && call->args[0] && call->brk_before &&
			       (uint64_t)result < call->args[0] &&
			       (uint64_t)result == call->brk_before ?
		       ENOMEM : 0;
}

/*
 * Over a hole madvise does its work on what is mapped, and then complains. mprotect
 * stops there, and where a VMA cannot be changed: what its records told of is done.
 */
static bool is_partial(const struct open_call *call, int error)
{
	return (call->call == MM_CALL_madvise && error == ENOMEM) ||
	       (is_protect(call) && call->mapped);
}

/* What was asked for, as far as the arguments are a range. */
static void tell_failure(const struct open_call *call, const struct space *space,
			 int error, struct change *change)
{
	uint64_t start = call->args[0], length = call->args[1];

	if (call->call == MM_CALL_brk) {
		start = call->brk_before;
		length = call->args[0] - start;
	} else if (call->call == MM_CALL_shmat || call->call == MM_CALL_shmdt) {
		start = call->call == MM_CALL_shmat ? call->args[1] : start;
		length = 0;
	}
	change->start = start;
	change->end = start + length < start ? UINT64_MAX : start + length;
	change->error = error;
	change->vma_count = space_vma_count(space);
	change->mapped_bytes = space_mapped_bytes(space);
}

/* Whether the call has taken something away of which nothing but its arguments tells. */
static bool removes_unseen(const struct mm *mm, const struct event *event)
{
	int64_t result = event->call_end.result;

	if (result < 0 && result >= -4095)
		return false;
	switch (event->call_end.call) {
	case MM_CALL_munmap:
	case MM_CALL_mremap:
	case MM_CALL_shmdt:
		return true;
	case MM_CALL_brk:
		return page_up((uint64_t)result) < heap_end(mm->space);
	default:
		return false;
	}
}

bool calls_end(struct thread *thread, const struct event *event,
	       struct names *names, struct change *change)
{
	struct open_call *call = &thread->call;
	struct ended e = {
		.mm = thread->process->mm,
		.process = thread->process,
		.call = call,
		.args = call->args,
		.result = (uint64_t)event->call_end.result,
		.time_ns = event->time_ns,
		.names = names,
		.change = change,
	};
	bool told = true;
	int error;

	/* Without its beginning (attached in the middle) it cannot be applied. */
	if (!call->active || call->call != event->call_end.call) {
		e.mm->suspect |= removes_unseen(e.mm, event);
		return false;
	}
	*change = (struct change){ .call = mm_call_name(call->call), .ip = call->ip,
				    .code = call->code, .stack = call->stack };
	error = error_of(call, event->call_end.result);
	if (!error || is_partial(call, error))
		told = call_ends(&e);
	else
		tell_failure(call, e.mm->space, error, change);
	call->active = false;
	mm_call_ends(e.mm, thread->call.generation);
	return told;
}
