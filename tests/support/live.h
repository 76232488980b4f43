/*
 * What every live test program needs: cmocka and what it leaves to include, where
 * things are, a work directory, and skips that say why.
 */
#ifndef TESTS_SUPPORT_LIVE_H
#define TESTS_SUPPORT_LIVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The commands under test, from the environment that the Makefile sets. */
const char *pfa(void);
const char *demos(void);	 /* the directory of the demos */
const char *live_programs(void); /* the directory of programs like mapper */

/* A directory for this program's files, as group setup and teardown. */
int work_dir_make(void **state);
int work_dir_remove(void **state); /* with all that is in it */

/* The path of a file in it, as printf would have it; good until eight more. */
const char *work_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says why, then skips. Returns only where cmocka does not know better. */
void skip_because(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Skips unless the shell finds all these programs, separated by blanks. */
void need_programs(const char *names);

/* Python itself, where `python3` may be a script that looks for it. */
const char *python(void);

/* The directory of the server's programs, of the newest version. Skips without. */
const char *postgres(void);

#endif
