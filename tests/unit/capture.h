/*
 * A small capture for the tests of perfdata: written by the writer into memory,
 * to be read back, cut and damaged.
 */
#ifndef PFA_TESTS_UNIT_CAPTURE_H
#define PFA_TESTS_UNIT_CAPTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/note.h"
#include "pfa/decode/record.h"
#include "pfa/source/perfdata.h"
#include "pfa/source/perfdata_format.h"

enum { FAULT_USER_ID = 190 };

static const char fault_user_format[] =
	"name: page_fault_user\nID: 190\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n"
	"\tfield:unsigned long address;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long ip;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long error_code;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\n"
	"print fmt: \"address=%ps\", (void *)REC->address\n";

struct event_row {
	uint32_t type;
	uint64_t config;
	const char *name;
	uint64_t ids[3]; /* 0-terminated */
	enum evsel_role role;
};

static const struct event_row event_rows[] = {
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY, "dummy", { 11, 12 },
	  ROLE_SIDEBAND },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN, "minor-faults",
	  { 21, 22 }, ROLE_MINOR },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ, "major-faults",
	  { 31, 32 }, ROLE_MAJOR },
	{ PERF_TYPE_TRACEPOINT, FAULT_USER_ID, "exceptions:page_fault_user",
	  { 41, 42 }, ROLE_FAULT_USER },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT, NOTE_EVENT_NAME, { 51 },
	  ROLE_NOTE },
};
enum { EVENT_ROWS = sizeof(event_rows) / sizeof(event_rows[0]) };

/* A minor fault with the identifier, thread and time the attributes announce. */
struct fault_record {
	struct perf_event_header header;
	uint64_t id;
	uint32_t pid, tid;
	uint64_t time_ns;
};

static inline struct fault_record fault_at(uint64_t time_ns)
{
	return (struct fault_record){
		.header = { .type = PERF_RECORD_SAMPLE,
			    .misc = PERF_RECORD_MISC_USER,
			    .size = sizeof(struct fault_record) },
		.id = 21, .pid = 100, .tid = 101, .time_ns = time_ns,
	};
}

static inline struct evlist *events_of_rows(void)
{
	struct evlist *list = evlist_new();

	for (size_t i = 0; i < EVENT_ROWS; i++) {
		const struct event_row *row = &event_rows[i];
		const struct perf_event_attr attr = {
			.size = sizeof(attr), .type = row->type,
			.config = row->config, .sample_id_all = 1,
			.sample_type = PERF_SAMPLE_IDENTIFIER |
				       PERF_SAMPLE_TID | PERF_SAMPLE_TIME,
		};
		struct evsel *evsel = evlist_add(list, &attr, row->name);

		for (size_t k = 0; row->ids[k]; k++)
			evlist_add_id(list, evsel, row->ids[k]);
	}
	return list;
}

/* Opens a writer of the rows' events; the caller finishes it. */
static inline enum pfa_status writer_at(struct perfdata_writer **writer,
					const char *path, struct pfa_error *err)
{
	static const char *const cmdline[] = { "pfa", "record", "--", "ls", NULL };
	const struct format_text text = { "exceptions", fault_user_format,
					  sizeof(fault_user_format) - 1 };
	struct perfdata_about about = { .cmdline = cmdline };
	struct evlist *list = events_of_rows();
	enum pfa_status status;
	void *tracing_data;

	formats_write_tracing_data("page", "event", &text, 1, &tracing_data,
				   &about.tracing_data_bytes);
	about.tracing_data = tracing_data;
	status = perfdata_writer_open(writer, path, list, &about, err);
	free(tracing_data);
	evlist_free(list);
	return status;
}

/* ---- a file in memory ---- */

struct memory_file {
	int fd;
	char path[32];
};

static inline struct memory_file memory_file_new(void)
{
	struct memory_file file = { .fd = memfd_create("capture", 0) };

	assert_true(file.fd >= 0);
	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	return file;
}

struct bytes {
	unsigned char *at;
	size_t length;
};

static inline struct bytes memory_file_take(struct memory_file *file)
{
	struct stat st;
	struct bytes all;

	assert_int_equal(fstat(file->fd, &st), 0);
	all.length = (size_t)st.st_size;
	all.at = pfa_alloc(all.length);
	assert_int_equal(pread(file->fd, all.at, all.length, 0), st.st_size);
	close(file->fd);
	return all;
}

/* A finished capture of `faults` minor faults, at 1000, 1001, … ns. */
static inline struct bytes capture_of(size_t faults)
{
	struct memory_file file = memory_file_new();
	struct perfdata_writer *writer;
	struct pfa_error err;

	assert_int_equal(writer_at(&writer, file.path, &err), PFA_OK);
	for (size_t i = 0; i < faults; i++) {
		const struct fault_record fault = fault_at(1000 + i);

		assert_int_equal(perfdata_write(writer, &fault, sizeof(fault),
						&err), PFA_OK);
	}
	assert_int_equal(perfdata_writer_finish(writer, 1000, 1000 + faults,
						&err), PFA_OK);
	return memory_file_take(&file);
}

static inline struct perfdata_header *header_of(struct bytes capture)
{
	return (struct perfdata_header *)(void *)capture.at;
}

/* ---- reading ---- */

struct reading {
	struct evlist *list;
	struct formats *formats;
	struct perfdata *capture; /* NULL when it was refused */
	struct pfa_error err;
};

static inline struct reading reading_new(void)
{
	return (struct reading){ .list = evlist_new(), .formats = formats_new() };
}

static inline struct reading read_bytes(const void *bytes, size_t length)
{
	struct reading r = reading_new();

	if (perfdata_open_bytes(&r.capture, bytes, length, r.list, r.formats,
				&r.err))
		assert_null(r.capture);
	else
		assert_non_null(r.capture);
	return r;
}

static inline void reading_release(struct reading *r)
{
	perfdata_close(r->capture);
	evlist_free(r->list);
	formats_free(r->formats);
}

/* Reads to the end. Returns the count of records. */
static inline size_t count_records(struct reading *r)
{
	size_t count = 0;

	while (perfdata_next(r->capture))
		count++;
	return count;
}

#endif
