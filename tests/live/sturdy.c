/*
 * A target that is handled roughly, and says at its end that it took no harm.
 *
 *	sturdy storm		touches and gives back memory until SIGTERM
 *	sturdy leaderless	the same in a thread, after the first one has ended
 *	sturdy image FILE	touches a page until SIGUSR1, then writes to every page
 *				of .sturdy, and of FILE, mapped like a library
 *	sturdy tree N		N processes, all alive at once
 *	sturdy execs N		N execs, one after the other
 *	sturdy daemons N DIR	N daemons that outlive it, until there is DIR/go; they
 *				leave a file each
 *
 * The first three say "ready" when they may be attached to. At SIGUSR1 a storm maps a
 * memfd named "later" over a part of its memory and says "mapped"; at SIGUSR2 it says
 * how many nanoseconds its page faults took at best since it was asked before.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 256, LATER_AT = 64, LATER_PAGES = 16, IMAGE_PAGES = 64 };
enum { RW = PROT_READ | PROT_WRITE };

static char *const arena = (char *)0x2000000000;

/* A section of its own: that another file has no such one. */
static char image[IMAGE_PAGES * PAGE]
	__attribute__((section(".sturdy"), aligned(PAGE))) = { 1 };

static volatile sig_atomic_t terminated, told, asked;

static void on_signal(int number)
{
	terminated |= number == SIGTERM;
	told |= number == SIGUSR1;
	asked |= number == SIGUSR2;
}

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

static void say(const char *words)
{
	printf("%s %d\n", words, getpid());
	fflush(stdout);
}

static void *map(void *at, size_t pages, int flags, int fd)
{
	void *addr = mmap(at, pages * PAGE, RW, flags, fd, 0);

	if (addr == MAP_FAILED)
		die("mmap");
	return addr;
}

static void touch(volatile char *start, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		start[i * PAGE] = 1;
}

/* ---- until SIGTERM ---- */

static void map_later(void)
{
	int fd = memfd_create("later", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, LATER_PAGES * PAGE))
		die("memfd");
	map(arena + LATER_AT * PAGE, LATER_PAGES, MAP_SHARED | MAP_FIXED, fd);
	close(fd);
	say("mapped");
	told = 0;
}

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What touching all of it takes at best, until asked. */
static void touch_and_time(long *best_ns)
{
	long begin_ns = now_ns(), took_ns;

	touch(arena, PAGES);
	took_ns = now_ns() - begin_ns;
	if (took_ns < *best_ns)
		*best_ns = took_ns;
	if (!asked)
		return;
	printf("best %ld\n", *best_ns);
	fflush(stdout);
	*best_ns = LONG_MAX;
	asked = 0;
}

static void *storm(void *unused)
{
	long best_ns = LONG_MAX;

	(void)unused;
	map(arena, PAGES, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1);
	say("ready");
	while (!terminated) {
		if (told)
			map_later();
		touch_and_time(&best_ns);
		madvise(arena, PAGES * PAGE, MADV_DONTNEED);
		usleep(2000);
	}
	puts("unharmed");
	exit(0);
}

static void leaderless(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, storm, NULL))
		die("pthread_create");
	pthread_exit(NULL);
}

static void touch_images(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *file;

	if (fd < 0 || fstat(fd, &st))
		die(path);
	file = mmap(NULL, (size_t)st.st_size, RW | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		die(path);
	map(arena, 1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1);
	say("ready");
	while (!told) {
		touch(arena, 1);
		madvise(arena, PAGE, MADV_DONTNEED);
		usleep(1000);
	}
	touch(image, IMAGE_PAGES);
	touch(file, (size_t)st.st_size / PAGE);
	puts("unharmed");
}

/* ---- processes ---- */

static void tree(int most)
{
	int *count = map(NULL, 1, MAP_SHARED | MAP_ANONYMOUS, -1);
	int ready[2];
	char byte;

	if (pipe(ready))
		die("pipe");
	*count = 1;
	map(arena, 1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1);
	while (__atomic_add_fetch(count, 1, __ATOMIC_RELAXED) <= most)
		if (fork() < 0)
			die("fork");
	touch(arena, 1);
	/* All are there when none is left that could write. */
	close(ready[1]);
	(void)!read(ready[0], &byte, 1);
	while (wait(NULL) > 0)
		;
}

static void execs(const char *self, int left)
{
	char number[16];

	if (left <= 0)
		return;
	snprintf(number, sizeof(number), "%d", left - 1);
	execl("/proc/self/exe", self, "execs", number, (char *)NULL);
	die("exec");
}

static void become_daemon(const char *dir)
{
	char path[256];

	setsid();
	if (fork())
		_exit(0);
	snprintf(path, sizeof(path), "%s/go", dir);
	for (int i = 0; access(path, F_OK) && i < 6000; i++)
		usleep(10000);
	snprintf(path, sizeof(path), "%s/%d", dir, getpid());
	close(creat(path, 0600));
	_exit(0);
}

static void daemons(int count, const char *dir)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0)
			become_daemon(dir);
		waitpid(pid, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	const char *what = argc > 2 ? argv[2] : "0";

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	signal(SIGTERM, on_signal);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	if (!strcmp(how, "storm"))
		storm(NULL);
	else if (!strcmp(how, "leaderless"))
		leaderless();
	else if (!strcmp(how, "image"))
		touch_images(what);
	else if (!strcmp(how, "tree"))
		tree((int)strtol(what, NULL, 10));
	else if (!strcmp(how, "execs"))
		execs(argv[0], (int)strtol(what, NULL, 10));
	else if (!strcmp(how, "daemons") && argc > 3)
		daemons((int)strtol(what, NULL, 10), argv[3]);
	else
		return 98;
	return 0;
}
