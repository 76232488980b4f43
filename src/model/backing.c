#include "pfa/model/backing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/symbol/elf_layout.h"

struct backing_key {
	const char *name;
	struct file_id file;
};

struct entry {
	struct backing_key key;
	struct backing backing;
	UT_hash_handle hh;
};

struct backing_table {
	struct intern *strings;
	struct entry *entries;
};

/* How the kernel names memory that is not a plain file; first match wins. */
static const struct {
	const char *prefix;
	enum backing_kind kind;
} kinds[] = {
	{ "//anon", BACKING_ANON },
	{ "[heap]", BACKING_HEAP },
	{ "[stack", BACKING_STACK },
	{ "[", BACKING_SPECIAL },
	{ "/memfd:", BACKING_SHMEM },
	{ "/dev/zero (deleted)", BACKING_SHMEM },
	{ "/SYSV", BACKING_SHMEM },
	{ "/dev/shm/", BACKING_SHMEM },
	{ "/anon_hugepage", BACKING_HUGETLB },
	{ "", BACKING_FILE },
};

static enum backing_kind kind_of(const char *name)
{
	size_t i = 0;

	while (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
		i++;
	return kinds[i].kind;
}

static const char *label_of(struct intern *strings, const char *name,
			    enum backing_kind kind)
{
	static const char deleted[] = " (deleted)";
	const char *slash = strrchr(name, '/');
	const char *base = name;
	size_t length;

	if (kind == BACKING_ANON)
		return intern_text(strings, "anon");
	if (!strcmp(name, "/dev/zero (deleted)"))
		return intern_text(strings, "shared-anon");
	if (!strncmp(name, "/memfd:", 7)) /* any name after that */
		base = name + 1;
	else if (kind != BACKING_SPECIAL && slash && slash[1])
		base = slash + 1;
	length = strlen(base);
	if (length > sizeof(deleted) - 1 &&
	    !strcmp(base + length - (sizeof(deleted) - 1), deleted))
		length -= sizeof(deleted) - 1;
	return intern_bytes(strings, base, length);
}

struct backing_table *backing_table_new(struct intern *strings)
{
	struct backing_table *table = pfa_alloc(sizeof(*table));

	table->strings = strings;
	return table;
}

void backing_table_free(struct backing_table *table)
{
	struct entry *entry, *next;

	if (!table)
		return;
	HASH_ITER(hh, table->entries, entry, next) {
		HASH_DEL(table->entries, entry);
		elf_layout_free(entry->backing.layout);
		free(entry);
	}
	free(table);
}

struct backing *backing_of(struct backing_table *table, const char *name,
			   const struct file_id *file)
{
	struct backing_key key;
	struct entry *entry;

	memset(&key, 0, sizeof(key)); /* it is hashed as bytes */
	key.name = intern_text(table->strings, name);
	if (file)
		key.file = *file;
	HASH_FIND(hh, table->entries, &key, sizeof(key), entry);
	if (entry)
		return &entry->backing;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = key;
	entry->backing.name = key.name;
	entry->backing.file = key.file;
	entry->backing.kind = kind_of(name);
	entry->backing.label = label_of(table->strings, name, entry->backing.kind);
	HASH_ADD(hh, table->entries, key, sizeof(key), entry);
	return &entry->backing;
}

struct module_id backing_module_id(const struct backing *backing)
{
	return (struct module_id){
		.path = backing->name,
		.inode = backing->file.inode,
		.generation = backing->file.generation,
		.dev_major = backing->file.dev_major,
		.dev_minor = backing->file.dev_minor,
		.layout = backing->layout,
	};
}
