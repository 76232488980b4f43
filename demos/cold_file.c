/*
 * Pages of a file that have to come from the disk.
 *
 *	cold_file [DIRECTORY]	on a disk filesystem; $TMPDIR or /var/tmp
 *
 * The file is written, synced and dropped from the page cache, so that each
 * read waits for the device: MAJOR page-in. Without readahead (MADV_RANDOM) a
 * fault brings in its own page only, and fault-around finds no neighbours.
 */
#include "scratch.h"

enum { PAGES = 64 };

/* Scattered, so that the offsets in pfa's report are worth reading. */
static const size_t order[] = { 0, 1, 2, 40, 41, 17, 63, 33, 5, 32 };

int main(int argc, char **argv)
{
	size_t size = PAGES * page_size();
	char *map;
	int fd;

	say_start();
	fd = scratch_file(scratch_dir(argc, argv), size);
	map = map_at(ARENA, size, PROT_READ, MAP_PRIVATE, fd);
	make_cold(fd, map, size);
	say_watch(map, size, "file");

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		touch_read(page(map, order[i]) + i, "MAJOR page-in");

	say("note once read they don't fault again");
	quiet_read(page(map, 40) + 7);
	return 0;
}
