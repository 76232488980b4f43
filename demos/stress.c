/*
 * Everything that can be done to a layout, and a lot of it.
 *
 *	stress [THREADS [ROUNDS [LEVELS]]]	4 threads, 1000 rounds, 3 levels
 *
 * First one thread splits, joins, moves and removes mappings in every combination, also
 * by calls that fail, and announces what the kernel made of each. Then THREADS map,
 * split and unmap at full speed, each in a slice of its own, so that what is told of one
 * never depends on another. Meanwhile families come and go, LEVELS deep: a child, and
 * its child, which execs this program for the next level, the last of them sleep.
 */
#include <signal.h>

#include "combinations.h"

enum { THREADS = 4, ROUNDS = 1000, LEVELS = 3, THREADS_MAX = 64 };
enum { SLICE_PAGES = 16, SLICE_STRIDE = 64 };

#define SLICES (ARENA + (1UL << 30))
#define FAMILY (ARENA + (2UL << 30))

/* ---- threads, as fast as they can ---- */

struct worker {
	pthread_t thread;
	pid_t tid;
	size_t number, rounds;
};

static pthread_barrier_t start_line;

static void one_round(const struct worker *w)
{
	char *base = page(SLICES, w->number * SLICE_STRIDE), key[64];
	size_t size = page_size();

	map_private(base, SLICE_PAGES * size);
	snprintf(key, sizeof(key), " vmas=0->1 tid=%d", w->tid);
	say_change("MMAP_ADD", base, SLICE_PAGES * size, "rw-p", key);
	if (mprotect(base + 4 * size, 4 * size, PROT_READ) != 0)
		die("mprotect");
	snprintf(key, sizeof(key), " old=rw-p vmas=1->3 tid=%d", w->tid);
	say_change("PERM_CHANGE", base + 4 * size, 4 * size, "r--p", key);
	if (munmap(base, SLICE_PAGES * size) != 0)
		die("munmap");
	snprintf(key, sizeof(key), " vmas=3->0 tid=%d", w->tid);
	say_change("MUNMAP_REMOVE", base, SLICE_PAGES * size, "rw-p", key);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	w->tid = gettid();
	pthread_barrier_wait(&start_line);
	for (size_t i = 0; i < w->rounds; i++)
		one_round(w);
	say("exit %d - tid=%d", getpid(), w->tid);
	return NULL;
}

static void start_workers(struct worker *workers, size_t count, size_t rounds)
{
	pthread_barrier_init(&start_line, NULL, (unsigned)count + 1);
	say_watch(SLICES, count * SLICE_STRIDE * page_size(), "slices");
	for (size_t i = 0; i < count; i++) {
		workers[i].number = i;
		workers[i].rounds = rounds;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			die("pthread_create");
	}
	pthread_barrier_wait(&start_line);
	for (size_t i = 0; i < count; i++)
		say("fork %d %d what=thread", getpid(), workers[i].tid);
}

/* ---- families ---- */

__attribute__((noreturn))
static void exec_level(size_t level)
{
	char number[16];
	char *again[] = { (char *)"/proc/self/exe", (char *)"family", number, NULL };
	char *sleeper[] = { (char *)"/bin/sleep", (char *)"0", NULL };

	snprintf(number, sizeof(number), "%zu", level - 1);
	if (level == 1)
		announced_exec(sleeper);
	say_flush();
	execv(again[0], again);
	die(again[0]);
	_exit(1);
}

/* A program of ours says itself how it ends. */
static void wait_for_level(pid_t pid, size_t level)
{
	wait_for(pid);
	if (level == 1)
		say("exit %d 0", pid);
}

/* In its parent's memory: what it maps stays when it execs. */
static void vfork_and_exec(size_t level)
{
	pid_t pid = vfork();

	if (!pid) {
		add_pages(page(FAMILY, 8), 4, " vmas=0->1");
		exec_level(level);
	}
	say("fork %d %d what=shared-space", getpid(), pid);
	remove_pages(page(FAMILY, 8), 4, " vmas=1->0");
	wait_for_level(pid, level);
}

/* In a copy of it: here what the child maps does not come. */
static void fork_and_exec(size_t level)
{
	pid_t pid = announced_fork();

	if (!pid) {
		remove_pages(FAMILY, 2, " vmas=1->1");
		exec_level(level);
	}
	remove_pages(FAMILY, 4, " vmas=1->0");
	wait_for_level(pid, level);
}

static void fork_and_kill(void)
{
	pid_t pid = announced_fork();

	if (!pid) {
		pause();
		_exit(1);
	}
	kill(pid, SIGKILL);
	wait_for(pid);
	say("exit %d killed", pid);
}

/* Of each level: a child that maps, execs by its own child, and ends with 7. */
static void family(size_t level)
{
	pid_t pid;

	if (!level)
		return;
	pid = announced_fork();
	if (!pid) {
		add_pages(FAMILY, 4, " vmas=0->1");
		if (level % 2)
			fork_and_exec(level);
		else
			vfork_and_exec(level);
		announced_exit(7);
	}
	wait_for(pid);
}

static size_t argument(int argc, char **argv, int i, size_t otherwise)
{
	return argc > i ? strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	size_t threads = argument(argc, argv, 1, THREADS);

	start_history();
	if (argc > 1 && !strcmp(argv[1], "family")) {
		family(argument(argc, argv, 2, 1));
		announced_exit(0);
	}
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	do_all_combinations();
	say_watch(FAMILY, 16 * page_size(), "family");
	start_workers(workers, threads, argument(argc, argv, 2, ROUNDS));
	family(argument(argc, argv, 3, LEVELS));
	fork_and_kill();
	for (size_t i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	announced_exit(0);
}
