/*
 * The kernel's functions, from the text of /proc/kallsyms:
 *
 *     ffffffff813d1a90 t vfs_read
 *     ffffffffc0201000 t ext4_readpage	[ext4]
 *
 * Symbols have no sizes there: a function reaches to the next symbol of text. Of several
 * at one address, the one that perf would show stands for all: global rather than weak
 * rather than local, with few underscores in front, long.
 */
#ifndef PFA_SYMBOL_KALLSYMS_H
#define PFA_SYMBOL_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kallsyms;

struct kernel_function {
	uint64_t start, size;
	const char *name;   /* as long as the kallsyms */
	const char *module; /* "ext4"; NULL: the kernel proper */
};

/*
 * Takes over the text, from malloc, which it changes. Lines that are none are skipped;
 * where addresses are hidden (all are 0: kptr_restrict), nothing is found.
 */
struct kallsyms *kallsyms_new(char *text, size_t length);
void kallsyms_free(struct kallsyms *symbols);

bool kallsyms_function(const struct kallsyms *symbols, uint64_t addr,
		       struct kernel_function *function);

/* The address of a symbol of text; 0: there is none. It looks at all of them. */
uint64_t kallsyms_address(const struct kallsyms *symbols, const char *name);

/* Whether the text begins like one whose addresses are hidden: the rest is no use. */
bool kallsyms_is_hidden(const char *text, size_t length);

#endif
