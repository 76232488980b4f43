#include "streams.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/record.h"

/* ---- the events ---- */

#define FORMAT(name, id, fields)                                              \
	"name: " name "\nID: " id "\nformat:\n"                               \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n" fields
#define U64(name, offset) \
	"\tfield:unsigned long " name ";\toffset:" offset ";\tsize:8;\tsigned:0;\n"
#define S32(name, offset) \
	"\tfield:int " name ";\toffset:" offset ";\tsize:4;\tsigned:1;\n"
#define CALL_FORMATS(name, begin_id, end_id)                                   \
	{ "syscalls", "sys_enter_" name, begin_id,                             \
	  FORMAT("sys_enter_" name, #begin_id, S32("__syscall_nr", "8")        \
		 U64("addr", "16") U64("len", "24") U64("third", "32")) },     \
	{ "syscalls", "sys_exit_" name, end_id,                                \
	  FORMAT("sys_exit_" name, #end_id, S32("__syscall_nr", "8")           \
		 "\tfield:long ret;\toffset:16;\tsize:8;\tsigned:1;\n") }

enum { SIDEBAND, FAULT_END, FAULT_BEGIN, TASK_NEW, EXEC, CALLS };

/* In the order of the list; the first two are no tracepoints. */
static const struct {
	const char *system, *name;
	uint64_t config;
	const char *format;
} rows[] = {
	[SIDEBAND] = { "", "dummy", PERF_COUNT_SW_DUMMY, NULL },
	[FAULT_END] = { "", "minor-faults", PERF_COUNT_SW_PAGE_FAULTS_MIN, NULL },
	[FAULT_BEGIN] = { "exceptions", "page_fault_user", 100,
			 FORMAT("page_fault_user", "100", U64("address", "8")
				U64("ip", "16") U64("error_code", "24")) },
	[TASK_NEW] = { "task", "task_newtask", 101,
		       FORMAT("task_newtask", "101", S32("pid", "8")
			      U64("clone_flags", "16")) },
	[EXEC] = { "sched", "sched_process_exec", 102,
		   FORMAT("sched_process_exec", "102",
			  "\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;"
			  "\tsigned:0;\n" S32("pid", "12") S32("old_pid", "16")) },
	[CALLS] = CALL_FORMATS("mmap", 103, 104),
	CALL_FORMATS("munmap", 105, 106),
	CALL_FORMATS("madvise", 107, 108),
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static size_t row_of(enum mm_call call)
{
	if (call == MM_CALL_mmap)
		return CALLS;
	return call == MM_CALL_munmap ? CALLS + 2 : CALLS + 4;
}

static void must(enum pfa_status status)
{
	if (status)
		abort();
}

static void add_row(struct evlist *list, struct formats *formats, size_t i)
{
	struct perf_event_attr attr = {
		.type = rows[i].format ? PERF_TYPE_TRACEPOINT : PERF_TYPE_SOFTWARE,
		.config = rows[i].config,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP |
			       PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
		.sample_id_all = 1,
	};
	struct pfa_error err;
	char name[64];

	if (rows[i].format) {
		attr.sample_type |= PERF_SAMPLE_RAW;
		must(formats_add(formats, rows[i].system, rows[i].format,
				 strlen(rows[i].format), &err));
	}
	if (i == FAULT_END)
		attr.sample_type |= PERF_SAMPLE_ADDR | PERF_SAMPLE_PHYS_ADDR |
				    PERF_SAMPLE_DATA_PAGE_SIZE;
	snprintf(name, sizeof(name), "%s%s%s", rows[i].system,
		 rows[i].format ? ":" : "", rows[i].name);
	evlist_add_id(list, evlist_add(list, &attr, name), i + 1);
}

struct streams *streams_new(void)
{
	struct streams *s = pfa_alloc(sizeof(*s));
	struct formats *formats = formats_new();
	struct pfa_error err;

	s->list = evlist_new();
	for (size_t i = 0; i < ROWS; i++)
		add_row(s->list, formats, i);
	must(evlist_resolve(s->list, formats, &err));
	formats_free(formats);
	s->time_ns = 1000000000;
	return s;
}

void streams_free(struct streams *s)
{
	evlist_free(s->list);
	free(s);
}

/* ---- the rings ---- */

static void drain(struct stream *stream, const struct record_sink *sink)
{
	for (size_t at = 0; at < stream->used;) {
		const struct perf_event_header *record =
			(const void *)(stream->bytes + at);

		sink->put(sink->context, record);
		at += record->size;
	}
	stream->used = 0;
}

uint64_t streams_drain(struct streams *s, const struct record_sink *sink)
{
	for (size_t cpu = 0; cpu < STREAM_CPUS; cpu++)
		drain(&s->cpus[cpu], sink);
	return s->time_ns;
}

static void write_record(struct streams *s, uint32_t cpu,
			 const struct perf_event_header *record)
{
	struct stream *stream = &s->cpus[cpu];

	if (record->size > sizeof(stream->bytes) - stream->used)
		abort(); /* drain sooner */
	memcpy(stream->bytes + stream->used, record, record->size);
	stream->used += record->size;
	s->records++;
	s->time_ns += 700;
}

static struct sample_values values_of(const struct streams *s, size_t row,
				      struct who who)
{
	return (struct sample_values){
		.id = row + 1, .ip = 0x401234, .time_ns = s->time_ns,
		.pid = who.pid, .tid = who.tid, .cpu = who.tid % STREAM_CPUS,
	};
}

static void write_sample(struct streams *s, size_t row, const struct sample_values *v)
{
	write_record(s, v->cpu, record_sample(&s->draft, PERF_RECORD_MISC_USER,
					      &s->list->evsels[row]->attr, v));
}

/* The raw data is preceded by its size, and both are a multiple of 8 bytes. */
static void write_raw(struct streams *s, size_t row, struct who who, const void *raw,
		      size_t bytes)
{
	struct sample_values v = values_of(s, row, who);

	v.raw = raw;
	v.raw_bytes = (uint32_t)bytes;
	write_sample(s, row, &v);
}

/* A record of the sideband; the draft has its own fields. */
static void write_sideband(struct streams *s, struct who who)
{
	const struct sample_values v = values_of(s, SIDEBAND, who);

	record_tail(&s->draft, &s->list->evsels[SIDEBAND]->attr, &v);
	write_record(s, v.cpu, record_end(&s->draft));
}

/* ---- faults and calls ---- */

void streams_fault_begin(struct streams *s, struct who who, uint64_t addr,
			 uint64_t error_code)
{
	const uint64_t raw[] = { 0, addr, 0x401234, error_code, 0 };

	write_raw(s, FAULT_BEGIN, who, raw, sizeof(raw) - 4);
}

void streams_fault_end(struct streams *s, struct who who, uint64_t addr, uint64_t phys)
{
	struct sample_values v = values_of(s, FAULT_END, who);

	v.addr = addr;
	v.phys = phys;
	v.page_size = 4096;
	write_sample(s, FAULT_END, &v);
}

void streams_call_begin(struct streams *s, struct who who, enum mm_call call,
			uint64_t addr, uint64_t length, uint64_t third)
{
	const uint64_t raw[] = { 0, 0, addr, length, third, 0 };

	write_raw(s, row_of(call), who, raw, sizeof(raw) - 4);
}

void streams_call_end(struct streams *s, struct who who, enum mm_call call,
		      int64_t result)
{
	const int64_t raw[] = { 0, 0, result, 0 };

	write_raw(s, row_of(call) + 1, who, raw, sizeof(raw) - 4);
}

/* ---- mappings ---- */

void streams_mmap(struct streams *s, struct who who, uint64_t start, uint64_t length,
		  uint32_t prot, uint64_t inode, const char *name)
{
	record_begin(&s->draft, PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER);
	record_u32(&s->draft, who.pid);
	record_u32(&s->draft, who.tid);
	record_u64(&s->draft, start);
	record_u64(&s->draft, length);
	record_u64(&s->draft, 0); /* offset in the file */
	record_u32(&s->draft, inode ? 8 : 0);
	record_u32(&s->draft, inode ? 1 : 0);
	record_u64(&s->draft, inode);
	record_u64(&s->draft, 0); /* generation */
	record_u32(&s->draft, prot);
	record_u32(&s->draft, MAP_PRIVATE);
	record_string(&s->draft, name);
	write_sideband(s, who);
}

/* ---- lives ---- */

static void put_lives(struct streams *s, struct who who, struct who parent)
{
	record_u32(&s->draft, who.pid);
	record_u32(&s->draft, parent.pid);
	record_u32(&s->draft, who.tid);
	record_u32(&s->draft, parent.tid);
	record_u64(&s->draft, s->time_ns);
}

void streams_fork(struct streams *s, struct who parent, struct who child)
{
	const uint64_t flags = child.pid == parent.pid ? CLONE_VM | CLONE_THREAD : 0;
	const uint64_t raw[] = { 0, child.tid, flags, 0 };

	record_begin(&s->draft, PERF_RECORD_FORK, 0);
	put_lives(s, child, parent);
	write_sideband(s, parent);
	write_raw(s, TASK_NEW, parent, raw, sizeof(raw) - 4);
}

void streams_snapshot(struct streams *s, struct who who)
{
	const struct who nobody = { 0, 0 };

	record_begin(&s->draft, PERF_RECORD_FORK, PERF_RECORD_MISC_FORK_EXEC);
	put_lives(s, who, nobody);
	write_sideband(s, who);
}

void streams_comm(struct streams *s, struct who who, const char *comm, bool exec)
{
	record_begin(&s->draft, PERF_RECORD_COMM, exec ? PERF_RECORD_MISC_COMM_EXEC : 0);
	record_u32(&s->draft, who.pid);
	record_u32(&s->draft, who.tid);
	record_string(&s->draft, comm);
	write_sideband(s, who);
}

void streams_exec(struct streams *s, struct who who, const char *path)
{
	struct {
		uint64_t common;
		uint32_t filename, pid, old_pid;
		char path[64];
	} raw = { .pid = who.pid, .old_pid = who.tid };
	const uint32_t length = (uint32_t)strlen(path) + 1;

	raw.filename = offsetof(typeof(raw), path) | length << 16;
	memcpy(raw.path, path, length);
	write_raw(s, EXEC, who, &raw, offsetof(typeof(raw), path) + sizeof(raw.path));
}

void streams_exit(struct streams *s, struct who who)
{
	record_begin(&s->draft, PERF_RECORD_EXIT, 0);
	put_lives(s, who, who);
	write_sideband(s, who);
}

void streams_lost(struct streams *s, uint32_t cpu, uint64_t count)
{
	const struct who nobody = { 0, cpu };

	record_begin(&s->draft, PERF_RECORD_LOST, 0);
	record_u64(&s->draft, SIDEBAND + 1);
	record_u64(&s->draft, count);
	write_sideband(s, nobody);
}
