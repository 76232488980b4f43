#include "pfa/report/map_account.h"

#include <inttypes.h>
#include <stdint.h>

#include "pfa/base/text.h"
#include "pfa/pages/page_run.h"
#include "pfa/pages/page_sums.h"
#include "pfa/pages/process.h"
#include "pfa/report/map_table.h"
#include "pfa/report/table.h"

enum { KB = PAGE_BYTES / 1024 };

#define NOT_TOLD UINT64_MAX

struct account_row {
	const char *name;
	uint64_t pages_kb, smaps_kb, status_kb; /* NOT_TOLD: that source does not say */
};

enum { RSS, ANON, FILE_AND_SHMEM, SWAP, HUGETLB, SIZE, ROWS };

static void fill(struct account_row rows[ROWS], const struct map_account *a)
{
	const struct map_selection *s = a->selection;
	const struct status_counters *c = &s->process->counters;
	const struct page_sums *p = a->pages;

	rows[RSS] = (struct account_row){ "RSS", p->rss * KB, s->sum.rss, c->vm_rss };
	rows[ANON] = (struct account_row){ "anonymous", p->anon * KB, s->sum.anonymous,
					   c->rss_anon };
	rows[FILE_AND_SHMEM] = (struct account_row){
		"file and shmem", (p->file + p->shmem) * KB,
		s->sum.rss - s->sum.anonymous, c->rss_file + c->rss_shmem };
	rows[SWAP] = (struct account_row){ "swap", p->in_swap * KB, s->sum.swap,
					   c->vm_swap };
	rows[HUGETLB] = (struct account_row){
		"hugetlb", p->hugetlb * KB, s->sum.shared_hugetlb + s->sum.private_hugetlb,
		c->hugetlb };
	rows[SIZE] = (struct account_row){ "size", p->total * KB, s->size_kb,
					   c->vm_size };
	for (int i = 0; i < ROWS && !c->known; i++)
		rows[i].status_kb = NOT_TOLD;
}

static void add_kb(struct table *table, uint64_t kb)
{
	if (kb == NOT_TOLD)
		table_cell(table, "-");
	else
		table_count_cell(table, kb);
}

static void print_rows(struct text *out, const struct account_row rows[ROWS])
{
	static const char *const header[] = { "kB", "page tables", "smaps", "status" };
	struct table table;

	table_init(&table, "lrrr");
	for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++)
		table_cell(&table, header[i]);
	for (int i = 0; i < ROWS; i++) {
		table_cell(&table, rows[i].name);
		add_kb(&table, rows[i].pages_kb);
		add_kb(&table, rows[i].smaps_kb);
		add_kb(&table, rows[i].status_kb);
	}
	table_print(&table, out);
	table_release(&table);
}

/* ---- what is in a page table and in no RSS ---- */

static void put_apart(struct text *out, uint64_t pages, const char *why)
{
	if (pages)
		text_printf(out, "  %" PRIu64 " kB in RAM %s\n", pages * KB, why);
}

static void put_bare_vmas(struct text *out, const struct map_process *process)
{
	uint64_t kb = 0;

	for (size_t i = 0; i < process->vma_count; i++)
		if (smaps_has_flag(&process->vmas[i].smaps, "pf"))
			kb += (process->vmas[i].end - process->vmas[i].start) / 1024;
	if (kb)
		text_printf(out, "  %" PRIu64 " kB of the size map frames that are no pages "
			    "(vvar, devices): told by nobody\n", kb);
}

/* ---- why sources differ ---- */

static void put_difference(struct text *out, const char *what, const char *source,
			   uint64_t kb, uint64_t pages_kb, const char *why)
{
	text_printf(out, "  %s: %s has %" PRIu64 " kB %s: %s\n", what, source,
		    kb > pages_kb ? kb - pages_kb : pages_kb - kb,
		    kb > pages_kb ? "more" : "less", why);
}

/* The counters of /proc/PID/status are added up in batches of each CPU before 6.17. */
static const char *why(const struct map_account *a, const struct account_row *r, int row,
		       uint64_t kb)
{
	if (row == SWAP && kb > r->pages_kb && kb == r->smaps_kb)
		return "shared memory in swap, of which no page table knows";
	if (!a->selection->process->stopped)
		return "it was not stopped, and they were read one after the other";
	if (!a->knows_zero && kb < r->pages_kb && row <= ANON)
		return "zero pages, which only root may tell from others";
	if (kb != r->smaps_kb && row <= SWAP)
		return "the kernel has not added up yet what each CPU has counted";
	return "pfa does not know why";
}

static void put_differences(struct text *out, const struct map_account *a,
			    const struct account_row rows[ROWS])
{
	for (int i = 0; i < ROWS; i++) {
		const struct account_row *r = &rows[i];

		if (r->smaps_kb != r->pages_kb)
			put_difference(out, r->name, "smaps", r->smaps_kb, r->pages_kb,
				       why(a, r, i, r->smaps_kb));
		if (r->status_kb != NOT_TOLD && r->status_kb != r->pages_kb)
			put_difference(out, r->name, "status", r->status_kb, r->pages_kb,
				       why(a, r, i, r->status_kb));
	}
}

void map_account_print(struct text *out, const struct map_account *a)
{
	struct account_row rows[ROWS];

	fill(rows, a);
	print_rows(out, rows);
	put_apart(out, a->pages->zero, "is the zero page, which no RSS counts");
	put_apart(out, a->pages->hugetlb, "is hugetlb pages, which no RSS counts");
	put_apart(out, a->pages->bare, "is frames that are no pages, which no RSS counts");
	put_bare_vmas(out, a->selection->process);
	put_differences(out, a, rows);
}
