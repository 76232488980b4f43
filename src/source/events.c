#include "pfa/source/events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/note.h"
#include "pfa/decode/tracepoints.h"
#include "pfa/source/event_fds.h"
#include "pfa/source/tracefs.h"

/* In every record, so that ids and times are found at the same place. */
static const uint64_t base_sample = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP |
				    PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
				    PERF_SAMPLE_CPU;

static struct perf_event_attr base_attr(const struct event_choice *choice)
{
	return (struct perf_event_attr){
		.size = sizeof(struct perf_event_attr),
		.sample_period = 1,
		.sample_type = base_sample,
		.read_format = PERF_FORMAT_LOST,
		.sample_id_all = 1,
		.disabled = 1,
		.inherit = 1,
		.inherit_thread = !choice->inherit_processes,
		.enable_on_exec = choice->start_at_exec,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
}

static void add_sideband(struct evlist *list, const struct event_choice *choice,
			 enum privilege privilege)
{
	struct perf_event_attr attr = base_attr(choice);

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_DUMMY;
	attr.mmap = attr.mmap2 = attr.mmap_data = 1;
	attr.comm = attr.comm_exec = attr.task = 1;
	attr.exclude_kernel = privilege != PRIVILEGE_FULL;
	evlist_add(list, &attr, "dummy");
}

static void add_software(struct evlist *list, const struct event_choice *choice,
			 enum privilege privilege, uint64_t config,
			 const char *name)
{
	struct perf_event_attr attr = base_attr(choice);

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = config;
	attr.sample_type |= PERF_SAMPLE_ADDR | PERF_SAMPLE_DATA_PAGE_SIZE;
	if (privilege == PRIVILEGE_FULL)
		attr.sample_type |= PERF_SAMPLE_PHYS_ADDR;
	else
		attr.exclude_kernel = 1;
	evlist_add(list, &attr, name);
}

static void add_note(struct evlist *list, const struct event_choice *choice)
{
	struct perf_event_attr attr = base_attr(choice);

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_BPF_OUTPUT;
	attr.sample_type |= PERF_SAMPLE_RAW;
	evlist_add_id(list, evlist_add(list, &attr, NOTE_EVENT_NAME),
		      EVENTS_NOTE_ID);
}

/* The format texts gathered on the way, for the capture. */
struct gathered {
	struct format_text texts[2 * MM_CALL_COUNT + ROLE_COUNT];
	size_t count;
};

static enum pfa_status add_tracepoint(struct evlist *list,
				      struct formats *formats,
				      const struct event_choice *choice,
				      int tracefs, const char *system,
				      const char *name, struct gathered *gathered,
				      struct pfa_error *err)
{
	struct perf_event_attr attr = base_attr(choice);
	enum pfa_status status;
	char path[128], full_name[96];
	const char *id_line;
	size_t length;
	char *text;

	snprintf(path, sizeof(path), "events/%s/%s/format", system, name);
	text = tracefs_read(tracefs, path, &length);
	if (!text)
		return PFA_OK; /* this kernel lacks it: do without */
	status = formats_add(formats, system, text, length, err);
	if (status) {
		free(text);
		return status;
	}
	gathered->texts[gathered->count++] =
		(struct format_text){ system, text, length };
	id_line = strstr(text, "\nID:");
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.config = id_line ? strtoull(id_line + 4, NULL, 10) : 0;
	attr.sample_type |= PERF_SAMPLE_RAW;
	snprintf(full_name, sizeof(full_name), "%s:%s", system, name);
	/* A new program: its files must be looked at while they can be reached. */
	if (!strcmp(full_name, "sched:sched_process_exec"))
		attr.wakeup_events = 1;
	evlist_add(list, &attr, full_name);
	return PFA_OK;
}

static enum pfa_status add_calls(struct evlist *list, struct formats *formats,
				 const struct event_choice *choice, int tracefs,
				 struct gathered *gathered, struct pfa_error *err)
{
	for (int call = 0; call < MM_CALL_COUNT; call++) {
		static const char *const sides[] = { "sys_enter", "sys_exit" };

		for (int side = 0; side < 2; side++) {
			char name[64];
			enum pfa_status status;

			snprintf(name, sizeof(name), "%s_%s", sides[side],
				 mm_call_name((enum mm_call)call));
			status = add_tracepoint(list, formats, choice, tracefs,
						"syscalls", name, gathered, err);
			if (status)
				return status;
		}
	}
	return PFA_OK;
}

static enum pfa_status add_tracepoints(struct evlist *list,
				       struct formats *formats,
				       const struct event_choice *choice,
				       int tracefs, struct gathered *gathered,
				       struct pfa_error *err)
{
	const struct tracepoint *row;

	for (row = tracepoints; row->system; row++) {
		enum pfa_status status =
			add_tracepoint(list, formats, choice, tracefs,
				       row->system, row->name, gathered, err);

		if (status)
			return status;
	}
	return add_calls(list, formats, choice, tracefs, gathered, err);
}

static void pack_formats(int tracefs, const struct gathered *gathered,
			 void **bytes, size_t *length)
{
	size_t unused;
	char *page = tracefs_read(tracefs, "events/header_page", &unused);
	char *event = tracefs_read(tracefs, "events/header_event", &unused);

	formats_write_tracing_data(page ? page : "", event ? event : "",
				   gathered->texts, gathered->count, bytes,
				   length);
	free(page);
	free(event);
}

/* Whether the kernel lets us look at kernel mode at all. */
static bool may_trace_kernel(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS_MIN,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_PHYS_ADDR,
	};
	int fd = perf_open(&attr, 0, -1);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static enum pfa_status choose_full(struct evlist *list, struct formats *formats,
				   const struct event_choice *choice, int tracefs,
				   void **tracing_data, size_t *tracing_data_bytes,
				   struct pfa_error *err)
{
	struct gathered gathered = { 0 };
	enum pfa_status status = add_tracepoints(list, formats, choice, tracefs,
						 &gathered, err);

	if (!status)
		pack_formats(tracefs, &gathered, tracing_data, tracing_data_bytes);
	while (gathered.count)
		free((char *)gathered.texts[--gathered.count].text);
	return status;
}

enum pfa_status events_choose(struct evlist *list, struct formats *formats,
			      const struct event_choice *choice,
			      enum privilege *privilege, void **tracing_data,
			      size_t *tracing_data_bytes, struct pfa_error *err)
{
	enum pfa_status status;
	int tracefs = -1;

	*tracing_data = NULL;
	*tracing_data_bytes = 0;
	*privilege = PRIVILEGE_SOFTWARE;
	if (may_trace_kernel() && !tracefs_open(&tracefs, err))
		*privilege = PRIVILEGE_FULL;
	add_sideband(list, choice, *privilege);
	add_software(list, choice, *privilege, PERF_COUNT_SW_PAGE_FAULTS_MIN,
		     "minor-faults");
	add_software(list, choice, *privilege, PERF_COUNT_SW_PAGE_FAULTS_MAJ,
		     "major-faults");
	add_note(list, choice);
	if (*privilege == PRIVILEGE_FULL) {
		status = choose_full(list, formats, choice, tracefs, tracing_data,
				     tracing_data_bytes, err);
		close(tracefs);
		if (status)
			return status;
	}
	return evlist_resolve(list, formats, err);
}

enum pfa_status events_open_anchor(uint32_t cpu, uint32_t wakeup_bytes, int *fd,
				   struct pfa_error *err)
{
	const struct event_choice none = { 0 };
	struct perf_event_attr attr = base_attr(&none);

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_DUMMY;
	attr.inherit = attr.inherit_thread = 0;
	attr.exclude_kernel = 1;
	attr.watermark = 1;
	attr.wakeup_watermark = wakeup_bytes;
	*fd = perf_open(&attr, 0, (int)cpu);
	if (*fd >= 0)
		return PFA_OK;
	if (errno == EACCES || errno == EPERM)
		return pfa_fail(err, PFA_E_PERM,
				"perf_event_paranoid too strict (see "
				"/proc/sys/kernel/perf_event_paranoid)");
	return pfa_fail(err, PFA_E_IO, "perf_event_open on cpu %u: %s", cpu,
			strerror(errno));
}
