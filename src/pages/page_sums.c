#include "pfa/pages/page_sums.h"

#include <stddef.h>

#include "pfa/pages/page_run.h"

/* As the kernel chooses its counter (mm_counter in include/linux/mm.h). */
static uint64_t *memory_kind(struct page_sums *s, const struct page_run *run)
{
	if (!run->file)
		return &s->anon;
	return page_has(run, PAGE_FLAG_SWAPBACKED) ? &s->shmem : &s->file;
}

static void count_in_ram(struct page_sums *s, const struct page_run *run, uint64_t pages)
{
	s->in_ram += pages;
	if (page_has(run, PAGE_FLAG_zero))
		s->zero += pages;
	else if (page_has(run, PAGE_FLAG_hugetlb))
		s->hugetlb += pages;
	else if (!page_in_rss(run))
		s->bare += pages;
	if (!page_in_rss(run))
		return;
	s->rss += pages;
	*memory_kind(s, run) += pages;
	*(run->exclusive ? &s->exclusive : &s->shared) += pages;
	if (page_has(run, PAGE_FLAG_huge))
		s->huge += pages;
	if (page_has(run, PAGE_FLAG_ksm))
		s->ksm += pages;
}

void page_sums_count(struct page_sums *s, const struct page_run *run)
{
	uint64_t pages = (run->end - run->start) / PAGE_BYTES;

	s->total += pages;
	switch (run->state) {
	case PAGE_UNMAPPED:
		s->unmapped += pages;
		break;
	case PAGE_IN_SWAP:
		s->in_swap += pages;
		break;
	case PAGE_GUARD:
		s->guard += pages;
		break;
	case PAGE_IN_RAM:
		count_in_ram(s, run, pages);
		break;
	}
}

/* All of its members are counts. */
void page_sums_add(struct page_sums *to, const struct page_sums *sums)
{
	uint64_t *into = (uint64_t *)to;
	const uint64_t *from = (const uint64_t *)sums;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*into); i++)
		into[i] += from[i];
}
