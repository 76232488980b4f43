/*
 * What a demo says of its address spaces and of their lives, line by line as in say.h:
 *
 *	change PID KIND START-END PROT [KEY=VALUE...]
 *				one change of the layout; KIND and PROT as pfa prints
 *				them, the range as it is after the change, or the one
 *				removed; PROT - where it does not matter
 *	fork PID CHILD what=process|thread|shared-space
 *	exec PID IMAGE		IMAGE as execve was told it
 *	exit PID STATUS		STATUS a number, or the signal that ended it
 *				or "killed"; "-" for none
 *
 * in the order of each PID (of each tid= where that is given). Keys of a change:
 *
 *	from=START-END		where it was before (MOVE_MAPPING, RESIZE_MAPPING,
 *				STACK_GROW)
 *	old=PROT		before PERM_CHANGE
 *	advice=NAME		ADVISE
 *	vmas=BEFORE->AFTER	VMAs that it touched, where that is certain: 1->2 is a
 *				split; what is new counts as none before
 *	failed=ENAME		the call failed: the range is what it asked for
 *
 * Whoever announces one fork, exec or exit announces all of them. The heap is the
 * demo's alone: no malloc beside it (nor what calls it) while it is watched.
 */
#ifndef DEMOS_CHANGE_H
#define DEMOS_CHANGE_H

#include <sys/auxv.h>

#include "say.h"

/* keys: " KEY=VALUE..." or "" */
static inline void say_change(const char *kind, const void *start, size_t size,
			      const char *prot, const char *keys)
{
	uintptr_t at = (uintptr_t)start;

	say("change %d %s %#jx-%#jx %s%s", getpid(), kind, (uintmax_t)at,
	    (uintmax_t)(at + size), prot, keys);
}

/* ---- calls that say what they did ---- */

/* Anonymous, private, read and write, at a place of the arena. */
static inline void add_pages(char *place, size_t pages, const char *keys)
{
	map_private(place, pages * page_size());
	say_change("MMAP_ADD", place, pages * page_size(), "rw-p", keys);
}

static inline void remove_pages(char *place, size_t pages, const char *keys)
{
	if (munmap(place, pages * page_size()) != 0)
		die("munmap");
	say_change("MUNMAP_REMOVE", place, pages * page_size(), "rw-p", keys);
}

/* Moves the break by so many pages; where it was before. */
static inline char *move_break(intptr_t pages)
{
	char *before = sbrk(pages * (intptr_t)page_size());

	if (before == (void *)-1)
		die("sbrk");
	return before;
}

static inline void grow_heap(size_t pages)
{
	char *end = move_break((intptr_t)pages);

	say_change("BRK_GROW", end, pages * page_size(), "rw-p", " vmas=1->1");
}

/* Not to where it was before start_heap(). */
static inline void shrink_heap(size_t pages)
{
	size_t size = pages * page_size();
	char *end = move_break(-(intptr_t)pages);

	say_change("BRK_SHRINK", end - size, size, "rw-p", " vmas=1->1");
}

/*
 * Watches what so many pages of heap will be. A page is below them already: what they
 * join is certain, as it is not for the first, next to the program's own data.
 */
static inline char *start_heap(size_t pages)
{
	char *heap;

	align_break();
	heap = move_break(1) + page_size();
	say("watch %#jx-%#jx heap pid=%d", (uintmax_t)(uintptr_t)heap,
	    (uintmax_t)(uintptr_t)page(heap, pages), getpid());
	return heap;
}

/* ---- lives ---- */

/* say_start(), and which program this is. */
static inline void start_history(void)
{
	say_start();
	say("exec %d %s", getpid(), (const char *)getauxval(AT_EXECFN));
}

static inline pid_t announced_fork(void)
{
	pid_t pid = say_fork();

	if (pid)
		say("fork %d %d what=process", getpid(), pid);
	return pid;
}

__attribute__((noreturn))
static inline void announced_exit(int status)
{
	say("exit %d %d", getpid(), status);
	exit(status);
}

/* argv[0] is the program's path, which is what it is known by from then on. */
__attribute__((noreturn))
static inline void announced_exec(char *const argv[])
{
	say("exec %d %s", getpid(), argv[0]);
	say_flush();
	execv(argv[0], argv);
	die(argv[0]);
	_exit(1);
}

#endif
