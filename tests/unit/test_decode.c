/* Records that are no samples become the event they tell of, or are known as corrupt. */
#include "decode_world.h"

static void put_task(struct record_bytes *r, uint32_t type, uint16_t misc)
{
	record_begin(r, type, misc);
	record_u32(r, 200); /* pid, ppid, tid, ptid */
	record_u32(r, 100);
	record_u32(r, 201);
	record_u32(r, 101);
	record_u64(r, 5000);
}

static void fork_is_of_its_parent(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	for (int fresh = 0; fresh < 2; fresh++) {
		put_task(&w->bytes, PERF_RECORD_FORK,
			 fresh ? PERF_RECORD_MISC_FORK_EXEC : 0);
		assert_true(decode(w, &evsel));
		check_head(&w->event, EVENT_FORK, 100, 101);
		assert_int_equal(w->event.fork.parent_pid, 100);
		assert_int_equal(w->event.fork.parent_tid, 101);
		assert_int_equal(w->event.fork.child_pid, 200);
		assert_int_equal(w->event.fork.child_tid, 201);
		assert_int_equal(w->event.fork.fresh, fresh);
	}
}

static void fork_of_a_task_by_itself_is_corrupt(void **state)
{
	static const uint32_t ids[][4] = { /* pid, ppid, tid, ptid */
		{ 200, 100, 101, 101 }, { 100, 100, 100, 100 }, { 100, 100, 100, 101 },
	};
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		record_begin(&w->bytes, PERF_RECORD_FORK, 0);
		record_put(&w->bytes, ids[i], sizeof(ids[i]));
		assert_false(decode(w, &evsel));
	}
	record_begin(&w->bytes, PERF_RECORD_FORK, 0);
	record_u32(&w->bytes, 100); /* a thread of its own process */
	record_u32(&w->bytes, 100);
	record_u32(&w->bytes, 101);
	record_u32(&w->bytes, 100);
	assert_true(decode(w, &evsel));
}

static void exit_is_of_who_ended(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	put_task(&w->bytes, PERF_RECORD_EXIT, 0);
	assert_true(decode(w, &evsel));
	check_head(&w->event, EVENT_EXIT, 200, 201);
}

static void comm_tells_a_rename_from_an_exec(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	for (int exec = 0; exec < 2; exec++) {
		record_begin(&w->bytes, PERF_RECORD_COMM,
			     exec ? PERF_RECORD_MISC_COMM_EXEC : 0);
		record_u32(&w->bytes, 100);
		record_u32(&w->bytes, 101);
		record_string(&w->bytes, "worker");
		record_tail(&w->bytes, &evsel.attr, &values);
		assert_true(decode(w, &evsel));
		check_head(&w->event, EVENT_COMM, 100, 101);
		assert_string_equal(w->event.comm.comm, "worker");
		assert_int_equal(w->event.comm.exec, exec);
	}
}

static void put_mmap(struct record_bytes *r, uint32_t type, uint16_t misc)
{
	record_begin(r, type, misc);
	record_u32(r, 100);
	record_u32(r, 101);
	record_u64(r, 0x7f0000000000);
	record_u64(r, 0x3000);
	record_u64(r, 0x2000);
	if (type == PERF_RECORD_MMAP2) {
		record_u32(r, 8); /* device, inode, generation; or a build id */
		record_u32(r, 1);
		record_u64(r, 4711);
		record_u64(r, 0);
		record_u32(r, PROT_READ | PROT_WRITE);
		record_u32(r, MAP_PRIVATE);
	}
	record_string(r, "/lib/libc.so.6");
}

static void check_mmap(const struct event *e, uint32_t prot, uint64_t inode)
{
	check_head(e, EVENT_MMAP, 100, 101);
	assert_int_equal(e->mmap.start, 0x7f0000000000);
	assert_int_equal(e->mmap.length, 0x3000);
	assert_int_equal(e->mmap.pgoff_bytes, 0x2000);
	assert_int_equal(e->mmap.prot, prot);
	assert_int_equal(e->mmap.flags, MAP_PRIVATE);
	assert_int_equal(e->mmap.inode, inode);
	assert_int_equal(e->mmap.dev_major, inode ? 8 : 0);
	assert_int_equal(e->mmap.dev_minor, inode ? 1 : 0);
	assert_string_equal(e->mmap.name, "/lib/libc.so.6");
}

static const struct {
	uint32_t type;
	uint16_t misc;
	uint32_t prot;
	uint64_t inode;
	bool has_attr;
} mmaps[] = {
	{ PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER, PROT_READ | PROT_WRITE, 4711, true },
	{ PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER | PERF_RECORD_MISC_MMAP_BUILD_ID,
	  PROT_READ | PROT_WRITE, 0, true },
	{ PERF_RECORD_MMAP, PERF_RECORD_MISC_USER, PROT_READ | PROT_EXEC, 0, false },
	{ PERF_RECORD_MMAP, PERF_RECORD_MISC_USER | PERF_RECORD_MISC_MMAP_DATA,
	  PROT_READ, 0, false },
};

static void mapping_tells_what_its_record_has(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	for (size_t i = 0; i < COUNT_OF(mmaps); i++) {
		put_mmap(&w->bytes, mmaps[i].type, mmaps[i].misc);
		assert_true(decode(w, &evsel));
		check_mmap(&w->event, mmaps[i].prot, mmaps[i].inode);
		assert_int_equal(w->event.mmap.has_attr, mmaps[i].has_attr);
	}
}

static void kernels_own_mapping_is_nothing(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	put_mmap(&w->bytes, PERF_RECORD_MMAP, PERF_RECORD_MISC_KERNEL);
	assert_true(decode(w, &evsel));
	assert_int_equal(w->event.kind, EVENT_NONE);
}

static void mapping_that_wraps_around_is_corrupt(void **state)
{
	static const uint64_t length = UINT64_MAX - 0x1000;
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	put_mmap(&w->bytes, PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER);
	memcpy(w->bytes.bytes + 24, &length, sizeof(length));
	assert_false(decode(w, &evsel));
}

static void losses_tell_how_many(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	record_begin(&w->bytes, PERF_RECORD_LOST, 0);
	record_u64(&w->bytes, 7); /* id */
	record_u64(&w->bytes, 1234);
	assert_true(decode(w, &evsel));
	check_head(&w->event, EVENT_LOST, 0, 0);
	assert_int_equal(w->event.lost.count, 1234);
	assert_false(w->event.lost.samples);

	record_begin(&w->bytes, PERF_RECORD_LOST_SAMPLES, 0);
	record_u64(&w->bytes, 99);
	assert_true(decode(w, &evsel));
	check_head(&w->event, EVENT_LOST, 0, 0);
	assert_int_equal(w->event.lost.count, 99);
	assert_true(w->event.lost.samples);
}

static void record_of_another_type_is_nothing(void **state)
{
	static const uint32_t types[] = { 0, PERF_RECORD_THROTTLE, PERF_RECORD_SWITCH,
					  RECORD_FINISHED_ROUND, UINT32_MAX };
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		record_begin(&w->bytes, types[i], 0);
		assert_true(decode(w, &evsel));
		assert_int_equal(w->event.kind, EVENT_NONE);
	}
}

static void record_of_an_unknown_event_is_corrupt(void **state)
{
	struct world *w = *state;

	put_task(&w->bytes, PERF_RECORD_EXIT, 0);
	assert_false(decode(w, NULL));
}

/* The fields that a record must have, from its end on. */
static const struct {
	uint32_t type;
	size_t needs;
} needs[] = {
	{ PERF_RECORD_FORK, 8 + 16 },
	{ PERF_RECORD_EXIT, 8 + 16 },
	{ PERF_RECORD_COMM, 8 + 10 }, /* a name of one letter */
	{ PERF_RECORD_MMAP, 8 + 33 },
	{ PERF_RECORD_MMAP2, 8 + 65 },
	{ PERF_RECORD_LOST, 8 + 16 },
	{ PERF_RECORD_LOST_SAMPLES, 8 + 8 },
};

static void record_too_short_for_its_fields_is_corrupt(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	for (size_t i = 0; i < COUNT_OF(needs); i++) {
		memset(w->bytes.bytes, 0, sizeof(w->bytes.bytes));
		w->bytes.bytes[8] = 200; /* a pid: nobody is his own child */
		w->bytes.bytes[16] = 201;
		for (size_t size = 0; size <= needs[i].needs; size++) {
			record_begin(&w->bytes, needs[i].type, PERF_RECORD_MISC_USER);
			w->bytes.used = size;
			assert_int_equal(decode(w, &evsel), size == needs[i].needs);
		}
	}
}

static void string_without_an_end_is_corrupt(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SIDEBAND, 0);

	record_begin(&w->bytes, PERF_RECORD_COMM, 0);
	record_u64(&w->bytes, 100);
	record_put(&w->bytes, "12345678", 8);
	assert_false(decode(w, &evsel));
	put_mmap(&w->bytes, PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER);
	w->bytes.used -= 2; /* the NUL and the padding after the name */
	assert_false(decode(w, &evsel));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fork_is_of_its_parent),
		cmocka_unit_test(fork_of_a_task_by_itself_is_corrupt),
		cmocka_unit_test(exit_is_of_who_ended),
		cmocka_unit_test(comm_tells_a_rename_from_an_exec),
		cmocka_unit_test(mapping_tells_what_its_record_has),
		cmocka_unit_test(kernels_own_mapping_is_nothing),
		cmocka_unit_test(mapping_that_wraps_around_is_corrupt),
		cmocka_unit_test(losses_tell_how_many),
		cmocka_unit_test(record_of_another_type_is_nothing),
		cmocka_unit_test(record_of_an_unknown_event_is_corrupt),
		cmocka_unit_test(record_too_short_for_its_fields_is_corrupt),
		cmocka_unit_test(string_without_an_end_is_corrupt),
	};

	return cmocka_run_group_tests(tests, world_new, world_end);
}
