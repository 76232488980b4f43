/*
 * Writing to a private file mapping: the page cache is never written, the
 * writer gets an anonymous copy.
 *
 *	private_write [DIRECTORY]
 *
 * How it is counted depends on what was there. Cached and not mapped: copied
 * in one fault (COW cow-file). Read before, or mapped as a neighbour of a page
 * that was (fault-around): present, so the write is a fault of its own (COW
 * cow-copy). Not in the cache: read from the disk, then copied, all in one
 * fault (MAJOR page-in-copy).
 */
#include "scratch.h"

enum { BLOCKS = 4 };

static char *map_file(char *place, int fd)
{
	return map_at(place, BLOCKS * FAULT_AROUND, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE, fd);
}

static void write_cached(char *map)
{
	char *second = map + FAULT_AROUND;
	char *third = second + FAULT_AROUND;

	say("note write first: no neighbour is mapped");
	touch_write(map + 10, "COW cow-file");
	touch_write(page(map, 1) + 10, "COW cow-file");

	say("note read, then write");
	touch_read(page(second, 1), "MINOR map");
	touch_write(page(second, 1) + 1, "COW cow-copy");
	quiet_write(page(second, 1) + 2);

	say("note a neighbour was read, then write");
	touch_read(page(third, 1), "MINOR map");
	touch_write(page(third, 0), "COW cow-copy");
}

static void write_cold(char *map)
{
	touch_write(page(map, 2) + 20, "MAJOR page-in-copy");
	touch_write(page(map, 9) + 20, "MAJOR page-in-copy");

	say("note the same page is cached for the next who maps it");
	quiet_read(page(map, 9));
}

int main(int argc, char **argv)
{
	size_t size = BLOCKS * FAULT_AROUND;
	const char *dir = scratch_dir(argc, argv);
	char *cached, *cold;
	int fd;

	say_start();
	cached = map_file(ARENA, scratch_file(dir, size));
	say_watch(cached, size, "cached");
	write_cached(cached);

	fd = scratch_file(dir, size);
	cold = map_file(ARENA + 2 * size, fd);
	make_cold(fd, cold, size);
	say_watch(cold, size, "cold");
	write_cold(cold);
	return 0;
}
