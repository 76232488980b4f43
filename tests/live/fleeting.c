/*
 * Starts children that touch memory of every sort, one after another, and tells of
 * each when it is gone:
 *
 *	long MANNER PID		it slept for 100 ms before and after it touched
 *	short MANNER PID	it did not
 *
 * MANNER is `fork` (touches as the child of a fork), `fork-exec` or `vfork-exec`
 * (touches as a program of its own), or `static-exec` (as STATIC, which is this program
 * linked without a loader). Addresses are not randomised: all of one manner take the
 * same faults, as far as the kernel lets them.
 *
 *	fleeting FILE CHILDREN STATIC	so many short ones of each manner
 */
#include <alloca.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 4, LONG_MS = 100 };

static char initialised[PAGES * PAGE] = { 1 };
static char zeroed[PAGES * PAGE];

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

static void doze(const char *how_long)
{
	struct timespec time = { 0, LONG_MS * 1000000L };

	if (strcmp(how_long, "long") == 0)
		nanosleep(&time, NULL);
}

static void touch(volatile char *at)
{
	for (size_t i = 0; i < PAGES; i++)
		at[i * PAGE]++;
}

__attribute__((noinline)) static void touch_stack(void)
{
	volatile char frame[PAGES * PAGE];

	touch(frame);
	*(volatile char *)alloca(512 * 1024) = 1; /* far below: it grows, once */
}

static void touch_heap(void)
{
	char *end = sbrk(PAGES * PAGE);

	if (end == (void *)-1)
		die("sbrk");
	touch(end);
	if (sbrk(-2 * PAGE) == (void *)-1)
		die("sbrk back");
}

/* What is told of by the calls alone. */
static void give_back_and_move(char *m)
{
	char *to = (char *)0x2000000000;

	if (madvise(m, PAGE, MADV_DONTNEED) != 0 ||
	    mremap(m, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		die("mremap");
	to[PAGE] = 1;
	if (munmap(to, 2 * PAGE) != 0)
		die("munmap");
}

static void touch_mapping(const char *path)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char *m = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | (path ? 0 : MAP_ANONYMOUS), fd, 0);

	if (m == MAP_FAILED)
		die("mmap");
	touch(m);
	if (mprotect(m, PAGE, PROT_READ) != 0 || munmap(m + PAGE, PAGE) != 0)
		die("mprotect");
	give_back_and_move(m + 2 * PAGE);
	if (path)
		close(fd);
}

static void live(const char *how_long, const char *file)
{
	doze(how_long);
	touch(initialised);
	touch(zeroed);
	touch_stack();
	touch_heap();
	touch_mapping(NULL);
	touch_mapping(file);
	doze(how_long);
	_exit(0);
}

static const char *static_image;

static void become(const char *image, const char *how_long, const char *file)
{
	execl(image, "fleeting", "live", how_long, file, (char *)NULL);
	_exit(1);
}

static pid_t start(const char *manner, const char *how_long, const char *file)
{
	bool is_static = strcmp(manner, "static-exec") == 0;
	pid_t pid;

	if (is_static || strcmp(manner, "vfork-exec") == 0) {
		pid = vfork();
		if (pid == 0)
			become(is_static ? static_image : "/proc/self/exe", how_long,
			       file);
		return pid;
	}
	pid = fork();
	if (pid == 0 && strcmp(manner, "fork-exec") == 0)
		become("/proc/self/exe", how_long, file);
	if (pid == 0)
		live(how_long, file);
	return pid;
}

static void one(const char *manner, const char *how_long, const char *file)
{
	pid_t pid = start(manner, how_long, file);
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die("child");
	printf("%s %s %d\n", how_long, manner, (int)pid);
}

static void all(const char *manner, const char *file, int children)
{
	one(manner, "long", file);
	for (int i = 0; i < children; i++)
		one(manner, "short", file);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	if (strcmp(argv[1], "live") == 0)
		live(argv[2], argv[3]);
	if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE)) {
		personality(ADDR_NO_RANDOMIZE);
		/* Else each function's first call differs from its others. */
		setenv("LD_BIND_NOW", "1", 1);
		execv("/proc/self/exe", argv);
		die("exec");
	}
	static_image = argv[3];
	setvbuf(stdout, NULL, _IONBF, 0); /* its buffer would be a heap, later */
	all("fork", argv[1], atoi(argv[2]));
	all("fork-exec", argv[1], atoi(argv[2]));
	all("vfork-exec", argv[1], atoi(argv[2]));
	all("static-exec", argv[1], atoi(argv[2]));
	return 0;
}
