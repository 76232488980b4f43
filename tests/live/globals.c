/*
 * Touches variables of its own, each in a page of its own and by a function of its own,
 * and says so:
 *
 *	touch ADDR FUNCTION OBJECT OFFSET
 *	lies ADDR OBJECT SIZE
 *
 * OBJECT is as nm names it, OFFSET from its start. A thread's variables are touched by the
 * C library before the thread begins: of them it says where they lie.
 *
 * With an argument all that happens in so many threads, which are there already when it
 * says "ready": at SIGUSR1 each touches a page of its variables, which it gave back, and
 *
 *	deep TID ADDR		its stack
 *
 * Until then the first thread touches a page of `shown` every millisecond.
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, SIZE = 4 * PAGE, LARGE = 1 << 20, DEEP = 16 * PAGE, THREADS_MAX = 64 };

#define OWN_PAGES __attribute__((aligned(PAGE)))

OWN_PAGES char shown[SIZE];
static OWN_PAGES char hidden[SIZE];
OWN_PAGES char filled[SIZE] = { 1 };
static OWN_PAGES char hidden_filled[SIZE] = { 1 };
static __thread OWN_PAGES char of_a_thread[SIZE];

/* Not at a page's start, so that the offset is one to the byte. */
#define TOUCH(object, at, offset)                                                    \
	__attribute__((noinline)) static void touch_##object(void)                   \
	{                                                                            \
		volatile char *place = (at) + (offset);                              \
                                                                                     \
		*place = 2;                                                          \
		printf("touch %#jx touch_%s %s %#x\n", (uintmax_t)(uintptr_t)place,  \
		       #object, #object, (unsigned)(offset));                        \
	}

TOUCH(shown, shown, PAGE + 1)
TOUCH(hidden, hidden, 2 * PAGE + 0x123)
TOUCH(filled, filled, 2 * PAGE + 8)
TOUCH(hidden_filled, hidden_filled, PAGE)

static char *area;

__attribute__((noinline)) static void make_area(void)
{
	area = malloc(LARGE); /* large enough for a mapping of its own */
	if (!area)
		abort();
}

__attribute__((noinline)) static void touch_area(void)
{
	volatile char *place = area + LARGE / 2;

	*place = 2;
	printf("touch %#jx touch_area area %#x\n", (uintmax_t)(uintptr_t)place,
	       (unsigned)((uintptr_t)place % PAGE + LARGE / 2));
}

static void say_where_it_lies(void)
{
	printf("lies %#jx of_a_thread %#x\n", (uintmax_t)(uintptr_t)of_a_thread, SIZE);
}

static void *run_thread(void *unused)
{
	say_where_it_lies();
	return unused;
}

/* ---- threads that are there already ---- */

static sem_t called;

TOUCH(of_a_thread, of_a_thread, 2 * PAGE + 0x40)

__attribute__((noinline)) static void touch_deep(void)
{
	volatile char frame[DEEP];

	frame[0] = 1;
	printf("deep %d %#jx\n", gettid(), (uintmax_t)(uintptr_t)frame);
}

static void *wait_and_touch(void *unused)
{
	while (sem_wait(&called))
		;
	if (madvise(of_a_thread, SIZE, MADV_DONTNEED))
		abort();
	touch_of_a_thread();
	touch_deep();
	return unused;
}

static int run_threads(size_t count)
{
	const struct timespec tick = { .tv_nsec = 1000000 };
	pthread_t threads[THREADS_MAX];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sem_init(&called, 0, 0);
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, wait_and_touch, NULL))
			return 1;
	printf("ready %d\n", getpid());
	fflush(stdout);
	while (sigtimedwait(&set, NULL, &tick) != SIGUSR1) {
		if (madvise(shown, SIZE, MADV_DONTNEED))
			abort();
		*(volatile char *)shown = 1;
	}
	for (size_t i = 0; i < count; i++)
		sem_post(&called);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	pthread_t thread;

	if (count)
		return run_threads(count < THREADS_MAX ? count : THREADS_MAX);
	touch_shown();
	touch_hidden();
	touch_filled();
	touch_hidden_filled();
	say_where_it_lies();
	if (pthread_create(&thread, NULL, run_thread, NULL))
		return 1;
	pthread_join(thread, NULL);
	make_area();
	touch_area();
	return 0;
}
