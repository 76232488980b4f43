#include "pfa/model/exec.h"

#include <stdbool.h>
#include <stddef.h>

#include "pfa/model/backing.h"
#include "pfa/model/space.h"
#include "pfa/symbol/elf_layout.h"

/* Removes what shows `backing` in a range, and nothing else. */
static void unmap_backing(struct space *space, const struct backing *backing,
			  uint64_t start, uint64_t end)
{
	while (start < end) {
		const struct vma *vma = space_at_or_above(space, start);
		uint64_t past, from;

		if (!vma || vma->start >= end)
			return;
		from = vma->start > start ? vma->start : start;
		past = vma->end < end ? vma->end : end;
		if (vma->backing == backing)
			space_unmap(space, from, past);
		start = past;
	}
}

/* `base` is where the first segment begins. */
static void trim_between_segments(struct space *space, const struct backing *backing,
				  uint64_t base)
{
	const struct elf_layout *layout = backing->layout;
	uint64_t bias;

	if (!layout->segment_count)
		return;
	bias = base - page_down(layout->segments[0].vaddr);
	for (size_t i = 0; i + 1 < layout->segment_count; i++) {
		const struct elf_segment *low = &layout->segments[i];
		const struct elf_segment *high = &layout->segments[i + 1];

		unmap_backing(space, backing,
			      bias + page_up(low->vaddr + low->file_size),
			      bias + page_down(high->vaddr));
	}
}

void exec_trim(struct space *space)
{
	const struct backing *previous = NULL;
	uint64_t at = 0;

	for (;;) {
		const struct vma *vma = space_at_or_above(space, at);
		const struct backing *backing;

		if (!vma)
			return;
		backing = vma->backing;
		at = vma->end;
		/* An image's VMAs stand together: its first one leads them. */
		if (backing->layout && backing != previous) {
			trim_between_segments(space, backing, vma->start);
			previous = backing;
		}
	}
}
