/*
 * The main thread's stack: exec sets up a VMA that reaches 128 KiB below the
 * arguments. First touches in it are MINOR zero-fill as anywhere; one below
 * its start makes the kernel lower the start to that page (MINOR stack-grow),
 * as far as RLIMIT_STACK allows.
 *
 * The pages are touched through a pointer. Recursion would push return
 * addresses in between, and compilers that probe the stack touch every page.
 * Linux doesn't compare the address with the stack pointer (x86 since 5.0).
 */
#include "say.h"

/*
 * Raw reads, as stdio's buffer would come from malloc: a fault here and there
 * doesn't matter, but they are hard to tell from what the demo shows.
 */
static char *stack_vma_start(void)
{
	static char maps[64 << 10];
	int fd = open("/proc/self/maps", O_RDONLY);
	size_t used = 0;
	ssize_t n;
	char *line;

	if (fd < 0)
		die("/proc/self/maps");
	while ((n = read(fd, maps + used, sizeof(maps) - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	line = strstr(maps, "[stack]");
	if (!line)
		die("[stack]");
	while (line > maps && line[-1] != '\n')
		line--;
	return (char *)(uintptr_t)strtoul(line, NULL, 16);
}

int main(void)
{
	char *start;

	say_start();
	start = stack_vma_start();
	say_watch(start - 16 * page_size(), 32 * page_size(), "stack");

	say("note inside the VMA that exec made");
	touch_write(page(start, 4), "MINOR zero-fill");
	touch_write(page(start, 0), "MINOR zero-fill");

	say("note below it, page by page, then four at once");
	touch_write(start - 8, "MINOR stack-grow");
	touch_write(start - page_size() - 8, "MINOR stack-grow");
	touch_write(start - 5 * page_size() - 8, "MINOR stack-grow");

	say("note skipped a moment ago: inside by now");
	touch_write(start - 3 * page_size() - 8, "MINOR zero-fill");
	return 0;
}
