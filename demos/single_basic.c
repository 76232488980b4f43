/*
 * The three changes every program makes: a mapping is added, a part of it removed, the
 * heap grown. Removing the middle makes two VMAs of one, removing an edge makes it
 * shorter; the heap grows where it ends, in the same VMA.
 */
#include "change.h"

enum { PAGES = 16, HEAP_PAGES = 8 };

int main(void)
{
	char *heap;

	start_history();
	say_watch(ARENA, PAGES * page_size(), "anon");
	add_pages(ARENA, PAGES, " vmas=0->1");
	for (size_t i = 0; i < PAGES; i += 4)
		touch_write(page(ARENA, i), "MINOR zero-fill");

	say("note the middle, then the lower edge of what is left above it");
	remove_pages(page(ARENA, 6), 4, " vmas=1->2");
	remove_pages(page(ARENA, 10), 2, " vmas=1->1");
	quiet_write(page(ARENA, 12) + 1);

	heap = start_heap(HEAP_PAGES);
	grow_heap(HEAP_PAGES);
	touch_write(heap, "MINOR zero-fill");
	announced_exit(0);
}
