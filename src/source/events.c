#include "pfa/source/events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/note.h"
#include "pfa/decode/tracepoints.h"
#include "pfa/source/ring.h"
#include "pfa/source/tracefs.h"

/* As many descriptors as one message takes (SCM_MAX_FD). */
enum { FDS_A_MESSAGE = 253 };

/* In every record, so that ids and times are found at the same place. */
static const uint64_t base_sample = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP |
				    PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
				    PERF_SAMPLE_CPU;

static int perf_open(const struct perf_event_attr *attr, pid_t tid, int cpu)
{
	return (int)syscall(SYS_perf_event_open, attr, tid, cpu, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

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

static enum pfa_status open_failed(const struct evsel *evsel, pid_t tid, int error,
				   struct pfa_error *err)
{
	if (error == EACCES || error == EPERM)
		return pfa_fail(err, PFA_E_PERM,
				"perf_event_paranoid too strict (see "
				"/proc/sys/kernel/perf_event_paranoid)");
	if (error == EMFILE || error == ENFILE)
		return pfa_fail(err, PFA_E_PERM,
				"too many open files while tracing task %d "
				"(raise ulimit -n)", tid);
	return pfa_fail(err, PFA_E_IO, "perf_event_open %s on task %d: %s",
			evsel->name, tid, strerror(error));
}

static enum pfa_status arm_one(struct evlist *list, struct evsel *evsel, pid_t tid,
			       const struct ring *ring, struct event_fds *fds,
			       bool *gone, struct pfa_error *err)
{
	const struct tracepoint *row = tracepoint_by_role(evsel->role);
	int fd = perf_open(&evsel->attr, tid, (int)ring->cpu);
	uint64_t id;

	if (fd < 0 && errno == ESRCH) {
		*gone = true;
		return PFA_OK;
	}
	if (fd < 0)
		return open_failed(evsel, tid, errno, err);
	fds->list = pfa_grow(fds->list, fds->count, &fds->capacity,
			     sizeof(*fds->list));
	fds->list[fds->count++] = (struct event_fd){ fd, evsel };
	if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd) ||
	    ioctl(fd, PERF_EVENT_IOC_ID, &id) ||
	    (row && row->filter && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, row->filter)))
		return open_failed(evsel, tid, errno, err);
	evlist_add_id(list, evsel, id);
	return PFA_OK;
}

enum pfa_status events_arm_task(struct evlist *list, pid_t tid,
				const struct ring *rings, size_t ring_count,
				struct event_fds *fds, bool *gone,
				struct pfa_error *err)
{
	*gone = false;
	for (size_t i = 0; i < list->count; i++) {
		struct evsel *evsel = list->evsels[i];

		if (evsel->role == ROLE_NOTE)
			continue;
		for (size_t r = 0; r < ring_count && !*gone; r++) {
			enum pfa_status status = arm_one(list, evsel, tid, &rings[r],
							 fds, gone, err);

			if (status)
				return status;
		}
	}
	return PFA_OK;
}

static bool begins_fault(const struct evsel *evsel)
{
	return evsel->role == ROLE_FAULT_USER || evsel->role == ROLE_FAULT_KERNEL;
}

static void switch_all(const struct event_fds *fds, unsigned long request,
		       bool beginnings)
{
	for (size_t i = 0; i < fds->count; i++)
		if (begins_fault(fds->list[i].evsel) == beginnings)
			ioctl(fds->list[i].fd, request, 0);
}

void events_enable(const struct event_fds *fds)
{
	switch_all(fds, PERF_EVENT_IOC_ENABLE, false);
	switch_all(fds, PERF_EVENT_IOC_ENABLE, true);
}

void events_disable(const struct event_fds *fds)
{
	switch_all(fds, PERF_EVENT_IOC_DISABLE, true);
	switch_all(fds, PERF_EVENT_IOC_DISABLE, false);
}

struct event_counts events_count(const struct event_fds *fds)
{
	struct event_counts counts = { 0 };

	for (size_t i = 0; i < fds->count; i++) {
		const struct event_fd *e = &fds->list[i];
		struct { uint64_t value, lost; } now = { 0 };

		if (read(e->fd, &now, sizeof(now)) != sizeof(now))
			continue;
		counts.lost += now.lost;
		if (e->evsel->role == ROLE_MINOR)
			counts.minor += now.value;
		if (e->evsel->role == ROLE_MAJOR)
			counts.major += now.value;
	}
	return counts;
}

static void close_all(const struct event_fds *fds)
{
	for (size_t i = 0; i < fds->count; i++)
		close(fds->list[i].fd);
}

/* Sends up to SCM_MAX_FD descriptors into the socket, out of anybody's reach. */
static bool send_fds(int socket, const int *fds, size_t count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_A_MESSAGE * sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	return sendmsg(socket, &message, MSG_DONTWAIT) == 1;
}

/*
 * Leaves the events to the kernel's own garbage collector: descriptors in flight in
 * a socket that nobody holds but itself are closed by a kernel worker, while we go
 * on. Where that does not work they are closed by us, later, as always.
 */
static void hand_to_collector(const struct event_fds *fds)
{
	int pair[2], batch[FDS_A_MESSAGE];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair))
		return;
	for (size_t i = 0; i < fds->count;) {
		size_t n = 0;

		while (n < FDS_A_MESSAGE && i < fds->count)
			batch[n++] = fds->list[i++].fd;
		if (!send_fds(pair[0], batch, n))
			break;
	}
	/* The cycle: the receiving socket is in flight to itself. Failing that, the
	 * last of these closes ends the events. */
	(void)!send_fds(pair[0], &pair[1], 1);
	close(pair[0]);
	close(pair[1]);
}

void event_fds_release(struct event_fds *fds)
{
	if (fds->count)
		hand_to_collector(fds);
	close_all(fds);
	free(fds->list);
	*fds = (struct event_fds){ 0 };
}
