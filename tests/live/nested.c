/*
 * Touches a fresh page more than ten calls deep, through frames of different make: for
 * comparison of the stack that pfa unwinds with a debugger's.
 */
#include <alloca.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FRAME __attribute__((noinline, noclone))

static char *page;
static volatile int sink;

FRAME void nothing(void)
{
	__asm__ volatile("");
}

/* The access at which stacks are compared. A function that calls none needs no frame. */
FRAME void touch(void)
{
	nothing();
	*(volatile char *)page = 1;
	nothing();
}

/* Many registers are saved. */
FRAME int saves(int a, int b, int c)
{
	int x = a * b, y = b * c, z = a * c, u = a + b, v = b + c;

	touch();
	return x + y * z + u * v + sink;
}

FRAME int room_on_stack(int n)
{
	char *room = alloca((size_t)n * 16 + 8);

	memset(room, n, (size_t)n);
	return saves(n, room[0], 3) + room[n / 2];
}

FRAME int variadic(int n, ...)
{
	va_list args;
	int sum = 0;

	va_start(args, n);
	for (int i = 0; i < n; i++)
		sum += va_arg(args, int);
	va_end(args);
	return room_on_stack(sum) + sum;
}

FRAME double floating(double x)
{
	return x * variadic(3, 10, 20, (int)x) + x;
}

static int depth;

FRAME int compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	if (!depth++)
		sink += (int)floating(5);
	return (x > y) - (x < y);
}

/* Through a library, unless frame pointers are wanted: it has none. */
FRAME int through_library(void)
{
	int numbers[] = { 3, 1, 2 };

#ifdef WITHOUT_LIBRARY
	compare(numbers, numbers + 1);
#else
	qsort(numbers, 3, sizeof(int), compare);
#endif
	return numbers[0];
}

static inline int inlined(int n)
{
	return through_library() * n + sink;
}

FRAME int recursive(int n)
{
	int below = n ? recursive(n - 1) : inlined(n + 1);

	sink += below;
	return below + 1;
}

FRAME int aligned(void)
{
	__attribute__((aligned(64))) char buffer[128];

	memset(buffer, 1, sizeof(buffer));
	return recursive(3) + buffer[sink & 127];
}

int main(void)
{
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return 1;
	printf("%d\n", aligned());
	return 0;
}
