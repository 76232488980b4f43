#include "pfa/decode/keeper.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"

/* Several of the largest records: a size has 16 bits. */
enum { BLOCK_BYTES = 256 * 1024 };

/* While a block is being filled it counts so many records more: it cannot run empty. */
#define FILLING (SIZE_MAX / 2)

/* Freed when it is full and its last record is released. */
struct block {
	size_t used;
	size_t filled; /* records, ever */
	atomic_size_t records; /* not yet released */
	unsigned char bytes[BLOCK_BYTES];
};

struct copy {
	struct block *block;
	unsigned char record[];
};

struct keeper {
	struct block *filling;
	_Atomic(struct block *) spare; /* one is kept back from the allocator */
};

struct keeper *keeper_new(void)
{
	return pfa_alloc(sizeof(struct keeper));
}

static void recycle(struct keeper *k, struct block *block)
{
	struct block *none = NULL;

	if (!atomic_compare_exchange_strong(&k->spare, &none, block))
		free(block);
}

/* From now on it lives through its records. */
static void seal(struct keeper *k)
{
	struct block *block = k->filling;
	const size_t less = FILLING - (block ? block->filled : 0);

	if (block && atomic_fetch_sub(&block->records, less) == less)
		recycle(k, block);
	k->filling = NULL;
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	seal(k);
	free(atomic_load(&k->spare));
	free(k);
}

static void next_block(struct keeper *k)
{
	seal(k);
	k->filling = atomic_exchange(&k->spare, NULL);
	if (!k->filling)
		k->filling = pfa_realloc(NULL, sizeof(struct block));
	k->filling->used = 0;
	k->filling->filled = 0;
	atomic_store(&k->filling->records, FILLING);
}

const struct perf_event_header *keeper_copy(struct keeper *k,
					    const struct perf_event_header *record)
{
	size_t size = record_size(record);
	size_t whole = (sizeof(struct copy) + size + 7) & ~(size_t)7;
	struct copy *copy;

	if (!k->filling || whole > BLOCK_BYTES - k->filling->used)
		next_block(k);
	copy = (void *)(k->filling->bytes + k->filling->used);
	copy->block = k->filling;
	memcpy(copy->record, record, size);
	k->filling->used += whole;
	k->filling->filled++;
	return (const void *)copy->record;
}

void keeper_release(struct keeper *k, const struct perf_event_header *record)
{
	const struct copy *copy =
		(const void *)((const char *)record - offsetof(struct copy, record));
	struct block *block = copy->block;

	if (atomic_fetch_sub(&block->records, 1) == 1)
		recycle(k, block);
}
