/*
 * Pages counted by what they are: a VMA's, a process's, or those of a cell of a strip.
 */
#ifndef PFA_PAGES_PAGE_SUMS_H
#define PFA_PAGES_PAGE_SUMS_H

#include <stdint.h>

struct page_run;

struct page_sums {
	uint64_t total;
	/* Their sum is the total. */
	uint64_t in_ram, in_swap, guard, unmapped;
	/* Of those in RAM; rss is the sum of the first three. */
	uint64_t anon, file, shmem; /* shmem is among file where flags are unknown */
	uint64_t rss, zero, hugetlb, bare;
	uint64_t exclusive, shared; /* of rss */
	uint64_t huge, ksm;
};

void page_sums_count(struct page_sums *sums, const struct page_run *run);
void page_sums_add(struct page_sums *to, const struct page_sums *sums);

#endif
