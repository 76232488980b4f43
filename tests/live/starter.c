/*
 * A start-up: calls functions that lie far apart, so that each is fetched by a fault of
 * its own, in an order that is not theirs in the file.
 */
#include <stdio.h>

#define APART __attribute__((noinline, aligned(128 * 1024)))

static volatile unsigned sink;

APART void called_last(void);
APART void called_second(void);
APART void called_never(void);

APART void called_last(void)
{
	sink += 1;
}

APART void called_second(void)
{
	sink += 2;
}

APART void called_never(void)
{
	sink += 3;
}

static APART void called_first(void)
{
	sink += 4;
}

int main(int argc, char **argv)
{
	(void)argv;
	called_first();
	called_second();
	called_last();
	if (argc > 1)
		called_never();
	return 0;
}
