#include "pfa/source/synth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/base/search.h"
#include "pfa/base/text.h"
#include "pfa/decode/procmaps.h"
#include "pfa/source/compose.h"
#include "pfa/source/maps_text.h"
#include "pfa/source/procfs.h"
#include "pfa/source/thread_area.h"

#define PAGE UINT64_C(4096)

static void synth_comm(const struct composer *composer, pid_t pid, pid_t tid)
{
	char path[64], comm[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", pid, tid);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(comm, sizeof(comm), f)) {
		comm[strcspn(comm, "\n")] = '\0';
		compose_comm(composer, (uint32_t)pid, (uint32_t)tid, comm);
	}
	fclose(f);
}

static void synth_threads(const struct composer *composer, pid_t pid)
{
	struct pids tids = { 0 };

	procfs_threads(pid, &tids);
	for (size_t i = 0; i < tids.count; i++) {
		if (tids.list[i] != pid)
			compose_fork(composer, (uint32_t)pid, (uint32_t)tids.list[i],
				     (uint32_t)pid, (uint32_t)pid);
		synth_comm(composer, pid, tids.list[i]);
	}
	pids_release(&tids);
}

/* Memory above an inaccessible mapping: it may be the stack of a thread. */
struct guarded {
	uint64_t start, end;
};

struct all_guarded {
	struct guarded *list; /* by address */
	size_t count, capacity;
};

/* Mapping after mapping; *guard_end is where the one before ends, if it is a guard. */
static void collect_guarded(struct all_guarded *all, const struct procmap *map,
			    uint64_t *guard_end)
{
	if (!map->path[0] && map->prot != PROT_NONE && map->start == *guard_end) {
		all->list = pfa_grow(all->list, all->count, &all->capacity,
				     sizeof(*all->list));
		all->list[all->count++] = (struct guarded){ map->start, map->end };
	}
	*guard_end = map->prot == PROT_NONE ? map->end : 0;
}

/* As /proc/PID/maps names it. "": it cannot be told. */
static void read_program_path(pid_t pid, char path[PROCMAPS_PATH_MAX])
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	length = readlink(link, path, PROCMAPS_PATH_MAX - 1);
	path[length > 0 ? length : 0] = '\0';
}

/* Of which exec told by what it maps first. */
static void note_program(const struct composer *composer, pid_t pid,
			 const struct procmap *map, char path[PROCMAPS_PATH_MAX])
{
	if (!path[0] || strcmp(map->path, path) != 0)
		return;
	compose_note(composer, (uint32_t)pid, "program %" PRIx64, map->start);
	path[0] = '\0';
}

static bool synth_maps(const struct composer *composer, pid_t pid,
		       struct all_guarded *guarded)
{
	char program[PROCMAPS_PATH_MAX];
	uint64_t guard_end = 0;
	const char *at, *end;
	struct procmap map;
	struct text text;
	bool readable;

	read_program_path(pid, program);
	text_init(&text);
	readable = maps_text_read(pid, &text);
	at = text_cstr(&text);
	end = at + text.length;
	while (procmaps_next(&at, end, &map)) {
		compose_mmap(composer, (uint32_t)pid, &map);
		note_program(composer, pid, &map, program);
		collect_guarded(guarded, &map, &guard_end);
	}
	text_release(&text);
	return readable;
}

/*
 * A stack ends with the page of the thread's control block: what lies above may be
 * another mapping that the kernel merged with it.
 */
static struct guarded stack_of(const struct all_guarded *all, uint64_t pointer)
{
	size_t upto = COUNT_UPTO(all->list, all->count, start, pointer);

	if (!upto || pointer >= all->list[upto - 1].end)
		return (struct guarded){ 0, 0 };
	return (struct guarded){ all->list[upto - 1].start, (pointer | (PAGE - 1)) + 1 };
}

/* What its threads told when they were born. The first has the stack of its exec. */
static void note_areas(const struct composer *composer, pid_t pid,
		       const struct all_guarded *guarded)
{
	struct pids tids = { 0 };

	procfs_threads(pid, &tids);
	for (size_t i = 0; i < tids.count; i++) {
		struct guarded stack = { 0, 0 };
		struct thread_area area;

		if (!thread_area_read(tids.list[i], &area))
			continue;
		if (tids.list[i] != pid)
			stack = stack_of(guarded, area.pointer);
		compose_note(composer, (uint32_t)pid, "thread %d pointer=%" PRIx64
			     " robust=%" PRIx64 " stack=%" PRIx64 "-%" PRIx64,
			     tids.list[i], area.pointer, area.robust_head, stack.start,
			     stack.end);
	}
	pids_release(&tids);
}

bool synth_process(const struct composer *composer, pid_t pid)
{
	pid_t parent = procfs_parent(pid);
	struct all_guarded guarded = { 0 };
	bool readable;

	if (parent < 0 || procfs_is_dead(pid))
		return false;
	compose_fork(composer, (uint32_t)pid, (uint32_t)pid, (uint32_t)parent,
		     (uint32_t)parent);
	synth_threads(composer, pid);
	readable = synth_maps(composer, pid, &guarded);
	note_areas(composer, pid, &guarded);
	free(guarded.list);
	return readable;
}
