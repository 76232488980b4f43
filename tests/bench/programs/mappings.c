/*
 * A program with very many mappings: what whole layouts cost to report.
 *
 *	mappings [COUNT]	60000
 *
 * Each is of a page, by a call of its own, touched, and apart from the next. None is
 * unmapped. The kernel permits 65530 (vm.max_map_count); it exits with 1 where it does
 * not permit so many.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { DEFAULT_COUNT = 60000, PAGE = 4096 };

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : DEFAULT_COUNT;
	char *const arena = (char *)0x2000000000;

	for (unsigned long i = 0; i < count; i++) {
		char *at = mmap(arena + 2 * i * PAGE, PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		if (at == MAP_FAILED) {
			perror("mmap");
			return 1;
		}
		*(volatile char *)at = 1;
	}
	printf("note mappings=%lu\n", count);
	return 0;
}
