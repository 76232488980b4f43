/* What a record means and where its fields lie, fixed once per event. */
#include "../support/check.h"

#include <string.h>

#include "../support/record_bytes.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/note.h"
#include "pfa/decode/record.h"

#define HEAD(name, id)                                                        \
	"name: " name "\nID: " id "\nformat:\n"                               \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
#define U64(name, offset) \
	"\tfield:unsigned long " name ";\toffset:" offset ";\tsize:8;\tsigned:0;\n"

static const char fault_format[] = HEAD("page_fault_user", "100")
	U64("address", "8") U64("ip", "16") U64("error_code", "24");
static const char munmap_format[] = HEAD("sys_enter_munmap", "101")
	"\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
	U64("addr", "16") U64("len", "24");
static const char exit_format[] = HEAD("sys_exit_munmap", "102")
	"\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:long ret;\toffset:16;\tsize:8;\tsigned:1;\n";
static const char lacking_format[] = HEAD("page_fault_kernel", "103")
	U64("address", "8") U64("ip", "16");

static struct formats *some_formats(void)
{
	static const struct {
		const char *system, *text;
	} rows[] = {
		{ "exceptions", fault_format }, { "syscalls", munmap_format },
		{ "syscalls", exit_format }, { "exceptions", lacking_format },
	};
	struct formats *formats = formats_new();
	struct pfa_error err;

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(formats_add(formats, rows[i].system, rows[i].text,
					     strlen(rows[i].text), &err), PFA_OK);
	return formats;
}

static struct evsel *add(struct evlist *list, uint32_t type, uint64_t config,
			 const char *name, uint64_t sample_type, uint64_t id)
{
	const struct perf_event_attr attr = {
		.type = type, .config = config, .sample_type = sample_type,
		.sample_id_all = 1,
	};
	struct evsel *evsel = evlist_add(list, &attr, name);

	if (id)
		evlist_add_id(list, evsel, id);
	return evsel;
}

/* ---- roles ---- */

static const struct {
	uint32_t type;
	uint64_t config;
	const char *name;
	enum evsel_role role;
} roles[] = {
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN, "minor-faults", ROLE_MINOR },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ, "x", ROLE_MAJOR },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, "page-faults", ROLE_ANY_FAULT },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY, "dummy:u", ROLE_SIDEBAND },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT, NOTE_EVENT_NAME, ROLE_NOTE },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT, "theirs", ROLE_OTHER },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, "cpu-clock", ROLE_OTHER },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN, "r5", ROLE_OTHER },
	{ PERF_TYPE_TRACEPOINT, 100, "exceptions:page_fault_user", ROLE_FAULT_USER },
	{ PERF_TYPE_TRACEPOINT, 101, "syscalls:sys_enter_munmap", ROLE_CALL_ENTER },
	{ PERF_TYPE_TRACEPOINT, 102, "syscalls:sys_exit_munmap", ROLE_CALL_EXIT },
	{ PERF_TYPE_TRACEPOINT, 999, "syscalls:sys_enter_read", ROLE_OTHER },
	{ PERF_TYPE_TRACEPOINT, 999, "syscalls:sys_exit_munmap2", ROLE_OTHER },
	{ PERF_TYPE_TRACEPOINT, 999, "sched:sched_switch", ROLE_OTHER },
	{ PERF_TYPE_TRACEPOINT, 999, "exceptions2:page_fault_user", ROLE_OTHER },
};

static void type_config_and_name_give_the_role(void **state)
{
	struct evlist *list = evlist_new();
	struct formats *formats = some_formats();
	struct pfa_error err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(roles); i++)
		add(list, roles[i].type, roles[i].config, roles[i].name,
		    PERF_SAMPLE_IDENTIFIER, 0);
	assert_int_equal(evlist_resolve(list, formats, &err), PFA_OK);
	for (size_t i = 0; i < COUNT_OF(roles); i++)
		assert_int_equal(list->evsels[i]->role, roles[i].role);
	assert_int_equal(list->evsels[9]->call, MM_CALL_munmap);
	assert_int_equal(list->evsels[10]->call, MM_CALL_munmap);
	assert_ptr_equal(evlist_by_role(list, ROLE_MAJOR), list->evsels[1]);
	assert_null(evlist_by_role(list, ROLE_SIGNAL));
	assert_true(evlist_has_calls(list));
	evlist_free(list);
	formats_free(formats);
}

static void check_field(const struct tp_field *field, unsigned offset, bool is_signed)
{
	assert_int_equal(field->offset, offset);
	assert_int_equal(field->size, 8);
	assert_int_equal(field->is_signed, is_signed);
}

static void fields_come_from_the_format_text(void **state)
{
	struct evlist *list = evlist_new();
	struct formats *formats = some_formats();
	struct evsel *fault = add(list, PERF_TYPE_TRACEPOINT, 100,
				  "exceptions:page_fault_user", 0, 0);
	struct evsel *enter = add(list, PERF_TYPE_TRACEPOINT, 101,
				  "syscalls:sys_enter_munmap", 0, 0);
	struct evsel *leave = add(list, PERF_TYPE_TRACEPOINT, 102,
				  "syscalls:sys_exit_munmap", 0, 0);
	struct pfa_error err;

	(void)state;
	assert_int_equal(evlist_resolve(list, formats, &err), PFA_OK);
	check_field(&fault->fields[0], 8, false);
	check_field(&fault->fields[1], 16, false);
	check_field(&fault->fields[2], 24, false);
	check_field(&enter->fields[0], 16, false);
	check_field(&enter->fields[1], 24, false);
	assert_int_equal(enter->fields[2].size, 0); /* munmap takes two */
	check_field(&leave->fields[0], 16, true);
	evlist_free(list);
	formats_free(formats);
}

static const struct {
	uint64_t config;
	const char *name, *reason;
} unusable[] = {
	{ 999, "exceptions:page_fault_user", "tracepoint id 999 has no format" },
	{ 999, "syscalls:sys_enter_munmap", "tracepoint id 999 has no format" },
	{ 999, "syscalls:sys_exit_munmap", "tracepoint id 999 has no format" },
	{ 103, "exceptions:page_fault_kernel", "has no field \"error_code\"" },
};

static void tracepoint_without_its_format_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(unusable); i++) {
		struct evlist *list = evlist_new();
		struct formats *formats = some_formats();
		struct pfa_error err;

		add(list, PERF_TYPE_TRACEPOINT, unusable[i].config,
		    unusable[i].name, 0, 0);
		assert_int_equal(evlist_resolve(list, formats, &err), PFA_E_FORMAT);
		assert_non_null(strstr(err.text, unusable[i].reason));
		evlist_free(list);
		formats_free(formats);
	}
}

/* ---- ids ---- */

static void event_has_many_ids_and_an_id_one_event(void **state)
{
	struct evlist *list = evlist_new();
	struct evsel *first = add(list, PERF_TYPE_SOFTWARE, 5, "a", 0, 1);
	struct evsel *second = add(list, PERF_TYPE_SOFTWARE, 6, "b", 0, 2);

	(void)state;
	for (uint64_t id = 100; id < 400; id++)
		evlist_add_id(list, id % 2 ? first : second, id);
	evlist_add_id(list, second, 1); /* taken */
	assert_ptr_equal(evlist_by_id(list, 1), first);
	assert_ptr_equal(evlist_by_id(list, 2), second);
	assert_ptr_equal(evlist_by_id(list, 399), first);
	assert_ptr_equal(evlist_by_id(list, 398), second);
	assert_null(evlist_by_id(list, 0));
	assert_null(evlist_by_id(list, UINT64_MAX));
	assert_int_equal(first->id_count, 151);
	evlist_free(list);
	evlist_free(NULL);
}

/* ---- offsets, against records laid by hand ---- */

static const struct sample_values values = {
	.id = 0x2222, .ip = 0x401234, .time_ns = 123456789, .addr = 0x7f0000001008,
	.pid = 100, .tid = 101, .cpu = 3,
};

static struct evlist *two_events(uint64_t sample_type)
{
	struct evlist *list = evlist_new();
	struct formats *formats = formats_new();
	struct pfa_error err;

	add(list, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY, "dummy", sample_type,
	    0x1111);
	add(list, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN, "minor-faults",
	    sample_type, 0x2222);
	assert_int_equal(evlist_resolve(list, formats, &err), PFA_OK);
	formats_free(formats);
	return list;
}

static void check_record(const struct evlist *list,
			 const struct perf_event_header *header,
			 uint64_t sample_type)
{
	const struct record record = record_of(list, header);

	assert_ptr_equal(record.evsel, list->evsels[1]);
	assert_ptr_equal(record.header, header);
	assert_int_equal(record.time_ns,
			 sample_type & PERF_SAMPLE_TIME ? values.time_ns : 0);
	assert_int_equal(record.cpu, sample_type & PERF_SAMPLE_CPU ? values.cpu : 0);
}

/* Every choice of the eight leading fields that lets events be told apart. */
static void time_cpu_and_event_are_found_whatever_fields_there_are(void **state)
{
	static const uint64_t bits[] = {
		PERF_SAMPLE_IDENTIFIER, PERF_SAMPLE_IP, PERF_SAMPLE_TID,
		PERF_SAMPLE_TIME, PERF_SAMPLE_ADDR, PERF_SAMPLE_ID,
		PERF_SAMPLE_STREAM_ID, PERF_SAMPLE_CPU,
	};

	(void)state;
	for (unsigned choice = 0; choice < 1U << COUNT_OF(bits); choice++) {
		struct record_bytes r;
		struct evlist *list;
		uint64_t type = 0;

		for (size_t i = 0; i < COUNT_OF(bits); i++)
			type |= choice & 1U << i ? bits[i] : 0;
		if (!(type & (PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_ID)))
			continue;
		list = two_events(type);
		check_record(list, record_sample(&r, 0, &list->evsels[1]->attr,
						 &values), type);
		record_begin(&r, PERF_RECORD_COMM, 0);
		record_u32(&r, 100);
		record_u32(&r, 101);
		record_string(&r, "a name of any length");
		record_tail(&r, &list->evsels[1]->attr, &values);
		check_record(list, record_end(&r), type);
		evlist_free(list);
	}
}

enum { OURS = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
	      PERF_SAMPLE_CPU };

static void sample_of_an_unknown_id_has_no_event(void **state)
{
	struct evlist *list = two_events(OURS);
	struct sample_values other = values;
	struct record_bytes r;
	struct record record;

	(void)state;
	other.id = 0x3333;
	record = record_of(list, record_sample(&r, 0, &list->evsels[1]->attr, &other));
	assert_null(record.evsel);
	assert_int_equal(record.time_ns, 0);
	evlist_free(list);
}

static void other_record_of_an_unknown_id_is_the_first_events(void **state)
{
	struct evlist *list = two_events(OURS);
	struct sample_values other = values;
	struct record_bytes r;
	struct record record;

	(void)state;
	other.id = 0; /* perf's own records */
	record_begin(&r, PERF_RECORD_EXIT, 0);
	record_tail(&r, &list->evsels[1]->attr, &other);
	record = record_of(list, record_end(&r));
	assert_ptr_equal(record.evsel, list->evsels[0]);
	assert_int_equal(record.time_ns, values.time_ns);
	evlist_free(list);
}

static void only_event_needs_no_id(void **state)
{
	struct evlist *list = evlist_new();
	struct evsel *only = add(list, PERF_TYPE_SOFTWARE, 5, "minor-faults",
				 PERF_SAMPLE_IP, 0);
	struct record_bytes r;

	(void)state;
	assert_ptr_equal(evlist_of_record(list, record_sample(&r, 0, &only->attr,
							      &values)), only);
	record_begin(&r, PERF_RECORD_EXIT, 0);
	assert_ptr_equal(evlist_of_record(list, record_end(&r)), only);
	evlist_free(list);
}

static void list_without_events_knows_no_record(void **state)
{
	struct evlist *list = evlist_new();
	struct record_bytes r;

	(void)state;
	record_begin(&r, PERF_RECORD_EXIT, 0);
	assert_null(evlist_of_record(list, record_end(&r)));
	evlist_free(list);
}

/* Any size up to where the fields begin: nothing is read from outside of it. */
static void record_shorter_than_its_fields_has_no_time(void **state)
{
	static const uint64_t types[] = {
		OURS, PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU |
		PERF_SAMPLE_TIME,
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct evlist *list = two_events(types[i]);

		for (size_t size = 8; size < 32; size++) {
			struct record_bytes r;

			record_begin(&r, PERF_RECORD_EXIT, 0);
			r.used = size;
			assert_int_equal(record_of(list, record_end(&r)).time_ns, 0);
			record_begin(&r, PERF_RECORD_SAMPLE, 0);
			r.used = size < 16 ? size : 16;
			assert_null(record_of(list, record_end(&r)).evsel);
		}
		evlist_free(list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_config_and_name_give_the_role),
		cmocka_unit_test(fields_come_from_the_format_text),
		cmocka_unit_test(tracepoint_without_its_format_is_refused),
		cmocka_unit_test(event_has_many_ids_and_an_id_one_event),
		cmocka_unit_test(time_cpu_and_event_are_found_whatever_fields_there_are),
		cmocka_unit_test(sample_of_an_unknown_id_has_no_event),
		cmocka_unit_test(other_record_of_an_unknown_id_is_the_first_events),
		cmocka_unit_test(only_event_needs_no_id),
		cmocka_unit_test(list_without_events_knows_no_record),
		cmocka_unit_test(record_shorter_than_its_fields_has_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
