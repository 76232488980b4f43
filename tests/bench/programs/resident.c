/*
 * A program with memory that is resident: what looking at it takes.
 *
 *	resident MIB RESERVED_MIB [COMMAND [ARGUMENT]...]
 *
 * RESERVED_MIB are mapped, and MIB of them touched, in pieces of a MiB evenly far apart.
 * COMMAND is run with its word PID replaced by the process's own; without one it reads
 * its own pagemap from end to end and does nothing with it. Tells how long that took.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1UL << 20)

enum { PAGE = 4096, ENTRY = 8 };

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Small pages, so that there is something to walk. NULL: it cannot be had. */
static char *make_memory(unsigned long mib, unsigned long reserved_mib)
{
	char *memory = mmap(NULL, reserved_mib * MIB, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED || madvise(memory, reserved_mib * MIB, MADV_NOHUGEPAGE))
		return NULL;
	for (unsigned long i = 0; i < mib; i++)
		memset(memory + i * (reserved_mib / mib) * MIB, 1, MIB);
	return memory;
}

static bool read_pagemap(const char *memory, unsigned long mib)
{
	static uint64_t entries[1 << 16];
	off_t at = (off_t)((uintptr_t)memory / PAGE * ENTRY);
	off_t end = at + (off_t)(mib * MIB / PAGE * ENTRY);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : 1;

	for (; got > 0 && at < end; at += got)
		got = pread(fd, entries, sizeof(entries), at);
	return got > 0;
}

static bool run(char **words)
{
	pid_t pid = getpid(), child;
	char own[16];
	int status;

	snprintf(own, sizeof(own), "%d", pid);
	for (char **word = words; *word; word++)
		if (!strcmp(*word, "PID"))
			*word = own;
	child = vfork();
	if (!child) {
		execv(words[0], words);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

int main(int argc, char **argv)
{
	unsigned long mib = argc > 2 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned long reserved_mib = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	char *memory = mib && reserved_mib >= mib ? make_memory(mib, reserved_mib) : NULL;
	uint64_t elapsed_ns = now_ns();

	if (!memory || !(argc > 3 ? run(argv + 3) : read_pagemap(memory, reserved_mib))) {
		fprintf(stderr, "resident: no memory, or it could not be looked at\n");
		return 1;
	}
	printf("note resident=%luM elapsed_ns=%ju\n", mib,
	       (uintmax_t)(now_ns() - elapsed_ns));
	return 0;
}
