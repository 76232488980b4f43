/*
 * Giving memory back and touching it again, as allocators with eager purging
 * do: each page is paid for twice (refault=).
 *
 * MADV_DONTNEED drops pages at once: anonymous ones come back zeroed (MINOR
 * zero-fill, zero-read), a private file's from the page cache (MINOR map).
 * MADV_FREE drops nothing until memory is short: a write keeps the page,
 * without a fault. Where reclaim was faster the page is zeroed (refault=free).
 *
 *	dontneed_refault [DIRECTORY]
 */
#include "scratch.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

enum { PAGES = 8 };

static void give_back(char *addr, size_t size, int advice)
{
	if (madvise(addr, size, advice) != 0)
		die("madvise");
}

static void refault_write(char *addr, const char *what, const char *keys)
{
	say_touch(addr, what, 'w', keys);
	quiet_write(addr);
}

static void refault_read(char *addr, const char *what, const char *keys)
{
	say_touch(addr, what, 'r', keys);
	quiet_read(addr);
}

static void anonymous(char *base)
{
	say_watch(base, PAGES * page_size(), "anon");
	for (size_t i = 0; i < PAGES - 1; i++)
		touch_write(page(base, i), "MINOR zero-fill");

	say("note MADV_DONTNEED of pages 2 to 7; the last had no first touch");
	give_back(page(base, 2), (PAGES - 2) * page_size(), MADV_DONTNEED);
	quiet_write(page(base, 1) + 1);
	refault_write(page(base, 2), "MINOR zero-fill", " refault=dontneed");
	refault_write(page(base, 4) + 9, "MINOR zero-fill",
		      " refault=dontneed");
	refault_read(page(base, 5), "MINOR zero-read", " refault=dontneed");
	touch_write(page(base, PAGES - 1), "MINOR zero-fill");
}

static void file(char *map)
{
	say_watch(map, FAULT_AROUND, "file");
	touch_read(page(map, 1), "MINOR map");
	give_back(map, FAULT_AROUND, MADV_DONTNEED);
	refault_read(page(map, 1), "MINOR map", " refault=dontneed");
	touch_write(page(map, 1), "COW cow-copy");
	give_back(map, FAULT_AROUND, MADV_DONTNEED);
	refault_write(page(map, 1), "COW cow-file", " refault=dontneed");
}

/* MADV_PAGEOUT stands for the shortage: it discards freed pages right away. */
static void lazily(char *base)
{
	say_watch(base, 2 * page_size(), "lazy");
	touch_write(page(base, 0), "MINOR zero-fill");
	touch_write(page(base, 1), "MINOR zero-fill");
	give_back(base, 2 * page_size(), MADV_FREE);
	say("note written after MADV_FREE: kept");
	quiet_write(page(base, 0));
	if (madvise(page(base, 1), page_size(), MADV_PAGEOUT) != 0 ||
	    pagemap_state(page(base, 1)))
		say("skip the freed page wasn't reclaimed");
	else
		refault_write(page(base, 1), "MINOR zero-fill",
			      " refault=free");
}

int main(int argc, char **argv)
{
	const char *dir = scratch_dir(argc, argv);

	say_start();
	stay_on_this_cpu();
	anonymous(map_private(ARENA, PAGES * page_size()));
	lazily(map_private(ARENA + (1 << 20), 2 * page_size()));
	file(map_at(ARENA + (2 << 20), FAULT_AROUND, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE, scratch_file(dir, FAULT_AROUND)));
	return 0;
}
