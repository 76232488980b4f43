/*
 * Taking write permission away and giving it back.
 *
 * A write in between is refused (INVALID protection): the classic write
 * barrier of garbage collectors and snapshotters, whose handler unprotects the
 * page and lets the write go on. Once permission is back, a page the process
 * owns alone is made writable by mprotect itself (Linux 6.0 on): no fault. It
 * can't know that of a page which had been shared with a child (COW
 * cow-reuse), and it can't write to the zero page (COW cow-zero).
 */
#include <signal.h>

#include "say.h"

enum { BARRIER, OWN, HIDDEN, ZERO, ONCE_SHARED, PAGES };

static void unprotect(int sig, siginfo_t *info, void *context)
{
	uintptr_t addr = (uintptr_t)info->si_addr & ~(page_size() - 1);

	(void)sig, (void)context;
	if (mprotect((void *)addr, page_size(), PROT_READ | PROT_WRITE) != 0)
		die("mprotect in handler");
}

static void catch_segv(void)
{
	struct sigaction action = {
		.sa_sigaction = unprotect, .sa_flags = SA_SIGINFO,
	};

	if (sigaction(SIGSEGV, &action, NULL) != 0)
		die("sigaction");
}

static void protect(char *base, size_t n, int prot)
{
	if (mprotect(page(base, n), page_size(), prot) != 0)
		die("mprotect");
}

static void share_with_a_child(void)
{
	pid_t pid = say_fork();

	if (!pid)
		_exit(0);
	wait_for(pid);
}

int main(void)
{
	char *base;

	say_start();
	stay_on_this_cpu();
	catch_segv();
	base = map_private(ARENA, PAGES * page_size());
	say_watch(base, PAGES * page_size(), "anon");
	touch_write(page(base, ONCE_SHARED), "MINOR zero-fill");
	share_with_a_child();
	for (size_t i = BARRIER; i <= HIDDEN; i++)
		touch_write(page(base, i), "MINOR zero-fill");
	touch_read(page(base, ZERO), "MINOR zero-read");

	protect(base, BARRIER, PROT_READ);
	say("note the handler unprotects, the write goes on without a fault");
	touch_write(page(base, BARRIER) + 9, "INVALID protection");

	for (size_t i = OWN; i < PAGES; i++) {
		protect(base, i, i == HIDDEN ? PROT_NONE : PROT_READ);
		protect(base, i, PROT_READ | PROT_WRITE);
	}
	quiet_write(page(base, OWN) + 1);
	quiet_write(page(base, HIDDEN) + 1);
	touch_write(page(base, ZERO), "COW cow-zero");
	touch_write(page(base, ONCE_SHARED), "COW cow-reuse");
	return 0;
}
