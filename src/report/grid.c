#include "pfa/report/grid.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/text.h"

enum { GLYPHS_MAX = 512 }; /* of one text: what is longer is cut off */

/* A text as it is put: what its glyphs are, and how many columns they take. */
struct glyphs {
	wchar_t list[GLYPHS_MAX];
	unsigned char width[GLYPHS_MAX];
	size_t count;
	size_t columns;
};

void grid_init(struct grid *g)
{
	*g = (struct grid){ .utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0) };
}

void grid_release(struct grid *g)
{
	if (g->utf8)
		freelocale(g->utf8);
	free(g->cells);
}

void grid_clear(struct grid *g, size_t rows, size_t columns)
{
	free(g->cells);
	g->cells = pfa_alloc(rows * columns * sizeof(*g->cells));
	g->rows = rows;
	g->columns = columns;
	for (size_t i = 0; i < rows * columns; i++)
		g->cells[i].glyph = L' ';
}

/* The next glyph of a text, and how many bytes it takes. */
static size_t next_glyph(const char *at, wchar_t *glyph, int *width)
{
	mbstate_t state = { 0 };
	size_t n = mbrtowc(glyph, at, strlen(at), &state);

	*width = n > strlen(at) ? -1 : wcwidth(*glyph);
	if (*width > 0)
		return n;
	*glyph = L'?';
	*width = 1;
	return n > strlen(at) ? 1 : n;
}

static void read_text(const struct grid *g, const char *text, struct glyphs *out)
{
	locale_t before = uselocale(g->utf8); /* where there is none: ASCII only */

	out->count = out->columns = 0;
	while (*text && out->count < GLYPHS_MAX) {
		int width;

		text += next_glyph(text, &out->list[out->count], &width);
		out->width[out->count++] = (unsigned char)width;
		out->columns += (size_t)width;
	}
	uselocale(before);
}

/* The end is left out where there is no room; its last column tells. */
static void fit(struct glyphs *text, size_t columns)
{
	if (text->columns <= columns)
		return;
	while (text->count && text->columns > columns - 1)
		text->columns -= text->width[--text->count];
	text->list[text->count] = L'~';
	text->width[text->count++] = 1;
	text->columns++;
}

static size_t room(const struct grid *g, size_t row, size_t column, size_t width)
{
	if (row >= g->rows || column >= g->columns)
		return 0;
	return width < g->columns - column ? width : g->columns - column;
}

static void put_glyphs(struct grid *g, size_t row, size_t column, enum grid_look look,
		       const struct glyphs *text)
{
	struct grid_cell *cell = &g->cells[row * g->columns + column];

	for (size_t i = 0; i < text->count; i++) {
		*cell++ = (struct grid_cell){ text->list[i], look };
		if (text->width[i] == 2)
			*cell++ = (struct grid_cell){ 0, look };
	}
}

/* What is not as wide as its place lies at its left or right end. */
static void put_at(struct grid *g, size_t row, size_t column, size_t width,
		   enum grid_look look, const char *text, bool right)
{
	struct glyphs glyphs;

	width = room(g, row, column, width);
	if (!width)
		return;
	read_text(g, text, &glyphs);
	fit(&glyphs, width);
	put_glyphs(g, row, right ? column + width - glyphs.columns : column, look,
		   &glyphs);
}

void grid_put(struct grid *g, size_t row, size_t column, size_t width,
	      enum grid_look look, const char *text)
{
	put_at(g, row, column, width, look, text, false);
}

void grid_put_right(struct grid *g, size_t row, size_t column, size_t width,
		    enum grid_look look, const char *text)
{
	put_at(g, row, column, width, look, text, true);
}

void grid_look(struct grid *g, size_t row, enum grid_look look)
{
	for (size_t i = 0; row < g->rows && i < g->columns; i++)
		g->cells[row * g->columns + i].look = look;
}

/* ---- as text ---- */

static void put_utf8(struct text *out, wchar_t glyph)
{
	uint32_t code = (uint32_t)glyph;

	if (code < 0x80) {
		text_char(out, (char)code);
		return;
	}
	if (code < 0x800) {
		text_char(out, (char)(0xc0 | code >> 6));
	} else {
		if (code < 0x10000) {
			text_char(out, (char)(0xe0 | code >> 12));
		} else {
			text_char(out, (char)(0xf0 | code >> 18));
			text_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
		}
		text_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	text_char(out, (char)(0x80 | (code & 0x3f)));
}

static size_t used_columns(const struct grid *g, size_t row)
{
	size_t n = g->columns;

	while (n && g->cells[row * g->columns + n - 1].glyph == L' ')
		n--;
	return n;
}

void grid_print(const struct grid *g, struct text *out)
{
	size_t rows = g->rows;

	while (rows && !used_columns(g, rows - 1))
		rows--;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = 0; i < used_columns(g, row); i++)
			if (g->cells[row * g->columns + i].glyph)
				put_utf8(out, g->cells[row * g->columns + i].glyph);
		text_char(out, '\n');
	}
}
