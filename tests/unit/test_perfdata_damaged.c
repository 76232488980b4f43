/* Captures that were cut off, damaged, made by others, or are none at all. */
#include "capture.h"

#include <fcntl.h>

/* ---- cut off ---- */

static size_t whole_records_before(struct bytes capture, size_t cut)
{
	const struct perfdata_section data = header_of(capture)->data;
	const size_t end = data.offset + data.size;

	if (cut > end)
		cut = end;
	return (cut - data.offset) / sizeof(struct fault_record);
}

/* Exactly as long as the cut, so that a sanitizer sees a read beyond it. */
static struct reading read_prefix(struct bytes capture, size_t cut, void **copy)
{
	*copy = pfa_memdup(capture.at, cut);
	return read_bytes(*copy, cut);
}

static void check_cut(struct bytes capture, size_t cut)
{
	void *copy;
	struct reading r = read_prefix(capture, cut, &copy);

	if (cut < header_of(capture)->data.offset) {
		assert_null(r.capture);
		assert_int_equal(r.err.status, PFA_E_FORMAT);
		assert_int_equal(strncmp(r.err.text, "capture: ", 9), 0);
	} else {
		assert_non_null(r.capture);
		assert_int_equal(evlist_resolve(r.list, r.formats, &r.err), PFA_OK);
		assert_non_null(evlist_by_role(r.list, ROLE_FAULT_USER));
		assert_int_equal(count_records(&r),
				 whole_records_before(capture, cut));
		assert_false(perfdata_info(r.capture)->finished);
		assert_non_null(perfdata_info(r.capture)->cut_reason);
	}
	reading_release(&r);
	free(copy);
}

static void cut_file_reads_up_to_the_cut(void **state)
{
	struct bytes capture = capture_of(10);

	(void)state;
	for (size_t cut = 0; cut < capture.length; cut++)
		check_cut(capture, cut);
	free(capture.at);
}

/* The same, when the recorder had no time to write the header again. */
static void cut_file_with_its_first_header_reads_up_to_the_cut(void **state)
{
	struct bytes capture = capture_of(10);
	const struct perfdata_section data = header_of(capture)->data;
	struct bytes killed = { pfa_memdup(capture.at, capture.length),
				data.offset + data.size };

	(void)state;
	header_of(killed)->data.size = 0;
	memset(header_of(killed)->features, 0, sizeof(header_of(killed)->features));
	for (size_t cut = 0; cut <= killed.length; cut++) {
		void *copy;
		struct reading r = read_prefix(killed, cut, &copy);

		if (r.capture)
			assert_int_equal(count_records(&r),
					 whole_records_before(capture, cut));
		else
			assert_true(cut < data.offset);
		reading_release(&r);
		free(copy);
	}
	free(killed.at);
	free(capture.at);
}

static void cut_reason_tells_how_much_was_read(void **state)
{
	struct bytes capture = capture_of(10);
	const size_t offset = header_of(capture)->data.offset;
	struct reading r = read_bytes(capture.at,
				      offset + 3 * sizeof(struct fault_record) + 5);

	(void)state;
	assert_int_equal(count_records(&r), 3);
	assert_string_equal(perfdata_info(r.capture)->cut_reason,
			    "cut off after 96 bytes of records");
	reading_release(&r);
	free(capture.at);
}

/* ---- damaged ---- */

#define FIELD(name) offsetof(struct perfdata_header, name)

struct damage {
	size_t offset; /* of a u64 in the header */
	uint64_t value;
	const char *reason;
};

static const struct damage damages[] = {
	{ FIELD(magic), 0x50455246494c4532, "another byte order" },
	{ FIELD(magic), 0x454c494646524550, "not a perf.data capture" },
	{ FIELD(size), 16, "pipe mode" },
	{ FIELD(size), 72, "header of unknown size" },
	{ FIELD(size), UINT64_MAX, "header of unknown size" },
	{ FIELD(attr_size), 0, "impossible event table" },
	{ FIELD(attr_size), 64 + 15, "impossible event table" },
	{ FIELD(attr_size), UINT64_MAX, "impossible event table" },
	{ FIELD(attrs.size), 0, "no events" },
	{ FIELD(attrs.size), 143, "no events" },
	{ FIELD(attrs.size), UINT64_MAX, "impossible event table" },
	{ FIELD(attrs.size), 1 << 30, "cut off before its first record" },
	{ FIELD(attrs.offset), UINT64_MAX, "impossible event table" },
	{ FIELD(attrs.offset), 0, "impossible event ids" },
	{ FIELD(data.offset), 8, "impossible data section" },
	{ FIELD(data.offset), UINT64_MAX, "impossible data section" },
	{ FIELD(data.offset), 1 << 30, "cut off before its first record" },
	{ FIELD(data.size), UINT64_MAX, "impossible data section" },
	{ FIELD(features), 1 << PERFDATA_COMPRESSED, "without -z" },
};

static void damaged_header_is_refused_with_its_reason(void **state)
{
	struct bytes capture = capture_of(2);

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const struct damage *row = &damages[i];
		void *copy = pfa_memdup(capture.at, capture.length);
		struct reading r;

		memcpy((char *)copy + row->offset, &row->value, sizeof(row->value));
		r = read_bytes(copy, capture.length);
		assert_null(r.capture);
		assert_int_equal(r.err.status, PFA_E_FORMAT);
		assert_non_null(strstr(r.err.text, row->reason));
		reading_release(&r);
		free(copy);
	}
	free(capture.at);
}

static struct perfdata_attr *attrs_of(struct bytes capture)
{
	return (void *)(capture.at + header_of(capture)->attrs.offset);
}

static void impossible_ids_are_refused(void **state)
{
	static const struct perfdata_section rows[] = {
		{ 0, 1 << 30 }, { UINT64_MAX, 8 }, { 8, UINT64_MAX },
		{ 1 << 30, 0 }, { 104, 12 },
	};
	struct bytes capture = capture_of(2);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading r;

		attrs_of(capture)[1].ids = rows[i];
		r = read_bytes(capture.at, capture.length);
		assert_null(r.capture);
		assert_non_null(strstr(r.err.text, "impossible event ids"));
		reading_release(&r);
	}
	free(capture.at);
}

/* Every event claims the whole file: harmless alone, a bomb in thousands. */
static void ids_that_overlap_without_end_are_refused(void **state)
{
	struct bytes capture = capture_of(2);
	struct reading r;

	(void)state;
	for (size_t i = 0; i < EVENT_ROWS; i++)
		attrs_of(capture)[i].ids = (struct perfdata_section){
			0, capture.length / 2 / 8 * 8 };
	r = read_bytes(capture.at, capture.length);
	assert_null(r.capture);
	assert_non_null(strstr(r.err.text, "impossible event ids"));
	reading_release(&r);
	free(capture.at);
}

static struct perfdata_section *feature_table(struct bytes capture)
{
	const struct perfdata_section data = header_of(capture)->data;

	return (void *)(capture.at + data.offset + data.size);
}

static void feature_section_that_wraps_around_is_refused(void **state)
{
	struct bytes capture = capture_of(2);
	struct reading r;

	(void)state;
	feature_table(capture)[2].offset = UINT64_MAX;
	r = read_bytes(capture.at, capture.length);
	assert_null(r.capture);
	assert_non_null(strstr(r.err.text, "impossible feature section"));
	reading_release(&r);
	free(capture.at);
}

static void damaged_tracing_data_is_refused(void **state)
{
	struct bytes capture = capture_of(2);
	struct reading r;

	(void)state;
	capture.at[feature_table(capture)[0].offset + 1]++;
	r = read_bytes(capture.at, capture.length);
	assert_null(r.capture);
	assert_non_null(strstr(r.err.text, "tracepoint formats are damaged"));
	reading_release(&r);
	free(capture.at);
}

/* Nothing to assert but that a sanitizer is silent and that it ends. */
static void every_byte_may_be_wrong(void **state)
{
	static const unsigned char flips[] = { 0x01, 0x80, 0xff };
	struct bytes capture = capture_of(3);

	(void)state;
	for (size_t i = 0; i < capture.length * sizeof(flips); i++) {
		unsigned char *at = &capture.at[i / sizeof(flips)];
		struct reading r;

		*at ^= flips[i % sizeof(flips)];
		r = read_bytes(capture.at, capture.length);
		if (r.capture && !evlist_resolve(r.list, r.formats, &r.err))
			count_records(&r);
		reading_release(&r);
		*at ^= flips[i % sizeof(flips)];
	}
	free(capture.at);
}

/* ---- records ---- */

static void put_record(struct bytes capture, size_t index, uint32_t type,
		       uint16_t size)
{
	struct perf_event_header *record = (void *)(capture.at +
		header_of(capture)->data.offset +
		index * sizeof(struct fault_record));

	record->type = type;
	record->size = size;
}

static void check_records(struct bytes capture, size_t expected, bool finished)
{
	struct reading r = read_bytes(capture.at, capture.length);

	assert_non_null(r.capture);
	assert_int_equal(count_records(&r), expected);
	assert_int_equal(perfdata_info(r.capture)->finished, finished);
	reading_release(&r);
	free(capture.at);
}

static void record_of_impossible_size_ends_the_reading(void **state)
{
	static const uint16_t sizes[] = { 0, 7, 65535, 5 * 32 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct bytes capture = capture_of(6);

		put_record(capture, 2, PERF_RECORD_SAMPLE, sizes[i]);
		check_records(capture, 2, false);
	}
}

static void records_of_perf_itself_are_skipped(void **state)
{
	struct bytes capture = capture_of(6);

	(void)state;
	put_record(capture, 1, 79 /* TIME_CONV */, 32);
	put_record(capture, 3, 82 /* FINISHED_INIT */, 32);
	check_records(capture, 4, true);
}

static void compressed_record_ends_the_reading(void **state)
{
	struct bytes capture = capture_of(6);

	(void)state;
	put_record(capture, 3, PERFDATA_COMPRESSED_RECORD, 32);
	check_records(capture, 3, false);
}

/* The payload of AUXTRACE lies behind the record, outside of its size. */
static void auxtrace_payload_is_skipped(void **state)
{
	struct bytes capture = capture_of(6);
	const uint64_t payload = 2 * sizeof(struct fault_record);
	unsigned char *record = capture.at + header_of(capture)->data.offset + 32;

	(void)state;
	put_record(capture, 1, PERFDATA_AUXTRACE_RECORD, 32);
	memcpy(record + sizeof(struct perf_event_header), &payload, 8);
	put_record(capture, 2, 0xffffffff, 0);
	check_records(capture, 3, true);
}

static void auxtrace_payload_beyond_the_end_is_a_cut(void **state)
{
	static const uint64_t payloads[] = { 1 << 20, UINT64_MAX, UINT64_MAX - 31 };

	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		struct bytes capture = capture_of(6);
		unsigned char *data = capture.at + header_of(capture)->data.offset;

		put_record(capture, 1, PERFDATA_AUXTRACE_RECORD, 32);
		memcpy(data + 32 + 8, &payloads[i], 8);
		check_records(capture, 1, false);
	}
}

/* ---- made by others ---- */

/* The capture with attributes of another size, at the file's end. */
static struct bytes with_attr_size(struct bytes capture, size_t attr_bytes)
{
	const size_t stride = attr_bytes + sizeof(struct perfdata_section);
	const size_t room = capture.length + EVENT_ROWS * stride;
	struct bytes other = { pfa_alloc(room), room };

	memcpy(other.at, capture.at, capture.length);
	for (size_t i = 0; i < EVENT_ROWS; i++) {
		const struct perfdata_attr *attr = &attrs_of(capture)[i];
		unsigned char *at = other.at + capture.length + i * stride;

		memset(at, 0xee, attr_bytes); /* what we do not know of */
		memcpy(at, &attr->attr, attr_bytes < sizeof(attr->attr) ?
						attr_bytes : sizeof(attr->attr));
		memcpy(at + attr_bytes, &attr->ids, sizeof(attr->ids));
	}
	header_of(other)->attr_size = stride;
	header_of(other)->attrs = (struct perfdata_section){
		capture.length, EVENT_ROWS * stride };
	free(capture.at);
	return other;
}

static void attributes_of_other_sizes_are_read(void **state)
{
	static const size_t sizes[] = { 64, 96, 128, 136, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct bytes capture = with_attr_size(capture_of(2), sizes[i]);
		struct reading r = read_bytes(capture.at, capture.length);

		assert_non_null(r.capture);
		assert_int_equal(evlist_resolve(r.list, r.formats, &r.err), PFA_OK);
		for (size_t k = 0; k < EVENT_ROWS; k++) {
			assert_int_equal(r.list->evsels[k]->role, event_rows[k].role);
			assert_int_equal(r.list->evsels[k]->ids[0],
					 event_rows[k].ids[0]);
			assert_int_equal(r.list->evsels[k]->attr.sig_data, 0);
		}
		reading_release(&r);
		free(capture.at);
	}
}

/* `perf record -e exceptions:page_fault_user:u` describes it by these words. */
static void tracepoint_is_named_by_its_format(void **state)
{
	static const char typed[] = "exceptions:page_fault_xxxx";
	struct bytes capture = capture_of(2);
	unsigned char *name = memmem(capture.at, capture.length,
				     "exceptions:page_fault_user", 26);
	struct reading r;

	(void)state;
	assert_non_null(name);
	memcpy(name, typed, sizeof(typed) - 1);
	r = read_bytes(capture.at, capture.length);
	assert_string_equal(r.list->evsels[3]->name, "exceptions:page_fault_user");
	reading_release(&r);
	free(capture.at);
}

/* ---- no captures ---- */

struct no_capture {
	const char *bytes;
	size_t length;
	const char *reason;
};

static void other_files_are_refused_with_their_reason(void **state)
{
	static const struct no_capture rows[] = {
		{ "", 0, "capture: empty file, not a capture" },
		{ "x", 1, "capture: not a perf.data capture" },
		{ "\x7f""ELF\2\1\1\0\0\0\0\0\0\0\0\0\0\0\0", 19,
		  "capture: not a perf.data capture" },
		{ "PERFILE2\x10\0\0\0\0\0\0\0\0\0\0\0", 20, "pipe mode" },
		{ "2ELIFREP\0\0\0\0\0\0\0\x68\0\0\0\0", 20, "another byte order" },
		{ "PERFILE2\x68\0\0\0\0\0\0\0\0\0\0\0", 20, "cut off in its header" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading r = read_bytes(rows[i].bytes, rows[i].length);

		assert_null(r.capture);
		assert_int_equal(r.err.status, PFA_E_FORMAT);
		assert_non_null(strstr(r.err.text, rows[i].reason));
		reading_release(&r);
	}
}

static void path_that_is_no_file_is_refused(void **state)
{
	static const struct {
		const char *path, *reason;
	} rows[] = {
		{ "/nowhere/x.data", "No such file or directory" },
		{ "/", "/: a directory, not a capture" },
		{ "/dev/null", "/dev/null: not a file" },
		{ "/proc/self/mem", "/proc/self/mem: empty file, not a capture" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading r = reading_new();

		assert_int_not_equal(perfdata_open(&r.capture, rows[i].path, r.list,
						   r.formats, &r.err), PFA_OK);
		assert_null(r.capture);
		assert_non_null(strstr(r.err.text, rows[i].reason));
		reading_release(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_file_reads_up_to_the_cut),
		cmocka_unit_test(cut_file_with_its_first_header_reads_up_to_the_cut),
		cmocka_unit_test(cut_reason_tells_how_much_was_read),
		cmocka_unit_test(damaged_header_is_refused_with_its_reason),
		cmocka_unit_test(impossible_ids_are_refused),
		cmocka_unit_test(ids_that_overlap_without_end_are_refused),
		cmocka_unit_test(feature_section_that_wraps_around_is_refused),
		cmocka_unit_test(damaged_tracing_data_is_refused),
		cmocka_unit_test(every_byte_may_be_wrong),
		cmocka_unit_test(record_of_impossible_size_ends_the_reading),
		cmocka_unit_test(records_of_perf_itself_are_skipped),
		cmocka_unit_test(compressed_record_ends_the_reading),
		cmocka_unit_test(auxtrace_payload_is_skipped),
		cmocka_unit_test(auxtrace_payload_beyond_the_end_is_a_cut),
		cmocka_unit_test(attributes_of_other_sizes_are_read),
		cmocka_unit_test(tracepoint_is_named_by_its_format),
		cmocka_unit_test(other_files_are_refused_with_their_reason),
		cmocka_unit_test(path_that_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
