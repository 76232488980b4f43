#include "pfa/source/live.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/record.h"
#include "pfa/source/attach.h"
#include "pfa/source/compose.h"
#include "pfa/source/dedupe.h"
#include "pfa/source/event_fds.h"
#include "pfa/source/followed.h"
#include "pfa/source/objects.h"
#include "pfa/source/synth.h"
#include "pfa/source/target.h"

/*
 * A record's time is taken before the record shows in its ring; the writer may be
 * held up in between (a vCPU that is not running). Records of the last moments
 * before a drain therefore wait for the next one.
 */
static const uint64_t settle_ns = 2 * 1000 * 1000;

/* Between two snapshots after losses: reading /proc takes time of its own. */
static const uint64_t snapshot_pause_ns = 50 * 1000 * 1000;

static const uint64_t default_buffer_bytes = 8 << 20;
/* What an ordinary user may lock for each CPU (perf_event_mlock_kb). */
static const uint64_t user_buffer_bytes = 256 << 10;

struct live {
	struct evlist *list;
	enum privilege privilege;
	void *tracing_data;
	size_t tracing_data_bytes;

	struct target *targets;
	size_t target_count;
	char *program;

	struct ring *rings;
	size_t ring_count;
	struct event_fds fds;
	struct objects *objects;
	struct followed *followed;
	struct dedupe *dedupe; /* NULL: no thread can have been armed twice */
	struct composer composer;
	const struct record_sink *sink; /* during a drain */
	bool news; /* new files were mapped: more may follow soon */
	bool lost; /* records, since the last snapshot */
	uint64_t snapshot_ns; /* when the last one was taken */
	bool for_capture;
	bool started;
	bool corrupt;
};

/* ---- opening ---- */

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	/* Up to the hard limit; root may go beyond it. Without, we find out later. */
	limit.rlim_cur = limit.rlim_max;
	(void)!setrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max = 1 << 20;
	(void)!setrlimit(RLIMIT_NOFILE, &limit);
}

static enum pfa_status open_targets(struct live *live,
				    const struct live_options *options,
				    struct pfa_error *err)
{
	size_t count = options->argv ? 1 : options->pid_count;

	live->targets = pfa_alloc(count * sizeof(*live->targets));
	if (options->argv) {
		live->program = pfa_strdup(options->argv[0]);
		live->target_count = 1;
		return target_launch(&live->targets[0], options->argv,
				     options->randomize, err);
	}
	for (size_t i = 0; i < count; i++) {
		enum pfa_status status = target_attach(&live->targets[i],
						       options->pids[i], err);

		if (status)
			return status;
		live->target_count++;
	}
	return PFA_OK;
}

static uint64_t ring_bytes(const struct live *live,
			   const struct live_options *options)
{
	uint64_t bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t wanted = options->buffer_bytes;

	if (!wanted)
		wanted = live->privilege == PRIVILEGE_FULL ? default_buffer_bytes
							   : user_buffer_bytes;
	while (bytes < wanted && bytes < (1ULL << 31))
		bytes *= 2;
	return bytes;
}

static enum pfa_status open_ring(struct live *live, uint32_t cpu, uint64_t bytes,
				 struct pfa_error *err)
{
	enum pfa_status status;
	int fd;

	status = events_open_anchor(cpu, (uint32_t)(bytes / 4), &fd, err);
	if (status)
		return status;
	status = ring_open(&live->rings[live->ring_count], fd, cpu, bytes, err);
	if (status)
		close(fd);
	else
		live->ring_count++;
	return status;
}

static bool cpu_is_online(uint32_t cpu)
{
	char path[64];
	int online = '1'; /* cpu0 may lack the file */
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	f = fopen(path, "re");
	if (f) {
		online = fgetc(f);
		fclose(f);
	}
	return online == '1';
}

static void close_rings(struct live *live)
{
	for (size_t i = 0; i < live->ring_count; i++)
		ring_close(&live->rings[i]);
	free(live->rings);
	live->rings = NULL;
	live->ring_count = 0;
}

static enum pfa_status open_rings(struct live *live, uint64_t bytes,
				  struct pfa_error *err)
{
	uint32_t cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
	enum pfa_status status = PFA_OK;

	live->rings = pfa_alloc(cpus * sizeof(*live->rings));
	for (uint32_t cpu = 0; cpu < cpus && !status; cpu++)
		if (cpu_is_online(cpu))
			status = open_ring(live, cpu, bytes, err);
	return status;
}

static enum pfa_status arm_targets(struct live *live, struct pfa_error *err)
{
	bool twice = false;

	for (size_t i = 0; i < live->target_count; i++) {
		pid_t pid = live->targets[i].pid;
		size_t before = live->fds.count;
		enum pfa_status status =
			attach_process(live->list, pid, live->rings,
				       live->ring_count, &live->fds, &twice, err);

		if (status)
			return status;
		if (live->fds.count == before)
			return pfa_fail(err, PFA_E_TARGET, "process %d has ended "
					"(a zombie, if ps still shows it)", pid);
		followed_add(live->followed, pid);
	}
	if (twice)
		live->dedupe = dedupe_new(live->list);
	return PFA_OK;
}

static enum pfa_status open_all(struct live *live,
				const struct live_options *options,
				struct formats *formats, struct pfa_error *err)
{
	const struct event_choice choice = {
		.inherit_processes = options->follow_children,
		.start_at_exec = options->argv != NULL,
	};
	enum pfa_status status = open_targets(live, options, err);

	if (status)
		return status;
	raise_descriptor_limit(); /* after the fork: the program keeps its own */
	status = events_choose(live->list, formats, &choice, &live->privilege,
			       &live->tracing_data, &live->tracing_data_bytes, err);
	if (status)
		return status;
	status = open_rings(live, ring_bytes(live, options), err);
	/* CAP_PERFMON alone does not allow to lock more than anybody may. */
	if (status == PFA_E_PERM && !options->buffer_bytes) {
		close_rings(live);
		status = open_rings(live, user_buffer_bytes, err);
	}
	if (status)
		return status;
	return arm_targets(live, err);
}

enum pfa_status live_open(struct live **out, const struct live_options *options,
			  struct evlist *list, struct formats *formats,
			  struct pfa_error *err)
{
	struct live *live = pfa_alloc(sizeof(*live));
	enum pfa_status status;

	live->list = list;
	live->for_capture = options->for_capture;
	live->objects = objects_new();
	live->followed = followed_new();
	status = open_all(live, options, formats, err);
	if (status) {
		live_close(live);
		return status;
	}
	live->composer.sideband_id = evlist_by_role(list, ROLE_SIDEBAND)->ids[0];
	*out = live;
	return PFA_OK;
}

enum privilege live_privilege(const struct live *live)
{
	return live->privilege;
}

const void *live_tracing_data(const struct live *live, size_t *bytes)
{
	*bytes = live->tracing_data_bytes;
	return live->tracing_data;
}

/* ---- running ---- */

/* The note on a file that was mapped goes right behind the record. */
static void note_object(struct live *live, const struct perf_event_header *mmap2)
{
	struct composer composer = live->composer;

	composer.time_ns = record_of(live->list, mmap2).time_ns;
	if (objects_saw_mmap(live->objects, &composer, mmap2))
		live->news = true;
}

/* Passes a record on, and sees what it means for us. */
static void forward(void *context, const struct perf_event_header *record)
{
	struct live *live = context;

	if (live->dedupe && dedupe_is_copy(live->dedupe, live->composer.cpu, record))
		return;
	live->sink->put(live->sink->context, record);
	switch (record_type(record)) {
	case PERF_RECORD_MMAP2:
		note_object(live, record);
		break;
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT:
		followed_saw(live->followed, record);
		break;
	case PERF_RECORD_LOST:
		live->lost = true;
		break;
	}
}

static void note_counters(struct live *live, const char *when)
{
	for (size_t i = 0; i < live->target_count; i++) {
		const struct target *t = &live->targets[i];
		unsigned long long minor, major;

		if (!t->launched && target_fault_counters(t->pid, &minor, &major))
			compose_note(&live->composer, (uint32_t)t->pid,
				     "stat when=%s minor=%llu major=%llu", when,
				     minor, major);
	}
}

static void begin_compose(struct live *live, const struct record_sink *sink)
{
	live->sink = sink;
	live->composer.sink = sink;
	live->composer.cpu = 0;
	live->composer.time_ns = compose_now_ns();
}

static enum pfa_status snapshot_failed(pid_t pid, struct pfa_error *err)
{
	if (errno == EACCES)
		return pfa_fail(err, PFA_E_PERM, "no access to /proc/%d/maps "
				"(CAP_SYS_PTRACE is needed)", pid);
	return pfa_fail(err, PFA_E_TARGET, "process %d ended while attaching", pid);
}

static enum pfa_status snapshot_targets(struct live *live, struct pfa_error *err)
{
	struct record_sink with_notes = { forward, live };
	struct composer composer = live->composer;

	composer.sink = &with_notes;
	for (size_t i = 0; i < live->target_count; i++) {
		pid_t pid = live->targets[i].pid;

		composer.time_ns = compose_now_ns();
		if (!synth_process(&composer, pid))
			return snapshot_failed(pid, err);
	}
	return PFA_OK;
}

/*
 * Two snapshots: the first labels what faults until the second is taken, which puts
 * right what changed before there were records.
 */
static enum pfa_status start_attached(struct live *live,
				      const struct record_sink *sink,
				      struct pfa_error *err)
{
	enum pfa_status status;

	begin_compose(live, sink);
	status = snapshot_targets(live, err);
	if (status)
		return status;
	events_enable(&live->fds);
	begin_compose(live, sink);
	note_counters(live, "begin");
	return snapshot_targets(live, err);
}

/* /proc/swaps has a line for each area below its heading. */
static bool machine_has_swap(void)
{
	char line[512];
	int lines = 0;
	FILE *f = fopen("/proc/swaps", "re");

	while (f && fgets(line, sizeof(line), f))
		lines++;
	if (f)
		fclose(f);
	return lines > 1;
}

enum pfa_status live_start(struct live *live, const struct record_sink *sink,
			   struct pfa_error *err)
{
	bool launched = live->targets[0].launched;
	enum pfa_status status;

	/* Reading the kernel's symbols takes 50 ms: the run starts after that. */
	begin_compose(live, sink);
	live->composer.time_ns = 0;
	if (live->for_capture)
		synth_kernel(&live->composer);
	begin_compose(live, sink);
	compose_note(&live->composer, (uint32_t)live->targets[0].pid,
		     "start mode=%s privilege=%s swap=%d",
		     launched ? "launch" : "attach",
		     live->privilege == PRIVILEGE_FULL ? "full" : "software",
		     machine_has_swap());
	status = launched ? target_release(&live->targets[0], live->program, err)
			  : start_attached(live, sink, err);
	live->started = !status;
	return status;
}

bool live_has_news(const struct live *live)
{
	return live->news;
}

bool live_started(const struct live *live)
{
	return live->started;
}

void live_wait(struct live *live, int timeout_ms, int interrupt_fd)
{
	size_t count = 0;
	struct pollfd *fds = pfa_alloc((live->ring_count + live->target_count + 1) *
				       sizeof(*fds));

	for (size_t i = 0; i < live->ring_count; i++)
		fds[count++] = (struct pollfd){ live->rings[i].fd, POLLIN, 0 };
	for (size_t i = 0; i < live->target_count; i++)
		if (!live->targets[i].ended)
			fds[count++] = (struct pollfd){ live->targets[i].pidfd,
							POLLIN, 0 };
	fds[count++] = (struct pollfd){ interrupt_fd, POLLIN, 0 };
	poll(fds, count, timeout_ms);
	free(fds);
}

/* After a loss: what the records no longer tell is read from /proc. */
static void snapshot_if_lost(struct live *live, const struct record_sink *with_notes)
{
	struct composer composer = live->composer;
	uint64_t now = compose_now_ns();

	if (!live->lost || now - live->snapshot_ns < snapshot_pause_ns)
		return;
	composer.sink = with_notes;
	followed_snapshot(live->followed, &composer);
	live->lost = false;
	live->snapshot_ns = compose_now_ns();
}

uint64_t live_drain(struct live *live, const struct record_sink *sink,
		    uint64_t *bytes)
{
	uint64_t now = compose_now_ns();
	struct record_sink with_notes = { forward, live };

	*bytes = 0;
	live->news = false;
	begin_compose(live, sink);
	for (size_t i = 0; i < live->ring_count; i++) {
		live->composer.cpu = live->rings[i].cpu;
		*bytes += ring_drain(&live->rings[i], &with_notes, &live->corrupt);
	}
	snapshot_if_lost(live, &with_notes);
	return now - settle_ns;
}

bool live_ended(struct live *live)
{
	bool ended = true;

	for (size_t i = 0; i < live->target_count; i++)
		ended = target_poll(&live->targets[i]) && ended;
	return ended;
}

/* ---- ending ---- */

static void note_end(struct live *live)
{
	struct event_counts counts = events_count(&live->fds);

	note_counters(live, "end");
	compose_note(&live->composer, 0, "counters minor=%llu major=%llu lost=%llu",
		     (unsigned long long)counts.minor,
		     (unsigned long long)counts.major,
		     (unsigned long long)counts.lost);
	for (size_t i = 0; i < live->target_count; i++) {
		const struct target *t = &live->targets[i];

		if (t->reaped)
			compose_note(&live->composer, (uint32_t)t->pid,
				     "exit status=%d minor=%ld major=%ld",
				     t->wait_status, t->usage.ru_minflt,
				     t->usage.ru_majflt);
	}
	compose_note(&live->composer, 0, "end%s", live->corrupt ? " corrupt=1" : "");
}

void live_stop(struct live *live, const struct record_sink *sink)
{
	uint64_t bytes;

	events_disable(&live->fds);
	live_drain(live, sink, &bytes);
	begin_compose(live, sink);
	note_end(live);
}

size_t live_children_left(const struct live *live)
{
	return live->targets[0].running && live->targets[0].ended ?
		       followed_count_living(live->followed) : 0;
}

pid_t live_still_running(const struct live *live)
{
	const struct target *t = &live->targets[0];

	return t->running && !t->ended ? t->pid : 0;
}

void live_close(struct live *live)
{
	if (!live)
		return;
	event_fds_release(&live->fds);
	close_rings(live);
	for (size_t i = 0; i < live->target_count; i++)
		target_close(&live->targets[i]);
	objects_free(live->objects);
	followed_free(live->followed);
	dedupe_free(live->dedupe);
	free(live->targets);
	free(live->program);
	free(live->tracing_data);
	free(live);
}
