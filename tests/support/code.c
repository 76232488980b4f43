#include "code.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

#include "pfa/symbol/cfi.h"

enum { MAPPINGS_MAX = 64, PATH_MAX_HERE = 256 };

struct mapping {
	uint64_t start, end, offset;
	char path[PATH_MAX_HERE];
	Elf *elf; /* NULL: of no file */
	int fd;   /* -1: the vdso, or none */
	struct cfi *cfi;
};

struct code {
	struct mapping mappings[MAPPINGS_MAX];
	size_t count;
};

size_t stack_copy(pid_t pid, uint64_t from, void *to, size_t size)
{
	struct iovec here = { .iov_base = to, .iov_len = size };
	struct iovec there = { .iov_base = (void *)from, .iov_len = size };
	ssize_t copied = process_vm_readv(pid, &here, 1, &there, 1, 0);

	return copied < 0 ? 0 : (size_t)copied;
}

/* The vdso is the same in every process. */
static void open_mapping(struct mapping *m)
{
	m->fd = -1;
	if (!strcmp(m->path, "[vdso]")) {
		m->elf = elf_memory((char *)getauxval(AT_SYSINFO_EHDR),
					   m->end - m->start);
	} else if (m->path[0] == '/') {
		m->fd = open(m->path, O_RDONLY | O_CLOEXEC);
		assert_true(m->fd >= 0);
		m->elf = elf_begin(m->fd, ELF_C_READ, NULL);
	}
	if (m->elf)
		m->cfi = cfi_new(m->elf, NULL);
}

struct code *code_of(const char *path)
{
	struct code *code = calloc(1, sizeof(*code));
	FILE *maps = fopen(path, "r");
	char line[512], permissions[8];

	elf_version(EV_CURRENT);
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		struct mapping *m = &code->mappings[code->count];

		m->path[0] = '\0';
		assert_true(code->count < MAPPINGS_MAX);
		if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %255s", &m->start, &m->end,
			   permissions, &m->offset, m->path) < 4 || permissions[2] != 'x')
			continue;
		open_mapping(m);
		code->count++;
	}
	fclose(maps);
	return code;
}

void code_free(struct code *code)
{
	size_t i;

	for (i = 0; i < code->count; i++) {
		cfi_free(code->mappings[i].cfi);
		elf_end(code->mappings[i].elf);
		if (code->mappings[i].fd >= 0)
			close(code->mappings[i].fd);
	}
	free(code);
}

/* From an offset in the file to the address by its program headers. */
static bool address_of(Elf *elf, uint64_t offset, uint64_t *addr)
{
	GElf_Phdr ph;
	size_t count = 0, i;

	elf_getphdrnum(elf, &count);
	for (i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_LOAD ||
		    offset < ph.p_offset || offset - ph.p_offset >= ph.p_filesz)
			continue;
		*addr = offset - ph.p_offset + ph.p_vaddr;
		return true;
	}
	return false;
}

bool code_find(void *context, uint64_t pc, struct cfi **cfi, uint64_t *addr)
{
	struct code *code = context;
	size_t i;

	for (i = 0; i < code->count; i++) {
		struct mapping *m = &code->mappings[i];

		if (pc < m->start || pc >= m->end)
			continue;
		*cfi = m->cfi;
		return !m->elf || address_of(m->elf, pc - m->start + m->offset, addr);
	}
	return false;
}
