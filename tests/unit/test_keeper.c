/* Copies of records last until they are released, and no longer. */
#include "../support/check.h"

#include <malloc.h>
#include <string.h>

#include "pfa/decode/keeper.h"

/* A record that says which one it is. */
struct tagged {
	struct perf_event_header header;
	uint64_t tag;
	char padding[48];
};

static const struct perf_event_header *copy(struct keeper *keeper, uint64_t tag)
{
	struct tagged bytes = { .header = { .type = PERF_RECORD_SAMPLE,
					    .size = sizeof(bytes) }, .tag = tag };
	const struct perf_event_header *kept = keeper_copy(keeper, &bytes.header);

	memset(&bytes, 0xff, sizeof(bytes)); /* the original is gone */
	return kept;
}

static void check_tag(const struct perf_event_header *kept, uint64_t tag)
{
	const struct tagged *bytes = (const void *)kept;

	assert_int_equal(record_size(kept), sizeof(*bytes));
	assert_int_equal(bytes->tag, tag);
}

static void copies_outlive_their_originals(void **state)
{
	enum { MANY = 20000 }; /* several blocks */
	static const struct perf_event_header *kept[MANY];
	struct keeper *keeper = keeper_new();

	(void)state;
	for (uint64_t i = 0; i < MANY; i++)
		kept[i] = copy(keeper, i);
	for (uint64_t i = 0; i < MANY; i++) {
		check_tag(kept[i], i);
		keeper_release(keeper, kept[i]);
	}
	keeper_free(keeper);
}

static void copies_are_aligned_whatever_their_sizes(void **state)
{
	struct keeper *keeper = keeper_new();

	(void)state;
	for (uint16_t size = sizeof(struct perf_event_header); size < 64; size++) {
		unsigned char bytes[64] = { 0 };
		const struct perf_event_header *kept;

		memcpy(bytes + offsetof(struct perf_event_header, size), &size,
		       sizeof(size));
		kept = keeper_copy(keeper, (const void *)bytes);
		assert_int_equal((uintptr_t)kept % 8, 0);
		assert_memory_equal(kept, bytes, size);
		keeper_release(keeper, kept);
	}
	keeper_free(keeper);
}

/* The largest size there is does not fill a block: nothing is cut. */
static void largest_records_fit(void **state)
{
	static unsigned char bytes[UINT16_MAX];
	const uint16_t size = sizeof(bytes);
	struct keeper *keeper = keeper_new();
	const struct perf_event_header *kept[10];

	(void)state;
	memcpy(bytes + offsetof(struct perf_event_header, size), &size, sizeof(size));
	for (size_t i = 0; i < COUNT_OF(kept); i++)
		kept[i] = keeper_copy(keeper, (const void *)bytes);
	for (size_t i = COUNT_OF(kept); i-- > 0;) {
		assert_memory_equal(kept[i], bytes, size);
		keeper_release(keeper, kept[i]);
	}
	keeper_free(keeper);
}

static size_t memory_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void memory_does_not_grow_with_the_length_of_a_run(void **state)
{
	enum { WAITING = 5000 };
	const struct perf_event_header *waiting[WAITING] = { NULL };
	struct keeper *keeper = keeper_new();
	size_t early = 0;

	(void)state;
	for (uint64_t i = 0; i < 1000000; i++) { /* 64 MB of records */
		if (waiting[i % WAITING])
			keeper_release(keeper, waiting[i % WAITING]);
		waiting[i % WAITING] = copy(keeper, i);
		if (i == 50000)
			early = memory_in_use();
	}
	/* Nothing is counted under AddressSanitizer, which looks for leaks itself. */
	assert_in_range(memory_in_use(), 0, early + (1 << 20));
	for (size_t i = 0; i < WAITING; i++)
		keeper_release(keeper, waiting[i]);
	keeper_free(keeper);
}

static void keeper_without_copies_is_freed(void **state)
{
	(void)state;
	keeper_free(keeper_new());
	keeper_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_outlive_their_originals),
		cmocka_unit_test(copies_are_aligned_whatever_their_sizes),
		cmocka_unit_test(largest_records_fit),
		cmocka_unit_test(memory_does_not_grow_with_the_length_of_a_run),
		cmocka_unit_test(keeper_without_copies_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
