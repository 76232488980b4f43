/*
 * A layout that never rests: what following it exactly costs.
 *
 *	mmap_storm [ROUNDS]	20000
 *
 * Each round maps 16 pages, writes to the first, takes write permission from
 * one in the middle (one VMA becomes three) and unmaps it all, at the same
 * place every time.
 */
#include "say.h"

enum { DEFAULT_ROUNDS = 20000, PAGES = 16 };

static void one_round(size_t size)
{
	char *base = map_private(ARENA, PAGES * size);

	quiet_write(base);
	if (mprotect(base + PAGES / 2 * size, size, PROT_READ) != 0)
		die("mprotect");
	if (munmap(base, PAGES * size) != 0)
		die("munmap");
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : DEFAULT_ROUNDS;
	size_t size = page_size();
	uint64_t elapsed_ns;

	say_start();
	say_watch(ARENA, PAGES * size, "storm");
	elapsed_ns = now_ns();
	for (size_t i = 0; i < rounds; i++)
		one_round(size);
	elapsed_ns = now_ns() - elapsed_ns;
	say("count storm MINOR zero-fill %zu", rounds);
	say("calls mmap %zu", rounds);
	say("calls mprotect %zu", rounds);
	say("calls munmap %zu", rounds);
	say("note rounds=%zu elapsed_ns=%ju ns_per_round=%.1f", rounds,
	    (uintmax_t)elapsed_ns,
	    rounds ? (double)elapsed_ns / (double)rounds : 0.0);
	return 0;
}
