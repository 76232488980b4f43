/*
 * Golden files: what pfa printed when somebody last checked it by hand.
 *
 * What a test produces lies in build/golden until the next run; what it should be
 * lies in golden/ under the same name. With PFA_GOLDEN_UPDATE=1 in the environment
 * (make golden-update) differences are not failures: the golden files are rewritten.
 */
#ifndef PFA_TESTS_GOLDEN_H
#define PFA_TESTS_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>

enum { GOLDEN_PATH_MAX = 512 };

/* Where to put what should equal golden/NAME; directories are made. Fills and returns `path`. */
const char *golden_actual_path(char path[GOLDEN_PATH_MAX], const char *name);

/* The same for text in memory: writes it there. */
void golden_write_actual(const char *name, const char *text, size_t length);

/* Compares build/golden/NAME with golden/NAME byte for byte; prints how they differ. */
bool golden_matches(const char *name);

/*
 * Runs `test` as one cmocka test for each file DIRECTORY/NAME.SUFFIX, in order of name,
 * called PREFIX_NAME, its state the name. Returns main()'s result: the failures.
 */
int golden_run(const char *directory, const char *suffix, const char *prefix,
	       void (*test)(void **state));

#endif
