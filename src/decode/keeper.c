#include "pfa/decode/keeper.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"

/* Several of the largest records: a size has 16 bits. */
enum { BLOCK_BYTES = 256 * 1024 };

/* Freed when its last record is released. */
struct block {
	size_t used;
	size_t records; /* not yet released */
	unsigned char bytes[BLOCK_BYTES];
};

struct copy {
	struct block *block;
	unsigned char record[];
};

struct keeper {
	struct block *filling;
	struct block *spare; /* one is kept back from the allocator */
};

struct keeper *keeper_new(void)
{
	return pfa_alloc(sizeof(struct keeper));
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	free(k->filling);
	free(k->spare);
	free(k);
}

/* A block that is full lives on through its records. */
static void next_block(struct keeper *k)
{
	if (!k->filling || k->filling->records) {
		k->filling = k->spare ? k->spare
				      : pfa_realloc(NULL, sizeof(struct block));
		k->spare = NULL;
	}
	k->filling->used = 0;
	k->filling->records = 0;
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
	k->filling->records++;
	return (const void *)copy->record;
}

void keeper_release(struct keeper *k, const struct perf_event_header *record)
{
	const struct copy *copy =
		(const void *)((const char *)record - offsetof(struct copy, record));
	struct block *block = copy->block;

	if (--block->records || block == k->filling)
		return;
	if (k->spare)
		free(block);
	else
		k->spare = block;
}
