/*
 * Source lines by address, from DWARF 2 to 5: the line itself and those of the calls
 * that were inlined there. Units are found by their ranges, not by .debug_aranges, which
 * clang does not write. What was found is kept for each address.
 */
#ifndef PFA_SYMBOL_LINES_H
#define PFA_SYMBOL_LINES_H

#include <stddef.h>
#include <stdint.h>

struct elf_file;
struct intern;
struct lines;
struct source_frame;

/*
 * NULL: there is no debug information in it; or it cannot be read, then *why_not is set
 * to what a user is told. The file must stay open.
 */
struct lines *lines_new(const struct elf_file *file, struct intern *names,
			const char **why_not);
void lines_free(struct lines *lines); /* NULL-safe */

/* What a function is called that only the symbols tell of. */
typedef const char *lines_function(void *context, uint64_t addr);

/* As module_lines(). */
size_t lines_frames(struct lines *lines, uint64_t addr, lines_function *function,
		    void *context, const struct source_frame **frames);

#endif
