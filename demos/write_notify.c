/*
 * Writing to a shared file mapping. The filesystem must hear of the first
 * write to a clean page (to reserve blocks, to write it back later), so a page
 * that a read has mapped is write-protected: MINOR write-notify. Writing it
 * back makes it clean and protected again. A page that is written first is
 * mapped and notified in one fault (MINOR map).
 *
 *	write_notify [DIRECTORY]
 */
#include "scratch.h"

int main(int argc, char **argv)
{
	size_t size = 2 * FAULT_AROUND;
	char *map, *second;
	int fd;

	say_start();
	fd = scratch_file(scratch_dir(argc, argv), size);
	map = map_at(ARENA, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	second = map + FAULT_AROUND;
	say_watch(map, size, "file");

	touch_read(page(map, 1), "MINOR map");
	touch_write(page(map, 1) + 1, "MINOR write-notify");
	quiet_write(page(map, 1) + 2);
	say("note mapped as its neighbour");
	touch_write(page(map, 0), "MINOR write-notify");

	say("note written first");
	touch_write(page(second, 3), "MINOR map");
	quiet_write(page(second, 3) + 1);

	say("note written back: clean again");
	if (msync(map, size, MS_SYNC) != 0)
		die("msync");
	touch_write(page(map, 1) + 3, "MINOR write-notify");
	touch_write(page(second, 3) + 2, "MINOR write-notify");
	return 0;
}
