#include "pfa/symbol/jit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/jit_code.h"
#include "pfa/symbol/jit_file.h"
#include "pfa/symbol/jitdump.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/perf_map.h"

enum { CHUNK_BYTES = 256 * 1024 };

struct jit {
	int fd;
	struct jit_code *code;
	struct jitdump *dump; /* NULL: it is a perf map */
	uint64_t at;	      /* read up to here */
	bool broken;	      /* and no further */
};

static struct jit *jit_of(int fd)
{
	struct jit *jit = pfa_alloc(sizeof(*jit));

	jit->fd = fd;
	jit->code = jit_code_new();
	return jit;
}

static struct jit *open_dump(uint32_t pid, const char *symfs)
{
	int fd = jit_file_open_dump(pid, symfs);
	char header[JITDUMP_HEADER_BYTES];
	struct jit *jit;

	if (fd < 0)
		return NULL;
	jit = jit_of(fd);
	if (pread(fd, header, sizeof(header), 0) == (ssize_t)sizeof(header))
		jit->dump = jitdump_new(header, jit->code);
	if (!jit->dump) {
		jit_free(jit);
		return NULL;
	}
	jit->at = jitdump_first(jit->dump);
	return jit;
}

struct jit *jit_open(uint32_t pid, const char *symfs)
{
	struct jit *jit = open_dump(pid, symfs);
	int fd;

	if (jit)
		return jit;
	fd = jit_file_open_map(pid, symfs);
	return fd < 0 ? NULL : jit_of(fd);
}

void jit_free(struct jit *jit)
{
	if (!jit)
		return;
	jitdump_free(jit->dump);
	jit_code_free(jit->code);
	close(jit->fd);
	free(jit);
}

/* ---- reading on ---- */

/* A line longer than a chunk is none, nor is what is left of it. */
static void read_map(struct jit *jit)
{
	char *chunk = pfa_alloc(CHUNK_BYTES);
	ssize_t n;

	while ((n = pread(jit->fd, chunk, CHUNK_BYTES, (off_t)jit->at)) > 0) {
		size_t taken = perf_map_read(jit->code, chunk, (size_t)n);

		if (!taken && n < CHUNK_BYTES)
			break;
		jit->at += taken ? taken : (size_t)n;
	}
	free(chunk);
}

static void read_dump(struct jit *jit, uint64_t size)
{
	char record[JITDUMP_LOOK_BYTES];

	while (!jit->broken && jit->at < size) {
		uint64_t left = size - jit->at, taken;
		ssize_t n = pread(jit->fd, record, sizeof(record), (off_t)jit->at);

		taken = n > 0 ? jitdump_read(jit->dump, record, (size_t)n, left) : 0;
		jit->broken = !taken;
		if (taken > left)
			break;
		jit->at += taken;
	}
}

/* True if there was more. A program that takes a dead one's number begins it anew. */
static bool read_on(struct jit *jit)
{
	uint64_t before = jit->at, size;
	struct stat st;

	if (jit->broken || fstat(jit->fd, &st))
		return false;
	size = (uint64_t)st.st_size;
	if (size < jit->at && !jit->dump)
		jit->at = before = 0;
	if (jit->dump)
		read_dump(jit, size);
	else if (size > jit->at)
		read_map(jit);
	return jit->at > before;
}

bool jit_function(struct jit *jit, uint64_t addr, uint64_t time_ns,
		  struct symbol *symbol)
{
	const struct jit_piece *piece = jit_code_find(jit->code, addr, time_ns);

	/* What is known may have been replaced by then, where times tell. */
	if ((!piece || jit->dump) && read_on(jit))
		piece = jit_code_find(jit->code, addr, time_ns);
	if (!piece)
		return false;
	*symbol = (struct symbol){ piece->name, piece->start, piece->size };
	return true;
}
