/*
 * System calls that have nothing to do with memory: what tracing adds to them.
 *
 *	calls [COUNT]	2000000 times getppid
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_COUNT = 2000000 };

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : DEFAULT_COUNT;
	uint64_t elapsed_ns = now_ns();

	for (unsigned long i = 0; i < count; i++)
		syscall(SYS_getppid);
	elapsed_ns = now_ns() - elapsed_ns;
	printf("note calls=%lu elapsed_ns=%ju ns_per_call=%.1f\n", count,
	       (uintmax_t)elapsed_ns,
	       (double)elapsed_ns / (double)(count ? count : 1));
	return 0;
}
