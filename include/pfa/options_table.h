/*
 * The options, a row each: parsing and --help both go by them.
 */
#ifndef PFA_OPTIONS_TABLE_H
#define PFA_OPTIONS_TABLE_H

#include "pfa/base/status.h"

struct options;

struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: takes none; in brackets: may be left out */
	unsigned commands; /* a bit each */
	enum pfa_status (*set)(struct options *o, const char *value,
			       struct pfa_error *err);
	const char *help;
};

enum { OPTION_ROWS_MAX = 128 };

extern const struct option_row option_rows[]; /* ended by one without a name */

#endif
