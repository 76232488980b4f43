/*
 * Lines of pfa's tables as cells: what two blanks or more separate.
 */
#ifndef TESTS_SUPPORT_ROWS_H
#define TESTS_SUPPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>

enum { ROW_CELLS_MAX = 12 };

struct row {
	char line[256]; /* its text, cut into cells */
	const char *cells[ROW_CELLS_MAX];
	size_t count;
};

/* After the line with that title. Fails the test if there is none. */
const char *rows_after(const char *output, const char *title);

/* The next line of the section, from *at on, which moves; false at its end. */
bool rows_next(const char **at, struct row *row);

/* Likewise the next line whose first cell is this. */
bool rows_find(const char **at, struct row *row, const char *first_cell);

/* A cell as a number. Fails the test if it is none. */
unsigned long long row_number(const struct row *row, size_t cell);

#endif
