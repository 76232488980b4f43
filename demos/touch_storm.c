/*
 * As many first touches a second as the machine can do: what tracing costs.
 *
 *	touch_storm [PAGES [THREADS]]	262144 pages, 1 thread
 *
 * Each thread touches its share in chunks that it gives back (MADV_DONTNEED),
 * so that all of them together stay below 256 MiB.
 */
#include "say.h"

enum { DEFAULT_PAGES = 262144, MAX_THREADS = 64, LIMIT = 256 << 20 };

struct share {
	pthread_t thread;
	char *chunk;
	size_t chunk_pages;
	size_t pages;
};

static void *touch_share(void *arg)
{
	struct share *share = arg;
	size_t size = page_size();
	size_t left = share->pages;

	while (left) {
		size_t n = left < share->chunk_pages ? left : share->chunk_pages;

		for (size_t i = 0; i < n; i++)
			quiet_write(share->chunk + i * size);
		madvise(share->chunk, n * size, MADV_DONTNEED);
		left -= n;
	}
	return NULL;
}

static void run(struct share *shares, size_t threads)
{
	for (size_t i = 0; i < threads; i++)
		if (pthread_create(&shares[i].thread, NULL, touch_share,
				   &shares[i]) != 0)
			die("pthread_create");
	for (size_t i = 0; i < threads; i++)
		pthread_join(shares[i].thread, NULL);
}

static size_t number(const char *text, size_t max)
{
	unsigned long n = strtoul(text, NULL, 0);

	return n < 1 ? 1 : n > max ? max : n;
}

int main(int argc, char **argv)
{
	size_t pages = argc > 1 ? number(argv[1], SIZE_MAX) : DEFAULT_PAGES;
	size_t threads = argc > 2 ? number(argv[2], MAX_THREADS) : 1;
	size_t chunk_pages = LIMIT / page_size() / threads;
	struct share shares[MAX_THREADS];
	uint64_t elapsed_ns;
	char *arena;

	say_start();
	arena = map_private(ARENA, threads * chunk_pages * page_size());
	say_watch(arena, threads * chunk_pages * page_size(), "storm");
	for (size_t i = 0; i < threads; i++) {
		shares[i].chunk = page(arena, i * chunk_pages);
		shares[i].chunk_pages = chunk_pages;
		shares[i].pages = pages / threads + (i < pages % threads);
	}
	elapsed_ns = now_ns();
	run(shares, threads);
	elapsed_ns = now_ns() - elapsed_ns;
	say("count storm MINOR zero-fill %zu", pages);
	say("note pages=%zu threads=%zu elapsed_ns=%ju ns_per_fault=%.1f",
	    pages, threads, (uintmax_t)elapsed_ns,
	    (double)elapsed_ns / (double)pages);
	return 0;
}
