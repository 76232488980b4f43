/*
 * Interned strings: one copy of each text for the whole session.
 *
 * The returned pointer is borrowed from the pool and stays valid until
 * intern_free(). Two interned strings of one pool are equal exactly if their
 * pointers are. Paths, comms, region names and symbols are interned.
 */
#ifndef PFA_BASE_INTERN_H
#define PFA_BASE_INTERN_H

#include <stddef.h>

struct intern;

struct intern *intern_new(void);
void intern_free(struct intern *pool);

const char *intern_text(struct intern *pool, const char *text);
/* At most `length` bytes, ending at the first NUL: for fields from outside. */
const char *intern_bytes(struct intern *pool, const char *bytes, size_t length);

#endif
