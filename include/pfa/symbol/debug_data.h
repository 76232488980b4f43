/*
 * .gnu_debugdata: a small ELF file inside another, compressed with xz, which has the
 * symbol table that stripping took away. Fedora and its relatives ship it.
 *
 * Source: the GDB manual, "Debugging information in a special section".
 */
#ifndef PFA_SYMBOL_DEBUG_DATA_H
#define PFA_SYMBOL_DEBUG_DATA_H

struct elf_file;

/* NULL: the file has none. The caller closes it. */
struct elf_file *debug_data_open(const struct elf_file *file);

#endif
