#include "pfa/source/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/source/procfs.h"

/* cgroup2 has the controller always, version 1 where it is mounted with it. */
static bool is_hierarchy(const struct mntent *mount)
{
	return !strcmp(mount->mnt_type, "cgroup2") ||
	       (!strcmp(mount->mnt_type, "cgroup") &&
		hasmntopt(mount, "perf_event"));
}

static bool is_cgroup(const char *path)
{
	struct text procs;
	bool found;

	text_init(&procs);
	text_printf(&procs, "%s/cgroup.procs", path);
	found = !faccessat(AT_FDCWD, text_cstr(&procs), F_OK, AT_EACCESS);
	text_release(&procs);
	return found;
}

/* The path below the hierarchy's mount, if there is such a group. */
static char *find_below_mounts(const char *name)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	char *found = NULL;
	struct text path;

	text_init(&path);
	while (mounts && !found && (mount = getmntent(mounts))) {
		if (!is_hierarchy(mount))
			continue;
		text_clear(&path);
		text_printf(&path, "%s/%s", mount->mnt_dir, name + (*name == '/'));
		if (is_cgroup(text_cstr(&path)))
			found = pfa_strdup(text_cstr(&path));
	}
	if (mounts)
		endmntent(mounts);
	text_release(&path);
	return found;
}

enum pfa_status cgroup_open(struct cgroup *cgroup, const char *name,
			    struct pfa_error *err)
{
	*cgroup = (struct cgroup){ .fd = -1 };
	cgroup->path = is_cgroup(name) ? pfa_strdup(name) : find_below_mounts(name);
	if (!cgroup->path)
		return pfa_fail(err, PFA_E_TARGET, "no control group '%s' (see "
				"/proc/PID/cgroup, or give its directory)", name);
	cgroup->fd = open(cgroup->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup->fd < 0)
		return pfa_fail(err, PFA_E_PERM, "%s: %s", cgroup->path,
				strerror(errno));
	return PFA_OK;
}

void cgroup_close(struct cgroup *cgroup)
{
	if (cgroup->fd >= 0)
		close(cgroup->fd);
	free(cgroup->path);
	*cgroup = (struct cgroup){ .fd = -1 };
}

static void read_procs(const char *path, struct pids *pids)
{
	FILE *f = fopen(path, "re");
	pid_t pid;

	while (f && fscanf(f, "%d", &pid) == 1)
		pids_add(pids, pid);
	if (f)
		fclose(f);
}

void cgroup_processes(const struct cgroup *cgroup, struct pids *pids)
{
	char *const roots[] = { cgroup->path, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT, NULL);
	FTSENT *entry;

	while (tree && (entry = fts_read(tree)))
		if (!strcmp(entry->fts_name, "cgroup.procs"))
			read_procs(entry->fts_path, pids);
	if (tree)
		fts_close(tree);
}
