#include "pfa/model/drift.h"

#include <inttypes.h>
#include <sys/mman.h>

#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/event.h"
#include "pfa/decode/procmaps.h"
#include "pfa/model/backing.h"
#include "pfa/model/calls.h"
#include "pfa/model/observation.h"

/* ---- reading ---- */

/* A line of maps as the record that would tell of it. */
static struct event record_of_line(const struct procmap *map)
{
	return (struct event){
		.kind = EVENT_MMAP,
		.mmap = {
			.start = map->start,
			.length = map->end - map->start,
			.pgoff_bytes = map->pgoff_bytes,
			.inode = map->inode,
			.dev_major = map->dev_major,
			.dev_minor = map->dev_minor,
			.prot = map->prot,
			.flags = map->shared ? MAP_SHARED : MAP_PRIVATE,
			.has_attr = true,
			.name = procmaps_name(map),
		},
	};
}

struct space *drift_read_maps(const char *text, size_t length,
			      struct backing_table *backings)
{
	struct space *space = space_new();
	const char *end = text + length;
	struct procmap map;

	while (procmaps_next(&text, end, &map)) {
		const struct event event = record_of_line(&map);
		const struct vma vma = calls_vma_of(&event, backings);

		space_map(space, &vma);
	}
	return space;
}

/* ---- comparing ---- */

static bool is_file(const struct backing *backing)
{
	return backing->kind >= BACKING_SPECIAL && backing->file.inode;
}

/*
 * maps does not tell generations, and a file may have another name by now. [heap] and
 * [stack] are names of places: a piece that mprotect cuts off may lose them.
 */
static bool same_memory(const struct backing *a, const struct backing *b)
{
	if (is_file(a) != is_file(b))
		return false;
	if (is_file(a))
		return a->file.inode == b->file.inode &&
		       a->file.dev_major == b->file.dev_major &&
		       a->file.dev_minor == b->file.dev_minor;
	if (a->kind < BACKING_SPECIAL && b->kind < BACKING_SPECIAL)
		return true;
	return a->name == b->name;
}

static uint64_t offset_at(const struct vma *vma, uint64_t addr)
{
	return is_file(vma->backing) ? vma->pgoff_bytes + addr - vma->start : 0;
}

/* Whether both have the same at the address; NULL: nothing. */
static bool same_at(const struct vma *a, const struct vma *b, uint64_t addr)
{
	const uint32_t sharing = MAP_SHARED | MAP_PRIVATE;

	if (!a || !b)
		return a == b;
	return a->prot == b->prot && (a->flags & sharing) == (b->flags & sharing) &&
	       same_memory(a->backing, b->backing) &&
	       offset_at(a, addr) == offset_at(b, addr);
}

static const struct vma *if_any(const struct vma *vma)
{
	return vma->end ? vma : NULL;
}

struct list {
	struct difference *items;
	size_t count, capacity;
};

static void add(struct list *l, uint64_t start, uint64_t end, const struct vma *modelled,
		const struct vma *mapped)
{
	const struct vma nothing = { 0 };
	struct difference *last = l->count ? &l->items[l->count - 1] : NULL;

	if (last && last->end == start &&
	    same_at(if_any(&last->modelled), modelled, start) &&
	    same_at(if_any(&last->mapped), mapped, start)) {
		last->end = end;
		return;
	}
	l->items = pfa_grow(l->items, l->count, &l->capacity, sizeof(*l->items));
	l->items[l->count++] = (struct difference){
		start, end, modelled ? *modelled : nothing, mapped ? *mapped : nothing,
	};
}

/* One side of the walk: the VMA at or above an address. */
struct side {
	const struct vma *next;
	uint64_t start; /* of what is left of it */
};

static struct side side_at(const struct space *space, uint64_t addr)
{
	const struct vma *next = space_at_or_above(space, addr);

	return (struct side){ next, !next ? UINT64_MAX :
				    next->start > addr ? next->start : addr };
}

/* Where a side that has this at `start`, or nothing, has something else. */
static uint64_t border(const struct side *side, uint64_t start)
{
	return side->start == start ? side->next->end : side->start;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct difference *drift_find(const struct space *modelled, const struct space *mapped,
			      size_t *count)
{
	struct list list = { 0 };
	uint64_t at = 0;

	for (;;) {
		struct side a = side_at(modelled, at), b = side_at(mapped, at);
		uint64_t start = least(a.start, b.start);
		const struct vma *here_a = a.start == start ? a.next : NULL;
		const struct vma *here_b = b.start == start ? b.next : NULL;

		if (!a.next && !b.next)
			break;
		at = least(border(&a, start), border(&b, start));
		if (!same_at(here_a, here_b, start))
			add(&list, start, at, here_a, here_b);
	}
	*count = list.count;
	return list.items;
}

/* ---- what is made of it ---- */

/* What maps does not show stays as it was known. */
static void keep_known(struct vma *vma, const struct vma *modelled)
{
	if (!modelled->end || !same_memory(vma->backing, modelled->backing))
		return;
	vma->backing = modelled->backing;
	vma->advice = modelled->advice;
	vma->flags |= modelled->flags & ~(uint32_t)(MAP_SHARED | MAP_PRIVATE);
}

void drift_repair(struct space *modelled, const struct difference *d)
{
	struct vma vma = d->mapped;

	if (!vma.end) {
		space_unmap(modelled, d->start, d->end);
		return;
	}
	if (vma.backing->kind >= BACKING_SPECIAL)
		vma.pgoff_bytes += d->start - vma.start;
	vma.start = d->start;
	vma.end = d->end;
	keep_known(&vma, &d->modelled);
	space_map(modelled, &vma);
}

void drift_describe(struct text *out, const struct vma *vma, uint64_t addr)
{
	char prot[5];

	if (!vma->end) {
		text_str(out, "nothing");
		return;
	}
	text_str(out, prot_text(prot, vma->prot, vma->flags & MAP_SHARED));
	text_char(out, ' ');
	text_str(out, vma->backing->label);
	if (is_file(vma->backing))
		text_printf(out, " at %#" PRIx64 " of %u:%u/%" PRIu64,
			    offset_at(vma, addr), vma->backing->file.dev_major,
			    vma->backing->file.dev_minor, vma->backing->file.inode);
}
