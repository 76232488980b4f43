/*
 * A bit of everything in a fraction of a second: the workload of `make demo`.
 *
 *	mixed [DIRECTORY]
 *
 * It says what it is about to do, so that its lines explain the fault lines
 * around them. It announces no faults one by one: how many pages of libc a
 * call takes is libc's business.
 */
#include "scratch.h"

enum { PAGES = 8 };

static char table[PAGES * 4096] = { 1 };	/* .data */
static char scores[PAGES * 4096];		/* .bss */

static void stage(const char *text)
{
	say("note %s", text);
	say_flush();
}

static void write_pages(char *base, size_t count)
{
	for (size_t i = 0; i < count; i++)
		quiet_write(page(base, i));
}

static int by_value(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void code(void)
{
	int numbers[] = { 3, 1, 2 };
	volatile double number;

	stage("code: libc's sort and number parser run for the first time");
	qsort(numbers, 3, sizeof(numbers[0]), by_value);
	number = strtod("6.25e2", NULL);
	(void)number;
}

static void globals(void)
{
	stage("globals: .data is copied from the file, .bss is zeroed");
	write_pages(table, PAGES);
	write_pages(scores, PAGES);
}

static void heap(void)
{
	char *small, *large;

	stage("heap: 32 KiB by brk; 256 KiB by mmap, then given back");
	small = malloc(PAGES * page_size());
	large = malloc(64 * page_size());
	if (!small || !large)
		die("malloc");
	write_pages(small, PAGES);
	write_pages(large, 64);
	free(large);
	free(small);
}

__attribute__((noinline))
static int recurse(int depth)
{
	volatile char frame[4096];

	frame[0] = (char)depth;
	return depth ? recurse(depth - 1) + frame[0] : 0;
}

static void stack(void)
{
	stage("stack: a recursion 256 KiB deep");
	recurse(64);
}

static void file(const char *dir)
{
	size_t size = PAGES * page_size();
	int fd = scratch_file(dir, size);
	char *map = map_at(ARENA, size, PROT_READ, MAP_PRIVATE, fd);

	stage("file: 8 pages that have to come from the disk");
	make_cold(fd, map, size);
	for (size_t i = 0; i < PAGES; i++)
		quiet_read(page(map, i));
}

static void fork_and_write(char *base)
{
	pid_t pid;

	stage("fork: the child writes to 4 of 8 shared pages, then the parent to all");
	write_pages(base, PAGES);
	pid = say_fork();
	if (!pid) {
		write_pages(base, PAGES / 2);
		_exit(0);
	}
	wait_for(pid);
	write_pages(base, PAGES);
}

static void *in_thread(void *base)
{
	write_pages(base, PAGES);
	return NULL;
}

static void thread(char *base)
{
	pthread_t id;

	stage("thread: its stack, and 8 pages it is the first to write");
	if (pthread_create(&id, NULL, in_thread, base) != 0)
		die("pthread_create");
	pthread_join(id, NULL);
}

static void refault(char *base)
{
	stage("refault: 8 pages given back by MADV_DONTNEED and written again");
	madvise(base, PAGES * page_size(), MADV_DONTNEED);
	write_pages(base, PAGES);
}

int main(int argc, char **argv)
{
	size_t size = PAGES * page_size();
	char *base;

	say_start();
	stay_on_this_cpu();
	code();
	globals();
	heap();
	stack();
	file(scratch_dir(argc, argv));
	base = map_private(ARENA + (1 << 20), 2 * size);
	fork_and_write(base);
	thread(base + size);
	refault(base);
	stage("done");
	return 0;
}
