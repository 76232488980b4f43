/*
 * A process that changes all the time, slowly: something to watch, or to attach to.
 *
 *	long_running [ROUNDS [PAUSE_MS]]	150 rounds of 2 s: five minutes
 *
 * Each round maps a few pages more than the last and unmaps them again; every second
 * one moves the break, which grows and shrinks by turns. What was done is printed at
 * once.
 */
#include "change.h"

enum { ROUNDS = 150, PAUSE_MS = 2000, PAGES_MAX = 16, HEAP_PAGES = 4 };

static size_t argument(int argc, char **argv, int i, size_t otherwise)
{
	return argc > i ? strtoul(argv[i], NULL, 10) : otherwise;
}

static void pause_ms(size_t ms)
{
	const struct timespec time = { .tv_sec = (time_t)(ms / 1000),
				       .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

static void one_round(size_t round)
{
	size_t pages = 1 + round % PAGES_MAX;

	say("note round %zu", round);
	add_pages(ARENA, pages, " vmas=0->1");
	say_touch(ARENA, "MINOR zero-fill", 'w', round ? " refault=unmap" : "");
	quiet_write(ARENA);
	remove_pages(ARENA, pages, " vmas=1->0");
	if (round % 4 == 1)
		grow_heap(HEAP_PAGES);
	if (round % 4 == 3)
		shrink_heap(HEAP_PAGES);
	say_flush();
}

int main(int argc, char **argv)
{
	size_t rounds = argument(argc, argv, 1, ROUNDS);
	size_t pause = argument(argc, argv, 2, PAUSE_MS);

	start_history();
	say_watch(ARENA, PAGES_MAX * page_size(), "anon");
	start_heap(HEAP_PAGES);
	for (size_t i = 0; i < rounds; i++) {
		one_round(i);
		pause_ms(pause);
	}
	announced_exit(0);
}
