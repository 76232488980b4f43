/*
 * After fork parent and child share their pages, write-protected. The first
 * to write to one gets a copy (COW cow-copy: another frame than before). The
 * other is then its only owner and keeps it (COW cow-reuse: same frame), and
 * so is the parent for all that the child left alone, once it has exited.
 * A page that was only ever read is the zero page (COW cow-zero).
 */
#include "say.h"

enum { CHILD_FIRST, PARENT_FIRST, UNTOUCHED, READ_ONLY, PAGES };

struct turn {
	int fds[2];
};

static void turn_init(struct turn *turn)
{
	if (pipe(turn->fds) != 0)
		die("pipe");
}

static void turn_give(struct turn *turn)
{
	if (write(turn->fds[1], "", 1) != 1)
		die("pipe write");
}

static void turn_await(struct turn *turn)
{
	char byte;

	if (read(turn->fds[0], &byte, 1) != 1)
		die("pipe read");
}

static void child(char *base, struct turn *mine, struct turn *parents)
{
	quiet_read(page(base, UNTOUCHED));
	touch_write(page(base, CHILD_FIRST) + 1, "COW cow-copy");
	touch_write(page(base, READ_ONLY), "COW cow-zero");
	turn_give(parents);
	turn_await(mine);
	touch_write(page(base, PARENT_FIRST) + 1, "COW cow-reuse");
	exit(0);
}

int main(void)
{
	struct turn childs, parents;
	char *base;
	pid_t pid;

	say_start();
	stay_on_this_cpu();
	turn_init(&childs);
	turn_init(&parents);
	base = map_private(ARENA, PAGES * page_size());
	say_watch(base, PAGES * page_size(), "anon");
	for (size_t i = 0; i < READ_ONLY; i++)
		touch_write(page(base, i), "MINOR zero-fill");
	touch_read(page(base, READ_ONLY), "MINOR zero-read");

	pid = say_fork();
	if (!pid)
		child(base, &childs, &parents);
	turn_await(&parents);
	touch_write(page(base, CHILD_FIRST), "COW cow-reuse");
	touch_write(page(base, PARENT_FIRST), "COW cow-copy");
	turn_give(&childs);
	wait_for(pid);
	say("note the child has exited");
	touch_write(page(base, UNTOUCHED), "COW cow-reuse");
	touch_write(page(base, READ_ONLY), "COW cow-zero");
	return 0;
}
