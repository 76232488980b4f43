#include "pfa/model/tls.h"

#include "pfa/model/backing.h"
#include "pfa/model/mm.h"
#include "pfa/model/region.h"
#include "pfa/model/tasks.h"
#include "pfa/symbol/elf_layout.h"

void tls_thread_pointer(struct thread *thread, uint64_t value)
{
	thread->pointer = value;
}

void tls_robust_list(struct thread *thread, uint64_t head)
{
	struct process *process = thread->process;

	if (thread->pointer)
		process->robust_offset = head - thread->pointer;
	else if (process->robust_offset)
		thread->pointer = head - process->robust_offset;
}

void tls_fork(struct thread *child, const struct thread *parent)
{
	child->pointer = parent->pointer;
	child->process->robust_offset = parent->process->robust_offset;
}

void tls_exec(struct thread *thread)
{
	thread->pointer = 0;
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

bool tls_find(const struct thread *thread, uint64_t addr, struct image *image)
{
	const struct backing *program = thread->process->mm->program;
	const struct elf_tls *tls;
	uint64_t offset;

	if (!thread->pointer || !program || !program->layout)
		return false;
	tls = &program->layout->tls;
	offset = addr - (thread->pointer - bytes_below_pointer(tls));
	if (offset >= tls->mem_size)
		return false;
	*image = (struct image){ program, offset };
	return true;
}
