/* Each record type becomes the event it tells of, or is known as corrupt. */
#include "../support/check.h"

#include <string.h>
#include <sys/mman.h>

#include "../support/record_bytes.h"
#include "pfa/base/intern.h"
#include "pfa/decode/decode.h"
#include "pfa/decode/evlist.h"

enum { SAMPLE_TYPE = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
	     PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR | PERF_SAMPLE_CPU };

/* An event of the given role, as evlist_resolve() would leave it. */
static struct evsel evsel_of(enum evsel_role role, uint64_t more_fields)
{
	return (struct evsel){
		.attr = { .sample_type = SAMPLE_TYPE | more_fields,
			  .sample_id_all = 1 },
		.role = role,
	};
}

static struct record record_as(const struct perf_event_header *header,
			       const struct evsel *evsel)
{
	return (struct record){ .header = header, .evsel = evsel, .time_ns = 5000,
				.cpu = 2 };
}

static const struct sample_values values = {
	.id = 7, .ip = 0x401234, .time_ns = 5000, .addr = 0x7f0000001008,
	.phys = 0x87654000, .page_size = 4096, .pid = 100, .tid = 101, .cpu = 2,
};

struct world {
	struct intern *strings;
	struct record_bytes bytes;
	struct event event;
};

static int world_new(void **state)
{
	static struct world world;

	world.strings = intern_new();
	*state = &world;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	intern_free(w->strings);
	return 0;
}

static bool decode(struct world *w, const struct evsel *evsel)
{
	const struct record record = record_as(record_end(&w->bytes), evsel);

	memset(&w->event, 0xee, sizeof(w->event));
	return decode_event(&record, w->strings, &w->event);
}

static void check_head(const struct event *e, enum event_kind kind, uint32_t pid,
		       uint32_t tid)
{
	assert_int_equal(e->kind, kind);
	assert_int_equal(e->pid, pid);
	assert_int_equal(e->tid, tid);
	assert_int_equal(e->time_ns, 5000);
	assert_int_equal(e->cpu, 2);
}

/* ---- samples of software events ---- */

static void fault_end_tells_page_and_frame(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_MINOR, PERF_SAMPLE_PHYS_ADDR |
					    PERF_SAMPLE_DATA_PAGE_SIZE);

	record_sample(&w->bytes, PERF_RECORD_MISC_USER, &evsel.attr, &values);
	assert_true(decode(w, &evsel));
	check_head(&w->event, EVENT_FAULT_END, 100, 101);
	assert_int_equal(w->event.end.addr, 0x7f0000001008);
	assert_int_equal(w->event.end.ip, 0x401234);
	assert_int_equal(w->event.end.page_size, 4096);
	assert_int_equal(w->event.end.phys, 0x87654000);
	assert_true(w->event.end.has_phys);
	assert_true(w->event.end.has_addr);
	assert_false(w->event.end.major);
	assert_false(w->event.end.kernel);
}

static void fault_end_without_frames_says_so(void **state)
{
	struct world *w = *state;
	struct evsel evsel = evsel_of(ROLE_MAJOR, 0);

	evsel.attr.sample_type &= ~(uint64_t)PERF_SAMPLE_ADDR;
	record_sample(&w->bytes, PERF_RECORD_MISC_KERNEL, &evsel.attr, &values);
	assert_true(decode(w, &evsel));
	check_head(&w->event, EVENT_FAULT_END, 100, 101);
	assert_true(w->event.end.major);
	assert_true(w->event.end.kernel);
	assert_false(w->event.end.has_phys);
	assert_false(w->event.end.has_addr);
	assert_int_equal(w->event.end.page_size, 0);
}

static void undistinguished_fault_counts_as_minor(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_ANY_FAULT, 0);

	record_sample(&w->bytes, PERF_RECORD_MISC_USER, &evsel.attr, &values);
	assert_true(decode(w, &evsel));
	check_head(&w->event, EVENT_FAULT_END, 100, 101);
	assert_false(w->event.end.major);
}

static void note_is_its_raw_bytes(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_NOTE, PERF_SAMPLE_RAW);
	struct sample_values with = values;

	with.raw = "start mode=launch\0\0";
	with.raw_bytes = 20;
	record_sample(&w->bytes, 0, &evsel.attr, &with);
	assert_true(decode(w, &evsel));
	check_head(&w->event, EVENT_NOTE, 100, 101);
	assert_int_equal(w->event.note.length, 20);
	assert_memory_equal(w->event.note.bytes, with.raw, 20);
}

static void event_of_no_use_is_nothing(void **state)
{
	static const enum evsel_role roles[] = { ROLE_OTHER, ROLE_SIDEBAND };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		const struct evsel evsel = evsel_of(roles[i], 0);

		record_sample(&w->bytes, 0, &evsel.attr, &values);
		assert_true(decode(w, &evsel));
		assert_int_equal(w->event.kind, EVENT_NONE);
	}
}

/* ---- samples of tracepoints ---- */

static struct tp_field number_at(uint16_t offset, uint8_t size, bool is_signed)
{
	return (struct tp_field){ .offset = offset, .size = size,
				  .is_signed = is_signed };
}

static bool decode_raw(struct world *w, const struct evsel *evsel, const void *raw,
		       uint32_t raw_bytes)
{
	struct sample_values with = values;

	with.raw = raw;
	with.raw_bytes = raw_bytes;
	record_sample(&w->bytes, 0, &evsel->attr, &with);
	return decode(w, evsel);
}

static void fault_begin_tells_address_and_error_code(void **state)
{
	static const enum evsel_role roles[] = { ROLE_FAULT_USER, ROLE_FAULT_KERNEL };
	static const uint64_t raw[] = { 0, 0x7f0000001008, 0x401234, 6 };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		struct evsel evsel = evsel_of(roles[i], PERF_SAMPLE_RAW);

		for (uint16_t f = 0; f < 3; f++)
			evsel.fields[f] = number_at((uint16_t)(8 + 8 * f), 8, false);
		assert_true(decode_raw(w, &evsel, raw, sizeof(raw)));
		check_head(&w->event, EVENT_FAULT_BEGIN, 100, 101);
		assert_int_equal(w->event.begin.addr, 0x7f0000001008);
		assert_int_equal(w->event.begin.ip, 0x401234);
		assert_int_equal(w->event.begin.error_code, FAULT_WRITE | FAULT_USER);
		assert_int_equal(w->event.begin.kernel, roles[i] == ROLE_FAULT_KERNEL);
	}
}

static void call_begin_has_as_many_arguments_as_its_format(void **state)
{
	static const uint64_t raw[] = { 0, 0, 0x1000, 0x2000, 99 };
	struct world *w = *state;
	struct evsel evsel = evsel_of(ROLE_CALL_ENTER, PERF_SAMPLE_RAW);

	evsel.call = MM_CALL_munmap;
	evsel.fields[0] = number_at(16, 8, false);
	evsel.fields[1] = number_at(24, 8, false);
	assert_true(decode_raw(w, &evsel, raw, sizeof(raw)));
	check_head(&w->event, EVENT_CALL_BEGIN, 100, 101);
	assert_int_equal(w->event.call_begin.call, MM_CALL_munmap);
	assert_int_equal(w->event.call_begin.args[0], 0x1000);
	assert_int_equal(w->event.call_begin.args[1], 0x2000);
	for (int i = 2; i < MM_CALL_ARGS; i++)
		assert_int_equal(w->event.call_begin.args[i], 0);
}

static void call_end_tells_a_negative_error(void **state)
{
	static const int64_t raw[] = { 0, 0, -12 };
	struct world *w = *state;
	struct evsel evsel = evsel_of(ROLE_CALL_EXIT, PERF_SAMPLE_RAW);

	evsel.call = MM_CALL_mremap;
	evsel.fields[0] = number_at(16, 8, true);
	assert_true(decode_raw(w, &evsel, raw, sizeof(raw)));
	check_head(&w->event, EVENT_CALL_END, 100, 101);
	assert_int_equal(w->event.call_end.call, MM_CALL_mremap);
	assert_int_equal(w->event.call_end.result, -12);
}

static void new_task_tells_its_clone_flags(void **state)
{
	static const struct {
		int32_t pid, padding;
		uint64_t flags;
	} raw = { 105, 0, 0x4100 };
	struct world *w = *state;
	struct evsel evsel = evsel_of(ROLE_TASK_NEW, PERF_SAMPLE_RAW);

	evsel.fields[0] = number_at(0, 4, true);
	evsel.fields[1] = number_at(8, 8, false);
	assert_true(decode_raw(w, &evsel, &raw, sizeof(raw)));
	check_head(&w->event, EVENT_TASK_NEW, 100, 101);
	assert_int_equal(w->event.task_new.child, 105);
	assert_int_equal(w->event.task_new.clone_flags, 0x4100);
}

static void signal_may_have_a_negative_code(void **state)
{
	static const int32_t raw[] = { 11, -6, 101 };
	struct world *w = *state;
	struct evsel evsel = evsel_of(ROLE_SIGNAL, PERF_SAMPLE_RAW);

	for (uint16_t f = 0; f < 3; f++)
		evsel.fields[f] = number_at((uint16_t)(4 * f), 4, true);
	assert_true(decode_raw(w, &evsel, raw, sizeof(raw)));
	check_head(&w->event, EVENT_SIGNAL, 100, 101);
	assert_int_equal(w->event.signal.signal, 11);
	assert_int_equal(w->event.signal.code, -6);
	assert_int_equal(w->event.signal.target, 101);
}

/* sched_process_exec: where | length << 16 of the name, pid, old_pid, the name. */
struct exec_raw {
	uint32_t filename;
	int32_t pid, old_pid;
	char text[12];
};

static const struct {
	uint32_t filename;
	const char *wanted;
} filenames[] = {
	{ 12 | 9 << 16, "/bin/true" },
	{ 12 | 12 << 16, "/bin/true" }, /* it ends at its NUL */
	{ 12 | 4 << 16, "/bin" },
	{ 24 | 0 << 16, "" },
	{ 12 | 13 << 16, "" }, /* beyond the end */
	{ 25 | 0 << 16, "" },
	{ 0xffff | 0xffffU << 16, "" },
};

static void exec_names_its_file_inside_the_record(void **state)
{
	struct world *w = *state;
	struct evsel evsel = evsel_of(ROLE_SCHED_EXEC, PERF_SAMPLE_RAW);

	evsel.fields[0] = number_at(0, 4, false);
	evsel.fields[0].is_dynamic = true;
	evsel.fields[1] = number_at(4, 4, true);
	evsel.fields[2] = number_at(8, 4, true);
	for (size_t i = 0; i < COUNT_OF(filenames); i++) {
		const struct exec_raw raw = { filenames[i].filename, 100, 102,
					      "/bin/true" };

		assert_true(decode_raw(w, &evsel, &raw, sizeof(raw)));
		check_head(&w->event, EVENT_EXEC, 100, 101);
		assert_string_equal(w->event.exec.filename, filenames[i].wanted);
		assert_int_equal(w->event.exec.old_tid, 102);
	}
}

static void end_of_a_group_is_its_threads(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_SCHED_EXIT, PERF_SAMPLE_RAW);

	assert_true(decode_raw(w, &evsel, "12345678", 8));
	check_head(&w->event, EVENT_GROUP_EXIT, 100, 101);
}

/* Fields that end beyond the raw data are not read. */
static void tracepoint_field_outside_the_data_is_zero(void **state)
{
	static const uint64_t raw[] = { 1, 2 };
	struct world *w = *state;
	struct evsel evsel = evsel_of(ROLE_CALL_ENTER, PERF_SAMPLE_RAW);

	evsel.fields[0] = number_at(8, 8, false);
	evsel.fields[1] = number_at(9, 8, false);
	evsel.fields[2] = number_at(65535, 8, false);
	evsel.fields[3] = number_at(0, 9, false);
	assert_true(decode_raw(w, &evsel, raw, sizeof(raw)));
	assert_int_equal(w->event.call_begin.args[0], 2);
	for (int i = 1; i < 4; i++)
		assert_int_equal(w->event.call_begin.args[i], 0);
}

static void sample_without_its_raw_data_is_corrupt(void **state)
{
	static const enum evsel_role roles[] = {
		ROLE_NOTE, ROLE_FAULT_USER, ROLE_FAULT_KERNEL, ROLE_CALL_ENTER,
		ROLE_CALL_EXIT, ROLE_TASK_NEW, ROLE_SCHED_EXEC, ROLE_SIGNAL,
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		const struct evsel evsel = evsel_of(roles[i], 0);

		record_sample(&w->bytes, 0, &evsel.attr, &values);
		assert_false(decode(w, &evsel));
	}
}

static void sample_that_is_cut_is_corrupt(void **state)
{
	struct world *w = *state;
	const struct evsel evsel = evsel_of(ROLE_MINOR, 0);

	record_sample(&w->bytes, 0, &evsel.attr, &values);
	w->bytes.used -= 8;
	assert_false(decode(w, &evsel));
}

/* ---- the other records ---- */

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

	record_begin(&w->bytes, PERF_RECORD_LOST_SAMPLES, 0);
	record_u64(&w->bytes, 99);
	assert_true(decode(w, &evsel));
	check_head(&w->event, EVENT_LOST, 0, 0);
	assert_int_equal(w->event.lost.count, 99);
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
		cmocka_unit_test(fault_end_tells_page_and_frame),
		cmocka_unit_test(fault_end_without_frames_says_so),
		cmocka_unit_test(undistinguished_fault_counts_as_minor),
		cmocka_unit_test(note_is_its_raw_bytes),
		cmocka_unit_test(event_of_no_use_is_nothing),
		cmocka_unit_test(fault_begin_tells_address_and_error_code),
		cmocka_unit_test(call_begin_has_as_many_arguments_as_its_format),
		cmocka_unit_test(call_end_tells_a_negative_error),
		cmocka_unit_test(new_task_tells_its_clone_flags),
		cmocka_unit_test(signal_may_have_a_negative_code),
		cmocka_unit_test(exec_names_its_file_inside_the_record),
		cmocka_unit_test(end_of_a_group_is_its_threads),
		cmocka_unit_test(tracepoint_field_outside_the_data_is_zero),
		cmocka_unit_test(sample_without_its_raw_data_is_corrupt),
		cmocka_unit_test(sample_that_is_cut_is_corrupt),
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
