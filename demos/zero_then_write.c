/*
 * Reading untouched anonymous memory before writing it costs two faults where
 * one would do: the read maps the shared zero page (MINOR zero-read), the
 * write finds a present page it may not write (COW cow-zero). calloc'd tables
 * that are searched before they are filled do this.
 */
#include "say.h"

enum { PAGES = 8 };

int main(void)
{
	char *base;

	say_start();
	base = map_private(ARENA, PAGES * page_size());
	say_watch(base, PAGES * page_size(), "anon");

	for (size_t i = 0; i < PAGES / 2; i++)
		touch_read(page(base, i), "MINOR zero-read");
	for (size_t i = 0; i < PAGES / 2; i++)
		touch_write(page(base, i) + 8, "COW cow-zero");

	say("note write first: one fault");
	for (size_t i = PAGES / 2; i < PAGES; i++)
		touch_write(page(base, i), "MINOR zero-fill");
	return 0;
}
