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

struct Elf;
struct cfi;
struct module;
struct module_id;
struct symbols;
struct symbols_options;

struct symbol {
	const char *name; /* demangled (demangle.h); printable */
	uint64_t start;
	uint64_t size; /* 0: not told (assembly, some tables) */
};

/* A line of source. Of several at one address, the innermost inlined function first. */
struct source_frame {
	const char *function; /* demangled; NULL: unknown */
	const char *file;     /* with its directory; NULL: unknown */
	uint32_t line;        /* 0: unknown */
};

/* Made and kept by symbols_module(). What is passed is borrowed. */
struct module *module_new(struct symbols *symbols, const struct symbols_options *options,
			  const struct module_id *id);
void module_free(struct module *module); /* NULL-safe */

/*
 * The function that covers an address: from .symtab, of the file or its separate debug
 * file, or else from .gnu_debugdata and .dynsym; linkage table entries are NAME@plt. A
 * symbol without a size reaches to the next one or its section's end (which of several
 * is told: symtab.h). False: none.
 */
bool module_function(struct module *module, uint64_t addr, struct symbol *symbol);
/* What the linker calls it: mangled, as the file has it. NULL: none. */
const char *module_linkage_name(struct module *module, uint64_t addr);

/* The data object: static, local and .bss ones too. */
bool module_object(struct module *module, uint64_t addr, struct symbol *symbol);

/* The thread-local variable at an offset into the file's PT_TLS segment. */
bool module_tls_object(struct module *module, uint64_t offset, struct symbol *symbol);

/*
 * Source lines by DWARF, inlined frames resolved; *frames is sorted from the innermost
 * outwards, the last being the function itself. Returns how many; 0: not known, and
 * *frames may be NULL.
 */
size_t module_lines(struct module *module, uint64_t addr,
		    const struct source_frame **frames);

/* For what else is read from it: libelf's handle. NULL: it could not be had. Borrowed. */
struct Elf *module_elf(struct module *module);

/* What its code is unwound by. NULL: the file could not be had. */
struct cfi *module_cfi(struct module *module);

#endif
