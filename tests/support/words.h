/*
 * A line of text taken word by word: names, KEY=VALUE, numbers in the kernel's own terms.
 *
 * Every taker skips blanks first. The first complaint sticks; what is taken after it
 * means nothing. The line is changed on the way.
 */
#ifndef PFA_TESTS_WORDS_H
#define PFA_TESTS_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/base/status.h"

struct intern;

struct words {
	char *at; /* the rest of the line */
	struct intern *strings;
	struct pfa_error complaint; /* status PFA_OK: none so far */
};

void words_complain(struct words *words, const char *what, const char *word);

bool words_end(struct words *words);

/* The next word, "" at the end of the line; borrowed from the line. */
const char *words_take(struct words *words);
/* All that is left, blanks included, interned; complains when that is nothing. */
const char *words_rest(struct words *words);

/* Takes the word if it is this one. */
bool words_flag(struct words *words, const char *flag);
/* Takes `key` ("ip=") if it comes next, so that its value comes next. */
bool words_key(struct words *words, const char *key);
void words_need_key(struct words *words, const char *key);

/* Whether a number comes next, other than by name or negative. */
bool words_at_digit(struct words *words);
/* Decimal, hexadecimal, or names of the kernel's: -ENOMEM, CLONE_VM|CLONE_VFORK. */
uint64_t words_number(struct words *words);
uint64_t words_number_of(struct words *words, const char *key, uint64_t otherwise);
/* Two numbers with a character between them. */
void words_pair(struct words *words, char between, uint64_t *first, uint64_t *second);
/* PID or PID/TID. */
void words_task(struct words *words, uint32_t *pid, uint32_t *tid);

#endif
