/*
 * Commands as the table of rows writes them: words separated by single blanks,
 * with names of places in braces. No shell: what a place stands for may hold
 * blanks.
 *
 *	{pfa} {demos} {programs}    pfa, and where the workloads are
 *	{dir} {out}                 the temporary directory, the output file in it
 *	{ring} {events}             see setting.h
 *
 * A last word >FILE sends standard output there.
 */
#ifndef TESTS_BENCH_COMMAND_H
#define TESTS_BENCH_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "pfa/base/text.h"

struct setting;

struct command {
	char **words; /* NULL at the end; owned */
	size_t count, capacity;
	const char *stdout_path; /* one of the words, or NULL */
};

void command_init(struct command *command, const struct setting *setting,
		  const char *pattern);
void command_release(struct command *command);

/* The same for people: without directories, and PERF_RECORD cut short. */
void command_describe(struct text *text, const char *pattern);

/* Whether the first word is a program that can be found. */
bool command_is_installed(const char *pattern);

#endif
