#include "pfa/model/tls.h"

#include "pfa/model/backing.h"
#include "pfa/model/mm.h"
#include "pfa/model/region.h"
#include "pfa/model/tasks.h"
#include "pfa/symbol/elf_layout.h"

static void set_pointer(struct thread *thread, uint64_t value)
{
	thread->pointer = value;
	thread->tls_of = NULL;
}

void tls_thread_pointer(struct thread *thread, uint64_t value)
{
	set_pointer(thread, value);
}

void tls_robust_list(struct thread *thread, uint64_t head)
{
	struct process *process = thread->process;

	if (thread->pointer)
		process->robust_offset = head - thread->pointer;
	else if (process->robust_offset)
		set_pointer(thread, head - process->robust_offset);
}

void tls_fork(struct thread *child, const struct thread *parent)
{
	set_pointer(child, parent->pointer);
	child->process->robust_offset = parent->process->robust_offset;
}

void tls_exec(struct thread *thread)
{
	set_pointer(thread, 0);
	thread->process->robust_offset = 0;
}

/*
 * How far below the thread pointer the program's copy begins: it is the first that is
 * laid there. Source: _dl_determine_tlsoffset() in glibc's elf/dl-tls.c.
 */
static uint64_t bytes_below_pointer(const struct elf_tls *tls)
{
	uint64_t align = tls->align ? tls->align : 1;
	uint64_t first = -tls->vaddr & (align - 1);

	return (tls->mem_size - first + align - 1) / align * align + first;
}

/* The program's layout may become known later than the pointer. */
static void place(struct thread *thread, const struct backing *program)
{
	const struct elf_tls *tls = &program->layout->tls;

	thread->tls_of = program;
	thread->tls_start = thread->pointer - bytes_below_pointer(tls);
	thread->tls_bytes = tls->mem_size;
}

bool tls_find(struct thread *thread, uint64_t addr, struct image *image)
{
	const struct backing *program = thread->process->mm->program;

	if (!thread->pointer || !program || !program->layout)
		return false;
	if (thread->tls_of != program)
		place(thread, program);
	if (addr - thread->tls_start >= thread->tls_bytes)
		return false;
	*image = (struct image){ program, addr - thread->tls_start };
	return true;
}
