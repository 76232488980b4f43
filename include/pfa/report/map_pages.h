/*
 * pfa map --pages: a line a run of pages, and for each VMA what they come to.
 */
#ifndef PFA_REPORT_MAP_PAGES_H
#define PFA_REPORT_MAP_PAGES_H

struct map_vma;
struct page_run;
struct page_sums;
struct text;

/* "in RAM", "in swap", "guard", "not mapped" */
const char *map_page_state(const struct page_run *run);
/* "anon", "file", "shmem", "zero", "hugetlb"; of what is not in RAM "" */
const char *map_page_kind(const struct page_run *run);
/* "exclusive", "shared", "" */
const char *map_page_sharing(const struct page_run *run);

void map_pages_put_columns(struct text *out);
void map_pages_put_vma(struct text *out, const struct map_vma *vma);
void map_pages_put_run(struct text *out, const struct page_run *run);
/* "512 pages (2048 kB): 300 in RAM (1200 kB), ..." */
void map_pages_put_sums(struct text *out, const struct page_sums *sums);

#endif
