/*
 * A vfork child runs in its parent's address space until it execs: what it
 * touches is there for the parent afterwards, though the fault was the
 * child's. exec then gives the child a new address space; the parent's stays.
 *
 * The child execs this program again, with an argument.
 */
#include "say.h"

enum { PAGES = 4 };

static int after_exec(void)
{
	char *base = map_private(ARENA + (1 << 30), PAGES * page_size());

	say_watch(base, PAGES * page_size(), "exec");
	touch_write(page(base, 1), "MINOR zero-fill");
	return 0;
}

/* In a function of its own, as it shares the parent's stack frame. */
__attribute__((noinline, noreturn))
static void child(char *base)
{
	touch_write(page(base, 1), "MINOR zero-fill");
	quiet_write(page(base, 0) + 1);
	say_flush();
	execl("/proc/self/exe", "vfork_exec", "again", (char *)NULL);
	die("execl");
	_exit(1);
}

int main(int argc, char **argv)
{
	char *base;
	pid_t pid;

	(void)argv;
	say_start();
	if (argc > 1)
		return after_exec();
	base = map_private(ARENA, PAGES * page_size());
	say_watch(base, PAGES * page_size(), "shared");
	touch_write(page(base, 0), "MINOR zero-fill");

	say_flush();
	pid = vfork();
	if (!pid)
		child(base);
	wait_for(pid);
	say("note the child's page is here, others are not");
	quiet_write(page(base, 1) + 1);
	touch_write(page(base, 2), "MINOR zero-fill");
	return 0;
}
