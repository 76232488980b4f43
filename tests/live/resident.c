/*
 * Memory in every state that a page can be in, so that what pfa map tells of it can be
 * compared with what /proc does. Says when it is there, and waits to be killed.
 *
 *	resident mixed | forked | huge | hugetlb | swapped | sparse MIB
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE };

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

static char *map(size_t bytes, int prot, int flags, int fd)
{
	char *addr = mmap(NULL, bytes, prot, flags | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	if (addr == MAP_FAILED) {
		perror("skip: mmap");
		fflush(stdout);
		_exit(77);
	}
	return addr;
}

static void touch(char *addr, size_t pages, size_t every)
{
	for (size_t i = 0; i < pages; i += every)
		addr[i * PAGE] = 1;
}

static void look(volatile char *addr, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		(void)addr[i * PAGE];
}

/* All that needs no help from the machine. */
static void mixed(void)
{
	int fd = memfd_create("resident", MFD_CLOEXEC);
	char *guarded = map(8 * PAGE, RW, MAP_PRIVATE, -1);

	touch(map(64 * PAGE, RW, MAP_PRIVATE, -1), 64, 3);
	look(map(16 * PAGE, RW, MAP_PRIVATE, -1), 16); /* the zero page */
	touch(map(32 * PAGE, RW, MAP_SHARED, -1), 32, 2);
	if (!ftruncate(fd, 32 * PAGE)) {
		touch(map(32 * PAGE, RW, MAP_SHARED, fd), 16, 1);
		look(map(32 * PAGE, PROT_READ, MAP_SHARED, fd), 4); /* once more */
		touch(map(32 * PAGE, RW, MAP_PRIVATE, fd), 2, 1);
	}
	mlock(map(4 * PAGE, RW, MAP_PRIVATE, -1), 4 * PAGE);
	touch(guarded, 4, 1);
	madvise(guarded + 4 * PAGE, 2 * PAGE, MADV_GUARD_INSTALL);
}

/* A pair that shares what neither has written to. */
static void forked(void)
{
	char *memory = map(256 * PAGE, RW, MAP_PRIVATE, -1);

	touch(memory, 256, 1);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		touch(memory, 64, 1);
		pause();
	}
	touch(memory + 128 * PAGE, 32, 1);
	usleep(200 * 1000);
}

static void huge(void)
{
	enum { HUGE = 2 << 20 };
	char *memory = map(4 * HUGE, RW, MAP_PRIVATE, -1);
	char *aligned = (char *)(((uintptr_t)memory + HUGE - 1) & ~(uintptr_t)(HUGE - 1));

	madvise(aligned, 3 * HUGE, MADV_HUGEPAGE);
	touch(aligned, 2 * HUGE / PAGE, 1);
	look(aligned + 2 * HUGE, 1); /* the huge zero page */
	madvise(aligned + HUGE, HUGE, MADV_NOHUGEPAGE); /* else joined again */
	madvise(aligned + HUGE, PAGE, MADV_DONTNEED); /* split */
}

static void hugetlb(void)
{
	touch(map(2 * (2 << 20), RW, MAP_PRIVATE | MAP_HUGETLB, -1), 513, 512);
}

static void swapped(void)
{
	char *memory = map(512 * PAGE, RW, MAP_PRIVATE, -1);
	char *shared = map(64 * PAGE, RW, MAP_SHARED, -1);

	touch(memory, 512, 1);
	touch(shared, 64, 1);
	madvise(memory, 256 * PAGE, MADV_PAGEOUT);
	madvise(shared, 32 * PAGE, MADV_PAGEOUT);
}

static void sparse(size_t mib)
{
	size_t bytes = mib << 20;
	char *memory = map(1ULL << 40, RW, MAP_PRIVATE | MAP_NORESERVE, -1);

	madvise(memory, 1ULL << 40, MADV_NOHUGEPAGE);
	touch(memory + (1ULL << 39), bytes / PAGE / 2, 1);
	touch(memory + (1ULL << 40) - bytes / 2, bytes / PAGE / 2, 1);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "mixed";

	if (!strcmp(what, "mixed"))
		mixed();
	else if (!strcmp(what, "forked"))
		forked();
	else if (!strcmp(what, "huge"))
		huge();
	else if (!strcmp(what, "hugetlb"))
		hugetlb();
	else if (!strcmp(what, "swapped"))
		swapped();
	else
		sparse(argc > 2 ? strtoul(argv[2], NULL, 10) : 64);
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
