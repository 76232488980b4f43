/*
 * The ways in which memory was given back: which call, from which code, of what.
 *
 * A page that was given back remembers the number of its giver (pages.h), so that a
 * later fault on it can say whose gift it was. Interned and numbered from 1; valid
 * until givers_free().
 */
#ifndef PFA_MODEL_GIVERS_H
#define PFA_MODEL_GIVERS_H

#include <stdint.h>

#include "pfa/model/observation.h"

struct backing;
struct givers;
struct intern;

struct givers *givers_new(struct intern *strings);
void givers_free(struct givers *givers);

/* Finds or makes. `call` need not be interned; `code` may be NULL: nobody's. */
uint32_t givers_number(struct givers *givers, enum refault how, const char *call,
		       const struct code *code, const struct backing *backing);

/* NULL for 0 and for numbers never given. */
const struct giver *giver_by_number(const struct givers *givers, uint32_t number);
/* What its pages showed. */
const struct backing *giver_backing(const struct givers *givers, uint32_t number);

#endif
