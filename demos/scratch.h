/*
 * A scratch file on a disk filesystem, already unlinked: it ends with the
 * demo whatever happens. On tmpfs the page cache is the file itself, nothing
 * can be dropped from it and nothing is ever read from a device.
 */
#ifndef DEMOS_SCRATCH_H
#define DEMOS_SCRATCH_H

#include <linux/magic.h>
#include <sys/vfs.h>

#include "say.h"

static inline const char *scratch_dir(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : getenv("TMPDIR");

	return dir ? dir : "/var/tmp";
}

/* In a directory of its own, so that it has the same name in every run. */
static inline int open_scratch(const char *dir)
{
	char parent[4096], path[4096 + 16];
	int fd;

	snprintf(parent, sizeof(parent), "%s/pfa-demo-XXXXXX", dir);
	if (!mkdtemp(parent))
		die(parent);
	snprintf(path, sizeof(path), "%s/scratch", parent);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || unlink(path) != 0 || rmdir(parent) != 0)
		die(path);
	return fd;
}

/* Written through write(2): its pages are in the page cache, clean. */
static inline int scratch_file(const char *dir, size_t size)
{
	int fd = open_scratch(dir);
	char block[4096];
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		die("fstatfs");
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC) {
		say("skip %.200s is not on a disk", dir);
		exit(0);
	}
	memset(block, 'p', sizeof(block));
	for (size_t done = 0; done < size; done += sizeof(block))
		if (write(fd, block, sizeof(block)) != sizeof(block))
			die("write");
	if (fsync(fd) != 0)
		die("fsync");
	return fd;
}

/* How many pages of a file mapping are in the page cache. */
static inline size_t cached_pages(char *map, size_t size)
{
	size_t count = size / page_size();
	size_t cached = 0;
	unsigned char state[count];

	if (mincore(map, size, state) != 0)
		die("mincore");
	for (size_t i = 0; i < count; i++)
		cached += state[i] & 1;
	return cached;
}

/*
 * Make a mapped, untouched file cold, and let a fault read its own page only
 * (MADV_RANDOM: no readahead). DONTNEED skips what someone else holds just
 * now, hence the second try.
 */
static inline void make_cold(int fd, char *map, size_t size)
{
	for (int try = 0; try < 10; try++) {
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		if (!cached_pages(map, size)) {
			madvise(map, size, MADV_RANDOM);
			return;
		}
		usleep(10000);
	}
	say("skip the page cache can't be dropped here");
	exit(0);
}

#endif
