/* Records made by us are read like the kernel's; so is a snapshot of a process. */
#include "../support/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/decode/decode.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/note.h"
#include "pfa/decode/procmaps.h"
#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/events.h"
#include "pfa/source/synth.h"

enum { SIDEBAND_ID = 42, EVENTS_MAX = 1024 };

/* The session's two events that composed records belong to, and what came of them. */
struct world {
	struct evlist *list;
	struct intern *strings;
	struct event events[EVENTS_MAX];
	size_t count;
	uint16_t size; /* of the last record */
	char note[65536]; /* the last one's text; its bytes end with its record */
	struct record_sink sink;
	struct composer composer;
};

static void add_event(struct evlist *list, uint64_t config, const char *name,
		      uint64_t more_fields, uint64_t id)
{
	const struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .config = config, .sample_id_all = 1,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
			       PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | more_fields,
	};

	evlist_add_id(list, evlist_add(list, &attr, name), id);
}

static void take(void *context, const struct perf_event_header *header)
{
	struct world *w = context;
	const struct record record = record_of(w->list, header);
	struct event *e = &w->events[w->count++];

	assert_true(w->count < EVENTS_MAX);
	w->size = record_size(header);
	assert_int_equal(w->size % 8, 0);
	assert_int_equal(record.time_ns, 123456);
	assert_int_equal(record.cpu, 3);
	assert_true(decode_event(&record, w->strings, e));
	if (e->kind == EVENT_NOTE)
		snprintf(w->note, sizeof(w->note), "%.*s", (int)e->note.length,
			 (const char *)e->note.bytes);
}

static int world_new(void **state)
{
	struct world *w = pfa_alloc(sizeof(*w));
	struct formats *formats = formats_new();
	struct pfa_error err;

	w->list = evlist_new();
	w->strings = intern_new();
	w->sink = (struct record_sink){ take, w };
	w->composer = (struct composer){ &w->sink, SIDEBAND_ID, 123456, 3 };
	add_event(w->list, PERF_COUNT_SW_DUMMY, "dummy", 0, SIDEBAND_ID);
	add_event(w->list, PERF_COUNT_SW_BPF_OUTPUT, NOTE_EVENT_NAME, PERF_SAMPLE_RAW,
		  EVENTS_NOTE_ID);
	assert_int_equal(evlist_resolve(w->list, formats, &err), PFA_OK);
	formats_free(formats);
	*state = w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	evlist_free(w->list);
	intern_free(w->strings);
	free(w);
	return 0;
}

static void fork_is_of_a_process_that_existed(void **state)
{
	struct world *w = *state;
	const struct event *e = &w->events[0];

	compose_fork(&w->composer, 100, 101, 7, 8);
	assert_int_equal(e->kind, EVENT_FORK);
	assert_true(e->fork.fresh);
	assert_int_equal(e->fork.child_pid, 100);
	assert_int_equal(e->fork.child_tid, 101);
	assert_int_equal(e->fork.parent_pid, 7);
	assert_int_equal(e->fork.parent_tid, 8);
}

static void comm_of_any_length_is_read_back(void **state)
{
	static const char text[] = "a name of 25 bytes in all";
	struct world *w = *state;

	for (size_t length = 0; length < sizeof(text); length++) {
		char comm[sizeof(text)] = "";

		memcpy(comm, text, length);
		w->count = 0;
		compose_comm(&w->composer, 100, 101, comm);
		assert_int_equal(w->events[0].kind, EVENT_COMM);
		assert_int_equal(w->events[0].pid, 100);
		assert_int_equal(w->events[0].tid, 101);
		assert_string_equal(w->events[0].comm.comm, comm);
		assert_false(w->events[0].comm.exec);
	}
}

static const struct {
	const char *path;
	bool shared;
	const char *name;
} named[] = {
	{ "/usr/bin/demo", false, "/usr/bin/demo" },
	{ "", false, "//anon" },
	{ "[anon:glibc: malloc]", false, "//anon" },
	{ "[heap]", false, "[heap]" },
	{ "/dev/zero (deleted)", true, "/dev/zero (deleted)" },
};

static void mapping_has_the_name_the_kernel_would_give(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(named); i++) {
		struct procmap map = { .start = 0x1000, .end = 0x4000,
				       .pgoff_bytes = 0x2000, .inode = 4711,
				       .dev_major = 8, .dev_minor = 1,
				       .prot = PROT_READ | PROT_WRITE,
				       .shared = named[i].shared };
		const struct event *e = &w->events[0];

		memcpy(map.path, named[i].path, strlen(named[i].path) + 1);
		w->count = 0;
		compose_mmap(&w->composer, 100, &map);
		assert_int_equal(e->kind, EVENT_MMAP);
		assert_int_equal(e->pid, 100);
		assert_int_equal(e->mmap.start, 0x1000);
		assert_int_equal(e->mmap.length, 0x3000);
		assert_int_equal(e->mmap.pgoff_bytes, 0x2000);
		assert_int_equal(e->mmap.inode, 4711);
		assert_int_equal(e->mmap.dev_major, 8);
		assert_int_equal(e->mmap.dev_minor, 1);
		assert_int_equal(e->mmap.prot, PROT_READ | PROT_WRITE);
		assert_int_equal(e->mmap.flags,
				 named[i].shared ? MAP_SHARED : MAP_PRIVATE);
		assert_string_equal(e->mmap.name, named[i].name);
	}
}

static void kernel_map_is_nothing_to_us(void **state)
{
	struct world *w = *state;

	compose_kernel_map(&w->composer, 0xffffffff81000000, 0xffffffff82000000);
	assert_int_equal(w->events[0].kind, EVENT_NONE);
}

static void note_of_any_length_is_read_back(void **state)
{
	static const char text[] = "end corrupt=0, and more";
	struct world *w = *state;

	for (int length = 0; length < (int)sizeof(text); length++) {
		char wanted[sizeof(text)] = "";

		memcpy(wanted, text, (size_t)length);
		w->count = 0;
		compose_note(&w->composer, 100, "%.*s", length, text);
		assert_int_equal(w->events[0].kind, EVENT_NOTE);
		assert_int_equal(w->events[0].pid, 100);
		assert_string_equal(w->note, wanted);
	}
}

static void note_too_long_for_a_record_is_cut(void **state)
{
	struct world *w = *state;
	char *text = pfa_alloc(100000);

	memset(text, 'n', 99999);
	compose_note(&w->composer, 100, "%s", text);
	assert_int_equal(strlen(w->note), 60 * 1024 - 1);
	assert_true(w->size > 60 * 1024);
	free(text);
}

static void clock_runs_forward(void **state)
{
	uint64_t before = compose_now_ns();

	(void)state;
	usleep(1000);
	assert_true(compose_now_ns() >= before + 1000000);
}

/* ---- a snapshot ---- */

/* A child that waits, so that nothing changes while we look. */
static pid_t paused_child(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "paused");
		if (write(ends[1], "x", 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static size_t pass_notes(const struct world *w, size_t at, size_t *notes)
{
	for (; at < w->count && w->events[at].kind == EVENT_NOTE; at++)
		++*notes;
	return at;
}

/* Lines of its maps below the kernel's half, in their order; returns how many notes there
 * are between and behind them. */
static size_t check_maps(const struct world *w, size_t first, pid_t pid)
{
	size_t notes = 0;
	char path[64], line[4096 + 128];
	size_t at = first;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned long start, end;

		assert_int_equal(sscanf(line, "%lx-%lx", &start, &end), 2);
		if (start >> 63)
			continue;
		assert_true(at < w->count);
		assert_int_equal(w->events[at].kind, EVENT_MMAP);
		assert_int_equal(w->events[at].pid, pid);
		assert_int_equal(w->events[at].mmap.start, start);
		assert_int_equal(w->events[at].mmap.length, end - start);
		at = pass_notes(w, at + 1, &notes);
	}
	assert_int_equal(at, w->count);
	fclose(f);
	return notes;
}

/* The child has its parent's thread pointer; it has the stack of an exec. */
static void check_thread_note(const char *note, pid_t pid)
{
	unsigned long pointer, robust;
	int tid, used = 0;

	sscanf(note, "thread %d pointer=%lx robust=%lx stack=0-0%n", &tid, &pointer,
	       &robust, &used);
	assert_int_equal(used, strlen(note));
	assert_int_equal(tid, pid);
	assert_int_equal(pointer, (uintptr_t)__builtin_thread_pointer());
	assert_in_range(robust, pointer, pointer + 4096);
}

static void snapshot_is_fork_comm_and_every_mapping(void **state)
{
	struct world *w = *state;
	pid_t pid = paused_child();

	assert_true(synth_process(&w->composer, pid));
	assert_int_equal(w->events[0].kind, EVENT_FORK);
	assert_int_equal(w->events[0].fork.child_pid, pid);
	assert_int_equal(w->events[0].fork.child_tid, pid);
	assert_int_equal(w->events[0].fork.parent_pid, getpid());
	assert_int_equal(w->events[1].kind, EVENT_COMM);
	assert_string_equal(w->events[1].comm.comm, "paused");
	assert_int_equal(check_maps(w, 2, pid), 2); /* its program, its thread */
	check_thread_note(w->note, pid);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(synth_process(&w->composer, pid));
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(fork_is_of_a_process_that_existed),
		in_world(comm_of_any_length_is_read_back),
		in_world(mapping_has_the_name_the_kernel_would_give),
		in_world(kernel_map_is_nothing_to_us),
		in_world(note_of_any_length_is_read_back),
		in_world(note_too_long_for_a_record_is_cut),
		cmocka_unit_test(clock_runs_forward),
		in_world(snapshot_is_fork_comm_and_every_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
