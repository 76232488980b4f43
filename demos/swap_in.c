/*
 * Anonymous and shared memory that was swapped out: touching it reads it back
 * (MAJOR swap-in). MADV_PAGEOUT stands for a shortage of memory.
 *
 * Only pages are touched whose page table entry says swapped and of which
 * mincore finds no copy left in the swap cache; one with a copy would be a
 * minor fault. A swap disk leaves copies behind, zram doesn't. Pages lie far
 * apart, as swap readahead brings in neighbours.
 */
#include "say.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

enum { PAGES = 16, STRIDE = 64 };

static int have_swap(void)
{
	FILE *file = fopen("/proc/swaps", "r");
	char line[256];
	int lines = 0;

	while (file && fgets(line, sizeof(line), file))
		lines++;
	if (file)
		fclose(file);
	return lines > 1;	/* the first one is the heading */
}

/* The write to a swap device may take a moment to finish. */
static int is_out(char *start, int pagemap)
{
	unsigned char cached;

	for (int try = 0; try < 20; try++) {
		if (mincore(start, page_size(), &cached) != 0)
			die("mincore");
		if (pagemap_state(start) == pagemap && !(cached & 1))
			return 1;
		usleep(1000);
	}
	return 0;
}

static void touch_swapped(char *addr, char access)
{
	say_touch(addr, "MAJOR swap-in", access, " refault=swap");
	if (access == 'w')
		quiet_write(addr);
	else
		quiet_read(addr);
}

/*
 * pagemap: what it shows of a page that is out. A shared one's place in swap
 * is known to its tmpfs file, not to our page table.
 */
static void out_and_in(char *base, const char *first_touch, int pagemap)
{
	size_t touched = 0;

	for (size_t i = 0; i < PAGES; i++)
		touch_write(page(base, i * STRIDE), first_touch);
	if (madvise(base, PAGES * STRIDE * page_size(), MADV_PAGEOUT) != 0)
		die("MADV_PAGEOUT");
	for (size_t i = 0; i < PAGES; i++) {
		char *start = page(base, i * STRIDE);

		if (!is_out(start, pagemap))
			continue;
		touch_swapped(start + 100, i % 2 ? 'r' : 'w');
		touched++;
	}
	say("note %zu of %d pages were out", touched, PAGES);
	if (!touched)
		say("skip pages stay in the swap cache; zram has none");
}

int main(void)
{
	size_t size = PAGES * STRIDE * page_size();
	char *anon, *shared;

	say_start();
	stay_on_this_cpu();
	if (!have_swap()) {
		say("skip no swap");
		return 0;
	}
	anon = map_private(ARENA, size);
	say_watch(anon, size, "anon");
	out_and_in(anon, "MINOR zero-fill", PAGEMAP_SWAPPED);

	shared = map_at(ARENA + 2 * size, size, PROT_READ | PROT_WRITE,
			MAP_SHARED, -1);
	say_watch(shared, size, "shared");
	out_and_in(shared, "MINOR shmem", 0);
	return 0;
}
