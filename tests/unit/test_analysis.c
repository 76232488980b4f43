/* The middle of the pipeline: records in any order in, lines and facts out. */
#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../support/kept.h"
#include "../support/record_bytes.h"
#include "pfa/analysis.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/note.h"
#include "pfa/report/report.h"

enum { SIDEBAND_ID = 1, MINOR_ID = 2, NOTE_ID = 3 };

struct world {
	struct evlist *list;
	struct report *report;
	struct analysis *analysis;
	struct kept kept;
	char path[32];
};

static void add_event(struct evlist *list, uint64_t config, const char *name,
		      uint64_t more_fields, uint64_t id)
{
	const struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .config = config, .sample_id_all = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID |
			       PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | more_fields,
	};

	evlist_add_id(list, evlist_add(list, &attr, name), id);
}

static struct evlist *three_events(void)
{
	struct evlist *list = evlist_new();
	struct formats *formats = formats_new();
	struct pfa_error err;

	add_event(list, PERF_COUNT_SW_DUMMY, "dummy", 0, SIDEBAND_ID);
	add_event(list, PERF_COUNT_SW_PAGE_FAULTS_MIN, "minor-faults", PERF_SAMPLE_ADDR,
		  MINOR_ID);
	add_event(list, PERF_COUNT_SW_BPF_OUTPUT, NOTE_EVENT_NAME, PERF_SAMPLE_RAW,
		  NOTE_ID);
	assert_int_equal(evlist_resolve(list, formats, &err), PFA_OK);
	formats_free(formats);
	return list;
}

static void world_new_viewed(struct world *w, uint64_t max_faults,
			     const struct view *view)
{
	struct report_paths paths = { .stream = w->path };
	struct pfa_error err;
	int fd;

	snprintf(w->path, sizeof(w->path), "/tmp/pfa-analysis-XXXXXX");
	fd = mkstemp(w->path);
	assert_true(fd >= 0);
	close(fd);
	w->list = three_events();
	assert_int_equal(report_open(&w->report, view, &paths, NULL, &err), PFA_OK);
	w->analysis = analysis_new(w->list, w->report, max_faults);
	kept_init(&w->kept, w->list, w->analysis);
}

static void world_new(struct world *w, uint64_t max_faults)
{
	const struct view view = view_default();

	world_new_viewed(w, max_faults, &view);
}

static void put(struct world *w, const struct perf_event_header *record)
{
	const struct record_sink sink = kept_sink(&w->kept);

	sink.put(sink.context, record);
}

static void put_fault(struct world *w, uint64_t time_ns, uint32_t cpu, uint64_t addr)
{
	const struct sample_values v = { .id = MINOR_ID, .time_ns = time_ns, .pid = 100,
					 .tid = 100, .cpu = cpu, .addr = addr };
	struct record_bytes r;

	put(w, record_sample(&r, PERF_RECORD_MISC_USER, &w->list->evsels[1]->attr, &v));
}

static void put_note(struct world *w, uint64_t time_ns, const char *text)
{
	const struct sample_values v = { .id = NOTE_ID, .time_ns = time_ns, .raw = text,
					 .raw_bytes = (uint32_t)strlen(text) };
	struct record_bytes r;

	put(w, record_sample(&r, 0, &w->list->evsels[2]->attr, &v));
}

static void put_mapping(struct world *w, uint64_t time_ns, uint64_t start, uint64_t end)
{
	const struct sample_values v = { .id = SIDEBAND_ID, .time_ns = time_ns,
					 .pid = 100, .tid = 100 };
	struct record_bytes r;

	record_begin(&r, PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER);
	record_u32(&r, 100);
	record_u32(&r, 100);
	record_u64(&r, start);
	record_u64(&r, end - start);
	for (int i = 0; i < 4; i++) /* offset, device, inode, generation */
		record_u64(&r, 0);
	record_u32(&r, PROT_READ);
	record_u32(&r, MAP_PRIVATE);
	record_string(&r, "/lib/libc.so");
	record_tail(&r, &w->list->evsels[0]->attr, &v);
	put(w, record_end(&r));
}

/* Ends the run: the facts, and all that was printed. */
static struct run_facts finish_all(struct world *w, char *text, size_t size)
{
	struct run_facts facts = *analysis_finish(w->analysis);
	struct pfa_error err;
	size_t length;
	FILE *f;

	assert_int_equal(report_close(w->report, &facts, &err), PFA_OK);
	f = fopen(w->path, "r");
	assert_non_null(f);
	length = fread(text, 1, size - 1, f);
	assert_true(length > 0);
	text[length] = '\0';
	fclose(f);
	unlink(w->path);
	analysis_free(w->analysis);
	kept_release(&w->kept);
	evlist_free(w->list);
	return facts;
}

/* The same with the stream up to its summary. */
static struct run_facts finish(struct world *w, const char *stream)
{
	char text[4096], *summary;
	struct run_facts facts = finish_all(w, text, sizeof(text));

	summary = strstr(text, "Summary:");
	assert_non_null(summary);
	*summary = '\0';
	assert_string_equal(text, stream);
	return facts;
}

static void records_of_many_cpus_become_one_stream(void **state)
{
	struct run_facts facts;
	struct world w;

	(void)state;
	world_new(&w, 0);
	put_fault(&w, 1003000, 1, 0x3000);
	put_fault(&w, 1002000, 0, 0x2000);
	put_mapping(&w, 1000000, 0x1000, 0x3000); /* the run's time zero */
	assert_int_equal(analysis_newest_ns(w.analysis), 1003000);
	facts = finish(&w, "[000000.000002] MINOR 0x2000 libc.so\n"
			   "[000000.000003] MINOR 0x3000 unknown\n");
	assert_int_equal(facts.events, 3);
	assert_int_equal(facts.corrupt, 0);
	assert_int_equal(facts.late, 0);
}

static void only_what_is_old_enough_is_released(void **state)
{
	struct run_facts facts;
	struct world w;

	(void)state;
	world_new(&w, 0);
	put_mapping(&w, 1000000, 0x1000, 0x9000);
	put_fault(&w, 1005000, 0, 0x5000);
	analysis_release(w.analysis, 1004000);
	put_fault(&w, 1004500, 1, 0x4000); /* in time */
	analysis_release(w.analysis, 1005000);
	put_fault(&w, 1003000, 1, 0x3000); /* too late */
	facts = finish(&w, "[000000.000004] MINOR 0x4000 libc.so\n"
			   "[000000.000005] MINOR 0x5000 libc.so\n"
			   "[000000.000003] MINOR 0x3000 libc.so\n");
	assert_int_equal(facts.late, 1);
}

static void corrupt_records_are_counted_and_skipped(void **state)
{
	const struct sample_values unknown = { .id = 99, .time_ns = 1000000 };
	struct record_bytes r;
	struct run_facts facts;
	struct world w;

	(void)state;
	world_new(&w, 0);
	put_fault(&w, 1000000, 0, 0x1000);
	put(&w, record_sample(&r, 0, &w.list->evsels[1]->attr, &unknown));
	record_begin(&r, PERF_RECORD_EXIT, 0);
	put(&w, record_end(&r)); /* too short */
	put_note(&w, 1000001, "end corrupt=1"); /* the ring's own count adds to it */
	facts = finish(&w, "[000000.000000] MINOR 0x1000 unknown\n");
	assert_int_equal(facts.corrupt, 3);
	assert_true(facts.ended);
}

static void limit_of_faults_ends_the_analysis_but_not_the_notes(void **state)
{
	struct run_facts facts;
	struct world w;

	(void)state;
	world_new(&w, 2);
	put_fault(&w, 1000000, 0, 0x1000);
	analysis_release(w.analysis, UINT64_MAX);
	assert_false(analysis_full(w.analysis));
	for (uint64_t i = 2; i <= 5; i++)
		put_fault(&w, 1000000 + i * 1000, 0, i * 0x1000);
	put_note(&w, 1009000, "counters minor=5 major=0 lost=0");
	analysis_release(w.analysis, UINT64_MAX);
	assert_true(analysis_full(w.analysis));
	facts = finish(&w, "[000000.000000] MINOR 0x1000 unknown\n"
			   "[000000.000002] MINOR 0x2000 unknown\n");
	assert_true(facts.has_counters);
	assert_int_equal(facts.counted_minor, 5);
	assert_true(facts.stopped);
}

/* perf's records of what existed before have no time: they are no beginning. */
static void time_zero_is_the_first_record_with_a_time(void **state)
{
	struct world w;

	(void)state;
	world_new(&w, 0);
	put_mapping(&w, 0, 0x1000, 0x9000);
	put_fault(&w, 5000000, 0, 0x1000);
	put_fault(&w, 5007000, 0, 0x2000);
	finish(&w, "[000000.000000] MINOR 0x1000 libc.so\n"
		   "[000000.000007] MINOR 0x2000 libc.so\n");
}

/* ---- --at ---- */

static void world_new_at(struct world *w, uint64_t at_ns)
{
	struct view view = view_default();

	view.maps = view.has_at = true;
	view.at_ns = at_ns;
	world_new_viewed(w, 0, &view);
}

static void check_one_page_at(struct world *w, const char *time)
{
	char text[4096], title[256];
	struct run_facts facts = finish_all(w, text, sizeof(text));

	snprintf(title, sizeof(title), "Partial: munmap, mremap and madvise were not "
		 "traced: layouts may be wrong\n100 ? at %s: 1 VMA, 4.0K mapped\n", time);
	assert_int_equal(strncmp(text, title, strlen(title)), 0);
	assert_null(strstr(text, "Summary:"));
	assert_false(facts.stopped);
}

static void layouts_are_told_before_the_first_record_after_that_time(void **state)
{
	struct world w;

	(void)state;
	world_new_at(&w, 5000);
	put_mapping(&w, 1000000, 0x1000, 0x2000);
	put_fault(&w, 1005000, 0, 0x1000);
	analysis_release(w.analysis, 1005500);
	assert_false(analysis_full(w.analysis));
	put_mapping(&w, 1006000, 0x8000, 0x9000);
	analysis_release(w.analysis, 1006000);
	assert_true(analysis_full(w.analysis));
	put_mapping(&w, 1007000, 0x1000, 0x9000);
	check_one_page_at(&w, "0.000005");
}

/* Nothing has to happen for the time to pass. */
static void layouts_are_told_when_no_record_comes_any_more(void **state)
{
	struct world w;

	(void)state;
	world_new_at(&w, 5000);
	put_mapping(&w, 1000000, 0x1000, 0x2000);
	analysis_release(w.analysis, 1005000);
	assert_false(analysis_full(w.analysis));
	analysis_release(w.analysis, 1006000);
	assert_true(analysis_full(w.analysis));
	check_one_page_at(&w, "0.000005");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_many_cpus_become_one_stream),
		cmocka_unit_test(only_what_is_old_enough_is_released),
		cmocka_unit_test(corrupt_records_are_counted_and_skipped),
		cmocka_unit_test(limit_of_faults_ends_the_analysis_but_not_the_notes),
		cmocka_unit_test(time_zero_is_the_first_record_with_a_time),
		cmocka_unit_test(layouts_are_told_before_the_first_record_after_that_time),
		cmocka_unit_test(layouts_are_told_when_no_record_comes_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
