/*
 * Where a module's file and its debug file are; symbols.h says in which order they are
 * looked for, and when one fits.
 */
#ifndef PFA_SYMBOL_MODULE_FIND_H
#define PFA_SYMBOL_MODULE_FIND_H

struct elf_file;
struct module_id;
struct symbols_options;

/* NULL: there is none. *why: a clause about it, for a remark; NULL: nothing to say. */
struct elf_file *module_find_file(const struct symbols_options *options,
				  const struct module_id *id, const char **why);

/* The debug file of `file`, which may be NULL: then by the noted build-id alone. */
struct elf_file *module_find_debug(const struct symbols_options *options,
				   const struct module_id *id,
				   const struct elf_file *file);

#endif
