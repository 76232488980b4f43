#include "pfa/report/map_strip.h"

#include <inttypes.h>
#include <string.h>

#include "pfa/base/text.h"
#include "pfa/base/units.h"
#include "pfa/model/observation.h"
#include "pfa/pages/page_run.h"
#include "pfa/pages/process.h"
#include "pfa/report/map_view.h"

/* What stands beside the cells on a line. */
enum { BESIDE = 52, CELLS_MIN = 16 };

static const struct {
	char letter;
	const char *color, *meaning;
} cells[] = {
	{ '#', "\033[42m", "in RAM" },
	{ '+', "\033[43m", "part" },
	{ 'H', "\033[44m", "huge pages" },
	{ 'h', "\033[46m", "huge in part" },
	{ '%', "\033[45m", "RAM and swap" },
	{ 's', "\033[41m", "swap" },
	{ 'g', "\033[47m", "guard" },
	{ '.', "", "nothing" },
};

enum { CELL_KINDS = sizeof(cells) / sizeof(cells[0]) };

static size_t cells_of(const struct map_view *view, uint64_t pages)
{
	size_t most = view->width > BESIDE + CELLS_MIN ? view->width - BESIDE : CELLS_MIN;

	if (most > STRIP_CELLS_MAX)
		most = STRIP_CELLS_MAX;
	return pages < most ? (size_t)pages : most;
}

void map_strip_init(struct map_strip *s, const struct map_view *view,
		    const struct map_vma *vma, uint64_t start, uint64_t end)
{
	*s = (struct map_strip){ .vma = vma, .start = start, .end = end };
	s->count = cells_of(view, (end - start) / PAGE_BYTES);
}

/* Of the cell's first page; that behind the last cell is the end. */
static uint64_t cell_start(const struct map_strip *s, size_t cell)
{
	uint64_t pages = (s->end - s->start) / PAGE_BYTES;

	/* Rounded up: cell_at() of it is the cell, and of the page before it is not. */
	return s->start + (pages * cell + s->count - 1) / s->count * PAGE_BYTES;
}

static size_t cell_at(const struct map_strip *s, uint64_t addr)
{
	uint64_t pages = (s->end - s->start) / PAGE_BYTES;

	return (size_t)((addr - s->start) / PAGE_BYTES * s->count / pages);
}

void map_strip_put(struct map_strip *s, const struct page_run *run)
{
	struct page_run part = *run;

	for (size_t i = cell_at(s, run->start); part.start < run->end; i++) {
		uint64_t end = cell_start(s, i + 1);

		part.end = end < run->end ? end : run->end;
		page_sums_count(&s->cells[i], &part);
		part.start = part.end;
	}
}

char map_strip_cell(const struct page_sums *cell)
{
	bool all = cell->in_ram == cell->total;

	if (cell->in_ram && cell->in_swap)
		return '%';
	if ((cell->huge + cell->hugetlb) * 2 > cell->in_ram)
		return all ? 'H' : 'h';
	if (cell->in_ram)
		return all ? '#' : '+';
	if (cell->in_swap)
		return 's';
	return cell->guard ? 'g' : '.';
}

static const char *color_of(char letter)
{
	for (size_t i = 0; i < CELL_KINDS; i++)
		if (cells[i].letter == letter)
			return cells[i].color;
	return "";
}

static void put_cells(struct text *out, const struct map_view *view,
		      const struct map_strip *s)
{
	char before = '.';

	for (size_t i = 0; i < s->count; i++) {
		char letter = map_strip_cell(&s->cells[i]);

		if (view->color && letter != before)
			text_printf(out, "\033[0m%s", color_of(letter));
		text_char(out, letter);
		before = letter;
	}
	if (view->color && before != '.')
		text_str(out, "\033[0m");
}

void map_strip_print(struct text *out, const struct map_view *view,
		     const struct map_strip *s)
{
	char size[UNITS_MAX];

	text_printf(out, "  %012" PRIx64 "  %-7s  %7s  |", s->start, s->vma->class,
		    units_size(size, s->end - s->start));
	put_cells(out, view, s);
	text_char(out, '|');
	text_spaces(out, cells_of(view, UINT64_MAX) - s->count + 2);
	text_str(out, s->vma->region->text);
	text_char(out, '\n');
}

void map_strip_put_legend(struct text *out)
{
	text_str(out, "  cells:");
	for (size_t i = 0; i < CELL_KINDS; i++)
		text_printf(out, "%s%c %s", i ? ", " : " ", cells[i].letter,
			    cells[i].meaning);
	text_char(out, '\n');
}
