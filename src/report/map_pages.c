#include "pfa/report/map_pages.h"

#include <inttypes.h>

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

void map_pages_put_columns(struct text *out)
{
	text_printf(out, "  %-25s  %8s  %-10s  %-7s  %-11s  %-18s  %s\n", "range", "pages",
		    "state", "kind", "mapped", "phys", "flags");
}

void map_pages_put_vma(struct text *out, const struct map_vma *vma)
{
	char prot[5];

	text_printf(out, "%08" PRIx64 "-%08" PRIx64 " %s %s ", vma->start, vma->end,
		    prot_text(prot, vma->prot, vma->shared), vma->class);
	text_str(out, vma->region->text);
	text_char(out, '\n');
}

/* ---- a line: there may be millions of them ---- */

/* As %08x has it. */
static void put_address(struct text *out, uint64_t addr)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 28;

	while (shift < 60 && addr >> shift >> 4)
		shift += 4;
	for (; shift >= 0; shift -= 4)
		text_char(out, digits[addr >> shift & 15]);
}

/* What was put since `start` becomes a cell so wide. */
static void end_cell(struct text *out, size_t start, size_t width)
{
	size_t length = out->length - start;

	text_spaces(out, (length < width ? width - length : 0) + 2);
}

static void put_word(struct text *out, const char *word, size_t width)
{
	size_t start = out->length;

	text_str(out, word);
	end_cell(out, start, width);
}

static void put_right(struct text *out, uint64_t number, size_t width)
{
	size_t digits = 1;

	for (uint64_t rest = number / 10; rest; rest /= 10)
		digits++;
	text_spaces(out, digits < width ? width - digits : 0);
	text_dec(out, number);
	text_spaces(out, 2);
}

/* "shared 2", "shared 2-15": by so many page tables. */
static void put_sharing(struct text *out, const struct page_run *run)
{
	const char *word = map_page_sharing(run);
	size_t start = out->length;

	text_str(out, word);
	if (!run->exclusive && *word && run->maps_min) {
		text_char(out, ' ');
		text_dec(out, run->maps_min);
		if (run->maps_min != run->maps_max) {
			text_char(out, '-');
			text_dec(out, run->maps_max);
		}
	}
	end_cell(out, start, 11);
}

/* The first page's; with how many pieces follow each other where it is not one. */
static void put_place(struct text *out, const struct page_run *run)
{
	size_t start = out->length;

	if (run->state == PAGE_IN_RAM && run->phys) {
		text_hex(out, run->phys);
		if (run->extents != 1) {
			text_str(out, " +");
			text_dec(out, run->extents - 1);
		}
	} else if (run->state == PAGE_IN_RAM) {
		text_str(out, "unknown");
	}
	end_cell(out, start, 18);
}

void map_pages_put_run(struct text *out, const struct page_run *run)
{
	size_t start;

	text_spaces(out, 2);
	start = out->length;
	put_address(out, run->start);
	text_char(out, '-');
	put_address(out, run->end);
	end_cell(out, start, 25);
	put_right(out, (run->end - run->start) / PAGE_BYTES, 8);
	put_word(out, map_page_state(run), 10);
	put_word(out, map_page_kind(run), 7);
	put_sharing(out, run);
	put_place(out, run);
	if (run->state == PAGE_IN_RAM && !run->has_flags && !run->flags)
		text_str(out, "unknown");
	page_put_flags(out, run);
	while (out->bytes[out->length - 1] == ' ')
		out->length--;
	text_char(out, '\n');
}

/* ---- what they come to ---- */

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
