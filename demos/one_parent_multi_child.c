/*
 * Three children, one after the other, each of which changes its copy of the parent's
 * layout in its own way: maps and unmaps, grows and shrinks the heap, makes several
 * mappings. The parent's stays as it was, which is what the next one starts from.
 */
#include "change.h"

enum { PAGES = 16, HEAP_PAGES = 12, MAPS = 6 };

#define OWN (ARENA + (1 << 30))

/* The second joins the first; the inherited one goes by halves. */
static void map_and_unmap(void)
{
	add_pages(OWN, PAGES, " vmas=0->1");
	add_pages(page(OWN, PAGES), PAGES, " vmas=1->1");
	remove_pages(page(OWN, PAGES / 2), PAGES, " vmas=1->2");
	remove_pages(ARENA, PAGES / 2, " vmas=1->1");
	remove_pages(page(ARENA, PAGES / 2), PAGES / 2, " vmas=1->0");
	remove_pages(OWN, 2 * PAGES, " vmas=2->0");
}

static void grow_and_shrink(void)
{
	char *heap = start_heap(HEAP_PAGES);

	grow_heap(HEAP_PAGES);
	touch_write(heap, "MINOR zero-fill");
	touch_write(page(heap, HEAP_PAGES - 1), "MINOR zero-fill");
	shrink_heap(4);
	shrink_heap(HEAP_PAGES - 6);
	grow_heap(8);
	touch_write(page(heap, HEAP_PAGES - 5), "MINOR zero-fill");
	shrink_heap(10);
}

/*
 * From below, with a gap after each; then one that fills a gap and joins two. Had both
 * been touched the kernel would not join them: their pages are found in two ways.
 */
static void map_several(void)
{
	char *place = OWN, *last = OWN;

	for (size_t i = 1; i <= MAPS; i++) {
		last = place;
		add_pages(place, i, " vmas=0->1");
		place = page(place, i + 1);
	}
	add_pages(page(OWN, 1), 1, " vmas=2->1");
	touch_write(last, "MINOR zero-fill");
}

static void run_child(const char *what, void (*work)(void))
{
	pid_t pid;

	say("note a child that %s", what);
	pid = announced_fork();
	if (!pid) {
		work();
		announced_exit(0);
	}
	wait_for(pid);
}

int main(void)
{
	start_history();
	say_watch(ARENA, PAGES * page_size(), "inherited");
	say_watch(OWN, 2 * PAGES * page_size(), "own");
	add_pages(ARENA, PAGES, " vmas=0->1");
	run_child("maps and unmaps", map_and_unmap);
	run_child("grows and shrinks the heap", grow_and_shrink);
	run_child("makes several mappings", map_several);
	announced_exit(0);
}
