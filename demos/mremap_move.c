/*
 * mremap moves page table entries, not pages: what was there before isn't
 * faulted in again at its new address. Only what growth added is (MINOR
 * zero-fill). realloc of large blocks works like this.
 */
#include "say.h"

enum { OLD = 8, GROWN = 12, SHRUNK = 4 };

static void resize(char *addr, size_t from, size_t to, int flags, char *place)
{
	if (mremap(addr, from * page_size(), to * page_size(), flags, place) ==
	    MAP_FAILED)
		die("mremap");
}

int main(void)
{
	size_t size = GROWN * page_size();
	char *old, *new;

	say_start();
	old = map_private(ARENA, OLD * page_size());
	new = ARENA + 16 * size;
	say_watch(old, size, "old");
	say_watch(new, size, "new");
	for (size_t i = 0; i < OLD - 1; i++)
		touch_write(page(old, i), "MINOR zero-fill");

	say("note move and grow: the first 7 pages come along");
	resize(old, OLD, GROWN, MREMAP_MAYMOVE | MREMAP_FIXED, new);
	for (size_t i = 0; i < OLD - 1; i++)
		quiet_write(page(new, i) + 1);
	for (size_t i = OLD - 1; i < GROWN; i++)
		touch_write(page(new, i), "MINOR zero-fill");

	say("note shrink and grow in place: the tail is new");
	resize(new, GROWN, SHRUNK, 0, NULL);
	resize(new, SHRUNK, OLD, 0, NULL);
	quiet_write(page(new, SHRUNK - 1) + 2);
	for (size_t i = SHRUNK; i < OLD; i++)
		touch_again(page(new, i) + 2, "MINOR zero-fill");
	return 0;
}
