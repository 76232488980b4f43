/*
 * The options, a row each: parsing and --help both go by them.
 */
#ifndef PFA_OPTIONS_TABLE_H
#define PFA_OPTIONS_TABLE_H

#include "pfa/base/status.h"

struct options;

typedef enum pfa_status option_setter(struct options *options, const char *value,
				      struct pfa_error *err);

struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: takes none; in brackets: may be left out */
	unsigned commands; /* a bit each */
	option_setter *set;
	const char *help;
};

enum { OPTION_ROWS_MAX = 128 };

extern const struct option_row option_rows[]; /* ended by one without a name */

#endif
