/* The kernel's functions are noted before the records that were taken in them. */
#include "../support/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/record_bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/note.h"
#include "pfa/decode/record.h"
#include "pfa/decode/sample.h"
#include "pfa/source/compose.h"
#include "pfa/source/events.h"
#include "pfa/source/kernel_code.h"

enum { MINOR_ID = 7, USER_IP = 0x401000 };

static const char kernel[] = "ffffffff81000000 T _text\n"
			     "ffffffff81000100 t copy\n"
			     "ffffffff81000200 T vfs_read\n"
			     "ffffffff81000300 T _etext\n"
			     "ffffffffc0000000 t read_it\t[ext4]\n";

struct world {
	char path[64];
	struct evlist *list;
	struct kernel_code *code;
	struct record_sink sink;
	char told[1024]; /* a line a note, "CPU@TIME TEXT" */
	uint64_t map_start;
};

static void take_map(struct world *w, const struct perf_event_header *header)
{
	memcpy(&w->map_start, (const char *)header + 16, sizeof(w->map_start));
}

static void take(void *context, const struct perf_event_header *header)
{
	struct world *w = context;
	struct record record = record_of(w->list, header);
	size_t used = strlen(w->told);
	struct sample sample;

	if (record_type(header) == PERF_RECORD_MMAP) {
		take_map(w, header);
		return;
	}
	assert_true(sample_parse(&record, &sample));
	snprintf(w->told + used, sizeof(w->told) - used, "%u@%llu %.*s\n", record.cpu,
		 (unsigned long long)record.time_ns, (int)sample.raw_bytes,
		 (const char *)sample.raw);
}

static struct perf_event_attr attr_of(uint64_t config, uint64_t more)
{
	return (struct perf_event_attr){
		.type = PERF_TYPE_SOFTWARE, .config = config, .sample_id_all = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
			       PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | more,
	};
}

static int world_new(void **state)
{
	struct perf_event_attr note = attr_of(PERF_COUNT_SW_BPF_OUTPUT, PERF_SAMPLE_RAW);
	struct perf_event_attr minor = attr_of(PERF_COUNT_SW_PAGE_FAULTS_MIN,
					       PERF_SAMPLE_CALLCHAIN);
	struct world *w = pfa_alloc(sizeof(*w));
	struct formats *formats = formats_new();
	struct pfa_error err;
	int fd;

	snprintf(w->path, sizeof(w->path), "/tmp/pfa-test-kernel-XXXXXX");
	fd = mkstemp(w->path);
	assert_int_equal(write(fd, kernel, sizeof(kernel) - 1), sizeof(kernel) - 1);
	close(fd);
	w->list = evlist_new();
	evlist_add_id(w->list, evlist_add(w->list, &note, NOTE_EVENT_NAME), EVENTS_NOTE_ID);
	evlist_add_id(w->list, evlist_add(w->list, &minor, "minor-faults"), MINOR_ID);
	assert_int_equal(evlist_resolve(w->list, formats, &err), PFA_OK);
	formats_free(formats);
	w->sink = (struct record_sink){ take, w };
	w->code = kernel_code_new(w->path);
	kernel_code_wait(w->code);
	*state = w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	kernel_code_free(w->code);
	evlist_free(w->list);
	unlink(w->path);
	free(w);
	return 0;
}

/* A fault at `ip`, with a chain that ends in a zero; returns what was noted. */
static const char *saw(struct world *w, uint32_t cpu, uint64_t time_ns, uint64_t ip,
		       const uint64_t *chain)
{
	const struct evsel *minor = evlist_by_role(w->list, ROLE_MINOR);
	const struct composer composer = { &w->sink, MINOR_ID, time_ns, cpu };
	struct record_bytes bytes;
	struct record record;
	uint64_t count = 0;

	while (chain && chain[count])
		count++;
	record_begin(&bytes, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_KERNEL);
	record_u64(&bytes, MINOR_ID);
	record_u64(&bytes, ip);
	record_u64(&bytes, 0);
	record_u64(&bytes, time_ns);
	record_u64(&bytes, cpu);
	record_u64(&bytes, count);
	for (uint64_t i = 0; i < count; i++)
		record_u64(&bytes, chain[i]);
	record = record_of(w->list, record_end(&bytes));
	assert_ptr_equal(record.evsel, minor);
	w->told[0] = '\0';
	kernel_code_saw(w->code, &composer, &record);
	return w->told;
}

static void function_is_noted_once(void **state)
{
	struct world *w = *state;

	assert_string_equal(saw(w, 1, 50, 0xffffffff81000180, NULL),
			    "1@50 kernel ffffffff81000100 100 copy\n");
	assert_string_equal(saw(w, 1, 51, 0xffffffff81000180, NULL), "");
	assert_string_equal(saw(w, 0, 51, 0xffffffff81000100, NULL), "");
	assert_string_equal(saw(w, 1, 50, 0xffffffff81000104, NULL), "");
	assert_string_equal(saw(w, 1, 60, 0xffffffffc0000010, NULL),
			    "1@60 kernel ffffffffc0000000 1000 read_it ext4\n");
}

/* The rings are drained one after the other. */
static void note_comes_first_in_the_order_of_records(void **state)
{
	struct world *w = *state;

	saw(w, 1, 50, 0xffffffff81000180, NULL);
	assert_string_equal(saw(w, 0, 40, 0xffffffff81000180, NULL),
			    "0@40 kernel ffffffff81000100 100 copy\n");
	assert_string_equal(saw(w, 1, 45, 0xffffffff81000180, NULL), "");
	assert_string_equal(saw(w, 2, 40, 0xffffffff81000180, NULL), "");
	saw(w, 2, 39, 0xffffffff81000180, NULL);
	assert_string_equal(saw(w, 1, 39, 0xffffffff81000180, NULL),
			    "1@39 kernel ffffffff81000100 100 copy\n");
}

/* The second call is the last instruction of its function. */
static void functions_of_the_chain_are_noted(void **state)
{
	static const uint64_t chain[] = { PERF_CONTEXT_KERNEL, 0xffffffff81000180,
					  0xffffffff81000300, PERF_CONTEXT_USER,
					  0xffffffff81000050, 0 };
	struct world *w = *state;

	assert_string_equal(saw(w, 1, 50, 0xffffffff81000180, chain),
			    "1@50 kernel ffffffff81000100 100 copy\n"
			    "1@50 kernel ffffffff81000200 100 vfs_read\n");
}

static void what_is_no_function_is_passed_over(void **state)
{
	struct world *w = *state;

	assert_string_equal(saw(w, 1, 50, 0, NULL), "");
	assert_string_equal(saw(w, 1, 50, USER_IP, NULL), "");
	assert_string_equal(saw(w, 1, 50, 0xffffffffc0001000, NULL), "");
	assert_string_equal(saw(w, 1, 50, UINT64_MAX, NULL), "");
}

static void the_kernels_own_range_is_told_to_others(void **state)
{
	struct world *w = *state;
	const struct composer composer = { &w->sink, MINOR_ID, 50, 1 };

	kernel_code_map(w->code, &composer);
	assert_int_equal(w->map_start, 0xffffffff81000000);
}

static void without_a_file_nothing_is_noted(void **state)
{
	struct world *w = *state;
	const struct composer composer = { &w->sink, MINOR_ID, 50, 1 };

	kernel_code_free(w->code);
	w->code = kernel_code_new("/nowhere/kallsyms");
	kernel_code_wait(w->code);
	assert_string_equal(saw(w, 1, 50, 0xffffffff81000180, NULL), "");
	kernel_code_map(w->code, &composer);
	assert_int_equal(w->map_start, 0);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(function_is_noted_once),
		in_world(note_comes_first_in_the_order_of_records),
		in_world(functions_of_the_chain_are_noted),
		in_world(what_is_no_function_is_passed_over),
		in_world(the_kernels_own_range_is_told_to_others),
		in_world(without_a_file_nothing_is_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
