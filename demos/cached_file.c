/*
 * Pages of a file that are in the page cache already: nothing is read, the
 * fault only enters them into the page table (MINOR map).
 *
 *	cached_file [DIRECTORY]
 *
 * A read maps the cached neighbours too (fault-around: the aligned 64 KiB
 * block), so one fault stands for up to 16 pages and the neighbours never
 * fault. A write to a shared mapping maps its own page only.
 */
#include "scratch.h"

enum { BLOCKS = 8 };

int main(int argc, char **argv)
{
	size_t size = BLOCKS * FAULT_AROUND;
	char *map;
	int fd;

	say_start();
	fd = scratch_file(scratch_dir(argc, argv), size);
	map = map_at(ARENA, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	say_watch(map, size, "file");

	for (size_t i = 0; i < BLOCKS - 1; i++)
		touch_read(map + i * FAULT_AROUND + 3 * page_size() + i,
			   "MINOR map");
	say("note neighbours in a block are mapped now");
	for (size_t i = 0; i < BLOCKS - 1; i++)
		quiet_read(map + i * FAULT_AROUND + 2 * page_size());

	say("note writes go one by one");
	touch_write(map + (BLOCKS - 1) * FAULT_AROUND, "MINOR map");
	touch_write(map + (BLOCKS - 1) * FAULT_AROUND + page_size(),
		    "MINOR map");
	return 0;
}
