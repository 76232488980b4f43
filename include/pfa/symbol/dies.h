/*
 * The tree of debugging entries of one compilation unit, visited once from its first
 * byte to its last.
 *
 * libdw walks trees by the sibling references in them, which a broken file can make a
 * circle of. Here the bytes are gone through in their order, so that a visit ends with
 * the unit; what an entry says is then asked of libdw.
 *
 * Source: DWARF 5, sections 7.5.1 to 7.5.6; the DWARF 4 forms of GNU.
 */
#ifndef PFA_SYMBOL_DIES_H
#define PFA_SYMBOL_DIES_H

#include <elfutils/libdw.h>
#include <stdbool.h>

/* `level` is 1 for a child of the unit. False: enough. */
typedef bool dies_visit(void *context, Dwarf_Die *die, int tag, unsigned level);

/* Visits all entries below `unit`, parents first; stops where it is broken. */
void dies_scan(Dwarf_Die *unit, dies_visit *visit, void *context);

#endif
