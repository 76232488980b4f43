#include "pfa/model/region.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/base/hash.h"
#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/base/text.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/model/space.h"
#include "pfa/symbol/elf_layout.h"

struct region_key {
	const char *object, *section; /* interned */
};

struct entry {
	struct region_key key;
	struct region region;
	UT_hash_handle hh;
};

struct region_table {
	struct intern *strings;
	struct entry *entries;
	struct entry *last; /* asked for last: faults cluster */
	const char *no_section; /* the interned "" */
};

struct region_table *region_table_new(struct intern *strings)
{
	struct region_table *table = pfa_alloc(sizeof(*table));

	table->strings = strings;
	table->no_section = intern_text(strings, "");
	return table;
}

void region_table_free(struct region_table *table)
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

static const char *text_of(struct intern *strings, const struct region_key *key)
{
	struct text text;
	const char *interned;

	text_init(&text);
	text_escaped(&text, key->object);
	if (key->section[0]) {
		text_char(&text, ' ');
		text_str(&text, key->section);
	}
	interned = intern_text(strings, text_cstr(&text));
	text_release(&text);
	return interned;
}

static PFA_RARE struct entry *entry_of(struct region_table *table,
				       const char *object, const char *section)
{
	const struct region_key key = { object, section };
	struct entry *entry;

	HASH_FIND(hh, table->entries, &key, sizeof(key), entry);
	if (entry)
		return entry;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = key;
	entry->region = (struct region){
		.object = object,
		.section = section,
		.text = text_of(table->strings, &key),
	};
	HASH_ADD(hh, table->entries, key, sizeof(key), entry);
	return entry;
}

static const struct region *region_interned(struct region_table *table,
					    const char *object,
					    const char *section)
{
	const struct entry *last = table->last;

	if (!last || last->key.object != object || last->key.section != section)
		table->last = entry_of(table, object, section);
	return &table->last->region;
}

const struct region *region_named(struct region_table *table, const char *object,
				  const char *section)
{
	return region_interned(table, intern_text(table->strings, object),
			       intern_text(table->strings, section));
}

/*
 * The object that an anonymous VMA continues: its .bss is the part of the data
 * segment beyond the file, mapped as anonymous memory right behind it. The heap may
 * follow without a gap and be one VMA with it.
 */
static const struct vma *data_before(const struct space *space,
				     const struct vma *vma)
{
	enum { PIECES_MAX = 8 }; /* mprotect may have cut the .bss */
	const struct vma *below = vma;

	for (int i = 0; i < PIECES_MAX; i++) {
		uint64_t start = below->start;

		below = space_below(space, start);
		if (!below || below->end != start)
			return NULL;
		if (below->backing->layout)
			return below;
		if (below->backing->kind > BACKING_HEAP)
			return NULL;
	}
	return NULL;
}

static const char *bss_section(const struct vma *data, uint64_t addr,
			       struct image *image)
{
	const struct elf_layout *layout = data->backing->layout;
	uint64_t last = data->pgoff_bytes + (data->end - data->start) - 1;
	const struct elf_segment *segment =
		elf_layout_segment(layout, last, PROT_READ | PROT_WRITE);
	const struct elf_section *section;
	uint64_t vaddr;

	if (!segment || segment->mem_size <= segment->file_size)
		return NULL;
	vaddr = addr - data->start + data->pgoff_bytes - segment->offset +
		segment->vaddr;
	/* Anonymous memory put where the file was is not a continuation. */
	if (vaddr - segment->vaddr < segment->file_size ||
	    vaddr - segment->vaddr >= segment->mem_size)
		return NULL;
	*image = (struct image){ data->backing, vaddr };
	section = elf_layout_section(layout, vaddr);
	return section ? section->name : ".bss";
}

static const char *file_section(const struct vma *vma, uint64_t addr,
				struct image *image)
{
	const struct elf_layout *layout = vma->backing->layout;
	uint64_t offset = addr - vma->start + vma->pgoff_bytes;
	const struct elf_segment *segment;
	const struct elf_section *section;

	segment = elf_layout_segment(layout, offset, vma->prot);
	if (!segment)
		return "";
	*image = (struct image){ vma->backing,
				 offset - segment->offset + segment->vaddr };
	section = elf_layout_section(layout, image->addr);
	if (section)
		return section->name;
	/* Past the segment's bytes the page is .bss, or its padding. */
	return offset >= segment->offset + segment->file_size &&
			       segment->mem_size > segment->file_size ?
		       ".bss" : "";
}

const struct region *region_of(struct region_table *table,
			       const struct space *space, const struct vma *vma,
			       uint64_t addr, struct image *image)
{
	const struct backing *backing = vma->backing;
	const struct vma *data;
	const char *section;

	*image = (struct image){ NULL, 0 };
	if (backing->layout)
		return region_interned(table, backing->label,
				       intern_text(table->strings,
						   file_section(vma, addr,
								image)));
	if (backing->kind <= BACKING_HEAP) {
		data = data_before(space, vma);
		section = data ? bss_section(data, addr, image) : NULL;
		if (section)
			return region_interned(table, data->backing->label,
					       intern_text(table->strings,
							   section));
	}
	return region_interned(table, backing->label, table->no_section);
}

const struct region *region_of_range(struct region_table *table,
				     const struct space *space,
				     const struct vma *vma, uint64_t addr)
{
	struct image unused;

	if (vma->backing->layout)
		return region_interned(table, vma->backing->label, table->no_section);
	return region_of(table, space, vma, addr, &unused);
}
