#include "pfa/model/pages.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"

enum { PAGE_SHIFT = 12, BLOCK_SHIFT = 21, BLOCK_PAGES = 512 };

enum { RECENT_BLOCKS = 8 };

/* Beside the state, of a mapped page (struct page). */
enum { OWN = 1 << 7, SINCE_FORK = 1 << 6, STATE_MASK = SINCE_FORK - 1 };

struct block {
	unsigned holders;
	uint32_t frame[BLOCK_PAGES]; /* or the giver */
	uint8_t state[BLOCK_PAGES];  /* enum page_state and the bits above */
};

/* Faults taken on each page, by type; not shared with a child. */
typedef uint32_t block_faults[BLOCK_PAGES][FAULT_TYPE_COUNT];

struct entry {
	uint64_t number; /* address >> BLOCK_SHIFT */
	struct block *block;
	block_faults *faults; /* NULL: none were counted */
	UT_hash_handle hh;
};

struct pages {
	struct entry *entries;
	struct entry *recent[RECENT_BLOCKS]; /* by number: faults cluster */
	size_t sweep_at; /* so many entries */
};

enum { SWEEP_AT_FIRST = 64, UNMAPPED_BLOCKS_MAX = 256 };

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
	free(entry->faults);
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

static bool is_empty(const struct block *block, bool forget_unmapped)
{
	for (unsigned i = 0; i < BLOCK_PAGES; i++)
		if (block->state[i] != PAGE_UNSEEN &&
		    (block->state[i] != PAGE_UNMAPPED || !forget_unmapped))
			return false;
	return true;
}

/*
 * Blocks of which all was forgotten or unmapped stay, as most addresses come again.
 * Where they do not, the empty ones go before there are twice as many entries as are
 * needed; in large spaces who unmapped what was there is forgotten, too.
 */
static PFA_RARE void sweep(struct pages *pages)
{
	bool forget_unmapped = HASH_COUNT(pages->entries) >= UNMAPPED_BLOCKS_MAX;
	struct entry *entry, *next;

	HASH_ITER(hh, pages->entries, entry, next)
		if (is_empty(entry->block, forget_unmapped))
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

/* A block that is shared with an older child, too, has not been written since then. */
void pages_forked(struct pages *pages)
{
	struct entry *entry = pages->entries;

	for (; entry; entry = entry->hh.next)
		for (unsigned i = 0; i < BLOCK_PAGES; i++)
			entry->block->state[i] &= (uint8_t)~SINCE_FORK;
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
	struct page page = { .state = PAGE_UNSEEN };

	if (!entry)
		return page;
	page.state = (enum page_state)(entry->block->state[i] & STATE_MASK);
	page.own = entry->block->state[i] & OWN;
	page.since_fork = entry->block->state[i] & SINCE_FORK;
	if (page.state == PAGE_MAPPED)
		page.frame = entry->block->frame[i];
	else
		page.giver = entry->block->frame[i];
	return page;
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

/* What was written stays its own for as long as it is mapped, whoever touches it. */
static uint8_t kept_bits(uint8_t before, unsigned state)
{
	bool stays = (before & STATE_MASK) == PAGE_MAPPED &&
		     (state & STATE_MASK) == PAGE_MAPPED;

	return stays ? before & (OWN | SINCE_FORK) : 0;
}

static void set(struct pages *pages, uint64_t addr, unsigned state, uint32_t frame)
{
	struct block *block = block_to_change(pages, addr >> BLOCK_SHIFT);
	unsigned i = index_of(addr);

	block->state[i] = (uint8_t)state | kept_bits(block->state[i], state);
	block->frame[i] = frame;
}

uint32_t page_frame(uint64_t phys)
{
	uint64_t frame = phys >> PAGE_SHIFT;

	return frame > UINT32_MAX ? 0 : (uint32_t)frame;
}

/* Sets all that a mapping of this size shows. */
static void set_whole(struct pages *pages, uint64_t addr, uint64_t page_size_bytes,
		      unsigned state, uint64_t phys)
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
		      uint64_t page_size_bytes, uint64_t phys, bool own)
{
	set_whole(pages, addr, page_size_bytes,
		  own ? PAGE_MAPPED | OWN | SINCE_FORK : PAGE_MAPPED, phys);
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

struct luggage;

/* Part of a block, and what is done to it. */
struct work {
	struct pages *pages;
	uint64_t number;
	unsigned first, past;
	enum page_state state;
	uint32_t giver;
	uint64_t count;
	struct luggage *luggage;
	uint64_t *sums;
};

/*
 * Does it to every block that exists in the range: by number where the range is short,
 * by walking the table where it is longer than the table.
 */
static uint64_t each_block(struct work *w, uint64_t start, uint64_t end,
			   void (*part)(struct work *w))
{
	uint64_t first_number = start >> BLOCK_SHIFT;
	uint64_t last_number = (end - 1) >> BLOCK_SHIFT;
	struct entry *entry, *next;

	if (start >= end)
		return 0;
	if (last_number - first_number < HASH_COUNT(w->pages->entries)) {
		for (w->number = first_number; w->number <= last_number; w->number++) {
			if (!entry_find(w->pages, w->number))
				continue;
			part_of_block(w->number, start, end, &w->first, &w->past);
			part(w);
		}
		return w->count;
	}
	HASH_ITER(hh, w->pages->entries, entry, next) {
		if (entry->number < first_number || entry->number > last_number)
			continue;
		w->number = entry->number;
		part_of_block(w->number, start, end, &w->first, &w->past);
		part(w);
	}
	return w->count;
}

/* Whether there is a page, as far as the faults tell. */
static bool is_there(uint8_t state)
{
	return (state & STATE_MASK) == PAGE_MAPPED || state == PAGE_ZERO;
}

static bool becomes(const struct work *w, uint8_t state)
{
	if (w->state == PAGE_UNMAPPED)
		return is_there(state);
	/* A page freed before is discarded by PAGEOUT, not swapped. */
	if (w->state == PAGE_PAGEOUT)
		return (state & STATE_MASK) == PAGE_MAPPED;
	/* What was dropped before is the first one's gift. */
	return state != PAGE_UNSEEN && state != PAGE_UNMAPPED && state != PAGE_DONTNEED;
}

static void forget_faults(const struct work *w)
{
	const struct entry *entry = entry_find(w->pages, w->number);

	if (entry->faults)
		memset((*entry->faults)[w->first], 0,
		       (w->past - w->first) * sizeof((*entry->faults)[0]));
}

static void give_back_part(struct work *w)
{
	struct block *block = block_to_change(w->pages, w->number);

	if (w->state == PAGE_UNMAPPED)
		forget_faults(w);
	for (unsigned i = w->first; i < w->past; i++) {
		uint8_t before = block->state[i];

		w->count += is_there(before);
		if (becomes(w, before)) {
			block->state[i] = (uint8_t)w->state;
			block->frame[i] = w->giver;
		} else if (w->state == PAGE_UNMAPPED && before != PAGE_UNMAPPED) {
			block->state[i] = PAGE_UNSEEN;
			block->frame[i] = 0;
		}
	}
}

uint64_t pages_give_back(struct pages *pages, uint64_t start, uint64_t end,
			 enum page_state state, uint32_t giver)
{
	struct work w = { .pages = pages, .state = state, .giver = giver };

	return each_block(&w, start, end, give_back_part);
}

static void forget_part(struct work *w)
{
	struct block *block;

	if (w->first == 0 && w->past == BLOCK_PAGES) {
		entry_delete(w->pages, entry_find(w->pages, w->number));
		return;
	}
	forget_faults(w);
	block = block_to_change(w->pages, w->number);
	memset(block->state + w->first, PAGE_UNSEEN, w->past - w->first);
	memset(block->frame + w->first, 0, (w->past - w->first) * sizeof(uint32_t));
}

void pages_forget(struct pages *pages, uint64_t start, uint64_t end)
{
	struct work w = { .pages = pages };

	each_block(&w, start, end, forget_part);
}

static void count_touched(struct work *w)
{
	const struct block *block = entry_find(w->pages, w->number)->block;

	for (unsigned i = w->first; i < w->past; i++)
		w->count += block->state[i] != PAGE_UNSEEN &&
			    block->state[i] != PAGE_UNMAPPED;
}

uint64_t pages_touched(const struct pages *pages, uint64_t start, uint64_t end)
{
	struct work w = { .pages = (struct pages *)pages };

	return each_block(&w, start, end, count_touched);
}

/* ---- faults taken ---- */

static uint32_t *faults_of(struct pages *pages, uint64_t addr)
{
	uint64_t number = addr >> BLOCK_SHIFT;
	struct entry *entry = entry_find(pages, number);

	if (!entry) {
		block_to_change(pages, number);
		entry = entry_find(pages, number);
	}
	if (!entry->faults)
		entry->faults = pfa_alloc(sizeof(*entry->faults));
	return (*entry->faults)[index_of(addr)];
}

void pages_count_fault(struct pages *pages, uint64_t addr, enum fault_type type)
{
	faults_of(pages, addr)[type]++;
}

static void sum_part(struct work *w)
{
	const struct entry *entry = entry_find(w->pages, w->number);

	for (unsigned i = w->first; entry->faults && i < w->past; i++)
		for (int type = 0; type < FAULT_TYPE_COUNT; type++)
			w->sums[type] += (*entry->faults)[i][type];
}

void pages_sum_faults(const struct pages *pages, uint64_t start, uint64_t end,
		      uint64_t sums[FAULT_TYPE_COUNT])
{
	struct work w = { .pages = (struct pages *)pages, .sums = sums };

	each_block(&w, start, end, sum_part);
}

/* ---- moves ---- */

/* Pages taken out of one place to be put into another. */
struct luggage {
	uint64_t base;
	struct item {
		uint64_t offset;
		uint32_t faults[FAULT_TYPE_COUNT];
		uint32_t frame;
		uint8_t state;
	} *items;
	size_t count, capacity;
};

static void pack_part(struct work *w)
{
	const struct entry *entry = entry_find(w->pages, w->number);
	const struct block *block = entry->block;
	struct luggage *l = w->luggage;

	for (unsigned i = w->first; i < w->past; i++) {
		uint64_t addr = (w->number << BLOCK_SHIFT) + ((uint64_t)i << PAGE_SHIFT);

		if (block->state[i] == PAGE_UNSEEN)
			continue;
		l->items = pfa_grow(l->items, l->count, &l->capacity,
				    sizeof(*l->items));
		l->items[l->count].offset = addr - l->base;
		l->items[l->count].state = block->state[i];
		if (entry->faults)
			memcpy(l->items[l->count].faults, (*entry->faults)[i],
			       sizeof((*entry->faults)[i]));
		else
			memset(l->items[l->count].faults, 0, sizeof(l->items->faults));
		l->items[l->count++].frame = block->frame[i];
	}
}

static void unpack(struct pages *pages, uint64_t to, const struct item *item)
{
	static const uint32_t none[FAULT_TYPE_COUNT];

	set(pages, to + item->offset, item->state, item->frame);
	if (memcmp(item->faults, none, sizeof(none)))
		memcpy(faults_of(pages, to + item->offset), item->faults,
		       sizeof(item->faults));
}

void pages_move(struct pages *pages, uint64_t from, uint64_t to, uint64_t length)
{
	struct luggage l = { .base = from };
	struct work w = { .pages = pages, .luggage = &l };

	/* Gathered first: the ranges may share blocks. */
	each_block(&w, from, from + length, pack_part);
	pages_forget(pages, from, from + length);
	pages_forget(pages, to, to + length);
	for (size_t i = 0; i < l.count; i++)
		unpack(pages, to, &l.items[i]);
	free(l.items);
}
