/*
 * The path of a source file as a unit's debug information has it: with the directory of
 * the compilation in front where it is relative.
 */
#ifndef PFA_SYMBOL_SOURCE_PATH_H
#define PFA_SYMBOL_SOURCE_PATH_H

#include <elfutils/libdw.h>

struct intern;

/* Borrowed from the pool; printable. */
const char *source_path(Dwarf_Die *unit, const char *path, struct intern *names);

#endif
