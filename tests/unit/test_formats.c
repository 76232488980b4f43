/* Tracepoint formats: what is found in them, and what is not let through. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"

#define COMMON                                                                \
	"format:\n"                                                           \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

/* Linux 6.18, x86-64. */
static const char exec_format[] =
	"name: sched_process_exec\nID: 365\n" COMMON
	"\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;\n"
	"\tfield:pid_t old_pid;\toffset:16;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"filename=%s pid=%d old_pid=%d\", __get_str(filename), "
	"REC->pid, REC->old_pid\n";

static const char mmap_format[] =
	"name: sys_enter_mmap\nID: 174\n" COMMON
	"\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned long addr;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long len;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\nprint fmt: \"addr: 0x%08lx\", ((unsigned long)(REC->addr))\n";

/* What kernels built by clang, old ones, and arrays look like. */
static const char odd_format[] =
	"name: odd\nID: 7\n" COMMON
	"\tfield:char __attribute__((btf_type_tag(\"user\"))) * shmaddr;"
	"\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:char comm[16];\toffset:16;\tsize:16;\tsigned:1;\n"
	"\tfield:u8 addr[sizeof(struct sockaddr_in6)];\toffset:32;\tsize:28;\n"
	"\tfield:struct page * page;\toffset:60;\tsize:8;\tsigned:0;\n"
	"\tfield:__rel_loc char[] later;\toffset:68;\tsize:4;\tsigned:0;\n"
	"\tfield:u64 far;\toffset:70000;\tsize:8;\tsigned:0;\n"
	"\tfield:char big[300];\toffset:72;\tsize:300;\tsigned:0;\n"
	"\nprint fmt: \"\"\n";

static void must_add(struct formats *formats, const char *system, const char *text)
{
	struct pfa_error err;

	assert_int_equal(formats_add(formats, system, text, strlen(text), &err),
			 PFA_OK);
}

static struct formats *all_formats(void)
{
	struct formats *formats = formats_new();

	must_add(formats, "sched", exec_format);
	must_add(formats, "syscalls", mmap_format);
	must_add(formats, "strange", odd_format);
	return formats;
}

struct field_row {
	uint64_t event_id;
	const char *name; /* NULL: by index */
	unsigned index;
	struct tp_field field;
};

static const struct field_row field_rows[] = {
	{ 365, "filename", 0, { 8, 4, false, true } },
	{ 365, "pid", 0, { 12, 4, true, false } },
	{ 365, "old_pid", 0, { 16, 4, true, false } },
	{ 365, "common_pid", 0, { 4, 4, true, false } },
	{ 365, NULL, 0, { 8, 4, false, true } },
	{ 365, NULL, 2, { 16, 4, true, false } },
	{ 174, "__syscall_nr", 0, { 8, 4, true, false } },
	{ 174, NULL, 0, { 16, 8, false, false } },
	{ 174, NULL, 1, { 24, 8, false, false } },
	{ 7, "shmaddr", 0, { 8, 8, false, false } },
	{ 7, "comm", 0, { 16, 16, true, false } },
	{ 7, "addr", 0, { 32, 28, false, false } },
	{ 7, "page", 0, { 60, 8, false, false } },
};

static void check_fields(struct formats *formats)
{
	for (size_t i = 0; i < sizeof(field_rows) / sizeof(field_rows[0]); i++) {
		const struct field_row *row = &field_rows[i];
		struct tp_field found;
		struct pfa_error err;

		assert_int_equal(formats_field(formats, row->event_id, row->name,
					       row->index, &found, &err), PFA_OK);
		assert_int_equal(found.offset, row->field.offset);
		assert_int_equal(found.size, row->field.size);
		assert_int_equal(found.is_signed, row->field.is_signed);
		assert_int_equal(found.is_dynamic, row->field.is_dynamic);
	}
}

static void fields_are_where_the_format_says(void **state)
{
	struct formats *formats = all_formats();

	(void)state;
	check_fields(formats);
	formats_free(formats);
}

struct missing_row {
	uint64_t event_id;
	const char *name;
	unsigned index;
	const char *reason;
};

static const struct missing_row missing_rows[] = {
	{ 365, "address", 0, "tracepoint sched:sched_process_exec has no field "
			     "\"address\" in this kernel's format" },
	{ 174, NULL, 2, "tracepoint syscalls:sys_enter_mmap has no argument 2" },
	{ 174, NULL, UINT32_MAX, "has no argument 4294967295" },
	{ 175, "pid", 0, "tracepoint id 175 has no format" },
	{ UINT64_MAX, "pid", 0, "has no format" },
	{ 365 + (1ULL << 32), "pid", 0, "has no format" },
	{ 7, "later", 0, "tracepoint strange:odd: field \"later\" has a size" },
	{ 7, "far", 0, "field \"far\" has a size" },
	{ 7, "big", 0, "field \"big\" has a size" },
};

static void missing_field_is_named_in_the_error(void **state)
{
	struct formats *formats = all_formats();

	(void)state;
	for (size_t i = 0; i < sizeof(missing_rows) / sizeof(missing_rows[0]); i++) {
		const struct missing_row *row = &missing_rows[i];
		struct tp_field field;
		struct pfa_error err;

		assert_int_equal(formats_field(formats, row->event_id, row->name,
					       row->index, &field, &err),
				 PFA_E_FORMAT);
		assert_non_null(strstr(err.text, row->reason));
	}
	formats_free(formats);
}

static void event_has_its_system_in_its_name(void **state)
{
	struct formats *formats = all_formats();
	char *name = formats_event_name(formats, 174);

	(void)state;
	assert_string_equal(name, "syscalls:sys_enter_mmap");
	assert_null(formats_event_name(formats, 175));
	assert_null(formats_event_name(formats, UINT64_MAX));
	free(name);
	formats_free(formats);
}

static void first_format_of_an_id_stays(void **state)
{
	struct formats *formats = all_formats();
	char *name;

	(void)state;
	must_add(formats, "other", exec_format);
	name = formats_event_name(formats, 365);
	assert_string_equal(name, "sched:sched_process_exec");
	free(name);
	formats_free(formats);
}

static void format_ends_where_the_text_ends(void **state)
{
	static const char text[] =
		"name: short\nID: 9\n" COMMON
		"\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;";
	struct formats *formats = formats_new();
	struct tp_field field;
	struct pfa_error err;

	(void)state;
	must_add(formats, "sys", text);
	assert_int_equal(formats_field(formats, 9, "a", 0, &field, &err), PFA_OK);
	assert_int_equal(field.offset, 8);
	formats_free(formats);
}

#define FIELD_LINE(declaration) \
	"name: x\nID: 1\nformat:\n\tfield:" declaration ";\toffset:0;\tsize:4;\tsigned:0;\n"

static const char *const bad_texts[] = {
	"",
	"\n",
	"name: x",
	"name: x\n",
	"name: \nID: 1\nformat:\n",
	"name: a-b\nID: 1\nformat:\n",
	"name: a b\nID: 1\nformat:\n",
	"name: \"x\"\nID: 1\nformat:\n",
	"nom: x\nID: 1\nformat:\n",
	"name: x\nID:\nformat:\n",
	"name: x\nID: -1\nformat:\n",
	"name: x\nID: 0x10\nformat:\n",
	"name: x\nID: 12345678901234567890\nformat:\n",
	"name: x\nID: 1\n",
	"name: x\nID: 1\nfields:\n",
	"name: x\nID: 1\nformat:\nfield\n",
	"name: x\nID: 1\nformat:\nprint fmt: \"\"\n",
	"name: x\nID: 1\nformat:\n\tfield:int a;\toffset:0;\n",
	"name: x\nID: 1\nformat:\n\tfield:int a;\toffset:;\tsize:4;\n",
	"name: x\nID: 1\nformat:\n\tfield:int a;\toffset:99999999999;\tsize:4;\n",
	"name: x\nID: 1\nformat:\n\tfield:int a;\toffset:0;\tsize:-4;\n",
	"name: x\nID: 1\nformat:\n\tfield:int a;\toffset:0;\tsize:4;\tsigned:1;x\n",
	FIELD_LINE(""),
	FIELD_LINE("int"),
	FIELD_LINE("* a"),
	FIELD_LINE("int a*"),
	FIELD_LINE("int [4]"),
	FIELD_LINE("[4] a"),
	FIELD_LINE("int a[4"),
	FIELD_LINE("int a]4["),
	FIELD_LINE("int a[4][4]"),
	FIELD_LINE("int a[[4]]"),
	FIELD_LINE("int a[\"4\"]"),
	FIELD_LINE("int (*a)(void)"),
	FIELD_LINE("int a, b"),
	FIELD_LINE("int \x01"),
	FIELD_LINE("int \xff"),
	FIELD_LINE("__attribute__((x)) a"),
	FIELD_LINE("int __attribute__((x a"),
	FIELD_LINE("int__attribute__((x))a"), /* the library leaks on one word */
};

static void text_that_is_no_format_is_refused(void **state)
{
	struct formats *formats = formats_new();

	(void)state;
	for (size_t i = 0; i < sizeof(bad_texts) / sizeof(bad_texts[0]); i++) {
		struct pfa_error err = { 0 };

		assert_int_equal(formats_add(formats, "sys", bad_texts[i],
					     strlen(bad_texts[i]), &err),
				 PFA_E_FORMAT);
		assert_non_null(strstr(err.text, "tracepoint of sys: line"));
		assert_null(formats_event_name(formats, 1));
	}
	formats_free(formats);
}

static void system_that_is_no_word_is_refused(void **state)
{
	static const char *const systems[] = { "", "a:b", "a b", "a\n" };
	struct formats *formats = formats_new();
	struct pfa_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		assert_int_equal(formats_add(formats, systems[i], exec_format,
					     strlen(exec_format), &err),
				 PFA_E_FORMAT);
	formats_free(formats);
}

static void every_prefix_of_a_format_is_read_or_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(odd_format); n++) {
		struct formats *formats = formats_new();
		char *text = pfa_memdup(odd_format, n);
		struct pfa_error err;

		if (formats_add(formats, "sys", text, n, &err))
			assert_int_equal(err.status, PFA_E_FORMAT);
		free(text);
		formats_free(formats);
	}
}

/* ---- TRACING_DATA ---- */

static void build_tracing_data(void **bytes, size_t *length)
{
	const struct format_text texts[] = {
		{ "sched", exec_format, sizeof(exec_format) - 1 },
		{ "syscalls", mmap_format, sizeof(mmap_format) - 1 },
		{ "sched", "not a format", 12 },
		{ "strange", odd_format, sizeof(odd_format) - 1 },
	};

	formats_write_tracing_data("page", "event", texts, 4, bytes, length);
}

static void tracing_data_that_was_written_is_read_back(void **state)
{
	struct formats *formats = formats_new();
	struct pfa_error err;
	void *bytes;
	size_t length;

	(void)state;
	build_tracing_data(&bytes, &length);
	assert_int_equal(formats_add_tracing_data(formats, bytes, length, &err),
			 PFA_OK);
	check_fields(formats);
	free(bytes);
	formats_free(formats);
}

/* 4 and 8 bytes of counts end it that pfa does not read. */
static void cut_tracing_data_is_refused(void **state)
{
	void *bytes, *prefix;
	size_t length;

	(void)state;
	build_tracing_data(&bytes, &length);
	for (size_t n = 0; n < length - 16; n++) {
		struct formats *formats = formats_new();
		struct pfa_error err = { 0 };

		prefix = pfa_memdup(bytes, n);
		assert_int_equal(formats_add_tracing_data(formats, prefix, n, &err),
				 PFA_E_FORMAT);
		assert_non_null(strstr(err.text, "tracepoint formats"));
		free(prefix);
		formats_free(formats);
	}
	free(bytes);
}

struct damage {
	size_t offset;
	unsigned char value;
	const char *reason;
};

static void damaged_tracing_data_is_refused(void **state)
{
	static const struct damage rows[] = {
		{ 0, 0, "damaged" },
		{ 12, '7', "unknown version" },
		{ 13, 'x', "unknown version" },
		{ 14, 1, "another byte order" },
		{ 20, 'H', "damaged or cut off" },
		{ 39, 0xff, "damaged or cut off" }, /* header_page's size */
	};
	void *bytes;
	size_t length;

	(void)state;
	build_tracing_data(&bytes, &length);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct formats *formats = formats_new();
		unsigned char *at = (unsigned char *)bytes + rows[i].offset;
		const unsigned char old = *at;
		struct pfa_error err = { 0 };

		*at = rows[i].value;
		assert_int_equal(formats_add_tracing_data(formats, bytes, length,
							  &err), PFA_E_FORMAT);
		assert_non_null(strstr(err.text, rows[i].reason));
		*at = old;
		formats_free(formats);
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_where_the_format_says),
		cmocka_unit_test(missing_field_is_named_in_the_error),
		cmocka_unit_test(event_has_its_system_in_its_name),
		cmocka_unit_test(first_format_of_an_id_stays),
		cmocka_unit_test(format_ends_where_the_text_ends),
		cmocka_unit_test(text_that_is_no_format_is_refused),
		cmocka_unit_test(system_that_is_no_word_is_refused),
		cmocka_unit_test(every_prefix_of_a_format_is_read_or_refused),
		cmocka_unit_test(tracing_data_that_was_written_is_read_back),
		cmocka_unit_test(cut_tracing_data_is_refused),
		cmocka_unit_test(damaged_tracing_data_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
