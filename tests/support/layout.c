#include "check.h"
#include "layout.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>

#include "pfa/model/backing.h"
#include "pfa/model/space.h"

static bool has_offset(const struct vma *vma)
{
	return vma->backing->kind >= BACKING_SHMEM && vma->pgoff_bytes;
}

static bool is_one(const struct vma *low, const struct vma *high)
{
	return low->end == high->start && low->backing == high->backing &&
	       low->prot == high->prot && low->flags == high->flags &&
	       low->advice == high->advice &&
	       (low->backing->kind < BACKING_SPECIAL ||
		low->pgoff_bytes + (low->end - low->start) == high->pgoff_bytes);
}

static size_t print(char *at, size_t room, const struct vma *vma)
{
	char offset[24] = "";
	int n;

	if (has_offset(vma))
		snprintf(offset, sizeof(offset), "+%" PRIx64, vma->pgoff_bytes >> 12);
	n = snprintf(at, room, "%" PRIx64 "-%" PRIx64 " %c%c%c%c %s%s%s%s",
		     vma->start >> 12, vma->end >> 12,
		     vma->prot & PROT_READ ? 'r' : '-',
		     vma->prot & PROT_WRITE ? 'w' : '-',
		     vma->prot & PROT_EXEC ? 'x' : '-',
		     vma->flags & MAP_SHARED ? 's' : 'p', vma->backing->label, offset,
		     vma->advice & VMA_DONTFORK ? " dontfork" : "",
		     vma->advice & VMA_WIPEONFORK ? " wipeonfork" : "");
	assert_in_range(n, 1, room - 1);
	return (size_t)n;
}

const char *layout_text(const struct space *space)
{
	static char text[4096];
	const struct vma *next = space_at_or_above(space, 0);
	size_t used = 0;

	text[0] = '\0';
	while (next) {
		struct vma vma = *next;

		while ((next = space_at_or_above(space, vma.end)) && is_one(&vma, next))
			vma.end = next->end;
		used += print(text + used, sizeof(text) - used, &vma);
		if (next)
			used += (size_t)snprintf(text + used, sizeof(text) - used, ", ");
	}
	return text;
}
