/*
 * What a VMA shows: a file, or one of the kernel's kinds of memory.
 *
 * One struct backing for each (name, file) of the session; the table owns them and
 * pointers stay valid until backing_table_free(). Two VMAs show the same thing
 * exactly if their backing pointers are equal.
 */
#ifndef PFA_MODEL_BACKING_H
#define PFA_MODEL_BACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/symbol/symbols.h"

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

/* Which file: inode numbers are used again, generations tell the users apart. */
struct file_id {
	uint64_t inode, generation;
	uint32_t dev_major, dev_minor;
};

struct backing {
	const char *name; /* as the kernel gives it; interned */
	const char *label; /* as reports show it: libc.so.6, memfd:x; interned */
	enum backing_kind kind;
	struct file_id file; /* all 0: none */
	struct elf_layout *layout; /* owned; NULL while unknown or not ELF */
};

struct backing_table;

struct backing_table *backing_table_new(struct intern *strings);
void backing_table_free(struct backing_table *table);

/* As symbols know it (symbol/symbols.h): what it points to lasts as the backing does. */
struct module_id backing_module_id(const struct backing *backing);

/* Finds or makes. `name` need not be interned; `file` NULL: none. */
struct backing *backing_of(struct backing_table *table, const char *name,
			   const struct file_id *file);

#endif
