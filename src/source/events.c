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
#include "pfa/source/event_groups.h"
#include "pfa/source/perf_open.h"
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

/* What a choice is made of. */
struct choosing {
	struct evlist *list;
	struct formats *formats;
	const struct event_choice *choice;
	struct event_groups *groups;
	int tracefs; /* -1: cannot be read */

	/* The format texts gathered on the way, for the capture. */
	struct format_text texts[2 * MM_CALL_COUNT + ROLE_COUNT];
	size_t text_count;
};

/* ---- software events ---- */

static void add_sideband(struct choosing *c)
{
	struct perf_event_attr attr = base_attr(c->choice);

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_DUMMY;
	attr.mmap = attr.mmap2 = attr.mmap_data = 1;
	attr.comm = attr.comm_exec = attr.task = 1;
	attr.exclude_kernel = !group_is_present(c->groups, GROUP_KERNEL);
	evlist_add(c->list, &attr, "dummy");
}

/*
 * `more` makes records of this event differ in size from all others (sieve.h). The
 * stack is had here rather than at a fault's beginning, so that its cost is not in the
 * latency.
 */
static void add_software(struct choosing *c, uint64_t config, uint64_t more,
			 const char *name)
{
	struct perf_event_attr attr = base_attr(c->choice);

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = config;
	attr.sample_type |= PERF_SAMPLE_ADDR | PERF_SAMPLE_DATA_PAGE_SIZE | more;
	if (group_is_present(c->groups, GROUP_KERNEL))
		attr.sample_type |= PERF_SAMPLE_PHYS_ADDR;
	else
		attr.exclude_kernel = 1;
	call_graph_apply(&c->choice->call_graph, group_is_present(c->groups, GROUP_KERNEL),
			 &attr);
	evlist_add(c->list, &attr, name);
}

static void add_note(struct choosing *c)
{
	struct perf_event_attr attr = base_attr(c->choice);

	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_BPF_OUTPUT;
	attr.sample_type |= PERF_SAMPLE_RAW;
	evlist_add_id(c->list, evlist_add(c->list, &attr, NOTE_EVENT_NAME),
		      EVENTS_NOTE_ID);
}

/* ---- tracepoints ---- */

/* *found stays as it is when this kernel lacks the tracepoint: we do without. */
static enum pfa_status add_tracepoint(struct choosing *c, const char *system,
				      const char *name, bool with_stack, bool *found,
				      struct pfa_error *err)
{
	struct perf_event_attr attr = base_attr(c->choice);
	char path[128], full_name[96];
	enum pfa_status status;
	size_t length;
	char *text;

	snprintf(path, sizeof(path), "events/%s/%s/format", system, name);
	text = tracefs_read(c->tracefs, path, &length);
	if (!text)
		return PFA_OK;
	status = formats_add(c->formats, system, text, length, err);
	if (status) {
		free(text);
		return status;
	}
	c->texts[c->text_count++] = (struct format_text){ system, text, length };
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.config = tracefs_id_in(text);
	attr.sample_type |= PERF_SAMPLE_RAW;
	/* What else the kernel would refuse. These bear the registers of user mode. */
	attr.exclude_kernel = !strcmp(system, "syscalls") &&
			      !group_is_present(c->groups, GROUP_KERNEL);
	if (with_stack)
		call_graph_apply(&c->choice->call_graph, false, &attr);
	snprintf(full_name, sizeof(full_name), "%s:%s", system, name);
	/* A new program: its files must be looked at while they can be reached. */
	if (!strcmp(full_name, "sched:sched_process_exec"))
		attr.wakeup_events = 1;
	evlist_add(c->list, &attr, full_name);
	*found = true;
	return PFA_OK;
}

static enum pfa_status add_call(struct choosing *c, enum mm_call call, bool *found,
				struct pfa_error *err)
{
	static const char *const sides[] = { "sys_enter", "sys_exit" };
	enum pfa_status status = PFA_OK;

	for (int side = 0; side < 2 && !status; side++) {
		char name[64];

		snprintf(name, sizeof(name), "%s_%s", sides[side],
			 mm_call_name(call));
		status = add_tracepoint(c, "syscalls", name, !side, found, err);
	}
	return status;
}

static enum pfa_status add_calls(struct choosing *c, struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	bool found = false;

	for (int call = 0; call < MM_CALL_COUNT && !status; call++)
		status = add_call(c, (enum mm_call)call, &found, err);
	if (!found)
		c->groups->absence[GROUP_CALLS] = GROUP_NOT_IN_KERNEL;
	return status;
}

static enum event_group group_of(enum evsel_role role)
{
	switch (role) {
	case ROLE_FAULT_USER:
	case ROLE_FAULT_KERNEL:
	case ROLE_SIGNAL:
		return GROUP_ENTRIES;
	default:
		return GROUP_TASKS;
	}
}

static bool is_chosen(const struct choosing *c, enum evsel_role role)
{
	return group_is_present(c->groups, group_of(role)) &&
	       (role != ROLE_FAULT_KERNEL ||
		group_is_present(c->groups, GROUP_KERNEL));
}

static enum pfa_status add_fixed(struct choosing *c, struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	const struct tracepoint *row;

	for (row = tracepoints; row->system && !status; row++) {
		bool found = false;

		if (!is_chosen(c, row->role))
			continue;
		/* A signal is raised where its fault was: those that fail have no end. */
		status = add_tracepoint(c, row->system, row->name,
					row->role == ROLE_SIGNAL, &found, err);
		if (row->role == ROLE_FAULT_USER && !found)
			c->groups->absence[GROUP_ENTRIES] = GROUP_NOT_IN_KERNEL;
		if (row->role == ROLE_TASK_NEW && !found)
			c->groups->absence[GROUP_TASKS] = GROUP_NOT_IN_KERNEL;
	}
	return status;
}

static enum pfa_status add_tracepoints(struct choosing *c, struct pfa_error *err)
{
	enum pfa_status status = add_fixed(c, err);

	if (!status && group_is_present(c->groups, GROUP_CALLS))
		status = add_calls(c, err);
	return status;
}

static void pack_formats(const struct choosing *c, void **bytes, size_t *length)
{
	size_t unused;
	char *page = tracefs_read(c->tracefs, "events/header_page", &unused);
	char *event = tracefs_read(c->tracefs, "events/header_event", &unused);

	formats_write_tracing_data(page ? page : "", event ? event : "", c->texts,
				   c->text_count, bytes, length);
	free(page);
	free(event);
}

static void release(struct choosing *c)
{
	while (c->text_count)
		free((char *)c->texts[--c->text_count].text);
	if (c->tracefs >= 0)
		close(c->tracefs);
}

/* ---- the choice ---- */

enum pfa_status events_choose(struct evlist *list, struct formats *formats,
			      const struct event_choice *choice,
			      struct event_groups *groups, void **tracing_data,
			      size_t *tracing_data_bytes, struct pfa_error *err)
{
	struct choosing c = { .list = list, .formats = formats, .choice = choice,
			      .groups = groups, .tracefs = -1 };
	enum pfa_status status;

	*tracing_data = NULL;
	*tracing_data_bytes = 0;
	event_groups_settle(groups, choice->wanted, choice->cpu_wide, &c.tracefs);
	add_sideband(&c);
	add_software(&c, PERF_COUNT_SW_PAGE_FAULTS_MIN, 0, "minor-faults");
	add_software(&c, PERF_COUNT_SW_PAGE_FAULTS_MAJ, PERF_SAMPLE_PERIOD,
		     "major-faults");
	add_note(&c);
	status = c.tracefs < 0 ? PFA_OK : add_tracepoints(&c, err);
	if (!status && c.text_count)
		pack_formats(&c, tracing_data, tracing_data_bytes);
	release(&c);
	return status ? status : evlist_resolve(list, formats, err);
}

void events_make_cpu_wide(struct evlist *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct perf_event_attr *attr = &list->evsels[i]->attr;

		attr->inherit = attr->inherit_thread = attr->enable_on_exec = 0;
	}
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
	*fd = perf_open(&attr, 0, (int)cpu, 0);
	if (*fd >= 0)
		return PFA_OK;
	if (errno == EACCES || errno == EPERM)
		return pfa_fail(err, PFA_E_PERM,
				"perf_event_paranoid too strict (see "
				"/proc/sys/kernel/perf_event_paranoid)");
	return pfa_fail(err, PFA_E_IO, "perf_event_open on cpu %u: %s", cpu,
			strerror(errno));
}
