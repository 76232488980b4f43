/*
 * Code by name: the object an instruction lies in and its address there, so that the
 * same code is the same in every run, wherever it was loaded.
 *
 * The table interns: two pieces of code are the same exactly if their pointers are.
 * They stay valid until code_table_free().
 */
#ifndef PFA_MODEL_CODE_H
#define PFA_MODEL_CODE_H

#include <stdbool.h>
#include <stdint.h>

struct code;
struct code_table;
struct image;
struct intern;
struct kernel_names;
struct space;

/* `kernel` is borrowed. */
struct code_table *code_table_new(struct intern *strings,
				  const struct kernel_names *kernel);
void code_table_free(struct code_table *table);

/*
 * The code at `ip` of a process's address space. The kernel's own is told by function,
 * "[kernel]+vfs_read+0x1a"; as far as that is not known it is one piece: "[kernel]".
 */
const struct code *code_at(struct code_table *table, const struct space *space,
			   uint32_t pid, uint64_t ip);

/* Where it lies in the file that it is of; false: in none. */
bool code_image(const struct space *space, uint64_t ip, struct image *image);

#endif
