/*
 * pfa map --csv: RFC 4180, LF line ends, a header row. Without --pages a row a VMA, with
 * all columns; with it a row a run of pages.
 */
#ifndef PFA_REPORT_MAP_CSV_H
#define PFA_REPORT_MAP_CSV_H

#include <stdbool.h>

struct map_process;
struct map_selection;
struct map_vma;
struct page_run;
struct text;

void map_csv_put_header(struct text *out, bool pages);
void map_csv_put_vmas(struct text *out, const struct map_selection *selection);
void map_csv_put_run(struct text *out, const struct map_process *process,
		     const struct map_vma *vma, const struct page_run *run);

#endif
