/*
 * A ring whose head, tail and bytes may be anything: 16 bytes of positions, then the
 * ring's contents. What the sink is given lies whole in memory of the ring or its
 * scratch; everything is taken, and once.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/decode/record.h"
#include "pfa/source/ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { RING_BYTES = 4096, SCRATCH_BYTES = 1 << 16 };

struct taken {
	uint64_t bytes;
	unsigned sum; /* every byte is looked at */
};

static void check(int holds)
{
	if (!holds)
		abort();
}

static void take(void *context, const struct perf_event_header *record)
{
	const unsigned char *at = (const void *)record;
	struct taken *taken = context;

	check(record_size(record) >= sizeof(*record));
	for (unsigned i = 0; i < record_size(record); i++)
		taken->sum += at[i];
	taken->bytes += record_size(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct perf_event_mmap_page page = { 0 };
	struct taken taken = { 0 };
	const struct record_sink sink = { take, &taken };
	struct ring ring = { .fd = -1, .page = &page, .size_bytes = RING_BYTES };
	uint64_t positions[2], drained;
	bool corrupt = false;

	if (size < sizeof(positions))
		return 0;
	memcpy(positions, bytes, sizeof(positions));
	bytes += sizeof(positions);
	size -= sizeof(positions);
	page.data_head = positions[0];
	page.data_tail = positions[1];
	ring.data = calloc(1, RING_BYTES);
	ring.scratch = malloc(SCRATCH_BYTES);
	check(ring.data && ring.scratch);
	memcpy(ring.data, bytes, size < RING_BYTES ? size : RING_BYTES);
	drained = ring_drain(&ring, ring_head(&ring), &sink, &corrupt);
	check(drained == positions[0] - positions[1]);
	check(page.data_tail == positions[0]);
	check(corrupt || taken.bytes == drained);
	check(taken.bytes <= RING_BYTES);
	free(ring.data);
	free(ring.scratch);
	return 0;
}
