#include "pfa/source/procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/mem.h"

void pids_release(struct pids *pids)
{
	free(pids->list);
	*pids = (struct pids){ 0 };
}

bool pids_have(const struct pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++)
		if (pids->list[i] == pid)
			return true;
	return false;
}

static void append(struct pids *pids, pid_t pid)
{
	pids->list = pfa_grow(pids->list, pids->count, &pids->capacity, sizeof(pid_t));
	pids->list[pids->count++] = pid;
}

bool pids_add(struct pids *pids, pid_t pid)
{
	if (pids_have(pids, pid))
		return false;
	append(pids, pid);
	return true;
}

static void add_numbers_in(const char *path, struct pids *pids)
{
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			append(pids, (pid_t)strtol(entry->d_name, NULL, 10));
	if (dir)
		closedir(dir);
}

void procfs_processes(struct pids *pids)
{
	add_numbers_in("/proc", pids);
}

void procfs_threads(pid_t pid, struct pids *tids)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	add_numbers_in(path, tids);
}

/* Reads the one value that a line of /proc/PID/status has for the format. */
static void read_status(pid_t pid, const char *format, void *value)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, format, value) == 1)
			break;
	if (f)
		fclose(f);
}

pid_t procfs_parent(pid_t pid)
{
	pid_t parent = -1;

	read_status(pid, "PPid: %d", &parent);
	return parent;
}

bool procfs_is_dead(pid_t pid)
{
	struct pids tids = { 0 };
	char state = '\0';
	bool dead;

	read_status(pid, "State: %c", &state);
	if (state != 'Z' && state != 'X')
		return false;
	procfs_threads(pid, &tids); /* the first may have ended before the others */
	dead = tids.count <= 1;
	pids_release(&tids);
	return dead;
}

bool procfs_add_children(struct pids *pids, const struct pids *before)
{
	struct pids now = { 0 };
	bool found = false;

	procfs_processes(&now);
	for (size_t i = 0; i < now.count; i++)
		if (!pids_have(before, now.list[i]) &&
		    pids_have(pids, procfs_parent(now.list[i])) &&
		    pids_add(pids, now.list[i]))
			found = true;
	pids_release(&now);
	return found;
}

bool procfs_is_ours(void)
{
	char pid[16] = "";

	return readlink("/proc/self", pid, sizeof(pid) - 1) > 0 &&
	       strtol(pid, NULL, 10) == getpid();
}

bool procfs_is_kernel_thread(pid_t pid)
{
	enum { PF_KTHREAD = 0x200000 }; /* include/linux/sched.h */
	char path[64], line[256], *comm_end;
	unsigned flags = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	comm_end = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	return comm_end && sscanf(comm_end, ") %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       flags & PF_KTHREAD;
}
