/*
 * A layout that never rests: what following it exactly costs.
 *
 *	mmap_storm [ROUNDS [THREADS]]	20000 rounds, 1 thread
 *
 * Each round of a thread maps 16 pages, writes to the first, takes write permission
 * from one in the middle (one VMA becomes three) and unmaps it all, at the same place
 * every time. Threads do so apart from each other, in one address space.
 */
#include "say.h"

enum { DEFAULT_ROUNDS = 20000, THREADS_MAX = 64, PAGES = 16, STRIDE = 64 };

struct share {
	pthread_t thread;
	char *place;
	size_t rounds;
};

static void one_round(char *place, size_t size)
{
	char *base = map_private(place, PAGES * size);

	quiet_write(base);
	if (mprotect(base + PAGES / 2 * size, size, PROT_READ) != 0)
		die("mprotect");
	if (munmap(base, PAGES * size) != 0)
		die("munmap");
}

static void *storm(void *arg)
{
	const struct share *share = arg;
	size_t size = page_size();

	for (size_t i = 0; i < share->rounds; i++)
		one_round(share->place, size);
	return NULL;
}

/* The first share is this thread's. */
static void run(struct share *shares, size_t threads)
{
	for (size_t i = 1; i < threads; i++)
		if (pthread_create(&shares[i].thread, NULL, storm, &shares[i]) != 0)
			die("pthread_create");
	storm(&shares[0]);
	for (size_t i = 1; i < threads; i++)
		pthread_join(shares[i].thread, NULL);
}

static size_t thread_count(int argc, char **argv)
{
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;

	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : n;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : DEFAULT_ROUNDS;
	size_t threads = thread_count(argc, argv), all = rounds * threads;
	struct share shares[THREADS_MAX];
	uint64_t elapsed_ns;

	for (size_t i = 0; i < threads; i++)
		shares[i] = (struct share){ .place = page(ARENA, i * STRIDE),
					    .rounds = rounds };
	say_start();
	say_watch(ARENA, threads * STRIDE * page_size(), "storm");
	elapsed_ns = now_ns();
	run(shares, threads);
	elapsed_ns = now_ns() - elapsed_ns;
	say("count storm MINOR zero-fill %zu", all);
	say("calls mmap %zu", all);
	say("calls mprotect %zu", all);
	say("calls munmap %zu", all);
	say("note rounds=%zu threads=%zu elapsed_ns=%ju ns_per_round=%.1f", rounds,
	    threads, (uintmax_t)elapsed_ns,
	    rounds ? (double)elapsed_ns / (double)all : 0.0);
	return 0;
}
