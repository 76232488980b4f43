#include "pfa/model/vma_class.h"

#include <sys/mman.h>

#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/model/space.h"
#include "pfa/symbol/elf_layout.h"

/* Of an ELF file. A read-only part of a writable segment is its RELRO. */
static const char *class_in_image(const struct vma *vma)
{
	const struct elf_segment *segment =
		elf_layout_segment(vma->backing->layout, vma->pgoff_bytes, vma->prot);

	if (vma->prot & PROT_EXEC)
		return "text";
	return segment && (segment->prot & PROT_WRITE) ? "data" : "rodata";
}

const char *vma_class(const struct vma *vma, const struct region *region)
{
	switch (vma->backing->kind) {
	case BACKING_ANON:
		return region->section[0] ? "bss" : "anon";
	case BACKING_HEAP:
		return "heap";
	case BACKING_STACK:
		return "stack";
	case BACKING_SPECIAL:
		return vma->prot & PROT_EXEC ? "vdso" : "vvar";
	case BACKING_SHMEM:
		return "shared";
	case BACKING_HUGETLB:
		return "hugetlb";
	case BACKING_FILE:
		break;
	}
	if (vma->backing->layout && vma->backing->layout->segment_count)
		return class_in_image(vma);
	return vma->flags & MAP_SHARED ? "shared" : "file";
}
