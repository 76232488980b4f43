/*
 * What the description of a terminal's type ($TERM) says. In a file of its own: term.h
 * has macros of the most common names.
 */
#ifndef PFA_SCREEN_TERMINFO_H
#define PFA_SCREEN_TERMINFO_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What is written to it when drawing is over: it has its usual looks, its cursor, its
 * keys and the screen of before. False: the type is not known, or has no way to place
 * the cursor.
 */
bool terminfo_ending(int fd, char *ending, size_t size);

#endif
