/*
 * Faults that fail. There is no completion, only a signal, or EFAULT where the
 * kernel faulted for us:
 *
 * INVALID unmapped	no VMA holds the address
 * INVALID protection	one does, but doesn't allow the access
 * INVALID bus		a file mapping beyond the file's end (SIGBUS)
 */
#include <setjmp.h>
#include <signal.h>

#include "scratch.h"

enum { HOLE, READ_ONLY, NO_ACCESS, NO_EXEC, PAGES };

static sigjmp_buf after_fault;

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(after_fault, 1);
}

static void fail(char *addr, const char *what, char access)
{
	void (*volatile code)(void) = (void (*)(void))(uintptr_t)addr;

	say_touch(addr, what, access, "");
	if (sigsetjmp(after_fault, 1))
		return;
	if (access == 'r')
		quiet_read(addr);
	else if (access == 'w')
		quiet_write(addr);
	else
		code();
	say("note this went through, which it should not");
}

static void fail_in_kernel(char *addr, const char *what)
{
	say_touch(addr, what, 'w', " mode=kernel");
	if (quiet_kernel_write(addr) >= 0)
		say("note this went through, which it should not");
}

static char *four_pages(void)
{
	char *base = map_private(ARENA, PAGES * page_size());

	say_watch(base, PAGES * page_size(), "anon");
	for (size_t i = 0; i < PAGES; i++)
		touch_write(page(base, i), "MINOR zero-fill");
	if (munmap(page(base, HOLE), page_size()) != 0 ||
	    mprotect(page(base, READ_ONLY), page_size(), PROT_READ) != 0 ||
	    mprotect(page(base, NO_ACCESS), page_size(), PROT_NONE) != 0)
		die("mprotect");
	return base;
}

static void fail_beyond_end(const char *dir)
{
	int fd = scratch_file(dir, 2 * page_size());
	char *map = map_at(ARENA + (1 << 20), 2 * page_size(),
			   PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	say_watch(map, 2 * page_size(), "file");
	if (ftruncate(fd, (off_t)page_size()) != 0)
		die("ftruncate");
	touch_read(map, "MINOR map");
	fail(page(map, 1), "INVALID bus", 'r');
	fail(page(map, 1) + 9, "INVALID bus", 'w');
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_fault };
	char *base;

	say_start();
	if (sigaction(SIGSEGV, &action, NULL) != 0 ||
	    sigaction(SIGBUS, &action, NULL) != 0)
		die("sigaction");
	base = four_pages();
	fail(page(base, HOLE) + 1, "INVALID unmapped", 'r');
	fail(page(base, HOLE) + 2, "INVALID unmapped", 'w');
	fail(page(base, READ_ONLY) + 3, "INVALID protection", 'w');
	fail(page(base, NO_ACCESS) + 4, "INVALID protection", 'r');
	fail(page(base, NO_EXEC), "INVALID protection", 'x');
	say("note the kernel gets EFAULT where we would get a signal");
	fail_in_kernel(page(base, HOLE) + 5, "INVALID unmapped");
	fail_in_kernel(page(base, READ_ONLY) + 6, "INVALID protection");
	fail_beyond_end(scratch_dir(argc, argv));
	return 0;
}
