#include "pfa/report/map_pages.h"

#include <inttypes.h>
#include <stdio.h>

#include "pfa/base/text.h"
#include "pfa/model/observation.h"
#include "pfa/pages/page_run.h"
#include "pfa/pages/page_sums.h"
#include "pfa/pages/process.h"

enum { KB = PAGE_BYTES / 1024 };

const char *map_page_state(const struct page_run *run)
{
	static const char *const names[] = {
		[PAGE_UNMAPPED] = "not mapped",
		[PAGE_IN_RAM] = "in RAM",
		[PAGE_IN_SWAP] = "in swap",
		[PAGE_GUARD] = "guard",
	};

	return names[run->state];
}

const char *map_page_kind(const struct page_run *run)
{
	if (run->state != PAGE_IN_RAM)
		return "";
	if (page_has(run, PAGE_FLAG_zero))
		return "zero";
	if (page_has(run, PAGE_FLAG_hugetlb))
		return "hugetlb";
	if (!run->file)
		return "anon";
	return page_has(run, PAGE_FLAG_SWAPBACKED) ? "shmem" : "file";
}

const char *map_page_sharing(const struct page_run *run)
{
	if (run->state != PAGE_IN_RAM || page_has(run, PAGE_FLAG_zero))
		return "";
	return run->exclusive ? "exclusive" : "shared";
}

#define COLUMNS "  %-25s  %8s  %-10s  %-7s  %-11s  %-18s  "

void map_pages_put_columns(struct text *out)
{
	text_printf(out, COLUMNS "%s\n", "range", "pages", "state", "kind", "mapped",
		    "phys", "flags");
}

void map_pages_put_vma(struct text *out, const struct map_vma *vma)
{
	char prot[5];

	text_printf(out, "%08" PRIx64 "-%08" PRIx64 " %s %s ", vma->start, vma->end,
		    prot_text(prot, vma->prot, vma->shared), vma->class);
	text_str(out, vma->region->text);
	text_char(out, '\n');
}

/* "shared 2", "shared 2-15": by so many page tables. */
static const char *sharing(char buf[32], const struct page_run *run)
{
	const char *word = map_page_sharing(run);

	if (run->exclusive || !*word || !run->maps_min)
		return word;
	snprintf(buf, 32, run->maps_min == run->maps_max ? "%s %" PRIu64 : "%s %" PRIu64
		 "-%" PRIu64, word, run->maps_min, run->maps_max);
	return buf;
}

/* The first page's; with how many pieces follow each other where it is not one. */
static const char *place(char buf[48], const struct page_run *run)
{
	if (run->state != PAGE_IN_RAM)
		return "";
	if (!run->phys)
		return "unknown";
	if (run->extents == 1)
		snprintf(buf, 48, "0x%" PRIx64, run->phys);
	else
		snprintf(buf, 48, "0x%" PRIx64 " +%" PRIu64, run->phys, run->extents - 1);
	return buf;
}

void map_pages_put_run(struct text *out, const struct page_run *run)
{
	char range[40], pages[24], mapped[32], phys[48];

	snprintf(range, sizeof(range), "%08" PRIx64 "-%08" PRIx64, run->start, run->end);
	snprintf(pages, sizeof(pages), "%" PRIu64, (run->end - run->start) / PAGE_BYTES);
	text_printf(out, COLUMNS, range, pages, map_page_state(run), map_page_kind(run),
		    sharing(mapped, run), place(phys, run));
	if (run->state == PAGE_IN_RAM && !run->has_flags && !run->flags)
		text_str(out, "unknown");
	page_put_flags(out, run);
	while (out->bytes[out->length - 1] == ' ')
		out->length--;
	text_char(out, '\n');
}

static void put_count(struct text *out, const char *before, uint64_t pages,
		      const char *what)
{
	text_printf(out, "%s%" PRIu64 " %s (%" PRIu64 " kB)", before, pages, what,
		    pages * KB);
}

void map_pages_put_sums(struct text *out, const struct page_sums *s)
{
	put_count(out, "  ", s->total, s->total == 1 ? "page" : "pages");
	put_count(out, ": ", s->in_ram, "in RAM");
	put_count(out, ", ", s->in_swap, "in swap");
	put_count(out, ", ", s->unmapped, "not mapped");
	if (s->guard)
		put_count(out, ", ", s->guard, "guard");
	text_char(out, '\n');
}
