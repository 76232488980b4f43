#include "pfa/source/mem_status.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/source/procfs.h"

/* "\nNAME:\t     123 kB": no name of a line is in the process's own name, which the
 * first line has escaped. */
static bool find_line(const char *text, const char *name, uint64_t *bytes)
{
	char key[32];
	const char *at;
	char *end;

	snprintf(key, sizeof(key), "\n%s:", name);
	at = strstr(text, key);
	if (!at)
		return false;
	at += strlen(key);
	*bytes = strtoull(at, &end, 10) * 1024;
	return end != at;
}

bool mem_status_parse(const char *text, struct mem_status *status)
{
#define X(member, name, word) && find_line(text, name, &status->member##_bytes)
	return true MEM_STATUS_LINES(X);
#undef X
}

static bool read_of(pid_t pid, pid_t tid, struct mem_status *status)
{
	char path[64], text[8192];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return mem_status_parse(text, status);
}

/* A first thread that has ended before the others has no memory any more. */
bool mem_status_read(pid_t pid, struct mem_status *status)
{
	struct pids tids = { 0 };
	bool found = read_of(pid, pid, status);

	if (!found && !procfs_is_kernel_thread(pid))
		procfs_threads(pid, &tids);
	for (size_t i = 0; i < tids.count && !found; i++)
		found = read_of(pid, tids.list[i], status);
	pids_release(&tids);
	return found;
}
