/*
 * One ELF file with its symbols, lines and unwind tables: found, checked and opened at
 * the first question, then kept.
 *
 * Addresses are the file's own (as nm and addr2line have them). Answers are borrowed
 * and stay valid as long as the module. What cannot be answered is no error: the file
 * may be gone, stripped, replaced or broken. Why is remarked once (symbols.h).
 */
#ifndef PFA_SYMBOL_MODULE_H
#define PFA_SYMBOL_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_layout;
struct module;

struct symbol {
	const char *name; /* demangled */
	uint64_t start;
	uint64_t size; /* 0: not told (assembly, some tables) */
};

/* A line of source. Of several at one address, the innermost inlined function first. */
struct source_frame {
	const char *function; /* demangled; NULL: unknown */
	const char *file;     /* with its directory; NULL: unknown */
	uint32_t line;        /* 0: unknown */
};

/*
 * The function that covers an address: from .symtab, of the file or its separate debug
 * file, from .gnu_debugdata or .dynsym. A symbol without a size reaches to the next
 * one or its section's end. False: none.
 */
bool module_function(struct module *module, uint64_t addr, struct symbol *symbol);

/* The data object: static, local and .bss ones too. */
bool module_object(struct module *module, uint64_t addr, struct symbol *symbol);

/* The thread-local variable at an offset into the file's PT_TLS segment. */
bool module_tls_object(struct module *module, uint64_t offset, struct symbol *symbol);

/*
 * Source lines by DWARF, inlined frames resolved; *frames is sorted from the innermost
 * outwards, the last being the function itself. Returns how many; 0: not known.
 */
size_t module_lines(struct module *module, uint64_t addr,
		    const struct source_frame **frames);

#endif
