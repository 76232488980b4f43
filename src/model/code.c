#include "pfa/model/code.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "pfa/base/hash.h"
#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/base/text.h"
#include "pfa/model/backing.h"
#include "pfa/model/kernel_names.h"
#include "pfa/model/observation.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/symbol/elf_layout.h"

struct code_key {
	const struct backing *backing; /* NULL: in no file */
	const char *object; /* its label; "[kernel]"; or NULL */
	const char *function; /* the kernel's; or NULL */
	uint64_t addr;
	uint64_t pid; /* where there is no file */
};

struct entry {
	struct code_key key;
	struct code code;
	UT_hash_handle hh;
};

/* Where an instruction was found. */
struct place {
	const struct backing *backing; /* NULL: in no file */
	const struct elf_layout *layout; /* its own, which may become known later */
	uint64_t offset; /* in the file; the address where there is none */
	uint32_t prot;
	uint32_t pid; /* where there is no file */
};

struct recent {
	struct place place;
	const struct entry *entry; /* NULL: none yet */
};

enum {
	RECENT_CODE = 1 << 14,
	/* Programs that make code for themselves come and go: there is no end of it. */
	HOMELESS_MAX = 1 << 16,
};

struct code_table {
	struct intern *strings;
	const struct kernel_names *kernel_names;
	struct entry *entries;
	struct recent recent[RECENT_CODE]; /* by offset */
	const struct entry *kernel, *homeless; /* the latter: past the limit */
	size_t homeless_count;
};

static const char *text_of(const struct code_table *table, const struct code_key *key)
{
	struct text text;
	const char *interned;

	text_init(&text);
	if (key->object)
		text_escaped(&text, key->object);
	if (key->function) {
		text_char(&text, '+');
		text_escaped(&text, key->function);
	}
	if (key->object && key->addr)
		text_char(&text, '+');
	if (!key->object || key->addr)
		text_hex(&text, key->addr);
	interned = intern_text(table->strings, text_cstr(&text));
	text_release(&text);
	return interned;
}

static const struct entry *entry_of(struct code_table *table,
				    const struct code_key *key)
{
	struct entry *entry;

	HASH_FIND(hh, table->entries, key, sizeof(*key), entry);
	if (entry)
		return entry;
	if (!key->object && ++table->homeless_count > HOMELESS_MAX)
		return table->homeless;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = *key;
	entry->code = (struct code){ .object = key->object, .addr = key->addr,
				     .text = text_of(table, key),
				     .backing = key->backing,
				     .function = key->function,
				     .pid = (uint32_t)key->pid,
				     .number = HASH_COUNT(table->entries) };
	HASH_ADD(hh, table->entries, key, sizeof(entry->key), entry);
	return entry;
}

struct code_table *code_table_new(struct intern *strings,
				  const struct kernel_names *kernel_names)
{
	struct code_table *table = pfa_alloc(sizeof(*table));
	const char *kernel = intern_text(strings, "[kernel]");
	const char *homeless = intern_text(strings, "[code]");

	table->strings = strings;
	table->kernel_names = kernel_names;
	table->kernel = entry_of(table, &(struct code_key){ .object = kernel });
	table->homeless = entry_of(table, &(struct code_key){ .object = homeless });
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

/* The file's own address for what a mapping of it shows. */
static uint64_t addr_in_file(const struct place *place)
{
	const struct elf_segment *segment =
		place->layout ? elf_layout_segment(place->layout, place->offset,
						   place->prot) : NULL;

	return segment ? segment->vaddr + (place->offset - segment->offset)
		       : place->offset;
}

/* As more may become known, nothing is kept of it. */
static const struct entry *entry_of_kernel(struct code_table *table, uint64_t ip)
{
	const struct kernel_name *name = kernel_names_find(table->kernel_names, ip);

	if (!name)
		return table->kernel;
	return entry_of(table, &(struct code_key){ .object = name->object,
						   .function = name->function,
						   .addr = ip - name->start });
}

static PFA_RARE const struct entry *entry_of_place(struct code_table *table,
						   const struct place *place)
{
	struct code_key key = { .addr = place->offset, .pid = place->pid };

	if (place->backing)
		key = (struct code_key){ .backing = place->backing,
					 .object = place->backing->label,
					 .addr = addr_in_file(place) };
	return entry_of(table, &key);
}

static bool is_same(const struct place *x, const struct place *y)
{
	return x->offset == y->offset && x->backing == y->backing &&
	       x->layout == y->layout && x->prot == y->prot && x->pid == y->pid;
}

static struct place place_of(const struct space *space, uint32_t pid, uint64_t ip)
{
	const struct vma *vma = space_find_code(space, ip);

	if (!vma || (vma->backing->kind != BACKING_FILE &&
		     vma->backing->kind != BACKING_SPECIAL))
		return (struct place){ .offset = ip,
				       .pid = vma && vma->prot & PROT_EXEC ? pid : 0 };
	return (struct place){ vma->backing, vma->backing->layout,
			       ip - vma->start + vma->pgoff_bytes, vma->prot, 0 };
}

bool code_image(const struct space *space, uint64_t ip, struct image *image)
{
	const struct place place = place_of(space, 0, ip);

	if (!place.layout)
		return false;
	*image = (struct image){ place.backing, addr_in_file(&place) };
	return true;
}

/* Functions are aligned: the low bits tell little of them. */
static size_t slot_of(const struct place *place)
{
	return (place->offset ^ place->offset >> 14) % RECENT_CODE;
}

const struct code *code_at(struct code_table *table, const struct space *space,
			   uint32_t pid, uint64_t ip)
{
	struct recent *recent;
	struct place place;

	if (ip >> 63)
		return &entry_of_kernel(table, ip)->code;
	place = place_of(space, pid, ip);
	recent = &table->recent[slot_of(&place)];
	if (!recent->entry || !is_same(&recent->place, &place))
		*recent = (struct recent){ place, entry_of_place(table, &place) };
	return &recent->entry->code;
}
