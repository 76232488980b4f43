/*
 * What a VMA shows: a file, or one of the kernel's kinds of memory.
 *
 * One struct backing for each (name, device, inode) of the session; the table owns
 * them and pointers stay valid until backing_table_free(). Two VMAs show the same
 * thing exactly if their backing pointers are equal.
 */
#ifndef PFA_MODEL_BACKING_H
#define PFA_MODEL_BACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_layout;
struct intern;

enum backing_kind {
	BACKING_ANON,    /* //anon */
	BACKING_HEAP,    /* [heap] */
	BACKING_STACK,   /* [stack] */
	BACKING_SPECIAL, /* [vdso], [vvar] */
	BACKING_SHMEM,   /* memfd, shared anonymous memory, System V */
	BACKING_HUGETLB, /* /anon_hugepage */
	BACKING_FILE,
};

struct backing {
	const char *name; /* as the kernel gives it; interned */
	const char *label; /* as reports show it: libc.so.6, memfd:x; interned */
	enum backing_kind kind;
	uint32_t dev_major, dev_minor;
	uint64_t inode;
	struct elf_layout *layout; /* owned; NULL while unknown or not ELF */
	bool layout_tried; /* reading the file itself was tried */
};

struct backing_table;

struct backing_table *backing_table_new(struct intern *strings);
void backing_table_free(struct backing_table *table);

/* Finds or makes. `name` need not be interned. */
struct backing *backing_of(struct backing_table *table, const char *name,
			   uint32_t dev_major, uint32_t dev_minor, uint64_t inode);

#endif
