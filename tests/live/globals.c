/*
 * Touches variables of its own, each in a page of its own and by a function of its own,
 * and says so:
 *
 *	touch ADDR FUNCTION OBJECT OFFSET
 *	lies ADDR OBJECT SIZE
 *
 * OBJECT is as nm names it, OFFSET from its start. A thread's variables are touched by the
 * C library before the thread begins: of them it says where they lie.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 4096, SIZE = 4 * PAGE, LARGE = 1 << 20 };

#define OWN_PAGES __attribute__((aligned(PAGE)))

OWN_PAGES char shown[SIZE];
static OWN_PAGES char hidden[SIZE];
OWN_PAGES char filled[SIZE] = { 1 };
static OWN_PAGES char hidden_filled[SIZE] = { 1 };
static __thread char of_a_thread[SIZE];

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

int main(void)
{
	pthread_t thread;

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
