#include "csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

/* ---- cells ---- */

enum cell_kind { TEXT, NUMBER, NUMBER32 };

/* X(column, which is also the member's name; kind) */
#define COLUMNS(X)                                                             \
	X(ts_ns, NUMBER) X(event, TEXT) X(pid, NUMBER32) X(tid, NUMBER32)      \
	X(comm, TEXT) X(type, TEXT) X(kind, TEXT) X(addr, NUMBER)              \
	X(end, NUMBER) X(region, TEXT) X(section, TEXT) X(offset, NUMBER)      \
	X(latency_ns, NUMBER) X(ip, NUMBER) X(mode, TEXT) X(access, TEXT)      \
	X(page_size, NUMBER) X(refault, TEXT) X(prot, TEXT)                    \
	X(old_prot, TEXT) X(old_start, NUMBER) X(old_end, NUMBER)              \
	X(detail, TEXT) X(vmas_before, TEXT) X(vmas_after, TEXT)             \
	X(error, TEXT) X(call, TEXT) X(status, TEXT) X(code, TEXT)             \
	X(symbol, TEXT) X(symbol_offset, NUMBER) X(file, TEXT)                 \
	X(line, NUMBER32) X(object, TEXT) X(maker, TEXT) X(frames, TEXT) X(build_id, TEXT)

static const struct column {
	const char *name;
	size_t offset;
	enum cell_kind kind;
} columns[] = {
#define X(column, kind) { #column, offsetof(struct csv_row, column), kind },
	COLUMNS(X)
#undef X
};

enum { KNOWN = sizeof(columns) / sizeof(columns[0]), CELLS_MAX = 64 };

/* Cuts one cell off at *at, in place; *at is at the comma or line end before. */
static char *next_cell(char **at, bool *last)
{
	char *cell = *at, *from = *at, *to = *at;
	bool quoted = *from == '"';

	for (from += quoted; *from; from++) {
		if (quoted && *from == '"' && from[1] != '"')
			quoted = false;
		else if (quoted && *from == '"')
			*to++ = *from++;
		else if (!quoted && (*from == ',' || *from == '\n'))
			break;
		else
			*to++ = *from;
	}
	assert_true(*from); /* every line ends in a newline */
	*last = *from == '\n';
	*at = from + 1;
	*to = '\0';
	return cell;
}

static size_t split_line(char **at, char *cells[CELLS_MAX])
{
	size_t count = 0;
	bool last = false;

	while (!last) {
		assert_in_range(count, 0, CELLS_MAX - 1);
		cells[count++] = next_cell(at, &last);
	}
	return count;
}

static void set_cell(struct csv_row *row, const struct column *column,
		     const char *cell)
{
	void *member = (char *)row + column->offset;
	uint64_t value;
	char *end;

	if (column->kind == TEXT) {
		*(const char **)member = cell;
		return;
	}
	value = strtoull(cell, &end, 0);
	if (*end)
		fail_msg("%s is no number in column %s", cell, column->name);
	if (column->kind == NUMBER)
		*(uint64_t *)member = value;
	else
		*(uint32_t *)member = (uint32_t)value;
}

/* ---- the table ---- */

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	long size;

	if (!file)
		fail_msg("%s is not there", path);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	text = calloc(1, (size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)size, file), size);
	fclose(file);
	return text;
}

static size_t position_of(const struct column *column, char **header, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(header[i], column->name))
			return i;
	fail_msg("no column %s", column->name);
	return 0;
}

static void add_row(struct csv *csv, char **cells, const size_t *positions)
{
	struct csv_row *row;

	if (!(csv->count & (csv->count + 1))) /* it grows by doubling */
		csv->rows = realloc(csv->rows, (csv->count + 1) * 2 *
						       sizeof(*csv->rows));
	assert_non_null(csv->rows);
	row = &csv->rows[csv->count++];
	for (size_t i = 0; i < KNOWN; i++) {
		set_cell(row, &columns[i], cells[positions[i]]);
		if (columns[i].offset == offsetof(struct csv_row, latency_ns))
			row->has_latency = cells[positions[i]][0] != '\0';
	}
}

void csv_read(struct csv *csv, const char *path)
{
	static char nothing[1];
	char *cells[CELLS_MAX + 1], *at;
	size_t positions[KNOWN], count;

	*csv = (struct csv){ .text = read_file(path) };
	at = csv->text;
	if (!*at)
		fail_msg("%s is empty", path);
	count = split_line(&at, cells);
	for (size_t i = 0; i < KNOWN; i++)
		positions[i] = position_of(&columns[i], cells, count);
	while (*at) {
		assert_int_equal(split_line(&at, cells), count);
		cells[count] = nothing;
		add_row(csv, cells, positions);
	}
}

void csv_release(struct csv *csv)
{
	free(csv->rows);
	free(csv->text);
	*csv = (struct csv){ 0 };
}

/* ---- questions ---- */

bool csv_is_fault(const struct csv_row *row)
{
	return !strcmp(row->event, "fault");
}

bool csv_is_completed(const struct csv_row *row)
{
	return csv_is_fault(row) && strcmp(row->type, "INVALID") != 0;
}

size_t csv_count_type(const struct csv *csv, const char *type)
{
	size_t count = 0;

	for (size_t i = 0; i < csv->count; i++)
		if (csv_is_fault(&csv->rows[i]) &&
		    (!type || !strcmp(csv->rows[i].type, type)))
			count++;
	return count;
}

const char *csv_describe(const struct csv_row *row)
{
	static char text[512];

	snprintf(text, sizeof(text),
		 "%s pid=%u tid=%u %s %s %s %#jx %s %s mode=%s page_size=%ju%s%s",
		 row->event, row->pid, row->tid, row->type, row->kind, row->access,
		 (uintmax_t)row->addr, row->region, row->section, row->mode,
		 (uintmax_t)row->page_size, row->refault[0] ? " refault=" : "",
		 row->refault);
	return text;
}
