/*
 * Faults from 10,000 places in the code, a function each: `sites ROUNDS` touches a fresh
 * page from each of them, gives all of the memory back, and begins again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE_BYTES = 4096, SITES = 10000 };

#define TEN(X, n) X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7) X(n##8) X(n##9)
#define HUNDRED(X, n)                                                        \
	TEN(X, n##0) TEN(X, n##1) TEN(X, n##2) TEN(X, n##3) TEN(X, n##4)     \
	TEN(X, n##5) TEN(X, n##6) TEN(X, n##7) TEN(X, n##8) TEN(X, n##9)
#define THOUSAND(X, n)                                                       \
	HUNDRED(X, n##0) HUNDRED(X, n##1) HUNDRED(X, n##2) HUNDRED(X, n##3)  \
	HUNDRED(X, n##4) HUNDRED(X, n##5) HUNDRED(X, n##6) HUNDRED(X, n##7)  \
	HUNDRED(X, n##8) HUNDRED(X, n##9)
#define ALL(X)                                                               \
	THOUSAND(X, 10) THOUSAND(X, 11) THOUSAND(X, 12) THOUSAND(X, 13)      \
	THOUSAND(X, 14) THOUSAND(X, 15) THOUSAND(X, 16) THOUSAND(X, 17)      \
	THOUSAND(X, 18) THOUSAND(X, 19)

/* Each differs, so that no two become one. */
#define DEFINE(n)                                                            \
	static __attribute__((noinline)) void site_##n(volatile int *at)     \
	{                                                                    \
		*at = n;                                                     \
	}
#define NAME(n) site_##n,

ALL(DEFINE)

static void (*const sites[SITES])(volatile int *at) = { ALL(NAME) };

int main(int argc, char **argv)
{
	const size_t bytes = (size_t)SITES * PAGE_BYTES;
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || madvise(memory, bytes, MADV_NOHUGEPAGE)) {
		perror("sites");
		return 1;
	}
	for (long round = 0; round < rounds; round++) {
		for (size_t i = 0; i < SITES; i++)
			sites[i]((volatile int *)(memory + i * PAGE_BYTES));
		if (madvise(memory, bytes, MADV_DONTNEED))
			return 1;
	}
	return 0;
}
