#include "pfa/source/objects.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pfa/base/hash.h"
#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/procmaps.h"
#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/symbol/elf_file.h"
#include "pfa/symbol/elf_layout.h"
#include "pfa/symbol/files.h"
#include "pfa/symbol/symbols.h"

#define NOT_SETTLED UINT64_MAX

struct seen {
	UT_hash_handle hh;
	/* Nothing more to find out from then on: rings are drained one after another, so
	 * that the first mapping may be seen behind a later one. Till then it only looked
	 * like data. */
	uint64_t settled_ns;
	char key[]; /* "major:minor inode/generation path" */
};

struct objects {
	struct seen *seen;
	struct files *files; /* NULL: none are kept */
};

/* The part of an MMAP2 record that matters here. */
struct mapped {
	uint64_t time_ns;
	uint32_t pid, dev_major, dev_minor;
	uint64_t start, end, inode, generation;
	bool executable;
	const char *path;
};

struct objects *objects_new(struct files *files)
{
	struct objects *objects = pfa_alloc(sizeof(*objects));

	objects->files = files;
	return objects;
}

void objects_free(struct objects *objects)
{
	struct seen *entry, *next;

	if (!objects)
		return;
	HASH_ITER(hh, objects->seen, entry, next) {
		HASH_DEL(objects->seen, entry);
		free(entry);
	}
	free(objects);
}

/* Source: include/uapi/linux/perf_event.h, PERF_RECORD_MMAP2. */
static bool read_mmap2(const struct perf_event_header *record, uint64_t time_ns,
		       struct mapped *m)
{
	struct cursor c = cursor_of(record, record_size(record));

	m->time_ns = time_ns;
	cursor_take(&c, sizeof(*record));
	m->pid = cursor_u32(&c);
	cursor_u32(&c);
	m->start = cursor_u64(&c);
	m->end = m->start + cursor_u64(&c);
	cursor_u64(&c);
	m->dev_major = cursor_u32(&c);
	m->dev_minor = cursor_u32(&c);
	m->inode = cursor_u64(&c);
	m->generation = cursor_u64(&c);
	m->executable = cursor_u32(&c) & PROT_EXEC;
	cursor_u32(&c); /* flags */
	m->path = cursor_string(&c);
	return m->path != NULL;
}

static bool worth_a_look(const struct seen *seen, const struct mapped *m)
{
	if (seen->settled_ns == NOT_SETTLED)
		return m->executable;
	return m->time_ns < seen->settled_ns;
}

/* Returns the file's entry if there is something to find out about it, or NULL. */
static struct seen *remember(struct objects *objects, const struct mapped *m)
{
	struct seen *entry;
	char key[64 + 4096];
	size_t length;
	int n = snprintf(key, sizeof(key), "%u:%u %" PRIu64 "/%" PRIu64 " %s",
			 m->dev_major, m->dev_minor, m->inode, m->generation,
			 m->path);

	length = n < 0 ? 0 : strlen(key);
	HASH_FIND(hh, objects->seen, key, length, entry);
	if (entry)
		return worth_a_look(entry, m) ? entry : NULL;
	entry = pfa_alloc(sizeof(*entry) + length + 1);
	entry->settled_ns = NOT_SETTLED;
	memcpy(entry->key, key, length);
	HASH_ADD_KEYPTR(hh, objects->seen, entry->key, length, entry);
	return entry;
}

/*
 * Opening a device or a FIFO can have effects: only a regular file, and only the
 * one that was mapped. Device numbers are not compared: overlayfs and btrfs show
 * others in stat than in the VMA.
 */
static int open_same_file(const char *path, uint64_t inode)
{
	struct stat st;
	int fd;

	if (stat(path, &st) || !S_ISREG(st.st_mode) || st.st_ino != inode)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &st) || st.st_ino != inode)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_mapped(const struct mapped *m)
{
	char path[64 + 4096];
	int fd;

	/* The mapping itself leads to it, replaced and deleted or not; for root. */
	snprintf(path, sizeof(path), "/proc/%u/map_files/%" PRIx64 "-%" PRIx64,
		 m->pid, m->start, m->end);
	fd = open_same_file(path, m->inode);
	if (fd >= 0)
		return fd;
	/* The mapping is another by now: the file that has its name. */
	snprintf(path, sizeof(path), "/proc/%u/root%s", m->pid, m->path);
	fd = open_same_file(path, m->inode);
	if (fd >= 0)
		return fd;
	/* The process is gone: in our own namespace, if it is the same file. */
	return open_same_file(m->path, m->inode);
}

/*
 * Who loads an object has just read its head. Where that is not in the page cache
 * the file is data, and reading it would spare the program a major fault. (Asked
 * with RWF_NOWAIT the kernel would start to read.)
 */
static bool head_is_cached(int fd)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *head = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	unsigned char cached = 1;

	if (head == MAP_FAILED)
		return true; /* cannot be told */
	if (mincore(head, size, &cached))
		cached = 1;
	munmap(head, size);
	return cached & 1;
}

/* Ours stands for the target's. */
static bool read_vdso(struct elf_layout **layout, struct pfa_error *err)
{
	size_t size;
	const void *image = elf_vdso_image(&size);

	if (!image)
		return false;
	return !elf_layout_read_image(image, size, layout, err);
}

static void keep_open(struct files *files, const struct mapped *m, int fd)
{
	const struct module_id id = {
		.path = m->path,
		.inode = m->inode,
		.generation = m->generation,
		.dev_major = m->dev_major,
		.dev_minor = m->dev_minor,
	};

	if (files)
		files_keep(files, &id, fd);
}

static bool read_layout(struct files *files, const struct mapped *m,
			struct seen *seen, struct elf_layout **layout)
{
	struct pfa_error err;
	bool ok;
	int fd;

	seen->settled_ns = m->time_ns;
	if (!strcmp(m->path, "[vdso]"))
		return read_vdso(layout, &err);
	if (m->path[0] != '/' || m->path[1] == '/')
		return false; /* anonymous, heap, stack */
	fd = open_mapped(m);
	if (fd < 0)
		return false;
	/* Nor anything else that the program may want to read itself. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	if (!m->executable && !head_is_cached(fd))
		seen->settled_ns = NOT_SETTLED;
	ok = seen->settled_ns != NOT_SETTLED && !elf_layout_read(fd, layout, &err);
	if (ok)
		keep_open(files, m, fd);
	close(fd);
	return ok;
}

bool objects_saw_mmap(struct objects *objects, const struct composer *composer,
		      const struct perf_event_header *mmap2)
{
	struct elf_layout *layout;
	struct seen *seen;
	struct text text;
	struct mapped m;

	if (!read_mmap2(mmap2, composer->time_ns, &m))
		return false;
	seen = remember(objects, &m);
	if (!seen)
		return false;
	if (!read_layout(objects->files, &m, seen, &layout))
		return true;
	text_init(&text);
	elf_layout_pack(layout, &text);
	compose_note(composer, m.pid, "object %u:%u %" PRIu64 "/%" PRIu64 " %zu %s\n%s",
		     m.dev_major, m.dev_minor, m.inode, m.generation,
		     strlen(m.path), m.path, text_cstr(&text));
	text_release(&text);
	elf_layout_free(layout);
	return true;
}

struct elf_layout *objects_read_mapped(pid_t pid, const struct procmap *map)
{
	const struct mapped m = {
		.pid = (uint32_t)pid,
		.start = map->start,
		.end = map->end,
		.inode = map->inode,
		.executable = map->prot & PROT_EXEC,
		.path = map->path,
	};
	struct elf_layout *layout;
	struct seen seen;

	return read_layout(NULL, &m, &seen, &layout) ? layout : NULL;
}
