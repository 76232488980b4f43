/*
 * Running code for the first time is a fault like any other: MINOR map with
 * ACCESS x when the page is in the page cache.
 *
 * The program maps its own file a second time and calls a function there. It
 * must be a leaf that refers to nothing, as it runs away from its place. In
 * the file it lies as far from the start as in memory (GNU ld's layout).
 */
#include "say.h"

extern const char __executable_start[];

/* In a fault-around block of its own. */
__attribute__((noinline, aligned(65536)))
static int answer(void)
{
	return 42;
}

int main(void)
{
	size_t offset = (uintptr_t)answer - (uintptr_t)__executable_start;
	size_t size = offset + page_size();
	int (*volatile copy)(void);
	char *map;

	say_start();
	map = map_at(ARENA, size, PROT_READ | PROT_EXEC, MAP_PRIVATE,
		     open_self_cached());
	say_watch(map, size, "code");

	copy = (int (*)(void))(uintptr_t)(map + offset);
	say_touch(map + offset, "MINOR map", 'x', "");
	if (copy() != 42)
		die("copied code");
	say("note the second call and a read are free");
	copy();
	quiet_read(map + offset);
	return 0;
}
