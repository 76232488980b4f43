/*
 * Memory that grows by known amounts and shrinks again, and what the kernel says of it
 * at the end.
 *
 *	grower MILLISECONDS
 *
 * It prints VmPeak, VmHWM and VmStk, as /proc/self/status has them, and the largest size
 * that its heap had, all in bytes; then it waits so long, touching nothing new, and ends.
 * So that what it prints is true to the end, nothing comes of the C library on the way.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1 << 20, HEAP = 6 * MIB, STACK = 3 * MIB, ANON = 24 * MIB };

static char text[16384], said[512];

static void read_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(fd);
}

static unsigned long long status_of(const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) * 1024 : 0;
}

/* Of the line of /proc/self/maps that ends in [heap]. */
static unsigned long long heap_size(void)
{
	unsigned long long start;
	char *end, *line;

	read_file("/proc/self/maps");
	line = strstr(text, "[heap]");
	if (!line)
		return 0;
	while (line > text && line[-1] != '\n')
		line--;
	start = strtoull(line, &end, 16);
	return strtoull(end + 1, NULL, 16) - start;
}

static unsigned long long grow_heap(void)
{
	char *heap = sbrk(HEAP);
	unsigned long long largest;

	memset(heap, 1, HEAP);
	largest = heap_size();
	sbrk(-HEAP / 2);
	return largest;
}

static __attribute__((noinline)) void grow_stack(void)
{
	char deep[STACK];

	memset(deep, 1, sizeof(deep));
	__asm__ volatile("" : : "r"(deep) : "memory"); /* it is wanted */
}

static void grow_anon(void)
{
	char *m = mmap(NULL, ANON, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	memset(m, 1, ANON);
	munmap(m, ANON);
}

int main(int argc, char **argv)
{
	long ms = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	const struct timespec rest = { ms / 1000, ms % 1000 * 1000000 };
	unsigned long long heap;
	int n;

	memset(said, 1, sizeof(said));
	heap = grow_heap();
	grow_stack();
	grow_anon();
	read_file("/proc/self/status");
	n = snprintf(said, sizeof(said), "%d %llu %llu %llu %llu\n", getpid(),
		     status_of("VmPeak:"), status_of("VmHWM:"), status_of("VmStk:"), heap);
	(void)!write(STDOUT_FILENO, said, (size_t)n);
	nanosleep(&rest, NULL);
	_exit(0);
}
