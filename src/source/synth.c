#include "pfa/source/synth.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/text.h"
#include "pfa/decode/procmaps.h"
#include "pfa/source/compose.h"
#include "pfa/source/found_threads.h"
#include "pfa/source/maps_text.h"
#include "pfa/source/procfs.h"

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

static void synth_threads(const struct composer *composer, pid_t pid,
			  const struct pids *tids)
{
	for (size_t i = 0; i < tids->count; i++) {
		if (tids->list[i] != pid)
			compose_fork(composer, (uint32_t)pid, (uint32_t)tids->list[i],
				     (uint32_t)pid, (uint32_t)pid);
		synth_comm(composer, pid, tids->list[i]);
	}
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
		       struct found_threads *found)
{
	char program[PROCMAPS_PATH_MAX];
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
		found_threads_see(found, pid, &map);
	}
	text_release(&text);
	return readable;
}

/* What its threads told when they were born. */
static void note_threads(const struct composer *composer, pid_t pid,
			 const struct found_threads *found)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct found_thread *thread = &found->list[i];

		compose_note(composer, (uint32_t)pid, "thread %d pointer=%" PRIx64
			     " robust=%" PRIx64 " stack=%" PRIx64 "-%" PRIx64, thread->tid,
			     thread->area.pointer, thread->area.robust_head,
			     thread->stack_start, thread->stack_end);
	}
}

bool synth_process(const struct composer *composer, pid_t pid)
{
	pid_t parent = procfs_parent(pid);
	struct found_threads found = { 0 };
	struct pids tids = { 0 };
	bool readable;

	if (parent < 0 || procfs_is_dead(pid))
		return false;
	compose_fork(composer, (uint32_t)pid, (uint32_t)pid, (uint32_t)parent,
		     (uint32_t)parent);
	/* Read once: who is born later maps its stack later, and tells of it. */
	procfs_threads(pid, &tids);
	synth_threads(composer, pid, &tids);
	found_threads_read(&found, &tids);
	readable = synth_maps(composer, pid, &found);
	note_threads(composer, pid, &found);
	found_threads_release(&found);
	pids_release(&tids);
	return readable;
}
