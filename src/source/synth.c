#include "pfa/source/synth.h"

#include <stdio.h>

#include "pfa/base/text.h"
#include "pfa/decode/procmaps.h"
#include "pfa/source/compose.h"
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

static bool synth_maps(const struct composer *composer, pid_t pid)
{
	const char *at, *end;
	struct procmap map;
	struct text text;
	bool readable;

	text_init(&text);
	readable = maps_text_read(pid, &text);
	at = text_cstr(&text);
	end = at + text.length;
	while (procmaps_next(&at, end, &map))
		compose_mmap(composer, (uint32_t)pid, &map);
	text_release(&text);
	return readable;
}

bool synth_process(const struct composer *composer, pid_t pid)
{
	pid_t parent = procfs_parent(pid);

	if (parent < 0 || procfs_is_dead(pid))
		return false;
	compose_fork(composer, (uint32_t)pid, (uint32_t)pid, (uint32_t)parent,
		     (uint32_t)parent);
	synth_threads(composer, pid);
	return synth_maps(composer, pid);
}
