/*
 * Anonymous memory costs nothing until it is touched: each page's first access
 * is one fault.
 *
 * A write gets a zeroed page of its own (MINOR zero-fill). A read gets the
 * shared zero page (MINOR zero-read). Whoever touches it first pays, be it the
 * program or the kernel filling a buffer for it (mode=kernel).
 */
#include "say.h"

enum { PAGES = 16 };

int main(void)
{
	char *base;

	say_start();
	base = map_private(ARENA, PAGES * page_size());
	say_watch(base, PAGES * page_size(), "anon");

	say("note in order");
	for (size_t i = 0; i < 4; i++)
		touch_write(page(base, i), "MINOR zero-fill");
	say("note backwards, at odd offsets");
	for (size_t i = 7; i >= 4; i--)
		touch_write(page(base, i) + 100 + i, "MINOR zero-fill");
	say("note read first");
	touch_read(page(base, 8), "MINOR zero-read");
	touch_read(page(base, 9) + page_size() - 1, "MINOR zero-read");
	say("note the kernel first; page 11 stays untouched");
	say_touch(page(base, 10) + 5, "MINOR zero-fill", 'w', " mode=kernel");
	quiet_kernel_write(page(base, 10) + 5);
	touch_write(page(base, 15), "MINOR zero-fill");

	say("note what is there doesn't fault again");
	quiet_write(page(base, 0) + 1);
	quiet_read(page(base, 9));
	return 0;
}
