#include "pfa/report/layout_diff.h"

#include <string.h>

#include "pfa/model/observation.h"

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* ---- what a range is ---- */

static uint64_t offset_at(const struct mapping *m, uint64_t addr)
{
	return m->inode ? m->pgoff_bytes + addr - m->start : 0;
}

static bool same_backing(const struct mapping *a, const struct mapping *b, uint64_t addr)
{
	return a->inode == b->inode && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor && !strcmp(a->name, b->name) &&
	       offset_at(a, addr) == offset_at(b, addr);
}

static enum verdict verdict_of(const struct layout_range *range)
{
	const struct mapping *a = range->of[0], *b = range->of[1];
	bool permission, backing;

	if (!a || !b)
		return a ? VERDICT_ONLY_FIRST : VERDICT_ONLY_SECOND;
	permission = a->prot == b->prot && a->shared == b->shared;
	backing = same_backing(a, b, range->start);
	if (permission)
		return backing ? VERDICT_SAME : VERDICT_BACKING;
	return backing ? VERDICT_PERMISSION : VERDICT_BOTH;
}

/* ---- the walk ---- */

void layout_diff_init(struct layout_diff *d, const struct layout *first,
		      const struct layout *second)
{
	*d = (struct layout_diff){ .of = { first, second } };
}

/* What a side has at or above the place where the walk is; NULL: nothing any more. */
static const struct mapping *mapping_ahead(struct layout_diff *d, int side)
{
	const struct layout *layout = d->of[side];
	size_t *next = &d->next[side];

	while (*next < layout->vma_count && layout->vmas[*next].end <= d->at)
		++*next;
	return *next < layout->vma_count ? &layout->vmas[*next] : NULL;
}

bool layout_diff_next(struct layout_diff *d, struct layout_range *range)
{
	uint64_t from[2];

	*range = (struct layout_range){ .end = UINT64_MAX };
	for (int side = 0; side < 2; side++) {
		const struct mapping *m = mapping_ahead(d, side);

		range->of[side] = m;
		from[side] = !m ? UINT64_MAX : m->start > d->at ? m->start : d->at;
	}
	range->start = least(from[0], from[1]);
	if (range->start == UINT64_MAX)
		return false;
	for (int side = 0; side < 2; side++) {
		if (from[side] == range->start) {
			range->end = least(range->end, range->of[side]->end);
		} else {
			range->end = least(range->end, from[side]);
			range->of[side] = NULL;
		}
	}
	range->verdict = verdict_of(range);
	d->at = range->end;
	return true;
}
