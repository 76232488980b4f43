/*
 * The columns of pfa map, one row each. A VMA has a cell in each; a total only where
 * there are numbers, which are in kB.
 */
#ifndef PFA_REPORT_MAP_COLUMNS_H
#define PFA_REPORT_MAP_COLUMNS_H

#include <stdint.h>

struct map_vma;
struct smaps;
struct text;

/* When a column is shown that nobody has asked for. */
enum map_column_usual { COLUMN_SELDOM, COLUMN_IF_NOT_ZERO, COLUMN_ALWAYS };

struct map_column {
	const char *name;
	enum map_column_usual usual;
	/* One of the two. */
	uint64_t (*kb)(uint64_t size_kb, const struct smaps *smaps);
	void (*put)(struct text *out, const struct map_vma *vma);
};

enum { MAP_COLUMNS = 27, MAP_COLUMN_RANGE = 0 };

extern const struct map_column map_columns[MAP_COLUMNS];
/* Their names, ended by NULL. */
extern const char *const map_column_names[MAP_COLUMNS + 1];

uint64_t map_vma_kb(const struct map_vma *vma);

#endif
