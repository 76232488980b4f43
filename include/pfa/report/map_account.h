/*
 * pfa map --pages: what the page tables hold beside what the kernel says of the same
 * process, and why they differ where they do.
 */
#ifndef PFA_REPORT_MAP_ACCOUNT_H
#define PFA_REPORT_MAP_ACCOUNT_H

#include <stdbool.h>

struct map_selection;
struct page_sums;
struct text;

struct map_account {
	const struct map_selection *selection; /* the whole process */
	const struct page_sums *pages;
	bool knows_zero; /* zero pages were told from others */
};

void map_account_print(struct text *out, const struct map_account *account);

#endif
