/*
 * Gives memory back and touches it again, by several calls, and says how often:
 *
 *	gave CALL CALLS PAGES AGAIN	so many calls gave so many touched pages back;
 *				so many of them were touched again
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 16, RW = PROT_READ | PROT_WRITE,
       ANON = MAP_PRIVATE | MAP_ANONYMOUS };

static char *const area = (char *)0x2000000000;

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

/* Under this name and no other: what touches again is known by it. */
__attribute__((noinline, noclone, noipa)) static void touch(volatile char *at, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		at[i * PAGE] = 1;
}

static void map(char *at, int flags)
{
	if (mmap(at, PAGES * PAGE, RW, ANON | flags, -1, 0) != at)
		die("mmap");
}

static void give_by_madvise(char *at)
{
	if (madvise(at, PAGES * PAGE, MADV_DONTNEED) != 0)
		die("madvise");
}

static void give_by_munmap(char *at)
{
	if (munmap(at, PAGES * PAGE) != 0)
		die("munmap");
	map(at, MAP_FIXED_NOREPLACE);
}

static void give_by_mmap(char *at)
{
	map(at, MAP_FIXED);
}

/* `first` pages are touched at first, after each call `again` of them. */
static void round_after_round(const char *call, void (*give)(char *at), char *at,
			      unsigned rounds, unsigned first, unsigned again)
{
	map(at, MAP_FIXED_NOREPLACE);
	touch(at, first);
	for (unsigned i = 0; i < rounds; i++) {
		give(at);
		touch(at, again);
	}
	printf("gave %s %u %u %u\n", call, rounds, first + (rounds - 1) * again,
	       rounds * again);
}

int main(void)
{
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	round_after_round("madvise(dontneed)", give_by_madvise, area, 3, 12, 8);
	round_after_round("munmap", give_by_munmap, area + (1 << 20), 2, 10, 5);
	round_after_round("mmap", give_by_mmap, area + (2 << 20), 4, 6, 4);
	return 0;
}
