/*
 * What the parts of the naming share: naming.c, makers.c and touched.c.
 */
#ifndef PFA_REPORT_NAMING_STATE_H
#define PFA_REPORT_NAMING_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backing;
struct intern;
struct module;
struct symbols;
struct touched_symbol;

enum { TOUCHED_RECENT = 8, CODE_RECENT = 1 << 14 };

/* What was touched last in one file. */
struct touched_range {
	const struct backing *image; /* NULL: nothing */
	bool tls;
	uint64_t start, end;
	const struct touched_symbol *symbol; /* NULL: no symbol covers it */
};

struct naming {
	struct symbols *symbols; /* NULL: none */
	struct intern *strings;
	struct function_entry *functions; /* naming.c */
	struct code_entry *codes;
	struct code_entry *recent_codes[CODE_RECENT]; /* as they are, in files */
	struct maker_entry *makers; /* makers.c */
	struct touched_symbol *touched; /* touched.c */
	struct touched_range recent_touched[TOUCHED_RECENT];
};

/* "fill_table (demo)", interned; without an object the name alone. */
const char *naming_in_object(struct naming *naming, const char *name, const char *object);

bool is_go_between(const char *function);
void makers_release(struct naming *naming);
void touched_release(struct naming *naming);

#endif
