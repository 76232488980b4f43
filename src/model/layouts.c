#include <stdlib.h>
#include <sys/mman.h>

#include "pfa/base/mem.h"
#include "pfa/model/backing.h"
#include "pfa/model/mm.h"
#include "pfa/model/model_state.h"
#include "pfa/model/pages.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"
#include "pfa/model/vma_class.h"

/* The process whose layout is told, and where it is put. */
struct telling {
	struct model *model;
	const struct mm *mm;
	struct mapping *rows;
	size_t count;
};

static void count_pieces(const struct mm *mm, struct mapping *row)
{
	const struct vma *piece = space_at_or_above(mm->pieces, row->start);

	if (piece && piece->start < row->end)
		row->origin = piece->origin;
	for (; piece && piece->start < row->end;
	     piece = space_at_or_above(mm->pieces, piece->end))
		row->parts++;
}

/* The part of a VMA that lies in [start, end). */
static void add_row(struct telling *t, const struct vma *vma, uint64_t start, uint64_t end)
{
	struct mapping *row = &t->rows[t->count++];
	const struct backing *backing = vma->backing;

	*row = (struct mapping){
		.start = start,
		.end = end,
		.pgoff_bytes = backing->kind < BACKING_SPECIAL ? 0 :
			       vma->pgoff_bytes + (start - vma->start),
		.inode = backing->file.inode,
		.dev_major = backing->file.dev_major,
		.dev_minor = backing->file.dev_minor,
		.prot = vma->prot,
		.shared = vma->flags & MAP_SHARED,
		.name = backing->kind == BACKING_ANON ? "" : backing->name,
		.region = region_of_range(t->model->names.regions, t->mm->space, vma,
					  start),
		.touched_bytes = pages_touched(t->mm->pages, start, end) * 4096,
	};
	row->class = vma_class(vma, row->region);
	pages_sum_faults(t->mm->pages, start, end, row->faults);
	count_pieces(t->mm, row);
}

static void add_vmas(struct telling *t)
{
	const struct vma *vma = space_at_or_above(t->mm->space, 0);

	for (; vma; vma = space_at_or_above(t->mm->space, vma->end))
		add_row(t, vma, vma->start, vma->end);
}

/* A piece of which parts have another protection by now is still one. */
static void add_pieces(struct telling *t)
{
	const struct vma *piece = space_at_or_above(t->mm->pieces, 0);

	for (; piece; piece = space_at_or_above(t->mm->pieces, piece->end)) {
		const struct vma *vma = space_find(t->mm->space, piece->start);

		if (vma)
			add_row(t, vma, piece->start, piece->end);
	}
}

void layouts_tell(struct model *m, const struct process *process, uint64_t time_ns,
		  bool at_exit)
{
	const struct mm *mm = process->mm;
	struct telling vmas = { .model = m, .mm = mm };
	struct telling pieces = vmas;
	struct layout layout = {
		.actor = process_actor(process),
		.time_ns = time_ns,
		.at_exit = at_exit,
		.suspect = mm->suspect,
	};

	/* A kernel thread has none, and of some nobody may know. */
	if (!m->layouts_wanted || !mm->pieces || process->shared_space ||
	    !space_vma_count(mm->space))
		return;
	vmas.rows = pfa_alloc(space_vma_count(mm->space) * sizeof(*vmas.rows));
	pieces.rows = pfa_alloc(space_vma_count(mm->pieces) * sizeof(*pieces.rows));
	add_vmas(&vmas);
	add_pieces(&pieces);
	layout.vmas = vmas.rows;
	layout.vma_count = vmas.count;
	layout.pieces = pieces.rows;
	layout.piece_count = pieces.count;
	m->observer.layout(m->observer.context, &layout);
	free(vmas.rows);
	free(pieces.rows);
}
