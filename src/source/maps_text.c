#include "pfa/source/maps_text.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "pfa/base/text.h"
#include "pfa/source/procfs.h"

/*
 * A file that was opened shows the memory that the thread had then. When the last user
 * of that is gone it ends early, and is empty from its start, too.
 */
static bool is_whole(int fd)
{
	char byte;

	return pread(fd, &byte, 1, 0) == 1;
}

/* False when it cannot be read. */
static bool read_of(pid_t pid, pid_t tid, struct text *text)
{
	enum { CHUNK = 64 * 1024 };
	size_t before = text->length;
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/maps", pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while ((n = read(fd, text_room(text, CHUNK), CHUNK)) > 0)
		text->length += (size_t)n;
	if (n < 0 || !is_whole(fd))
		text->length = before;
	close(fd);
	return true;
}

/* A first thread that has ended before the others has no mappings any more. */
bool maps_text_read(pid_t pid, struct text *text)
{
	size_t before = text->length;
	bool readable = read_of(pid, pid, text);
	struct pids tids = { 0 };

	if (readable && text->length == before)
		procfs_threads(pid, &tids);
	for (size_t i = 0; i < tids.count && text->length == before; i++)
		(void)read_of(pid, tids.list[i], text);
	pids_release(&tids);
	return readable;
}
