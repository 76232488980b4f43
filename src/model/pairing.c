#include "pfa/model/pairing.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/model/backing.h"
#include "pfa/model/classify.h"
#include "pfa/model/code.h"
#include "pfa/model/givers.h"
#include "pfa/model/mm.h"
#include "pfa/model/names.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/model/stacks.h"
#include "pfa/model/tasks.h"
#include "pfa/model/tls.h"

static enum fault_access access_of(uint32_t error_code)
{
	if (error_code & FAULT_WRITE)
		return ACCESS_WRITE;
	if (error_code & FAULT_EXEC)
		return ACCESS_EXEC;
	return ACCESS_READ;
}

static bool allows(uint32_t prot, enum fault_access access)
{
	if (access == ACCESS_WRITE)
		return prot & PROT_WRITE;
	if (access == ACCESS_EXEC)
		return prot & PROT_EXEC;
	/* On x86 whatever is accessible is readable. */
	return prot != PROT_NONE;
}

/* Unmapped, but so close below a stack that the kernel will let it grow. */
static const struct vma *stack_above(const struct space *space, uint64_t addr)
{
	const struct vma *vma = space_at_or_above(space, addr);

	if (!vma || vma->start <= addr)
		return NULL;
	return vma_grows_down(vma) ? vma : NULL;
}

static void describe(struct open_fault *open, struct names *names,
		     const struct space *space, const struct vma *vma)
{
	open->prot = vma->prot;
	open->shared = vma->flags & MAP_SHARED;
	open->backing = vma->backing;
	if (open->below_stack)
		return;
	open->region = region_of(names->regions, space, vma, open->addr, &open->image);
	open->in_file = vma->backing->kind >= BACKING_SHMEM;
	if (open->in_file)
		open->file_offset_bytes =
			open->addr - vma->start + vma->pgoff_bytes;
}

void pairing_begin(struct thread *thread, struct names *names,
		   const struct event *event)
{
	struct open_fault *open = &thread->fault;
	struct mm *mm = thread->process->mm;
	uint64_t addr = event->begin.addr;
	const struct vma *vma = space_find(mm->space, addr);

	/* All members, as in fill(). */
	*open = (struct open_fault){
		.active = true,
		.time_ns = event->time_ns,
		.addr = addr,
		.ip = event->begin.ip,
		.error_code = event->begin.error_code,
		.kernel = event->begin.kernel,
		.in_vma = vma != NULL,
		.below_stack = false,
		.shared = false,
		.in_file = false,
		.file_offset_bytes = 0,
		.prot = 0,
		.backing = NULL,
		.before = pages_get(mm->pages, addr),
		.region = NULL,
		.image = { NULL, 0 },
	};
	if (!vma) {
		vma = stack_above(mm->space, addr);
		open->below_stack = vma != NULL;
	}
	if (!vma)
		return;
	describe(open, names, mm->space, vma);
}

/* Another thread's mapping may be used before its record is written. */
static void describe_late(struct open_fault *open, struct names *names,
			  const struct space *space)
{
	const struct vma *vma = space_find(space, open->addr);

	if (vma)
		describe(open, names, space, vma);
}

/* What the end alone tells, where no beginning was seen. */
static struct open_fault begin_unseen(const struct thread *thread,
				      struct names *names,
				      const struct event *event)
{
	struct mm *mm = thread->process->mm;
	const struct vma *vma = space_find(mm->space, event->end.addr);
	struct open_fault open = {
		.addr = event->end.addr,
		.ip = event->end.ip,
		.kernel = event->end.kernel,
		.in_vma = vma != NULL,
		.before = pages_get(mm->pages, event->end.addr),
	};

	if (vma)
		describe(&open, names, mm->space, vma);
	return open;
}

static struct circumstances circumstances_of(const struct thread *thread,
					     const struct open_fault *open)
{
	return (struct circumstances){
		.has_begin = open->active,
		.present = open->error_code & FAULT_PRESENT,
		.access = open->active ? access_of(open->error_code)
				       : ACCESS_UNKNOWN,
		.in_vma = open->in_vma || open->below_stack,
		.allowed = allows(open->prot, access_of(open->error_code)),
		.below_stack = open->below_stack,
		.shared = open->shared,
		.backing = open->backing ? open->backing->kind : BACKING_ANON,
		.whole_history = thread->process->mm->whole_history,
		.before = open->before,
	};
}

/* Memory of the same kind as was there before it was unmapped. */
static bool is_mapped_again(const struct names *names, const struct open_fault *open)
{
	return open->backing &&
	       giver_backing(names->givers, open->before.giver) == open->backing;
}

static enum refault refault_of(const struct names *names, const struct open_fault *open,
			       const struct circumstances *c,
			       const struct fault_kind *kind)
{
	if (kind->type == FAULT_INVALID || c->present)
		return REFAULT_NONE;
	/* Whether the page was there is not known: a write to it looks the same. */
	if (!c->has_begin && !c->major)
		return REFAULT_NONE;
	if (kind_is_spurious(kind)) /* the other thread's fault was the refault */
		return REFAULT_NONE;
	switch (c->before.state) {
	case PAGE_DONTNEED:
		return REFAULT_DONTNEED;
	case PAGE_FREE:
		return REFAULT_FREE;
	case PAGE_MAPPED:
	case PAGE_PAGEOUT:
		return kind_is_from_swap(kind) ? REFAULT_SWAP : REFAULT_NONE;
	case PAGE_UNMAPPED:
		return is_mapped_again(names, open) ? REFAULT_UNMAP : REFAULT_NONE;
	default:
		return REFAULT_NONE;
	}
}

static const struct giver *giver_of(const struct names *names,
				    const struct open_fault *open)
{
	uint32_t number = open->before.giver;

	if (!number && open->before.state == PAGE_MAPPED && open->backing)
		number = givers_number(names->givers, REFAULT_SWAP, "reclaim", NULL,
				       open->backing);
	return giver_by_number(names->givers, number);
}

/* Whether a copy or reuse is what a fork has left to do. */
static bool is_for_fork(const struct mm *mm, const struct circumstances *c,
			const struct fault_kind *kind)
{
	bool cached = (c->backing == BACKING_FILE || c->backing == BACKING_SHMEM) &&
		      !c->before.own;

	return mm->fork && kind_is_of_shared_page(kind) && !c->before.since_fork &&
	       !cached;
}

/* What is told of some faults only: it takes a look at where the code lies. */
static void attribute(struct fault *fault, const struct thread *thread,
		      struct names *names, const struct open_fault *open,
		      const struct circumstances *c, const struct fault_kind *kind)
{
	const struct mm *mm = thread->process->mm;

	fault->refault = refault_of(names, open, c, kind);
	if (fault->refault)
		fault->giver = giver_of(names, open);
	if (is_for_fork(mm, c, kind)) {
		fault->fork = mm->fork;
		fault->child_side = mm->fork_child;
	}
}

/* Whose stack it is that was touched. */
static void tell_stack(struct fault *fault, struct thread *thread,
		       const struct open_fault *open)
{
	const struct thread_stack *stack;

	if (open->backing && open->backing->kind == BACKING_STACK) {
		fault->stack_tid = thread->process->pid;
		fault->stack_serial = thread->process->first_serial;
		return;
	}
	stack = thread_stacks_touch(&thread->process->mm->thread_stacks, thread,
				    open->addr);
	if (!stack)
		return;
	fault->stack_tid = stack->tid;
	fault->stack_serial = stack->serial;
}

static void tell_tls(struct fault *fault, struct thread *thread,
		     const struct open_fault *open)
{
	struct image image;

	fault->tls = tls_find(thread, open->addr, &image);
	if (!fault->tls)
		return;
	fault->image = image.backing;
	fault->image_addr = image.addr;
}

/* What was touched, as far as more is known of it than its region. */
static void tell_touched(struct fault *fault, struct thread *thread,
			 const struct open_fault *open)
{
	const struct vma *piece;

	if (!open->backing || open->image.backing || open->backing->kind == BACKING_FILE)
		return;
	tell_stack(fault, thread, open);
	tell_tls(fault, thread, open);
	piece = mm_piece(thread->process->mm, open->addr);
	if (!piece)
		return;
	fault->origin = &piece->origin;
	fault->origin_offset = open->addr - piece->start;
}

static void fill(struct fault *fault, struct thread *thread, struct names *names,
		 const struct open_fault *open, const struct circumstances *c,
		 const struct event *event)
{
	const struct fault_kind *kind = classify(c);

	/* All members: gcc clears by a slow instruction what leaves some out. */
	*fault = (struct fault){
		.actor = thread_actor(thread),
		.cpu = event->cpu,
		.time_ns = event->time_ns,
		.latency_ns = LATENCY_UNKNOWN,
		.addr = open->addr,
		.ip = open->ip,
		.page_size_bytes = 0,
		.phys = 0,
		.has_phys = false,
		.in_file = open->in_file,
		.file_offset_bytes = open->file_offset_bytes,
		.backing = open->in_file ? open->backing : NULL,
		.kernel = open->kernel,
		.type = kind->type,
		.kind = kind->name,
		.access = c->access,
		.refault = REFAULT_NONE,
		.giver = NULL,
		.fork = 0,
		.child_side = false,
		.code = code_at(names->codes, thread->process->mm->space,
				thread->process->pid, open->ip),
		.stack = stack_at(names->stacks, thread->process, event),
		.region = open->region,
		.image = open->image.backing,
		.image_addr = open->image.addr,
		.tls = false,
		.origin = NULL,
		.origin_offset = 0,
		.stack_tid = 0,
		.stack_serial = 0,
	};
	attribute(fault, thread, names, open, c, kind);
	tell_touched(fault, thread, open);
}

/* A fault that completed lay in a VMA, whether we knew of it or not. */
static const struct region *region_completed(struct names *names,
					     const struct mm *mm, uint64_t addr)
{
	const struct vma *vma = space_find(mm->space, addr);
	struct image unused;

	if (!vma)
		vma = stack_above(mm->space, addr);
	if (!vma)
		return region_named(names->regions, "unknown", "");
	return region_of(names->regions, mm->space, vma, addr, &unused);
}

static void remember_page(struct mm *mm, const struct fault *fault,
			  const struct circumstances *c)
{
	/* A read of fresh anonymous memory maps the shared zero page, which has
	 * no physical address of its own here. */
	if (fault->has_phys && !fault->phys && c->access == ACCESS_READ &&
	    c->backing <= BACKING_STACK && !c->present)
		pages_set_zero(mm->pages, fault->addr, fault->page_size_bytes);
	else
		pages_set_mapped(mm->pages, fault->addr, fault->page_size_bytes,
				 fault->phys,
				 c->access == ACCESS_WRITE && !c->shared);
}

/* The end of a fault that is described as far as it can be. */
static void end_open(struct thread *thread, const struct open_fault *open,
		     struct names *names, const struct event *event,
		     bool may_swap, struct fault *fault)
{
	struct mm *mm = thread->process->mm;
	struct circumstances c = circumstances_of(thread, open);

	c.major = event->end.major;
	c.now = pages_get(mm->pages, open->addr);
	c.frame_after = page_frame(event->end.phys);
	c.may_swap = may_swap;
	c.shared_by_fork = mm->fork_peer && c.backing <= BACKING_STACK &&
			   mm_fork_shares(mm, open->addr);
	c.other_just_served = open->active && open->before.state == PAGE_MAPPED &&
			      mm_completed_by_other(mm, open->addr, open->time_ns,
						    thread->tid);
	fill(fault, thread, names, open, &c, event);
	/* Where the end's own time was not to be had it has the beginning's. */
	if (open->active && event->time_ns > open->time_ns)
		fault->latency_ns = event->time_ns - open->time_ns;
	fault->page_size_bytes = event->end.page_size;
	fault->phys = event->end.phys;
	fault->has_phys = event->end.has_phys;
	if (!fault->region)
		fault->region = region_completed(names, mm, open->addr);
	remember_page(mm, fault, &c);
	mm_remember_completion(mm, open->addr, event->time_ns, thread->tid);
}

void pairing_end(struct thread *thread, struct names *names,
		 const struct event *event, bool may_swap, struct fault *fault)
{
	struct open_fault *open = &thread->fault;

	/* The completion carries the same address, where it carries one. */
	if (!open->active ||
	    (event->end.has_addr && event->end.addr != open->addr))
		*open = begin_unseen(thread, names, event);
	if (!open->in_vma && !open->below_stack)
		describe_late(open, names, thread->process->mm->space);
	end_open(thread, open, names, event, may_swap, fault);
	open->active = false;
}

static void fill_failed(struct thread *thread, struct names *names,
			const struct event *event, enum failure failure,
			struct fault *fault)
{
	struct circumstances c = circumstances_of(thread, &thread->fault);

	c.failure = failure;
	fill(fault, thread, names, &thread->fault, &c, event);
	if (!fault->region)
		fault->region = region_named(names->regions, "unmapped", "");
	thread->fault.active = false;
}

/* Source: include/uapi/asm-generic/siginfo.h; codes up to 0 come from kill(2). */
static enum failure failure_of(const struct event *event)
{
	if (event->signal.code <= 0 || event->signal.code >= SI_KERNEL)
		return FAILURE_UNTOLD;
	if (event->signal.signal == SIGBUS)
		return FAILURE_BUS;
	return event->signal.code == SEGV_MAPERR ? FAILURE_UNMAPPED
						  : FAILURE_PROTECTION;
}

enum pairing_result pairing_signal(struct thread *thread,
				   struct names *names,
				   const struct event *event, struct fault *fault)
{
	enum failure failure = failure_of(event);

	/* The kernel raises these at the thread that faults, which is where the
	 * event comes from; the tid in it is not that of our PID namespace. */
	if (!thread->fault.active || failure == FAILURE_UNTOLD)
		return PAIRING_NOTHING;
	fill_failed(thread, names, event, failure, fault);
	return PAIRING_FAULT;
}

enum pairing_result pairing_give_up(struct thread *thread,
				    struct names *names,
				    const struct event *event, bool signals_seen,
				    struct fault *fault)
{
	const struct open_fault *open = &thread->fault;
	bool allowed = (open->in_vma || open->below_stack) &&
		       allows(open->prot, access_of(open->error_code));

	if (!open->active)
		return PAIRING_NOTHING;
	/*
	 * In kernel mode an access with faults disabled is tried first and done
	 * again if it fails; in user mode a signal may interrupt a fault that
	 * waits. Neither is a failure where the access is allowed.
	 */
	if (allowed && (open->kernel || signals_seen)) {
		thread->fault.active = false;
		return PAIRING_RETRIED;
	}
	fill_failed(thread, names, event, FAILURE_UNTOLD, fault);
	return PAIRING_FAULT;
}
