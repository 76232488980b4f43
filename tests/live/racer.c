/*
 * Eight threads that map, unmap, protect, move and empty memory against each other,
 * at addresses the kernel chooses: one thread's range is another's next.
 *
 *	racer [ROUNDS]	2000
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { THREADS = 8, HELD = 16, PAGE = 4096 };

struct held {
	char *start; /* NULL: nothing */
	size_t size;
};

static int rounds = 2000;

static size_t some_pages(unsigned *seed, unsigned most)
{
	return (size_t)(1 + (unsigned)rand_r(seed) % most) * PAGE;
}

static void take(struct held *h, unsigned *seed)
{
	h->size = some_pages(seed, 8);
	h->start = mmap(NULL, h->size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (h->start == MAP_FAILED)
		exit(1);
	*(volatile char *)h->start = 1;
}

static void move(struct held *h, unsigned *seed)
{
	size_t size = some_pages(seed, 12);
	void *moved;

	/* mremap moves one mapping: undo what protect() may have cut. */
	mprotect(h->start, h->size, PROT_READ | PROT_WRITE);
	moved = mremap(h->start, h->size, size, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED)
		return;
	h->start = moved;
	h->size = size;
}

static void change(struct held *h, unsigned *seed)
{
	switch (rand_r(seed) % 5) {
	case 0:
		mprotect(h->start, PAGE, PROT_READ | (rand_r(seed) % 2 ? PROT_WRITE : 0));
		break;
	case 1:
		move(h, seed);
		break;
	case 2:
		madvise(h->start, h->size, MADV_DONTNEED);
		break;
	default:
		munmap(h->start, h->size);
		h->start = NULL;
	}
}

static void *race(void *arg)
{
	struct held held[HELD] = { 0 };
	unsigned seed = (unsigned)(uintptr_t)arg;

	for (int i = 0; i < rounds; i++) {
		struct held *h = &held[rand_r(&seed) % HELD];

		if (h->start)
			change(h, &seed);
		else
			take(h, &seed);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];

	if (argc > 1)
		rounds = (int)strtol(argv[1], NULL, 10);
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, race, (void *)(i + 1)))
			return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
