#include "pfa/model/code.h"

#include <stdlib.h>

#include "pfa/base/hash.h"
#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/base/text.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/model/space.h"
#include "pfa/symbol/elf_layout.h"

struct code_key {
	const char *object; /* interned, or NULL */
	uint64_t addr;
};

struct entry {
	struct code_key key;
	struct code code;
	UT_hash_handle hh;
};

enum { RECENT_CODE = 16 };

struct code_table {
	struct intern *strings;
	struct entry *entries;
	struct entry *recent[RECENT_CODE]; /* by address: a few places fault all the time */
	const char *kernel;
};

struct code_table *code_table_new(struct intern *strings)
{
	struct code_table *table = pfa_alloc(sizeof(*table));

	table->strings = strings;
	table->kernel = intern_text(strings, "[kernel]");
	return table;
}

void code_table_free(struct code_table *table)
{
	struct entry *entry, *next;

	if (!table)
		return;
	HASH_ITER(hh, table->entries, entry, next) {
		HASH_DEL(table->entries, entry);
		free(entry);
	}
	free(table);
}

static const char *text_of(const struct code_table *table, const struct code_key *key)
{
	struct text text;
	const char *interned;

	text_init(&text);
	if (key->object)
		text_escaped(&text, key->object);
	if (key->object && key->addr)
		text_char(&text, '+');
	if (!key->object || key->addr)
		text_hex(&text, key->addr);
	interned = intern_text(table->strings, text_cstr(&text));
	text_release(&text);
	return interned;
}

static PFA_RARE struct entry *entry_of(struct code_table *table,
				       const struct code_key *key)
{
	struct entry *entry;

	HASH_FIND(hh, table->entries, key, sizeof(*key), entry);
	if (entry)
		return entry;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = *key;
	entry->code = (struct code){ key->object, key->addr, text_of(table, key) };
	HASH_ADD(hh, table->entries, key, sizeof(entry->key), entry);
	return entry;
}

static const struct code *interned(struct code_table *table, struct code_key key)
{
	struct entry **recent = &table->recent[key.addr % RECENT_CODE];

	if (!*recent || (*recent)->key.object != key.object ||
	    (*recent)->key.addr != key.addr)
		*recent = entry_of(table, &key);
	return &(*recent)->code;
}

/* The file's own address for what a mapping of it shows at the offset. */
static uint64_t addr_in_file(const struct vma *vma, uint64_t offset)
{
	const struct elf_layout *layout = vma->backing->layout;
	const struct elf_segment *segment =
		layout ? elf_layout_segment(layout, offset, vma->prot) : NULL;

	return segment ? segment->vaddr + (offset - segment->offset) : offset;
}

const struct code *code_at(struct code_table *table, const struct space *space,
			   uint64_t ip)
{
	const struct vma *vma;
	uint64_t offset;

	if (ip >> 63)
		return interned(table, (struct code_key){ table->kernel, 0 });
	vma = space_find_code(space, ip);
	if (!vma || (vma->backing->kind != BACKING_FILE &&
		     vma->backing->kind != BACKING_SPECIAL))
		return interned(table, (struct code_key){ NULL, ip });
	offset = ip - vma->start + vma->pgoff_bytes;
	return interned(table, (struct code_key){ vma->backing->label,
						  addr_in_file(vma, offset) });
}
