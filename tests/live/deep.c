/*
 * Deep stacks with frames of many shapes, for those who unwind them: all that happens
 * is in work(), between a breakpoint in main() and its return. At the bottom of each of
 * its stacks is another breakpoint.
 */
#include <alloca.h>
#include <search.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BREAKPOINT __asm__ volatile("int3")
#define FRAME __attribute__((noinline, noclone))

static volatile int sink;

static FRAME int bottom(int value)
{
	BREAKPOINT;
	return value + sink;
}

static FRAME int with_alloca(int value)
{
	char *bytes = alloca((size_t)value % 100 + 300);

	memset(bytes, value, 300);
	return bottom(value) + bytes[17];
}

static FRAME int with_alignment(int value)
{
	volatile char bytes[64] __attribute__((aligned(64)));

	bytes[3] = (char)value;
	return with_alloca(value) + bytes[3];
}

/* Both at once: GCC keeps the caller's stack pointer in a register, then in memory. */
static FRAME int with_both(int value)
{
	volatile char bytes[64] __attribute__((aligned(64)));
	char *more = alloca((size_t)value % 100 + 300);

	bytes[3] = (char)value;
	memset(more, value, 300);
	return with_alignment(value) + bytes[3] + more[5];
}

static FRAME int with_varargs(int count, ...)
{
	va_list list;
	int sum = 0;

	va_start(list, count);
	while (count-- > 0)
		sum += va_arg(list, int);
	va_end(list);
	return with_both(sum) + sum;
}

static FRAME int with_floats(double a, int count, ...)
{
	va_list list;
	int result;

	va_start(list, count);
	result = with_varargs(3, va_arg(list, int), (int)a, count);
	va_end(list);
	return result + (int)a;
}

static FRAME int with_saved(int a, int b, int c, int d, int e, int f, int g, int h)
{
	int sum = with_floats(a + 0.5, b, c, d);

	return sum + a * b + c * d + e * f + g * h;
}

static FRAME int with_tail_call(int a)
{
	sink++;
	return bottom(a);
}

static int by_way_of_qsort(const void *a, const void *b)
{
	return with_saved(*(const int *)a, *(const int *)b, 3, 4, 5, 6, 7, 8) ? -1 : 1;
}

static int by_way_of_bsearch(const void *key, const void *member)
{
	sink = with_tail_call(5);
	return *(const int *)key - *(const int *)member;
}

static void handler(int signal)
{
	char text[64];

	snprintf(text, sizeof(text), "%d %.3f %s", signal, 1.5, "text");
	sink = with_saved(text[0], 2, 3, 4, 5, 6, 7, 8);
}

static FRAME int through_libc(void)
{
	int numbers[] = { 1, 2 }, one = 1;
	struct timespec now;

	qsort(numbers, 2, sizeof(numbers[0]), by_way_of_qsort);
	bsearch(&one, numbers, 1, sizeof(numbers[0]), by_way_of_bsearch);
	clock_gettime(CLOCK_MONOTONIC, &now);
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	free(malloc(100));
	return numbers[0] + (int)now.tv_sec;
}

static FRAME int work(void)
{
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	return through_libc() + sink;
}

int main(void)
{
	int result;

	BREAKPOINT;
	result = work();
	printf("%d\n", result != 0);
	return 0;
}
