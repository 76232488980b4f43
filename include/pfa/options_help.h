/*
 * What --help prints: what each command is for, and for each option a row: what is
 * typed, and what it does, in two columns of 80.
 */
#ifndef PFA_OPTIONS_HELP_H
#define PFA_OPTIONS_HELP_H

#include <stdio.h>

enum command;

/* "record": as typed. */
const char *command_name(enum command command);

void options_help_head(FILE *out, enum command command);
/* `letter` 0: there is none; `argument` NULL: it takes none. */
void options_help_row(FILE *out, char letter, const char *name, const char *argument,
		      const char *help);

#endif
