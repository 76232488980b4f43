/*
 * A table of text: rows of cells, columns aligned when printed.
 */
#ifndef PFA_REPORT_TABLE_H
#define PFA_REPORT_TABLE_H

#include <stddef.h>

#include "pfa/base/text.h"

enum {
	TABLE_COLUMNS_MAX = 32,
	TABLE_NAME_MAX = 76, /* bytes of all cells of a row but the last: longer ones lose
			      * their middle, or they would move all that follows */
};

struct table {
	size_t columns;
	const char *alignment; /* a letter a column: 'l' or 'r' */
	char **cells; /* row by row; the first row is the header */
	size_t count, capacity;
};

/* `alignment` is borrowed: "lrr" is three columns, the first flush left. */
void table_init(struct table *table, const char *alignment);
void table_release(struct table *table);

/* The next cell, left to right, row by row. Copies. */
void table_cell(struct table *table, const char *text);
void table_count_cell(struct table *table, unsigned long long value);
void table_time_cell(struct table *table, unsigned long long time_ns);
void table_size_cell(struct table *table, unsigned long long size_bytes);

/* Indented by two spaces, no trailing blanks. */
void table_print(const struct table *table, struct text *out);

#endif
