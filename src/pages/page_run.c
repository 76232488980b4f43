#include "pfa/pages/page_run.h"

#include "pfa/base/text.h"

static const uint64_t shown =
#define X(bit, name) 1ULL << bit |
	PAGE_FLAGS(X)
#undef X
	1ULL << PAGE_FLAG_ANON | 1ULL << PAGE_FLAG_SWAPBACKED;

bool page_in_rss(const struct page_run *run)
{
	return run->state == PAGE_IN_RAM && !page_has(run, PAGE_FLAG_zero) &&
	       !page_has(run, PAGE_FLAG_hugetlb) && !page_has(run, PAGE_FLAG_nopage);
}

void page_put_flags(struct text *out, const struct page_run *run)
{
	static const struct {
		enum page_flag flag;
		const char *name;
	} flags[] = {
#define X(bit, name) { PAGE_FLAG_##name, #name },
		PAGE_FLAGS(X)
#undef X
	};
	bool some = false;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!page_has(run, flags[i].flag))
			continue;
		if (some)
			text_char(out, ',');
		text_str(out, flags[i].name);
		some = true;
	}
}

static bool alike(const struct page_run *a, const struct page_run *b)
{
	return a->end == b->start && a->state == b->state && a->file == b->file &&
	       a->exclusive == b->exclusive && a->has_flags == b->has_flags &&
	       !((a->flags ^ b->flags) & shown) && !a->phys == !b->phys;
}

static void join(struct page_run *a, const struct page_run *b)
{
	if (b->phys != a->phys_end)
		a->extents += b->extents;
	a->phys_end = b->phys_end;
	a->end = b->end;
	if (b->maps_min < a->maps_min)
		a->maps_min = b->maps_min;
	if (b->maps_max > a->maps_max)
		a->maps_max = b->maps_max;
}

void page_fold_put(struct page_fold *fold, const struct page_run *run)
{
	if (fold->open && alike(&fold->run, run)) {
		join(&fold->run, run);
		return;
	}
	page_fold_end(fold);
	fold->run = *run;
	fold->open = true;
}

void page_fold_end(struct page_fold *fold)
{
	if (fold->open)
		fold->to.run(fold->to.context, &fold->run);
	fold->open = false;
}
