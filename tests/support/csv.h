/*
 * pfa's CSV as rows of a C array. A cell that is empty in the file is "" as a
 * string and 0 as a number. Strings are borrowed from the table.
 */
#ifndef TESTS_SUPPORT_CSV_H
#define TESTS_SUPPORT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct csv_row {
	const char *event, *comm, *type, *kind, *region, *section, *mode, *access,
		*refault, *prot, *old_prot, *detail, *vmas_before, *vmas_after, *error, *call,
		*status, *code, *symbol, *file, *object, *maker, *frames, *build_id;
	uint32_t pid, tid, line;
	uint64_t ts_ns, addr, end, old_start, old_end, offset, latency_ns, ip, page_size,
		symbol_offset;
	bool has_latency;
};

struct csv {
	struct csv_row *rows;
	size_t count;
	char *text;
};

/* Fails the test if the file is not what pfa promises to write. */
void csv_read(struct csv *csv, const char *path);
void csv_release(struct csv *csv);

bool csv_is_fault(const struct csv_row *row);
bool csv_is_completed(const struct csv_row *row); /* a fault, not INVALID */

/* How many faults have this type, or any if NULL. */
size_t csv_count_type(const struct csv *csv, const char *type);

/* One line about a row, for messages; good until the next call. */
const char *csv_describe(const struct csv_row *row);

#endif
