#include "pfa/symbol/module_find.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pfa/symbol/build_id.h"
#include "pfa/symbol/debuginfod.h"
#include "pfa/symbol/elf_file.h"
#include "pfa/symbol/elf_layout.h"
#include "pfa/symbol/files.h"
#include "pfa/symbol/symbols.h"

/* One search: what is wanted, and what was seen on the way. */
struct search {
	const struct symbols_options *options;
	const struct module_id *id;
	struct build_id build_id;  /* of what is wanted; length 0: unknown */
	const char *why;           /* what was found and did not fit */
	bool denied;               /* one was there perhaps, but not for us to read */
	bool debug;                /* not the file but its debug file */
	bool by_checksum;          /* whatever has this one fits */
	GElf_Word checksum;
};

/* Opening a device or a FIFO can have effects: only a regular file. */
static int open_regular(const char *path, struct stat *st)
{
	if (stat(path, st))
		return -1;
	errno = 0;
	return S_ISREG(st->st_mode) ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
}

/* ---- does a file fit? ---- */

static bool fits_by_layout(struct search *s, int fd)
{
	struct elf_layout *layout;
	struct pfa_error err;
	bool same;

	if (elf_layout_read(fd, &layout, &err) != PFA_OK) {
		s->why = "replaced since (it is no ELF file)";
		return false;
	}
	same = elf_layout_same_file(s->id->layout, layout);
	if (!same)
		s->why = s->build_id.length ?
			 "replaced since (its build-id differs)" :
			 "replaced since (its sections differ)";
	elf_layout_free(layout);
	return same;
}

/* Of a file that nothing was noted of, its name was, and on this machine its number. */
static bool fits_by_number(struct search *s, int fd)
{
	struct stat st;

	if (s->options->symfs || !s->id->inode)
		return true;
	if (!fstat(fd, &st) && st.st_ino == s->id->inode)
		return true;
	s->why = "replaced since (it is another inode)";
	return false;
}

/* The checksum of .gnu_debuglink: that of zlib and IEEE 802.3. */
static GElf_Word checksum_of(int fd)
{
	static const GElf_Word nibbles[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	unsigned char bytes[1 << 16];
	GElf_Word sum = UINT32_MAX;
	ssize_t size, i;
	off_t at = 0;

	for (; (size = pread(fd, bytes, sizeof(bytes), at)) > 0; at += size)
		for (i = 0; i < size; i++) {
			sum = nibbles[(sum ^ bytes[i]) & 15] ^ sum >> 4;
			sum = nibbles[(sum ^ bytes[i] >> 4) & 15] ^ sum >> 4;
		}
	return ~sum;
}

static bool fits_as_debug(struct search *s, const struct elf_file *file)
{
	struct build_id found;

	if (s->build_id.length) {
		build_id_read(file->elf, &found);
		return build_id_same(&s->build_id, &found);
	}
	return s->by_checksum && checksum_of(file->fd) == s->checksum;
}

/* Takes the descriptor over. */
static struct elf_file *take_if_it_fits(struct search *s, int fd)
{
	struct elf_file *file;

	if (fd >= 0 && !s->debug &&
	    !(s->id->layout ? fits_by_layout(s, fd) : fits_by_number(s, fd))) {
		close(fd);
		return NULL;
	}
	file = fd >= 0 ? elf_file_open(fd) : NULL;
	if (file && s->debug && !fits_as_debug(s, file)) {
		elf_file_close(file);
		return NULL;
	}
	return file;
}

/* ---- where to look ---- */

static struct elf_file *try_path(struct search *s, const char *fmt, ...) PFA_PRINTF(2, 3);

static struct elf_file *try_path(struct search *s, const char *fmt, ...)
{
	char path[PATH_MAX];
	struct stat st;
	va_list args;
	int length, fd;

	va_start(args, fmt);
	length = vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof(path))
		return NULL;
	fd = open_regular(path, &st);
	s->denied |= fd < 0 && errno == EACCES;
	return take_if_it_fits(s, fd);
}

static const char *root_of(const struct search *s)
{
	return s->options->symfs ? s->options->symfs : "";
}

/* ROOT/.build-id/xx/yyyy as elfutils and GDB have it; perf's have a directory more. */
static struct elf_file *try_build_ids(struct search *s, const char *root)
{
	char id[BUILD_ID_TEXT_MAX];
	struct elf_file *file;

	if (s->build_id.length < 2)
		return NULL;
	build_id_text(&s->build_id, id);
	file = try_path(s, "%s/.build-id/%.2s/%s%s", root, id, id + 2,
			s->debug ? ".debug" : "");
	if (!file)
		file = try_path(s, "%s/.build-id/%.2s/%s/%s", root, id, id + 2,
				s->debug ? "debug" : "elf");
	return file;
}

static struct elf_file *try_cache(struct search *s)
{
	const char *home = secure_getenv("HOME");
	char root[PATH_MAX];

	if (!home || snprintf(root, sizeof(root), "%s/.debug", home) >= (int)sizeof(root))
		return NULL;
	return try_build_ids(s, root);
}

static struct elf_file *try_system(struct search *s)
{
	struct elf_file *file = try_build_ids(s, "/usr/lib/debug");

	if (!file)
		file = try_cache(s);
	if (!file)
		file = take_if_it_fits(s, debuginfod_open(&s->build_id, s->debug ?
			DEBUGINFOD_DEBUGINFO : DEBUGINFOD_EXECUTABLE));
	return file;
}

static struct elf_file *try_symfs(struct search *s)
{
	char root[PATH_MAX];
	struct elf_file *file = try_build_ids(s, s->options->symfs);

	if (!file && snprintf(root, sizeof(root), "%s/usr/lib/debug",
			      s->options->symfs) < (int)sizeof(root))
		file = try_build_ids(s, root);
	return file;
}

/* ---- the file ---- */

static struct elf_file *find_kept(struct search *s)
{
	int fd = s->options->files ? files_find(s->options->files, s->id) : -1;

	/* It is the one that was mapped: nothing to check. */
	return fd >= 0 ? elf_file_open(fcntl(fd, F_DUPFD_CLOEXEC, 0)) : NULL;
}

static struct elf_file *find_vdso(struct search *s)
{
	size_t size;
	void *image = elf_vdso_image(&size);
	struct elf_layout *layout;
	struct pfa_error err;
	bool same = true;

	if (!image || elf_layout_read_image(image, size, &layout, &err) != PFA_OK)
		return NULL;
	if (s->id->layout)
		same = elf_layout_same_file(s->id->layout, layout);
	elf_layout_free(layout);
	if (same)
		return elf_file_of_image(image, size, false);
	s->why = "it is another kernel's";
	return NULL;
}

static struct elf_file *find_file(struct search *s)
{
	struct elf_file *file = find_kept(s);

	if (!file && !s->options->symfs && !strcmp(s->id->path, "[vdso]"))
		return find_vdso(s);
	if (!file && s->id->path[0] == '/')
		file = try_path(s, "%s%s", root_of(s), s->id->path);
	if (!file)
		file = s->options->symfs ? try_symfs(s) : try_system(s);
	return file;
}

struct elf_file *module_find_file(const struct symbols_options *options,
				  const struct module_id *id, const char **why)
{
	struct search s = { .options = options, .id = id };
	struct elf_file *file;

	if (id->layout)
		s.build_id = id->layout->build_id;
	file = find_file(&s);
	*why = file ? NULL : s.why;
	/* Of what is not known to be an ELF file nobody expects symbols. */
	if (!file && !s.why && id->layout)
		*why = s.denied ? "not ours to read" :
		       options->symfs ? "not below the directory of --symfs" :
				  "not there any more (--symfs=DIR: where the files are)";
	return file;
}

/* ---- its debug file ---- */

/* Beside the file, or at its place under /usr/lib/debug, by the name that it tells. */
static struct elf_file *try_link(struct search *s, const struct elf_file *of)
{
	const char *name = dwelf_elf_gnu_debuglink(of->elf, &s->checksum);
	const char *base = strrchr(s->id->path, '/'), *root = root_of(s);
	struct elf_file *file;
	int length;

	if (!name || !base || strchr(name, '/') || base - s->id->path > INT_MAX)
		return NULL;
	length = (int)(base - s->id->path) + 1;
	s->by_checksum = true;
	file = try_path(s, "%s%.*s%s", root, length, s->id->path, name);
	if (!file)
		file = try_path(s, "%s%.*s.debug/%s", root, length, s->id->path, name);
	if (!file)
		file = try_path(s, "%s/usr/lib/debug%.*s%s", root, length, s->id->path, name);
	return file;
}

struct elf_file *module_find_debug(const struct symbols_options *options,
				   const struct module_id *id,
				   const struct elf_file *file)
{
	struct search s = { .options = options, .id = id, .debug = true };
	struct elf_file *debug;

	if (file)
		build_id_read(file->elf, &s.build_id);
	else if (id->layout)
		s.build_id = id->layout->build_id;
	debug = options->symfs ? try_symfs(&s) : try_build_ids(&s, "/usr/lib/debug");
	if (!debug && file)
		debug = try_link(&s, file);
	if (!debug && !options->symfs)
		debug = try_system(&s);
	return debug;
}
