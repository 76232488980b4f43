#include "pfa/source/synth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/source/compose.h"
#include "pfa/source/procfs.h"
#include "pfa/source/procmaps.h"

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

/* Returns how many mappings there were, -1 if they cannot be read. */
static int synth_maps_of(const struct composer *composer, pid_t pid, pid_t tid)
{
	char path[64];
	struct procmap map;
	char *line = NULL;
	size_t capacity = 0;
	int count = 0;
	ssize_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/maps", pid, tid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	for (; (n = getline(&line, &capacity, f)) > 0; count++) {
		size_t length = line[n - 1] == '\n' ? (size_t)n - 1 : (size_t)n;

		/* [vsyscall] lies in kernel space and is the same for all. */
		if (procmaps_parse_line(line, length, &map) &&
		    !(map.start >> 63))
			compose_mmap(composer, (uint32_t)pid, &map);
	}
	free(line);
	fclose(f);
	return count;
}

/* A first thread that has ended before the others has no mappings any more. */
static bool synth_maps(const struct composer *composer, pid_t pid)
{
	struct pids tids = { 0 };
	int count = synth_maps_of(composer, pid, pid);
	bool readable = count >= 0;

	if (readable && !count)
		procfs_threads(pid, &tids);
	for (size_t i = 0; i < tids.count && count <= 0; i++)
		count = synth_maps_of(composer, pid, tids.list[i]);
	pids_release(&tids);
	return readable;
}

bool synth_process(const struct composer *composer, pid_t pid)
{
	pid_t parent = procfs_parent(pid);

	if (parent < 0)
		return false;
	compose_fork(composer, (uint32_t)pid, (uint32_t)pid, (uint32_t)parent,
		     (uint32_t)parent);
	synth_threads(composer, pid);
	return synth_maps(composer, pid);
}

void synth_kernel(const struct composer *composer)
{
	uint64_t text = 0, text_end = 0, addr;
	char line[512], symbol[128];
	FILE *f = fopen("/proc/kallsyms", "re");

	while (f && !(text && text_end) && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNx64 " %*c %127s", &addr, symbol) != 2)
			continue;
		if (!strcmp(symbol, "_text"))
			text = addr;
		if (!strcmp(symbol, "_etext"))
			text_end = addr;
	}
	if (f)
		fclose(f);
	if (text && text_end > text)
		compose_kernel_map(composer, text, text_end);
}
