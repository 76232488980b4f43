/*
 * A child has a copy of its parent's layout, until it changes it or execs.
 *
 *	parent_child [SECONDS]	0.1
 *
 * The parent maps memory and forks. The child maps some more, which is not in the
 * parent, and becomes sleep for so long, by which all of it is gone. Meanwhile the
 * parent unmaps a part of its mapping, which is not in the child.
 */
#include "change.h"

enum { PAGES = 16, EXTRA_PAGES = 8 };

#define EXTRA (ARENA + (1 << 30))

__attribute__((noreturn))
static void child(char *seconds)
{
	char *sleeper[] = { (char *)"/bin/sleep", seconds, NULL };

	add_pages(EXTRA, EXTRA_PAGES, " vmas=0->1");
	touch_write(EXTRA, "MINOR zero-fill");
	announced_exec(sleeper);
}

int main(int argc, char **argv)
{
	char *seconds = argc > 1 ? argv[1] : (char *)"0.1";
	pid_t pid;

	start_history();
	say_watch(ARENA, PAGES * page_size(), "parent");
	say_watch(EXTRA, EXTRA_PAGES * page_size(), "child");
	add_pages(ARENA, PAGES, " vmas=0->1");
	touch_write(ARENA, "MINOR zero-fill");

	pid = announced_fork();
	if (!pid)
		child(seconds);
	remove_pages(page(ARENA, 4), 8, " vmas=1->2");
	wait_for(pid);
	say("exit %d 0", pid);
	announced_exit(0);
}
