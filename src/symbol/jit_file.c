#include "pfa/symbol/jit_file.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who may tell of its code, and what its number is to itself. */
struct owner {
	uint32_t pid, own_pid;
	uid_t uid; /* ours where it is gone */
};

/* "NSpid:\t4321\t17": the number in its own namespace is the last. */
static uint32_t last_number(const char *line)
{
	const char *last = strrchr(line, '\t');

	return last ? (uint32_t)strtoul(last, NULL, 10) : 0;
}

static struct owner owner_of(uint32_t pid)
{
	struct owner owner = { pid, pid, geteuid() };
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "NSpid:", 6))
			owner.own_pid = last_number(line);
		if (!strncmp(line, "Uid:\t", 5))
			owner.uid = (uid_t)strtoul(line + 5, NULL, 10);
	}
	if (f)
		fclose(f);
	return owner;
}

static bool is_trusted(const struct stat *st, const struct owner *owner)
{
	return S_ISREG(st->st_mode) && (st->st_uid == 0 || st->st_uid == geteuid() ||
					st->st_uid == owner->uid);
}

/* No link is followed at its end: whose it is does not say whose the file is. */
static int open_trusted(const char *path, const struct owner *owner)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !is_trusted(&st, owner))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* ---- a jitdump file ---- */

/* Its writer maps its first page executable, to make it known. */
static int open_mapped(const struct owner *owner)
{
	char path[64], name[64], line[PATH_MAX + 128];
	int fd = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/maps", owner->pid);
	snprintf(name, sizeof(name), "/jit-%u.dump\n", owner->own_pid);
	f = fopen(path, "re");
	while (f && fd < 0 && fgets(line, sizeof(line), f)) {
		const char *dir = strchr(line, '/');
		char file[PATH_MAX + 192];

		if (!dir || !strstr(dir, name))
			continue;
		snprintf(file, sizeof(file), "/proc/%u/root%.*s", owner->pid,
			 (int)strcspn(dir, "\n"), dir);
		fd = open_trusted(file, owner);
	}
	if (f)
		fclose(f);
	return fd;
}

/* ~/.debug/jit/LANGUAGE-jit-DATE.RANDOM/jit-PID.dump: the latest of them. */
static int open_in_home(const struct owner *owner)
{
	const char *home = getenv("HOME");
	char pattern[PATH_MAX];
	int fd = -1;
	glob_t found;

	if (!home)
		return -1;
	snprintf(pattern, sizeof(pattern), "%s/.debug/jit/*/jit-%u.dump", home,
		 owner->pid);
	if (!glob(pattern, 0, NULL, &found)) {
		fd = open_trusted(found.gl_pathv[found.gl_pathc - 1], owner);
		globfree(&found);
	}
	return fd;
}

int jit_file_open_dump(uint32_t pid, const char *symfs)
{
	const struct owner owner = owner_of(pid);
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s%sjit-%u.dump", symfs ? symfs : "",
		 symfs ? "/" : "", pid);
	if (symfs)
		return open_trusted(path, &owner);
	fd = open_mapped(&owner);
	if (fd < 0)
		fd = open_trusted(path, &owner);
	return fd < 0 ? open_in_home(&owner) : fd;
}

/* ---- a perf map ---- */

int jit_file_open_map(uint32_t pid, const char *symfs)
{
	const struct owner owner = owner_of(pid);
	char path[PATH_MAX];
	int fd = -1;

	if (!symfs) {
		snprintf(path, sizeof(path), "/proc/%u/root/tmp/perf-%u.map", pid,
			 owner.own_pid);
		fd = open_trusted(path, &owner);
	}
	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "%s/tmp/perf-%u.map", symfs ? symfs : "", pid);
	return open_trusted(path, &owner);
}
