/* Calls inlined into calls, for test_lines.c: what its addresses are called. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int table[100];
static _Thread_local long sum = 3;

static inline int leaf(int x)
{
	if (x & 1)
		return table[x % 100] * 3;
	return x / 7;
}

static inline int middle(int x)
{
	int result = 0, i;

	for (i = 0; i < x; i++)
		result += leaf(i) + leaf(i * 2);
	return result;
}

__attribute__((noinline)) static int outer(int x)
{
	int result = middle(x);

	result += middle(x + 1);
	sum += result;
	return result;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		table[i % 100] = atoi(argv[i]);
	printf("%d %ld\n", outer(argc * 50), sum);
	return (int)strlen(argv[0]) & 1;
}
