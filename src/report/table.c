#include "pfa/report/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/units.h"

void table_init(struct table *t, const char *alignment)
{
	*t = (struct table){ .columns = strlen(alignment), .alignment = alignment };
}

void table_release(struct table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->cells[i]);
	free(t->cells);
}

/* Where a character of UTF-8 begins, at or behind the place. */
static const char *next_character(const char *at)
{
	while ((*at & 0xc0) == 0x80)
		at++;
	return at;
}

/* A C++ name may have a thousand letters; how it begins and what it ends in tell most. */
static char *shortened(const char *text, size_t length)
{
	enum { HEAD = 44, TAIL = 25 };
	const char *tail = next_character(text + length - TAIL);
	const int head = (int)(next_character(text + HEAD) - text);
	char *cut = pfa_alloc(length);

	snprintf(cut, length, "%.*s...%s", head, text, tail);
	return cut;
}

void table_cell(struct table *t, const char *text)
{
	const size_t length = strlen(text);
	const bool is_last = (t->count + 1) % t->columns == 0;

	t->cells = pfa_grow(t->cells, t->count, &t->capacity, sizeof(char *));
	t->cells[t->count++] = !is_last && length > TABLE_NAME_MAX ?
				       shortened(text, length) : pfa_strdup(text);
}

void table_count_cell(struct table *t, unsigned long long value)
{
	char buf[UNITS_MAX];

	snprintf(buf, sizeof(buf), "%llu", value);
	table_cell(t, buf);
}

void table_time_cell(struct table *t, unsigned long long time_ns)
{
	char buf[UNITS_MAX];

	table_cell(t, units_time(buf, time_ns));
}

void table_size_cell(struct table *t, unsigned long long size_bytes)
{
	char buf[UNITS_MAX];

	table_cell(t, units_size(buf, size_bytes));
}

static void measure(const struct table *t, size_t width[TABLE_COLUMNS_MAX])
{
	memset(width, 0, TABLE_COLUMNS_MAX * sizeof(*width));
	for (size_t i = 0; i < t->count; i++) {
		size_t n = strlen(t->cells[i]);

		if (n > width[i % t->columns])
			width[i % t->columns] = n;
	}
}

static void end_line(struct text *out)
{
	while (out->bytes[out->length - 1] == ' ')
		out->length--;
	text_char(out, '\n');
}

void table_print(const struct table *t, struct text *out)
{
	size_t width[TABLE_COLUMNS_MAX];

	measure(t, width);
	for (size_t i = 0; i < t->count; i++) {
		size_t column = i % t->columns;
		size_t pad = width[column] - strlen(t->cells[i]);

		text_spaces(out, 2);
		if (t->alignment[column] == 'r')
			text_spaces(out, pad);
		text_str(out, t->cells[i]);
		if (t->alignment[column] == 'l')
			text_spaces(out, pad);
		if (column + 1 == t->columns)
			end_line(out);
	}
}
