/*
 * Eight threads fault at the same time in one address space, each in its own
 * slice of one mapping. Order is certain within a thread only, hence tid=.
 */
#include "say.h"

enum { THREADS = 8, SLICE_PAGES = 32 };

static pthread_barrier_t start_line;

static void *touch_slice(void *slice)
{
	char *base = slice;
	char tid[32];

	snprintf(tid, sizeof(tid), " tid=%ld", syscall(SYS_gettid));
	pthread_barrier_wait(&start_line);
	for (size_t i = 0; i < SLICE_PAGES; i++) {
		char *addr = page(base, i) + i;

		say_touch(addr, "MINOR zero-fill", 'w', tid);
		quiet_write(addr);
	}
	return NULL;
}

int main(void)
{
	size_t size = THREADS * SLICE_PAGES * page_size();
	pthread_t threads[THREADS];
	char *base;

	say_start();
	pthread_barrier_init(&start_line, NULL, THREADS);
	base = map_private(ARENA, size);
	say_watch(base, size, "slices");
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, touch_slice,
				   page(base, i * SLICE_PAGES)) != 0)
			die("pthread_create");
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
