#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

const char *rows_after(const char *output, const char *title)
{
	char line[128];
	const char *at;

	snprintf(line, sizeof(line), "\n%s\n", title);
	at = strstr(output, line);
	if (!at)
		fail_msg("no '%s' in: %s", title, output);
	return at + strlen(line);
}

static void cut(struct row *row)
{
	char *at = row->line;

	for (row->count = 0; row->count < ROW_CELLS_MAX; row->count++) {
		at += strspn(at, " ");
		if (!*at)
			return;
		row->cells[row->count] = at;
		at = strstr(at, "  ");
		if (!at) {
			row->count++;
			return;
		}
		*at++ = '\0';
	}
}

bool rows_next(const char **at, struct row *row)
{
	size_t length = strcspn(*at, "\n");

	if (!length)
		return false;
	snprintf(row->line, sizeof(row->line), "%.*s", (int)length, *at);
	*at += length + ((*at)[length] == '\n');
	cut(row);
	return true;
}

bool rows_find(const char **at, struct row *row, const char *first_cell)
{
	while (rows_next(at, row))
		if (row->count && !strcmp(row->cells[0], first_cell))
			return true;
	return false;
}

unsigned long long row_number(const struct row *row, size_t cell)
{
	unsigned long long value;
	char *end;

	assert_true(cell < row->count);
	value = strtoull(row->cells[cell], &end, 10);
	if (end == row->cells[cell] || *end)
		fail_msg("not a number: %s", row->cells[cell]);
	return value;
}
