/*
 * A screen of text: rows and columns of characters, each with a look. Whoever has a
 * terminal paints it; as text it is lines without their trailing blanks.
 *
 * Text goes in as UTF-8, whatever the locale. What cannot be printed is '?'; of what is
 * wider than its place the last column that it has is '~'. What lies outside is not put.
 */
#ifndef PFA_REPORT_GRID_H
#define PFA_REPORT_GRID_H

#include <locale.h>
#include <stddef.h>
#include <wchar.h>

struct text;

enum grid_look { LOOK_PLAIN, LOOK_TITLE, LOOK_HEAD, LOOK_WARNING };

struct grid_cell {
	wchar_t glyph; /* 0: the second half of a wide one */
	enum grid_look look;
};

struct grid {
	size_t rows, columns;
	struct grid_cell *cells; /* row by row */
	locale_t utf8; /* private */
};

void grid_init(struct grid *grid);
void grid_release(struct grid *grid);

/* Of this size, and blank. */
void grid_clear(struct grid *grid, size_t rows, size_t columns);

/* From a column on, in at most so many. */
void grid_put(struct grid *grid, size_t row, size_t column, size_t width,
	      enum grid_look look, const char *text);
/* Flush right, to the end of these columns. */
void grid_put_right(struct grid *grid, size_t row, size_t column, size_t width,
		    enum grid_look look, const char *text);
/* The look of a whole row, whatever is in it. */
void grid_look(struct grid *grid, size_t row, enum grid_look look);

/* Without the empty rows at its end. */
void grid_print(const struct grid *grid, struct text *out);

#endif
