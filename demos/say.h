/*
 * What a demo says about itself, so that a test can hold pfa to it fault by
 * fault. One line each on stdout; README.md beside this file has the details.
 *
 *	watch START-END NAME [pid=PID]
 *				in this range (of this process) pfa must see
 *				exactly the announced faults and no others; if
 *				changes are announced, also exactly these
 *	touch PID ADDR TYPE KIND ACCESS [KEY=VALUE...]
 *				one expected fault, in order for each PID (for
 *				each tid= where that is given); ACCESS is r|w|x
 *	count NAME TYPE KIND N	N faults in the watched range NAME, too many to
 *				announce one by one
 *	calls NAME N		N system calls of that name were made
 *	change, fork, exec, exit
 *				see change.h
 *	skip REASON		what follows can't be shown on this machine
 *	note TEXT		for people
 *
 * Saying something must not itself fault in a watched range: lines are kept in
 * a buffer which is faulted in beforehand and written at exit. Flush it before
 * fork, exec, or anything that may not return.
 */
#ifndef DEMOS_SAY_H
#define DEMOS_SAY_H

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Fault-around maps the cached neighbours of a page that is read, up to the
 * aligned 64 KiB block it lies in: one touch a block is one fault.
 */
#define FAULT_AROUND ((size_t)64 << 10)

/*
 * A range far from where the kernel places mappings by itself, so that nothing
 * before or after (ld.so's cache, an exec'd image) can fault in it, and the
 * same with or without randomisation. It fits a 39-bit address space.
 */
#define ARENA ((char *)0x2000000000)

static struct {
	pthread_mutex_t lock;
	size_t used;
	char text[64 << 10];
} say_buffer = { .lock = PTHREAD_MUTEX_INITIALIZER };

static inline void die(const char *what)
{
	perror(what);
	_exit(1);
}

/*
 * As many whole lines as one write can have that no other process's gets into: a pipe
 * takes PIPE_BUF bytes at once (pipe(7)).
 */
static inline size_t say_piece(const char *text, size_t size)
{
	if (size <= PIPE_BUF)
		return size;
	return (size_t)((const char *)memrchr(text, '\n', PIPE_BUF) + 1 - text);
}

static inline void say_flush_locked(void)
{
	const char *text = say_buffer.text;
	ssize_t n;

	for (; say_buffer.used; say_buffer.used -= (size_t)n, text += n) {
		n = write(STDOUT_FILENO, text, say_piece(text, say_buffer.used));
		if (n <= 0)
			die("stdout");
	}
}

static inline void say_flush(void)
{
	pthread_mutex_lock(&say_buffer.lock);
	say_flush_locked();
	pthread_mutex_unlock(&say_buffer.lock);
}

__attribute__((format(printf, 1, 2)))
static inline void say(const char *format, ...)
{
	char line[256];
	va_list args;
	size_t len;

	va_start(args, format);
	len = (size_t)vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';

	pthread_mutex_lock(&say_buffer.lock);
	if (len > sizeof(say_buffer.text) - say_buffer.used)
		say_flush_locked();
	memcpy(say_buffer.text + say_buffer.used, line, len);
	say_buffer.used += len;
	pthread_mutex_unlock(&say_buffer.lock);
}

/*
 * Base pages only: where transparent huge pages are on, one first touch would
 * map more than its page. Inherited by fork and exec; the thp demo undoes it.
 */
static inline void say_start(void)
{
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	memset(say_buffer.text, 0, sizeof(say_buffer.text));
	atexit(say_flush);
}

/* Under the lock, so that no thread leaves something for both to say, or keeps it. */
static inline pid_t say_fork(void)
{
	pid_t pid;

	pthread_mutex_lock(&say_buffer.lock);
	say_flush_locked();
	pid = fork();
	pthread_mutex_unlock(&say_buffer.lock);
	if (pid < 0)
		die("fork");
	return pid;
}

static inline void wait_for(pid_t child)
{
	if (waitpid(child, NULL, 0) != child)
		die("waitpid");
}

static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static inline char *page(char *base, size_t n)
{
	return base + n * page_size();
}

static inline void say_watch(const void *start, size_t size, const char *name)
{
	uintptr_t addr = (uintptr_t)start;

	say("watch %#jx-%#jx %s", (uintmax_t)addr, (uintmax_t)(addr + size),
	    name);
}

/* what: "TYPE KIND"; keys: " KEY=VALUE..." or "" */
static inline void say_touch(const volatile void *addr, const char *what,
			     char access, const char *keys)
{
	say("touch %d %#jx %s %c%s", getpid(), (uintmax_t)(uintptr_t)addr,
	    what, access, keys);
}

/* Single accesses that say nothing: no fault is expected, or it was announced. */
static inline void quiet_write(volatile char *addr)
{
	*addr = 1;
}

static inline void quiet_read(const volatile char *addr)
{
	(void)*addr;
}

static inline void touch_write(volatile char *addr, const char *what)
{
	say_touch(addr, what, 'w', "");
	quiet_write(addr);
}

/* Of memory that was unmapped, and mapped again since. */
static inline void touch_again(volatile char *addr, const char *what)
{
	say_touch(addr, what, 'w', " refault=unmap");
	quiet_write(addr);
}

static inline void touch_read(const volatile char *addr, const char *what)
{
	say_touch(addr, what, 'r', "");
	quiet_read(addr);
}

/*
 * The kernel writes one byte for us: a page_fault_kernel at a user address.
 * The raw call, since a C library may answer getrandom() in user mode.
 */
static inline long quiet_kernel_write(volatile char *addr)
{
	return syscall(SYS_getrandom, addr, 1, 0);
}

/* Map at a place of the arena (no replacing), or die. fd < 0: anonymous. */
static inline char *map_at(char *place, size_t size, int prot, int flags, int fd)
{
	char *addr;

	if (fd < 0)
		flags |= MAP_ANONYMOUS;
	addr = mmap(place, size, prot, flags | MAP_FIXED_NOREPLACE, fd, 0);
	if (addr == MAP_FAILED)
		die("mmap");
	return addr;
}

static inline char *map_private(char *place, size_t size)
{
	return map_at(place, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
}

/* Without randomisation the heap may start in the middle of a page. */
static inline void align_break(void)
{
	size_t rest = (uintptr_t)sbrk(0) % page_size();

	if (rest && sbrk((intptr_t)(page_size() - rest)) == (void *)-1)
		die("sbrk");
}

/*
 * Where a page's reference count decides (copy or reuse, drop or keep): a page
 * just faulted in is still held by its CPU's LRU batch, and the kernel drains
 * the batch of the current CPU only. Inherited by fork.
 */
static inline void stay_on_this_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		die("sched_setaffinity");
}

/* The program's own file, surely in the page cache: all of it was just read. */
static inline int open_self_cached(void)
{
	char block[4096];
	int fd = open("/proc/self/exe", O_RDONLY);

	if (fd < 0)
		die("/proc/self/exe");
	while (read(fd, block, sizeof(block)) > 0)
		;
	return fd;
}

enum { PAGEMAP_PRESENT = 1, PAGEMAP_SWAPPED = 2 };

/* Bits 63 and 62 of a page's /proc/self/pagemap entry, no privilege needed. */
static inline int pagemap_state(const char *addr)
{
	off_t at = (off_t)((uintptr_t)addr / page_size() * sizeof(uint64_t));
	uint64_t entry = 0;
	FILE *file = fopen("/proc/self/pagemap", "rb");

	if (!file)
		die("/proc/self/pagemap");
	if (pread(fileno(file), &entry, sizeof(entry), at) != sizeof(entry))
		die("pagemap");
	fclose(file);
	return (entry >> 63 & 1 ? PAGEMAP_PRESENT : 0) |
	       (entry >> 62 & 1 ? PAGEMAP_SWAPPED : 0);
}

#endif
