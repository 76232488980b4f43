#include "pfa/source/event_fds.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/tracepoints.h"
#include "pfa/source/perf_open.h"
#include "pfa/source/rings.h"

/* As many descriptors as one message takes (SCM_MAX_FD). */
enum { FDS_A_MESSAGE = 253 };

/* Whom one event is opened for. */
struct subject {
	pid_t tid;  /* of a task; -1: of all */
	int cgroup; /* of all tasks in it; -1: in any */
	const struct ring *ring;
};

static int open_for(const struct subject *s, const struct perf_event_attr *attr)
{
	int cpu = (int)s->ring->cpu;

	if (s->cgroup < 0)
		return perf_open(attr, s->tid, cpu, 0);
	return perf_open(attr, s->cgroup, cpu, PERF_FLAG_PID_CGROUP);
}

static enum pfa_status forbidden(const struct subject *s, struct pfa_error *err)
{
	if (s->tid < 0)
		return pfa_fail(err, PFA_E_PERM, "not permitted to trace all processes "
				"of a CPU (run as root or with CAP_PERFMON; see "
				"/proc/sys/kernel/perf_event_paranoid)");
	return pfa_fail(err, PFA_E_PERM, "perf_event_paranoid too strict (see "
			"/proc/sys/kernel/perf_event_paranoid), or process %d is not "
			"yours (run as root or with CAP_PERFMON)", s->tid);
}

static enum pfa_status open_failed(const struct evsel *evsel, const struct subject *s,
				   int error, struct pfa_error *err)
{
	if (error == EACCES || error == EPERM)
		return forbidden(s, err);
	if (error == EMFILE || error == ENFILE)
		return pfa_fail(err, PFA_E_PERM, "too many open files while arming the "
				"events (raise ulimit -n)");
	if (s->cgroup >= 0 && (error == EBADF || error == ENOENT))
		return pfa_fail(err, PFA_E_USAGE, "the control group's hierarchy has no "
				"perf_event controller (name one of cgroup2)");
	return pfa_fail(err, PFA_E_IO, "perf_event_open %s on cpu %u: %s", evsel->name,
			s->ring->cpu, strerror(error));
}

static enum pfa_status arm_one(struct evlist *list, struct evsel *evsel,
			       const struct subject *s, struct event_fds *fds,
			       bool *gone, struct pfa_error *err)
{
	const struct tracepoint *row = tracepoint_by_role(evsel->role);
	int fd = open_for(s, &evsel->attr);
	uint64_t id;

	if (fd < 0 && (errno == ESRCH || (s->tid < 0 && errno == ENODEV))) {
		*gone = true;
		return PFA_OK;
	}
	if (fd < 0)
		return open_failed(evsel, s, errno, err);
	fds->list = pfa_grow(fds->list, fds->count, &fds->capacity,
			     sizeof(*fds->list));
	fds->list[fds->count++] = (struct event_fd){
		.fd = fd,
		.owner = s->tid < 0 ? -1 - (int)s->ring->cpu : s->tid,
		.cpu = s->ring->cpu,
		.evsel = evsel,
	};
	if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, s->ring->fd) ||
	    ioctl(fd, PERF_EVENT_IOC_ID, &id) ||
	    (row && row->filter && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, row->filter)))
		return open_failed(evsel, s, errno, err);
	evlist_add_id(list, evsel, id);
	return PFA_OK;
}

/* Notes are ours, the kernel never sees that event. */
static bool is_opened(const struct evsel *evsel)
{
	return evsel->role != ROLE_NOTE;
}

size_t events_to_open(const struct evlist *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += is_opened(list->evsels[i]);
	return count;
}

static enum pfa_status arm_all(struct evlist *list, const struct subject *s,
			       struct event_fds *fds, bool *gone, struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;

	for (size_t i = 0; i < list->count && !*gone && !status; i++)
		if (is_opened(list->evsels[i]))
			status = arm_one(list, list->evsels[i], s, fds, gone, err);
	return status;
}

enum pfa_status events_arm_task(struct evlist *list, pid_t tid,
				const struct rings *rings, struct event_fds *fds,
				bool *gone, struct pfa_error *err)
{
	struct subject subject = { .tid = tid, .cgroup = -1 };
	enum pfa_status status = PFA_OK;

	*gone = false;
	for (size_t r = 0; r < rings->count && !*gone && !status; r++) {
		subject.ring = &rings->list[r];
		status = arm_all(list, &subject, fds, gone, err);
	}
	return status;
}

enum pfa_status events_arm_cpu(struct evlist *list, const struct ring *ring, int cgroup,
			       struct event_fds *fds, bool *offline,
			       struct pfa_error *err)
{
	const struct subject subject = { .tid = -1, .cgroup = cgroup, .ring = ring };

	*offline = false;
	return arm_all(list, &subject, fds, offline, err);
}

enum part { PART_OTHERS, PART_ENDS, PART_BEGINNINGS };

static enum part part_of(const struct evsel *evsel)
{
	switch (evsel->role) {
	case ROLE_FAULT_USER:
	case ROLE_FAULT_KERNEL:
		return PART_BEGINNINGS;
	case ROLE_MINOR:
	case ROLE_MAJOR:
		return PART_ENDS;
	default:
		return PART_OTHERS;
	}
}

static void switch_part(const struct event_fd *list, size_t count, enum part part,
			unsigned long request)
{
	for (size_t i = 0; i < count; i++)
		if (part_of(list[i].evsel) == part)
			ioctl(list[i].fd, request, 0);
}

/* The two parts of a fault, one task after the other: a task is between them only
 * for some microseconds, however many tasks there are. */
static void switch_faults(const struct event_fds *fds, enum part first,
			  enum part second, unsigned long request)
{
	for (size_t i = 0; i < fds->count;) {
		size_t end = i + 1;

		while (end < fds->count && fds->list[end].owner == fds->list[i].owner)
			end++;
		switch_part(fds->list + i, end - i, first, request);
		switch_part(fds->list + i, end - i, second, request);
		i = end;
	}
}

void events_enable(const struct event_fds *fds, size_t first)
{
	const struct event_fds new = { fds->list + first, fds->count - first, 0 };

	switch_part(new.list, new.count, PART_OTHERS, PERF_EVENT_IOC_ENABLE);
	switch_faults(&new, PART_ENDS, PART_BEGINNINGS, PERF_EVENT_IOC_ENABLE);
}

void events_disable(const struct event_fds *fds)
{
	switch_faults(fds, PART_BEGINNINGS, PART_ENDS, PERF_EVENT_IOC_DISABLE);
	switch_part(fds->list, fds->count, PART_OTHERS, PERF_EVENT_IOC_DISABLE);
}

struct event_counts events_count(const struct event_fds *fds, const struct rings *rings,
				 uint64_t *lost)
{
	struct event_counts counts = { 0 };

	for (size_t i = 0; i < fds->count; i++) {
		const struct event_fd *e = &fds->list[i];
		struct { uint64_t value, lost; } now = { 0 };
		size_t index;

		if (read(e->fd, &now, sizeof(now)) != sizeof(now))
			continue;
		if (rings_find(rings, e->cpu, &index))
			lost[index] += now.lost;
		if (e->evsel->role == ROLE_MINOR)
			counts.minor += now.value;
		if (e->evsel->role == ROLE_MAJOR)
			counts.major += now.value;
	}
	return counts;
}

void event_fds_drop(struct event_fds *fds, size_t first)
{
	while (fds->count > first)
		close(fds->list[--fds->count].fd);
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
