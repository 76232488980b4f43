/* Samples become the event they tell of, or are known as corrupt. */
#include "decode_world.h"

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
	evsel.sample = sample_layout_of(&evsel.attr);
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

static const struct {
	uint8_t size;
	bool is_signed;
	int64_t wanted;
} widths[] = {
	{ 1, true, -12 }, { 1, false, 0xf4 }, { 2, true, -12 }, { 2, false, 0xfff4 },
	{ 4, true, -12 }, { 4, false, 0xfffffff4 }, { 8, true, -12 }, { 8, false, -12 },
};

static void field_of_any_width_keeps_its_sign(void **state)
{
	static const int64_t raw = -12;
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(widths); i++) {
		struct evsel evsel = evsel_of(ROLE_CALL_EXIT, PERF_SAMPLE_RAW);

		evsel.fields[0] = number_at(0, widths[i].size, widths[i].is_signed);
		assert_true(decode_raw(w, &evsel, &raw, sizeof(raw)));
		assert_int_equal(w->event.call_end.result, widths[i].wanted);
	}
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
		cmocka_unit_test(field_of_any_width_keeps_its_sign),
		cmocka_unit_test(new_task_tells_its_clone_flags),
		cmocka_unit_test(signal_may_have_a_negative_code),
		cmocka_unit_test(exec_names_its_file_inside_the_record),
		cmocka_unit_test(end_of_a_group_is_its_threads),
		cmocka_unit_test(tracepoint_field_outside_the_data_is_zero),
		cmocka_unit_test(sample_without_its_raw_data_is_corrupt),
		cmocka_unit_test(sample_that_is_cut_is_corrupt),
	};

	return cmocka_run_group_tests(tests, world_new, world_end);
}
