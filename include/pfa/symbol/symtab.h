/*
 * The symbols of one ELF file by address: functions, data objects, thread-local
 * variables. Made of one or more symbol tables at the first question, in one sorting.
 *
 * Of several symbols at an address that one is told which begins last; of these the one
 * with a size before one without, global before weak before local, then as perf has it:
 * with fewer underscores in front, the longer one, the first in the table. A symbol with
 * no size reaches to the next one or its section's end, and is only asked where no
 * symbol with a size covers its beginning: labels inside a function are not functions.
 *
 * Names are borrowed from the ELF file: it must last as long as the table.
 */
#ifndef PFA_SYMBOL_SYMTAB_H
#define PFA_SYMBOL_SYMTAB_H

#include <stdbool.h>
#include <stdint.h>

struct elf_file;
struct intern;
struct symbol;
struct symtab;

enum symtab_kind { SYMTAB_FUNCTIONS, SYMTAB_OBJECTS, SYMTAB_TLS, SYMTAB_KINDS };

struct symtab *symtab_new(struct intern *names);
void symtab_free(struct symtab *symtab);

/* Adds what is in the section of this type: SHT_SYMTAB or SHT_DYNSYM. False: none. */
bool symtab_add(struct symtab *symtab, const struct elf_file *file, uint32_t type);
/* One more function; the name is borrowed. */
void symtab_add_function(struct symtab *symtab, uint64_t addr, uint64_t size,
			 const char *name);
/* After the last addition. */
void symtab_settle(struct symtab *symtab);

/* By address; of thread-local variables, by offset into the segment. */
bool symtab_find(struct symtab *symtab, enum symtab_kind kind, uint64_t addr,
		 struct symbol *symbol);
/* As the file has it. NULL: none. */
const char *symtab_linkage_name(const struct symtab *symtab, enum symtab_kind kind,
				uint64_t addr);

#endif
