/*
 * Global variables. .data is a private mapping of the program's file: writing
 * a page is a copy of the page cache's (COW cow-file), or of the page that a
 * read had mapped (MINOR map, then COW cow-copy). .bss beyond the file's last
 * page is anonymous: MINOR zero-fill, zero-read.
 */
#include "say.h"

/* In fault-around blocks of their own: ld.so and exec touch their neighbours. */
enum { ARRAY = 4 << 16 };
static char initialised[ARRAY] __attribute__((aligned(65536))) = { 1 };
static char zeroed[ARRAY] __attribute__((aligned(65536)));

static void touch_data(char *block)
{
	say_watch(initialised, ARRAY, "data");
	touch_write(block + 1, "COW cow-file");
	touch_write(page(block, 3) + 1, "COW cow-file");

	say("note read, then write");
	block += FAULT_AROUND;
	touch_read(block, "MINOR map");
	touch_write(block + 1, "COW cow-copy");
}

static void touch_bss(char *block)
{
	say_watch(zeroed, ARRAY, "bss");
	touch_write(block + 1, "MINOR zero-fill");
	touch_read(page(block, 1), "MINOR zero-read");
	touch_write(page(block, 1), "COW cow-zero");
	touch_write(block + ARRAY - 1, "MINOR zero-fill");
}

int main(void)
{
	say_start();
	close(open_self_cached());	/* else .data may be cold: MAJOR */
	touch_data(initialised);
	touch_bss(zeroed);
	return 0;
}
