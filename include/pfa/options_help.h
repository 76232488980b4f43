/*
 * The words of --help: of each command, and a row of an option, which is what is typed
 * and what it does, in two columns of 80.
 */
#ifndef PFA_OPTIONS_HELP_H
#define PFA_OPTIONS_HELP_H

#include <stdio.h>

struct command_help {
	const char *name, *help; /* "map", "pfa map --help" */
	const char *usage, *about;
};

/* By enum command. */
extern const struct command_help command_help[];

/* `letter` 0: there is none; `argument` NULL: it takes none, "[RANGE]":
 * it may be left out. */
void options_help_row(FILE *out, char letter, const char *name, const char *argument,
		      const char *help);

#endif
