#include "pfa/model/pages.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"

enum { PAGE_SHIFT = 12, BLOCK_SHIFT = 21, BLOCK_PAGES = 512 };

enum { RECENT_BLOCKS = 8 };

struct block {
	unsigned holders;
	uint32_t frame[BLOCK_PAGES];
	uint8_t state[BLOCK_PAGES];
};

struct entry {
	uint64_t number; /* address >> BLOCK_SHIFT */
	struct block *block;
	UT_hash_handle hh;
};

struct pages {
	struct entry *entries;
	struct entry *recent[RECENT_BLOCKS]; /* by number: faults cluster */
	size_t sweep_at; /* so many entries */
};

enum { SWEEP_AT_FIRST = 64 };

struct pages *pages_new(void)
{
	struct pages *pages = pfa_alloc(sizeof(*pages));

	pages->sweep_at = SWEEP_AT_FIRST;
	return pages;
}

static void block_drop(struct block *block)
{
	if (!--block->holders)
		free(block);
}

static struct entry **recent(struct pages *pages, uint64_t number)
{
	return &pages->recent[number % RECENT_BLOCKS];
}

static void entry_delete(struct pages *pages, struct entry *entry)
{
	if (*recent(pages, entry->number) == entry)
		*recent(pages, entry->number) = NULL;
	HASH_DEL(pages->entries, entry);
	block_drop(entry->block);
	free(entry);
}

void pages_free(struct pages *pages)
{
	struct entry *entry, *next;

	if (!pages)
		return;
	HASH_ITER(hh, pages->entries, entry, next)
		entry_delete(pages, entry);
	free(pages);
}

/*
 * Blocks of which all was forgotten stay, as most addresses come again. Where they do
 * not, the empty ones go before there are twice as many entries as are needed.
 */
static PFA_RARE void sweep(struct pages *pages)
{
	static const uint8_t unseen[BLOCK_PAGES];
	struct entry *entry, *next;

	HASH_ITER(hh, pages->entries, entry, next)
		if (!memcmp(entry->block->state, unseen, sizeof(unseen)))
			entry_delete(pages, entry);
	pages->sweep_at = SWEEP_AT_FIRST + 2 * HASH_COUNT(pages->entries);
}

static void entry_add(struct pages *pages, uint64_t number, struct block *block)
{
	struct entry *entry = pfa_alloc(sizeof(*entry));

	if (HASH_COUNT(pages->entries) >= pages->sweep_at)
		sweep(pages);
	entry->number = number;
	entry->block = block;
	HASH_ADD(hh, pages->entries, number, sizeof(number), entry);
	*recent(pages, number) = entry;
}

struct pages *pages_fork(const struct pages *parent)
{
	struct pages *child = pages_new();
	struct entry *entry, *next;

	child->sweep_at = parent->sweep_at;
	HASH_ITER(hh, parent->entries, entry, next) {
		entry->block->holders++;
		entry_add(child, entry->number, entry->block);
	}
	return child;
}

static PFA_RARE struct entry *entry_search(const struct pages *pages, uint64_t number)
{
	struct entry *entry;

	HASH_FIND(hh, pages->entries, &number, sizeof(number), entry);
	return entry;
}

static struct entry *entry_find(const struct pages *pages, uint64_t number)
{
	struct entry *entry = pages->recent[number % RECENT_BLOCKS];

	return entry && entry->number == number ? entry : entry_search(pages, number);
}

static unsigned index_of(uint64_t addr)
{
	return (unsigned)(addr >> PAGE_SHIFT) & (BLOCK_PAGES - 1);
}

struct page pages_get(const struct pages *pages, uint64_t addr)
{
	const struct entry *entry = entry_find(pages, addr >> BLOCK_SHIFT);
	unsigned i = index_of(addr);

	if (!entry)
		return (struct page){ PAGE_UNSEEN, 0 };
	return (struct page){ (enum page_state)entry->block->state[i],
			      entry->block->frame[i] };
}

/* The block for a change: this space's own, made when missing. */
static struct block *block_to_change(struct pages *pages, uint64_t number)
{
	struct entry *entry = entry_find(pages, number);

	if (!entry) {
		struct block *fresh = pfa_alloc(sizeof(*fresh));

		fresh->holders = 1;
		entry_add(pages, number, fresh);
		return fresh;
	}
	*recent(pages, number) = entry;
	if (entry->block->holders > 1) {
		struct block *own = pfa_memdup(entry->block, sizeof(*own));

		entry->block->holders--;
		own->holders = 1;
		entry->block = own;
	}
	return entry->block;
}

static void set(struct pages *pages, uint64_t addr, enum page_state state,
		uint32_t frame)
{
	struct block *block = block_to_change(pages, addr >> BLOCK_SHIFT);
	unsigned i = index_of(addr);

	block->state[i] = (uint8_t)state;
	block->frame[i] = frame;
}

uint32_t page_frame(uint64_t phys)
{
	uint64_t frame = phys >> PAGE_SHIFT;

	return frame > UINT32_MAX ? 0 : (uint32_t)frame;
}

/* Sets all that a mapping of this size shows. */
static void set_whole(struct pages *pages, uint64_t addr, uint64_t page_size_bytes,
		      enum page_state state, uint64_t phys)
{
	uint64_t mask = page_size_bytes - 1;

	/* One PMD at most: what a larger mapping shows is not followed. */
	if (page_size_bytes <= 4096 || page_size_bytes > 1ULL << BLOCK_SHIFT ||
	    (page_size_bytes & mask)) {
		set(pages, addr, state, page_frame(phys));
		return;
	}
	addr &= ~mask;
	phys &= ~mask;
	for (uint64_t at = 0; at < page_size_bytes; at += 4096)
		set(pages, addr + at, state, phys ? page_frame(phys + at) : 0);
}

void pages_set_mapped(struct pages *pages, uint64_t addr,
		      uint64_t page_size_bytes, uint64_t phys)
{
	set_whole(pages, addr, page_size_bytes, PAGE_MAPPED, phys);
}

void pages_set_zero(struct pages *pages, uint64_t addr, uint64_t page_size_bytes)
{
	set_whole(pages, addr, page_size_bytes, PAGE_ZERO, 0);
}

/* The part of block `number` inside [start, end), as page indexes. */
static void part_of_block(uint64_t number, uint64_t start, uint64_t end,
			  unsigned *first, unsigned *past)
{
	uint64_t block_start = number << BLOCK_SHIFT;
	uint64_t block_end = block_start + (1ULL << BLOCK_SHIFT);

	*first = start > block_start ? index_of(start) : 0;
	*past = end < block_end ? index_of(end) : BLOCK_PAGES;
}

typedef void change_block(struct pages *pages, uint64_t number, unsigned first,
			  unsigned past, enum page_state state);

/*
 * Applies a change to every block that exists in the range: by number where the
 * range is short, by walking the table where it is longer than the table.
 */
static void each_block(struct pages *pages, uint64_t start, uint64_t end,
		       change_block *change, enum page_state state)
{
	uint64_t first_number = start >> BLOCK_SHIFT;
	uint64_t last_number = (end - 1) >> BLOCK_SHIFT;
	struct entry *entry, *next;
	unsigned first, past;

	if (start >= end)
		return;
	if (last_number - first_number < HASH_COUNT(pages->entries)) {
		for (uint64_t n = first_number; n <= last_number; n++) {
			if (!entry_find(pages, n))
				continue;
			part_of_block(n, start, end, &first, &past);
			change(pages, n, first, past, state);
		}
		return;
	}
	HASH_ITER(hh, pages->entries, entry, next) {
		if (entry->number < first_number || entry->number > last_number)
			continue;
		part_of_block(entry->number, start, end, &first, &past);
		change(pages, entry->number, first, past, state);
	}
}

static void give_back_block(struct pages *pages, uint64_t number, unsigned first,
			    unsigned past, enum page_state state)
{
	struct block *block = block_to_change(pages, number);

	for (unsigned i = first; i < past; i++) {
		if (block->state[i] == PAGE_UNSEEN)
			continue;
		/* A page freed before is discarded by PAGEOUT, not swapped. */
		if (state == PAGE_PAGEOUT && block->state[i] != PAGE_MAPPED)
			continue;
		block->state[i] = (uint8_t)state;
	}
}

void pages_give_back(struct pages *pages, uint64_t start, uint64_t end,
		     enum page_state state)
{
	each_block(pages, start, end, give_back_block, state);
}

static void forget_block(struct pages *pages, uint64_t number, unsigned first,
			 unsigned past, enum page_state state)
{
	struct block *block;

	(void)state;
	if (first == 0 && past == BLOCK_PAGES) {
		entry_delete(pages, entry_find(pages, number));
		return;
	}
	block = block_to_change(pages, number);
	memset(block->state + first, PAGE_UNSEEN, past - first);
	memset(block->frame + first, 0, (past - first) * sizeof(uint32_t));
}

void pages_forget(struct pages *pages, uint64_t start, uint64_t end)
{
	each_block(pages, start, end, forget_block, PAGE_UNSEEN);
}

/* Pages taken out of one place to be put into another. */
struct luggage {
	uint64_t base;
	struct {
		uint64_t offset;
		struct page page;
	} *items;
	size_t count, capacity;
};

static void pack_block(const struct pages *pages, uint64_t number, uint64_t start,
		       uint64_t end, struct luggage *l)
{
	unsigned first, past;

	if (!entry_find(pages, number))
		return;
	part_of_block(number, start, end, &first, &past);
	for (unsigned i = first; i < past; i++) {
		uint64_t addr = (number << BLOCK_SHIFT) + ((uint64_t)i << PAGE_SHIFT);
		struct page page = pages_get(pages, addr);

		if (page.state == PAGE_UNSEEN)
			continue;
		l->items = pfa_grow(l->items, l->count, &l->capacity,
				    sizeof(*l->items));
		l->items[l->count].offset = addr - l->base;
		l->items[l->count++].page = page;
	}
}

void pages_move(struct pages *pages, uint64_t from, uint64_t to, uint64_t length)
{
	uint64_t first = from >> BLOCK_SHIFT, last = (from + length - 1) >> BLOCK_SHIFT;
	struct luggage l = { .base = from };
	struct entry *entry, *next;

	if (!length)
		return;
	/* Gathered first: the ranges may share blocks. */
	if (last - first < HASH_COUNT(pages->entries)) {
		for (uint64_t n = first; n <= last; n++)
			pack_block(pages, n, from, from + length, &l);
	} else {
		HASH_ITER(hh, pages->entries, entry, next)
			if (entry->number >= first && entry->number <= last)
				pack_block(pages, entry->number, from,
					   from + length, &l);
	}
	pages_forget(pages, from, from + length);
	pages_forget(pages, to, to + length);
	for (size_t i = 0; i < l.count; i++)
		set(pages, to + l.items[i].offset, l.items[i].page.state,
		    l.items[i].page.frame);
	free(l.items);
}
