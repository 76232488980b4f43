#include "pfa/pages/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/procmaps.h"
#include "pfa/model/backing.h"
#include "pfa/model/names.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/model/vma_class.h"
#include "pfa/pages/status_text.h"
#include "pfa/source/objects.h"
#include "pfa/source/procfs.h"
#include "pfa/source/target.h"

/* ---- its directory ---- */

static enum pfa_status check_pid(pid_t pid, struct pfa_error *err)
{
	struct target target;
	enum pfa_status status = target_attach(&target, pid, err);

	target_close(&target);
	if (!status && procfs_is_kernel_thread(pid))
		return pfa_fail(err, PFA_E_TARGET, "%d is a kernel thread: it has no "
				"memory of its own", pid);
	if (!status && procfs_is_dead(pid))
		return pfa_fail(err, PFA_E_TARGET, "process %d has ended (a zombie): it "
				"has no memory any more", pid);
	return status;
}

/* Which file is open and empty where a thread has no memory. */
static bool has_memory(int dir)
{
	int fd = openat(dir, "maps", O_RDONLY | O_CLOEXEC);
	bool has = true;
	char byte;

	if (fd < 0)
		return errno != ENOENT && errno != ESRCH;
	has = read(fd, &byte, 1) != 0;
	close(fd);
	return has;
}

static int open_thread(pid_t pid, pid_t tid)
{
	char path[64];
	int dir;

	snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, tid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && !has_memory(dir)) {
		close(dir);
		return -1;
	}
	return dir;
}

enum pfa_status process_open(pid_t pid, int *dir, struct pfa_error *err)
{
	enum pfa_status status = check_pid(pid, err);
	struct pids tids = { 0 };

	if (status)
		return status;
	*dir = open_thread(pid, pid);
	if (*dir < 0)
		procfs_threads(pid, &tids);
	for (size_t i = 0; i < tids.count && *dir < 0; i++)
		*dir = open_thread(pid, tids.list[i]);
	pids_release(&tids);
	if (*dir >= 0)
		return PFA_OK;
	return pfa_fail(err, PFA_E_TARGET, "process %d has ended, or is hidden in /proc "
			"(run as root)", pid);
}

/* ---- its files ---- */

/* False, with errno, when it cannot be read. *whole: it did not end meanwhile. */
static bool read_file(int dir, const char *name, struct text *text, bool *whole)
{
	enum { CHUNK = 256 * 1024 };
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	char byte;

	text_clear(text);
	if (fd < 0)
		return false;
	while ((n = read(fd, text_room(text, CHUNK), CHUNK)) > 0)
		text->length += (size_t)n;
	*whole = n == 0 && pread(fd, &byte, 1, 0) == 1;
	close(fd);
	return true;
}

static enum pfa_status cannot_read(pid_t pid, const char *name, struct pfa_error *err)
{
	if (errno == EACCES || errno == EPERM)
		return pfa_fail(err, PFA_E_PERM, "process %d: its %s may not be read "
				"(run as root, or as its owner)", pid, name);
	return pfa_fail(err, PFA_E_TARGET, "process %d has ended: %s: %s", pid, name,
			strerror(errno));
}

/* ---- its VMAs ---- */

struct reading {
	struct map_process *process;
	struct intern *strings;
	const struct names *names;
	struct space *space;
	const struct backing *tried; /* whether it is an ELF file: asked last */
	size_t capacity;
};

static void add_vma(struct reading *r, const struct procmap *map,
		    const struct smaps *smaps)
{
	struct map_process *p = r->process;
	struct map_vma *vma;

	p->vmas = pfa_grow(p->vmas, p->vma_count, &r->capacity, sizeof(*p->vmas));
	vma = &p->vmas[p->vma_count++];
	*vma = (struct map_vma){
		.start = map->start,
		.end = map->end,
		.pgoff_bytes = map->pgoff_bytes,
		.inode = map->inode,
		.dev_major = map->dev_major,
		.dev_minor = map->dev_minor,
		.prot = map->prot,
		.shared = map->shared,
		.path = intern_text(r->strings, map->path),
		.smaps = *smaps,
	};
	vma->smaps.flags = intern_bytes(r->strings, smaps->flags, smaps->flags_length);
}

/* As the model has it, so that it is named by the same rules. */
static void add_to_space(struct reading *r, const struct procmap *map)
{
	const struct file_id file = {
		.inode = map->inode,
		.dev_major = map->dev_major,
		.dev_minor = map->dev_minor,
	};
	const char *name = procmaps_name(map);
	struct backing *backing = backing_of(r->names->backings, name,
					     map->inode ? &file : NULL);
	const struct vma vma = {
		.start = map->start,
		.end = map->end,
		.pgoff_bytes = map->pgoff_bytes,
		.backing = backing,
		.prot = map->prot,
		.flags = map->shared ? MAP_SHARED : MAP_PRIVATE,
	};

	if (!backing->layout && (backing != r->tried || map->prot & PROT_EXEC))
		backing->layout = objects_read_mapped(r->process->pid, map);
	r->tried = backing;
	space_map(r->space, &vma);
}

static void read_vmas(struct reading *r, const char *at, const char *end)
{
	struct procmap map;
	struct smaps smaps;

	while (smaps_next(&at, end, &map, &smaps)) {
		add_vma(r, &map, &smaps);
		add_to_space(r, &map);
	}
	for (size_t i = 0; i < r->process->vma_count; i++) {
		struct map_vma *vma = &r->process->vmas[i];
		const struct vma *found = space_find(r->space, vma->start);

		vma->region = region_of_range(r->names->regions, r->space, found,
					      vma->start);
		vma->class = vma_class(found, vma->region);
	}
}

static enum pfa_status read_smaps(struct reading *r, int dir, struct text *text,
				  struct pfa_error *err)
{
	struct map_process *p = r->process;
	const char *at;
	bool whole;

	if (!read_file(dir, "smaps", text, &whole))
		return cannot_read(p->pid, "smaps", err);
	at = text_cstr(text);
	read_vmas(r, at, at + text->length);
	p->ended |= !whole;
	if (p->vma_count)
		return PFA_OK;
	return pfa_fail(err, PFA_E_TARGET, "process %d has ended", p->pid);
}

static void read_rollup(struct map_process *p, int dir, struct text *text)
{
	struct procmap map;
	const char *at;
	bool whole;

	if (!read_file(dir, "smaps_rollup", text, &whole))
		return;
	at = text_cstr(text);
	p->has_rollup = smaps_next(&at, at + text->length, &map, &p->rollup);
	p->rollup.flags = "";
	p->ended |= !whole;
}

enum pfa_status process_read(struct map_process *p, pid_t pid, int dir,
			     struct intern *strings, const struct names *names,
			     struct pfa_error *err)
{
	struct reading reading = {
		.process = p,
		.strings = strings,
		.names = names,
		.space = space_new(),
	};
	enum pfa_status status = PFA_OK;
	struct text text;
	bool whole;

	*p = (struct map_process){ .pid = pid, .comm = "" };
	text_init(&text);
	if (!read_file(dir, "status", &text, &whole))
		status = cannot_read(pid, "status", err);
	else
		status_parse(text_cstr(&text), strings, p);
	if (!status)
		status = read_smaps(&reading, dir, &text, err);
	if (!status)
		read_rollup(p, dir, &text);
	text_release(&text);
	space_free(reading.space);
	return status;
}

void process_release(struct map_process *p)
{
	free(p->vmas);
}
