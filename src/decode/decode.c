#include "pfa/decode/decode.h"

#include <string.h>

#include "pfa/base/bytes.h"
#include "pfa/base/intern.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/sample.h"
#include "pfa/decode/tracepoints.h"

/* A tracepoint field; 0 when the format lacks it. */
static uint64_t field(const struct sample *s, const struct tp_field *f)
{
	const uint8_t *at = s->raw + f->offset;

	if ((uint32_t)f->offset + f->size > s->raw_bytes)
		return 0;
	switch (f->size) {
	case 1:
		return f->is_signed ? (uint64_t)(int8_t)*at : *at;
	case 2:
		return f->is_signed ? (uint64_t)(int16_t)load_u16(at) : load_u16(at);
	case 4:
		return f->is_signed ? (uint64_t)(int32_t)load_u32(at) : load_u32(at);
	case 8:
		return load_u64(at);
	}
	return 0;
}

static const char *string_field(const struct sample *s, const struct tp_field *f,
				struct intern *strings)
{
	uint32_t where = (uint32_t)field(s, f);
	uint32_t offset = where & 0xffff, length = where >> 16;

	if (!f->is_dynamic || offset > s->raw_bytes ||
	    length > s->raw_bytes - offset)
		return "";
	return intern_bytes(strings, (const char *)s->raw + offset, length);
}

static void decode_fault_end(const struct record *record, const struct sample *s,
			     struct event *e)
{
	uint64_t type = record->evsel->attr.sample_type;

	e->kind = EVENT_FAULT_END;
	e->end.major = record->evsel->role == ROLE_MAJOR;
	e->end.addr = s->addr;
	e->end.ip = s->ip;
	e->end.page_size = s->page_size;
	e->end.phys = s->phys;
	e->end.has_phys = (type & PERF_SAMPLE_PHYS_ADDR) != 0;
	e->end.has_addr = (type & PERF_SAMPLE_ADDR) != 0;
	e->end.kernel = record_is_kernel_mode(record->header);
}

static void decode_fault_begin(const struct evsel *evsel, const struct sample *s,
			       struct event *e)
{
	e->kind = EVENT_FAULT_BEGIN;
	e->begin.addr = field(s, &evsel->fields[0]);
	e->begin.ip = field(s, &evsel->fields[1]);
	e->begin.error_code = (uint32_t)field(s, &evsel->fields[2]);
	e->begin.kernel = evsel->role == ROLE_FAULT_KERNEL;
}

static void decode_call_begin(const struct evsel *evsel, const struct sample *s,
			      struct event *e)
{
	e->kind = EVENT_CALL_BEGIN;
	e->call_begin.call = evsel->call;
	e->call_begin.ip = s->ip;
	for (int i = 0; i < MM_CALL_ARGS; i++)
		e->call_begin.args[i] = field(s, &evsel->fields[i]);
}

static void decode_signal(const struct tp_field *f, const struct sample *s,
			  struct event *e)
{
	e->kind = EVENT_SIGNAL;
	e->signal.signal = (int)field(s, &f[0]);
	e->signal.code = (int)field(s, &f[1]);
	e->signal.target = (uint32_t)field(s, &f[2]);
}

/* Those that tell one thing. */
static void decode_single(enum evsel_role role, uint64_t value, struct event *e)
{
	switch (role) {
	case ROLE_EXIT_CALL:
		e->kind = EVENT_EXIT_CALL;
		e->exit_call.status = (int)value & 0xff; /* what the parent is told */
		break;
	case ROLE_DEATH:
		e->kind = EVENT_DEATH;
		e->death.signal = (int)value;
		break;
	case ROLE_THREAD_POINTER:
		e->kind = EVENT_THREAD_POINTER;
		e->thread_pointer.addr = value;
		break;
	case ROLE_ROBUST_LIST:
		e->kind = EVENT_ROBUST_LIST;
		e->robust_list.head = value;
		break;
	default:
		break;
	}
}

static void decode_tracepoint(const struct evsel *evsel, const struct sample *s,
			      struct intern *strings, struct event *e)
{
	const struct tp_field *f = evsel->fields;

	switch (evsel->role) {
	case ROLE_FAULT_USER:
	case ROLE_FAULT_KERNEL:
		decode_fault_begin(evsel, s, e);
		break;
	case ROLE_CALL_ENTER:
		decode_call_begin(evsel, s, e);
		break;
	case ROLE_CALL_EXIT:
		e->kind = EVENT_CALL_END;
		e->call_end.call = evsel->call;
		e->call_end.result = (int64_t)field(s, &f[0]);
		break;
	case ROLE_TASK_NEW:
		e->kind = EVENT_TASK_NEW;
		e->task_new.child = (uint32_t)field(s, &f[0]);
		e->task_new.clone_flags = field(s, &f[1]);
		break;
	case ROLE_SCHED_EXEC:
		e->kind = EVENT_EXEC;
		e->exec.filename = string_field(s, &f[0], strings);
		e->exec.old_tid = (uint32_t)field(s, &f[2]);
		break;
	case ROLE_SCHED_EXIT:
		e->kind = EVENT_GROUP_EXIT;
		break;
	case ROLE_SIGNAL:
		decode_signal(f, s, e);
		break;
	default:
		decode_single(evsel->role, field(s, &f[0]), e);
		break;
	}
}

static void decode_note(const struct sample *s, struct event *e)
{
	e->kind = EVENT_NOTE;
	e->note.bytes = s->raw;
	e->note.length = s->raw_bytes;
}

static bool decode_sample(const struct record *record, struct intern *strings,
			  struct event *e)
{
	const struct evsel *evsel = record->evsel;
	struct sample s;

	if (evsel->role == ROLE_OTHER || evsel->role == ROLE_SIDEBAND)
		return true;
	if (!sample_parse(record, &s))
		return false;
	e->pid = s.pid;
	e->tid = s.tid;
	e->has_callers = s.has_callers;
	if (s.has_callers)
		e->callers = s.callers;
	switch (evsel->role) {
	case ROLE_MINOR:
	case ROLE_MAJOR:
	case ROLE_ANY_FAULT:
		decode_fault_end(record, &s, e);
		return true;
	case ROLE_NOTE:
		if (!s.raw)
			return false;
		decode_note(&s, e);
		return true;
	default:
		if (!s.raw)
			return false;
		decode_tracepoint(evsel, &s, strings, e);
		return true;
	}
}

/* `marked`: FORK tells of who was there before, EXIT of a whole process. */
static bool decode_task(struct cursor *c, enum event_kind kind, bool marked,
			struct event *e)
{
	uint32_t pid = cursor_u32(c), ppid = cursor_u32(c);
	uint32_t tid = cursor_u32(c), ptid = cursor_u32(c);

	e->kind = kind;
	if (kind == EVENT_EXIT) {
		e->pid = pid;
		e->tid = tid;
		e->exit.all = marked;
	} else {
		e->pid = e->fork.parent_pid = ppid;
		e->tid = e->fork.parent_tid = ptid;
		e->fork.child_pid = pid;
		e->fork.child_tid = tid;
		e->fork.fresh = marked;
		/* No task is its own parent, no process begins inside itself. */
		c->bad |= tid == ptid || (tid == pid && pid == ppid);
	}
	return !c->bad;
}

static bool decode_comm(struct cursor *c, bool exec, struct intern *strings,
			struct event *e)
{
	const char *comm;

	e->kind = EVENT_COMM;
	e->pid = cursor_u32(c);
	e->tid = cursor_u32(c);
	comm = cursor_string(c);
	if (!comm)
		return false;
	e->comm.comm = intern_text(strings, comm);
	e->comm.exec = exec;
	return true;
}

static bool decode_mmap(struct cursor *c, const struct perf_event_header *header,
			struct intern *strings, struct event *e)
{
	bool has_attr = record_type(header) == PERF_RECORD_MMAP2;
	bool build_id = record_misc(header) & PERF_RECORD_MISC_MMAP_BUILD_ID;
	const char *name;

	/* MMAP, and MMAP2 with a build id, tell no device and inode. */
	memset(&e->mmap, 0, sizeof(e->mmap));
	e->kind = EVENT_MMAP;
	e->pid = cursor_u32(c);
	e->tid = cursor_u32(c);
	e->mmap.start = cursor_u64(c);
	e->mmap.length = cursor_u64(c);
	e->mmap.pgoff_bytes = cursor_u64(c);
	if (has_attr && build_id) {
		cursor_take(c, 24);
	} else if (has_attr) {
		e->mmap.dev_major = cursor_u32(c);
		e->mmap.dev_minor = cursor_u32(c);
		e->mmap.inode = cursor_u64(c);
		e->mmap.generation = cursor_u64(c);
	}
	if (has_attr) {
		e->mmap.prot = cursor_u32(c);
		e->mmap.flags = cursor_u32(c);
	} else {
		/* MMAP: PROT_EXEC unless it says that it is data. */
		e->mmap.prot = record_misc(header) & PERF_RECORD_MISC_MMAP_DATA ?
				       1 : 5;
		e->mmap.flags = 2;
	}
	e->mmap.has_attr = has_attr;
	name = cursor_string(c);
	if (record_is_kernel_mode(header)) {
		e->kind = EVENT_NONE; /* the kernel's own image */
		return true;
	}
	if (!name || e->mmap.start + e->mmap.length < e->mmap.start)
		return false;
	e->mmap.name = intern_text(strings, name);
	return true;
}

static bool decode_lost(struct cursor *c, bool has_id, struct event *e)
{
	e->kind = EVENT_LOST;
	if (has_id)
		cursor_u64(c);
	e->lost.count = cursor_u64(c);
	e->lost.samples = !has_id;
	return !c->bad;
}

bool decode_event(const struct record *record, struct intern *strings,
		  struct event *e)
{
	const struct perf_event_header *header = record->header;
	struct cursor c;

	e->kind = EVENT_NONE;
	e->cpu = record->cpu;
	e->time_ns = record->time_ns;
	e->pid = e->tid = 0;
	e->has_callers = false;
	if (!record->evsel || record->size < sizeof(*header))
		return false;
	c = cursor_of((const char *)header + sizeof(*header),
		      record->size - sizeof(*header));
	switch (record_type(header)) {
	case PERF_RECORD_SAMPLE:
		return decode_sample(record, strings, e);
	case PERF_RECORD_MMAP:
	case PERF_RECORD_MMAP2:
		return decode_mmap(&c, header, strings, e);
	case PERF_RECORD_COMM:
		return decode_comm(&c, record_misc(header) &
				   PERF_RECORD_MISC_COMM_EXEC, strings, e);
	case PERF_RECORD_FORK:
		return decode_task(&c, EVENT_FORK, record_misc(header) &
				   PERF_RECORD_MISC_FORK_EXEC, e);
	case PERF_RECORD_EXIT:
		return decode_task(&c, EVENT_EXIT, record_misc(header) &
				   RECORD_MISC_EXIT_ALL, e);
	case PERF_RECORD_LOST:
		return decode_lost(&c, true, e);
	case PERF_RECORD_LOST_SAMPLES:
		return decode_lost(&c, false, e);
	}
	return true;
}
