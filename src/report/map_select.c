#include "pfa/report/map_table.h"

#include <inttypes.h>
#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/pages/process.h"
#include "pfa/report/map_columns.h"
#include "pfa/report/map_view.h"
#include "pfa/report/view.h"

static bool is_selected(const struct map_view *view, const struct map_vma *vma)
{
	return vma->end > view->from && vma->start < view->to &&
	       (!view->region || region_matches(vma->region, view->region));
}

/* Largest first; by address what is equal. */
static int compare(const void *a, const void *b, void *context)
{
	const struct map_vma *x = *(const struct map_vma *const *)a;
	const struct map_vma *y = *(const struct map_vma *const *)b;
	const struct map_column *column = context;
	uint64_t kx = column->kb ? column->kb(map_vma_kb(x), &x->smaps) : 0;
	uint64_t ky = column->kb ? column->kb(map_vma_kb(y), &y->smaps) : 0;

	if (kx != ky)
		return kx > ky ? -1 : 1;
	return x->start < y->start ? -1 : x->start > y->start;
}

/* The kernel rounds these down for each VMA, and for all of them together but once. */
static void take_rounded(struct map_selection *s)
{
	const struct smaps *rollup = &s->process->rollup;

	s->sum.pss = rollup->pss;
	s->sum.pss_dirty = rollup->pss_dirty;
	s->sum.swap_pss = rollup->swap_pss;
	s->sum.locked = rollup->locked;
}

void map_selection_init(struct map_selection *s, const struct map_view *view,
			const struct map_process *process)
{
	*s = (struct map_selection){ .process = process };
	s->vmas = pfa_alloc((process->vma_count + 1) * sizeof(const struct map_vma *));
	for (size_t i = 0; i < process->vma_count; i++) {
		const struct map_vma *vma = &process->vmas[i];

		if (!is_selected(view, vma))
			continue;
		s->vmas[s->count++] = vma;
		s->size_kb += map_vma_kb(vma);
		smaps_add(&s->sum, &vma->smaps);
	}
	s->shown = s->count < view->top ? s->count : view->top;
	s->whole = s->count == process->vma_count;
	if (s->whole && process->has_rollup)
		take_rounded(s);
	qsort_r(s->vmas, s->count, sizeof(const struct map_vma *), compare,
		(void *)&map_columns[view->sort]);
}

void map_selection_release(struct map_selection *s)
{
	free(s->vmas);
}

void map_put_title(struct text *out, const struct map_selection *s)
{
	const struct map_process *p = s->process;

	text_printf(out, "%d ", p->pid);
	text_escaped(out, p->comm);
	text_printf(out, ": %zu VMA%s", s->count, s->count == 1 ? "" : "s");
	if (!s->whole)
		text_printf(out, " of %zu", p->vma_count);
	text_printf(out, ", in kB: %" PRIu64 " mapped, %" PRIu64 " in RAM", s->size_kb,
		    s->sum.rss);
	if (p->ended)
		text_str(out, "; partial: it ended while it was read");
	text_char(out, '\n');
}
