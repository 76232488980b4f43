/*
 * Where an address lies, in words: object and section.
 *
 * The table interns the pairs: two regions are the same exactly if their pointers
 * are. They stay valid until region_table_free().
 */
#ifndef PFA_MODEL_REGION_H
#define PFA_MODEL_REGION_H

#include <stdint.h>

struct backing;
struct intern;
struct region;
struct region_table;
struct space;
struct vma;

struct region_table *region_table_new(struct intern *strings);
void region_table_free(struct region_table *table);

/* `object` and `section` need not be interned; `section` may be "". */
const struct region *region_named(struct region_table *table, const char *object,
				  const char *section);

/* A place in the image of an ELF file, .bss included. */
struct image {
	const struct backing *backing; /* the file; NULL: none */
	uint64_t addr; /* in the file's own terms */
};

/* The region of an address inside `vma`, which lies in `space`, and its image. */
const struct region *region_of(struct region_table *table,
			       const struct space *space, const struct vma *vma,
			       uint64_t addr, struct image *image);

/* The region of a whole VMA: a file's object without a section. */
const struct region *region_of_range(struct region_table *table,
				     const struct space *space,
				     const struct vma *vma, uint64_t addr);

#endif
