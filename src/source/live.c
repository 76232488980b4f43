#include "pfa/source/live.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/record.h"
#include "pfa/source/arming.h"
#include "pfa/source/compose.h"
#include "pfa/source/cpu_wide.h"
#include "pfa/source/event_fds.h"
#include "pfa/source/event_groups.h"
#include "pfa/source/events.h"
#include "pfa/source/exit_stats.h"
#include "pfa/source/followed.h"
#include "pfa/source/kernel_code.h"
#include "pfa/source/live_options.h"
#include "pfa/source/objects.h"
#include "pfa/source/pressure.h"
#include "pfa/source/reread.h"
#include "pfa/source/sampler.h"
#include "pfa/source/scope.h"
#include "pfa/source/sieve.h"
#include "pfa/source/stamp.h"
#include "pfa/source/synth.h"
#include "pfa/source/target.h"

/*
 * A record's time is taken before the record shows in its ring; the writer may be
 * held up in between (a vCPU that is not running). Records of the last moments
 * before a drain therefore wait for the next one.
 */
static const uint64_t settle_ns = 2 * 1000 * 1000;

/*
 * Reading /proc takes time of its own: after losses it is to take a small part of all,
 * and never so much at once that a ring fills meanwhile.
 */
enum { SNAPSHOT_PAUSE_NS = 50 * 1000 * 1000, SNAPSHOT_SLICE_NS = 5 * 1000 * 1000 };

struct live {
	struct evlist *list;
	struct event_groups groups;
	void *tracing_data;
	size_t tracing_data_bytes;
	struct text notices;

	struct scope scope;
	struct arming armed;
	struct sieve sieve;
	struct objects *objects;
	struct kernel_code *kernel_code;
	struct composer composer;
	const struct record_sink *sink; /* during a drain */
	struct ring *ring; /* likewise, the one that is drained */
	bool news; /* new files were mapped: more may follow soon */
	bool lost; /* records, since the last snapshot */
	bool snapshot; /* is being taken, a slice at each drain */
	uint64_t next_snapshot_ns; /* not before */
	struct reread reread;
	struct sampler sampler;
	struct exit_stats *exit_stats; /* NULL: not wanted, or not to be had */
	bool verify;
	bool for_capture;
	bool started, stopping;
	bool corrupt;
};

/* ---- opening ---- */

static enum pfa_status open_all(struct live *live,
				const struct live_options *options,
				struct formats *formats, struct pfa_error *err)
{
	const struct event_choice choice = {
		.wanted = options->wanted_groups,
		.inherit_processes = options->follow_children,
		.start_at_exec = options->argv != NULL,
		.cpu_wide = options->scope != SCOPE_PROCESSES,
		.call_graph = options->call_graph,
	};
	enum pfa_status status = scope_open(&live->scope, options, err);

	if (status)
		return status;
	live->kernel_code = kernel_code_new("/proc/kallsyms");
	status = events_choose(live->list, formats, &choice, &live->groups,
			       &live->tracing_data, &live->tracing_data_bytes, err);
	if (status)
		return status;
	event_groups_print_missing(&live->groups, &live->notices);
	status = arming_open(&live->armed, live->list, &live->scope, options,
			     &live->notices, err);
	live->sieve = (struct sieve){
		.list = live->list,
		.followed = live->armed.followed,
		.own_pid = (uint32_t)getpid(),
		.twice = live->armed.twice,
		.cpu_wide = live->armed.wide != NULL,
	};
	return status;
}

enum pfa_status live_open(struct live **out, const struct live_options *options,
			  struct evlist *list, struct formats *formats,
			  struct pfa_error *err)
{
	struct live *live = pfa_alloc(sizeof(*live));
	enum pfa_status status;

	live->list = list;
	live->for_capture = options->for_capture;
	live->verify = options->verify;
	live->sampler.interval_ns = options->sample_interval_ns;
	live->objects = objects_new(options->files);
	text_init(&live->notices);
	status = open_all(live, options, formats, err);
	if (status) {
		live_close(live);
		return status;
	}
	if (live->sampler.interval_ns)
		live->exit_stats = exit_stats_open();
	live->composer.sideband_id = evlist_by_role(list, ROLE_SIDEBAND)->ids[0];
	*out = live;
	return PFA_OK;
}

const char *live_notices(struct live *live)
{
	return text_cstr(&live->notices);
}

const void *live_tracing_data(const struct live *live, size_t *bytes)
{
	*bytes = live->tracing_data_bytes;
	return live->tracing_data;
}

/* ---- records on their way ---- */

/* The note on a file that was mapped goes right behind the record. */
static void note_object(struct live *live, const struct perf_event_header *mmap2)
{
	struct composer composer = live->composer;

	composer.time_ns = record_of(live->list, mmap2).time_ns;
	if (objects_saw_mmap(live->objects, &composer, mmap2))
		live->news = true;
}

/* The names of the kernel's functions go right before the record of a fault in them. */
static void note_kernel_code(struct live *live, const struct perf_event_header *header)
{
	struct composer composer = live->composer;
	struct record record;

	if (record_type(header) != PERF_RECORD_SAMPLE || !record_is_kernel_mode(header))
		return;
	record = record_of(live->list, header);
	composer.time_ns = record.time_ns;
	kernel_code_saw(live->kernel_code, &composer, &record);
}

/* Where it is for us to choose whose records pass, a process must be known before its
 * first record. */
static bool looks_ahead(const struct live *live)
{
	return live->armed.wide && live->scope.kind != SCOPE_MACHINE;
}

static void see_birth(struct live *live, const struct perf_event_header *record)
{
	uint32_t pid, parent;

	if (followed_read_birth(record, &pid, &parent))
		followed_born(live->armed.followed, pid, parent);
}

/* Records made by us go only here. */
static void tell(void *context, const struct perf_event_header *record)
{
	struct live *live = context;

	live->sink->put(live->sink->context, record);
	if (record_type(record) == PERF_RECORD_MMAP2)
		note_object(live, record);
}

/* Tells a record of the kernel's, and sees what it means for us. */
static void pass_on(struct live *live, const struct perf_event_header *record)
{
	if (record_type(record) == PERF_RECORD_EXIT)
		exit_stats_tell(live->exit_stats, &live->composer, record);
	tell(live, record);
	switch (record_type(record)) {
	case PERF_RECORD_COMM:
		sampler_see(&live->sampler, record);
		break;
	case PERF_RECORD_FORK:
		sampler_see(&live->sampler, record);
		if (!looks_ahead(live))
			see_birth(live, record);
		break;
	case PERF_RECORD_EXIT:
		followed_saw_exit(live->armed.followed, record);
		break;
	case PERF_RECORD_LOST:
		live->lost = true;
		break;
	}
}

/* A process that is first heard of now: what it has comes before the record. */
static void introduce(struct live *live, uint32_t pid,
		      const struct perf_event_header *record)
{
	const struct record_sink with_notes = { tell, live };
	struct composer composer = live->composer;

	composer.sink = &with_notes;
	composer.time_ns = stamp_of(record).time_ns;
	synth_process(&composer, (pid_t)pid);
}

static void take(void *context, const struct perf_event_header *record)
{
	struct live *live = context;
	uint32_t met;

	record = sieve_pass(&live->sieve, live->ring, record, &met);
	if (!record)
		return;
	if (met)
		introduce(live, met, record);
	note_kernel_code(live, record);
	pass_on(live, record);
}

static void begin_compose(struct live *live, const struct record_sink *sink)
{
	live->sink = sink;
	live->composer.sink = sink;
	live->composer.cpu = 0;
	live->composer.time_ns = compose_now_ns();
}

/* ---- what exists already ---- */

static enum pfa_status snapshot_failed(pid_t pid, struct pfa_error *err)
{
	char path[64];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (!maps && errno == EACCES)
		return pfa_fail(err, PFA_E_PERM, "no access to /proc/%d/maps "
				"(CAP_SYS_PTRACE is needed)", pid);
	if (maps)
		fclose(maps);
	return pfa_fail(err, PFA_E_TARGET, "process %d ended while attaching", pid);
}

static enum pfa_status first_snapshot(struct live *live, struct pfa_error *err)
{
	struct record_sink with_notes = { tell, live };
	struct composer composer = live->composer;
	const struct scope *scope = &live->scope;

	composer.sink = &with_notes;
	followed_mark_due(live->armed.followed);
	followed_snapshot(live->armed.followed, &composer, UINT64_MAX);
	if (scope->kind != SCOPE_PROCESSES)
		return PFA_OK;
	for (size_t i = 0; i < scope->target_count; i++)
		if (!followed_has(live->armed.followed, scope->targets[i].pid))
			return snapshot_failed(scope->targets[i].pid, err);
	return PFA_OK;
}

/*
 * Two snapshots: the first labels what faults until the second is taken, by the first
 * drains; it puts right what changed before there were records.
 */
static enum pfa_status start_on_the_run(struct live *live,
					const struct record_sink *sink,
					struct pfa_error *err)
{
	enum pfa_status status;

	begin_compose(live, sink);
	status = first_snapshot(live, err);
	if (status)
		return status;
	arming_enable(&live->armed);
	arming_find_all(&live->armed, &live->scope);
	begin_compose(live, sink);
	scope_note_counters(&live->scope, &live->composer, "begin");
	followed_mark_due(live->armed.followed);
	/* A program waits at its gate; it must not be taken by surprise after that. */
	if (live->scope.program)
		followed_is_known(live->armed.followed, live->scope.targets[0].pid);
	live->snapshot = true;
	return PFA_OK;
}

/* ---- starting ---- */

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

static void note_start(struct live *live)
{
	const struct scope *scope = &live->scope;
	pid_t pid = scope->target_count ? scope->targets[0].pid : 0;

	compose_note(&live->composer, (uint32_t)pid,
		     "start mode=%s privilege=%s swap=%d%s", scope_mode(scope),
		     group_is_present(&live->groups, GROUP_KERNEL) ? "full"
								   : "software",
		     machine_has_swap(), live->verify ? " verify=1" : "");
}

/*
 * On a CPU that eight others want, the rings overflowed at nice 0: a tenth of a storm
 * was lost, at -10 nothing, and the storm was as fast. Only the privileged may. It is
 * the thread's that drains: who analyses has time.
 */
enum { OUR_NICE = -10 };

static void drain_first(void)
{
	errno = 0;
	if (getpriority(PRIO_PROCESS, 0) > OUR_NICE && !errno)
		(void)!setpriority(PRIO_PROCESS, 0, OUR_NICE);
}

enum pfa_status live_start(struct live *live, const struct record_sink *sink,
			   struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;

	/* Reading the kernel's symbols takes 50 ms: the run starts after that. */
	kernel_code_wait(live->kernel_code);
	drain_first();
	begin_compose(live, sink);
	live->composer.time_ns = 0;
	if (live->for_capture)
		kernel_code_map(live->kernel_code, &live->composer);
	begin_compose(live, sink);
	note_start(live);
	pressure_note(&live->scope, &live->composer, "begin");
	/* A program starts its own events, at its exec. */
	if (live->armed.wide || !live->scope.program)
		status = start_on_the_run(live, sink, err);
	if (!status)
		status = scope_release(&live->scope, err);
	live->started = !status;
	return status;
}

/* ---- running ---- */

bool live_has_news(const struct live *live)
{
	return live->news || live->snapshot;
}

uint64_t live_patience_ms(const struct live *live)
{
	enum { PATIENCE_MS = 100, SOON_MS = 5 };
	uint64_t sample_ms = live->sampler.interval_ns / 1000000;

	if (live->armed.enable_again_ns)
		return SOON_MS;
	return sample_ms && sample_ms < PATIENCE_MS ? sample_ms : PATIENCE_MS;
}

bool live_started(const struct live *live)
{
	return live->started;
}

void live_wait(struct live *live, int timeout_ms, const int wake_fds[LIVE_WAKE_FDS])
{
	size_t count = 0;
	struct pollfd *fds = pfa_alloc((live->armed.rings.count + live->scope.target_count + 1 + LIVE_WAKE_FDS) *
				       sizeof(*fds));

	for (size_t i = 0; i < live->armed.rings.count; i++)
		fds[count++] = (struct pollfd){ live->armed.rings.list[i].fd, POLLIN, 0 };
	if (live->armed.wide)
		fds[count++] = (struct pollfd){ cpu_wide_fd(live->armed.wide), POLLIN, 0 };
	for (size_t i = 0; i < live->scope.target_count; i++) {
		const struct target *target = &live->scope.targets[i];

		if (!target->ended)
			fds[count++] = (struct pollfd){ target->pidfd, POLLIN, 0 };
	}
	for (size_t i = 0; i < LIVE_WAKE_FDS; i++)
		fds[count++] = (struct pollfd){ wake_fds[i], POLLIN, 0 };
	poll(fds, count, timeout_ms);
	free(fds);
}

static void look_again(struct live *live)
{
	followed_mark_due(live->armed.followed);
	live->snapshot = true;
}

/* After a loss: what the records no longer tell is read from /proc. */
static void snapshot_if_lost(struct live *live, const struct record_sink *with_notes)
{
	struct composer composer = live->composer;
	uint64_t now = compose_now_ns();

	if (live->lost && !live->snapshot && now >= live->next_snapshot_ns) {
		arming_find_all(&live->armed, &live->scope); /* FORK records, too */
		look_again(live);
		live->lost = false;
	}
	if (!live->snapshot)
		return;
	composer.sink = with_notes;
	live->snapshot = !followed_snapshot(live->armed.followed, &composer,
					    now + SNAPSHOT_SLICE_NS);
	live->next_snapshot_ns = compose_now_ns() + SNAPSHOT_PAUSE_NS;
}

static void watch_cpus(struct live *live)
{
	uint32_t cpu;

	while (live->armed.wide && cpu_wide_rearm(live->armed.wide, &cpu)) {
		live->composer.cpu = cpu;
		live->composer.time_ns = compose_now_ns();
		compose_lost(&live->composer, 0);
		live->sieve.first_ids = live->lost = true;
	}
}

uint64_t live_drain(struct live *live, const struct record_sink *sink,
		    uint64_t *bytes)
{
	uint64_t *heads = pfa_alloc(live->armed.rings.count * sizeof(*heads));
	const struct record_sink from_ring = { take, live };
	const struct record_sink with_notes = { tell, live };
	uint64_t now = compose_now_ns();

	*bytes = 0;
	live->news = false;
	begin_compose(live, sink);
	for (size_t i = 0; i < live->armed.rings.count; i++)
		heads[i] = ring_head(&live->armed.rings.list[i]);
	exit_stats_drain(live->exit_stats);
	if (looks_ahead(live))
		sieve_look_ahead(&live->sieve, &live->armed.rings);
	for (size_t i = 0; i < live->armed.rings.count; i++) {
		struct ring *ring = &live->armed.rings.list[i];

		live->ring = ring;
		live->composer.cpu = ring->cpu;
		*bytes += ring_drain(ring, heads[i], &from_ring, &live->corrupt);
	}
	free(heads);
	watch_cpus(live);
	if (!live->stopping && arming_enable_late(&live->armed))
		look_again(live);
	snapshot_if_lost(live, &with_notes);
	if (live->verify && !live->snapshot && !live->stopping)
		reread_some(&live->reread, live->armed.followed, &live->composer);
	if (!live->stopping)
		sampler_some(&live->sampler, live->armed.followed, &live->composer);
	return now - settle_ns;
}

bool live_ended(struct live *live)
{
	return scope_ended(&live->scope);
}

/* ---- ending ---- */

/*
 * The kernel tells of a loss with the next record that it writes. What was lost after
 * a ring's last record is known from the events' own counts.
 */
static uint64_t tell_last_losses(struct live *live, const uint64_t *lost)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < live->armed.rings.count; i++) {
		const struct ring *ring = &live->armed.rings.list[i];

		sum += lost[i];
		if (lost[i] <= ring->lost)
			continue;
		live->composer.cpu = ring->cpu;
		compose_lost(&live->composer, lost[i] - ring->lost);
	}
	live->composer.cpu = 0;
	return sum;
}

/* Of processes that were for the most part held back, counters tell nothing. */
static void note_event_counts(struct live *live)
{
	uint64_t *lost = pfa_alloc(live->armed.rings.count * sizeof(*lost));
	struct event_counts counts = events_count(&live->armed.fds,
						  &live->armed.rings, lost);
	uint64_t lost_sum = tell_last_losses(live, lost);

	free(lost);
	if (live->armed.wide && live->scope.kind == SCOPE_PROCESSES)
		return;
	compose_note(&live->composer, 0, "counters minor=%llu major=%llu lost=%llu",
		     (unsigned long long)(counts.minor - live->sieve.minor),
		     (unsigned long long)(counts.major - live->sieve.major),
		     (unsigned long long)lost_sum);
}

static void note_end(struct live *live)
{
	scope_note_counters(&live->scope, &live->composer, "end");
	note_event_counts(live);
	scope_note_exits(&live->scope, &live->composer);
	pressure_note(&live->scope, &live->composer, "end");
	compose_note(&live->composer, 0, "end%s", live->corrupt ? " corrupt=1" : "");
}

void live_stop(struct live *live, const struct record_sink *sink)
{
	uint64_t bytes;

	begin_compose(live, sink);
	if (live->verify)
		reread_all(live->armed.followed, &live->composer);
	sampler_all(&live->sampler, live->armed.followed, &live->composer);
	live->stopping = true; /* what changes from here on has no records */
	events_disable(&live->armed.fds);
	/* Elsewhere a record may be half-way between its count and its ring. */
	if (live->armed.wide || !live_ended(live))
		usleep(settle_ns / 1000);
	live_drain(live, sink, &bytes);
	begin_compose(live, sink);
	note_end(live);
}

size_t live_children_left(const struct live *live)
{
	const struct target *program = scope_running_program(&live->scope);

	return program && program->ended && !live->armed.wide ?
		       followed_count_living(live->armed.followed) : 0;
}

pid_t live_still_running(const struct live *live)
{
	const struct target *program = scope_running_program(&live->scope);

	return program && !program->ended ? program->pid : 0;
}

void live_close(struct live *live)
{
	if (!live)
		return;
	arming_close(&live->armed);
	scope_close(&live->scope);
	objects_free(live->objects);
	kernel_code_free(live->kernel_code);
	reread_release(&live->reread);
	sampler_release(&live->sampler);
	exit_stats_close(live->exit_stats);
	text_release(&live->notices);
	free(live->tracing_data);
	free(live);
}
