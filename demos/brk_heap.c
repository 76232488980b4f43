/*
 * The heap proper: brk moves its end. Growing costs a fault for each page
 * touched (MINOR zero-fill), shrinking frees the pages, so growing again over
 * the same addresses faults again.
 */
#include "say.h"

enum { PAGES = 16, KEPT = 4 };

static void *grow(intptr_t pages)
{
	void *end = sbrk(pages * (intptr_t)page_size());

	if (end == (void *)-1)
		die("sbrk");
	return end;
}

int main(void)
{
	char *heap;

	say_start();
	align_break();
	heap = grow(PAGES);
	say_watch(heap, PAGES * page_size(), "heap");
	for (size_t i = 0; i < PAGES; i++)
		touch_write(page(heap, i), "MINOR zero-fill");

	say("note shrink by 12 pages, grow by 8");
	grow(KEPT - PAGES);
	grow(8);
	quiet_write(page(heap, KEPT - 1) + 1);
	for (size_t i = KEPT; i < KEPT + 8; i++)
		touch_again(page(heap, i) + 1, "MINOR zero-fill");
	return 0;
}
