/* Who is there, by /proc: processes, threads, children made since a moment. */
#include "../support/check.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pfa/source/procfs.h"

/* Above any pid_max: nobody has this number. */
enum { NOBODY = 5000000 };

static void each_pid_is_in_the_list_once(void **state)
{
	struct pids pids = { 0 };

	(void)state;
	assert_false(pids_have(&pids, 7));
	assert_true(pids_add(&pids, 7));
	assert_true(pids_add(&pids, 3));
	assert_false(pids_add(&pids, 7));
	assert_true(pids_have(&pids, 7));
	assert_int_equal(pids.count, 2);
	assert_int_equal(pids.list[0], 7);
	assert_int_equal(pids.list[1], 3);
	for (pid_t pid = 100; pid < 1100; pid++)
		assert_true(pids_add(&pids, pid));
	assert_int_equal(pids.count, 1002);
	pids_release(&pids);
	pids_release(&pids); /* harmless */
	assert_int_equal(pids.count, 0);
}

static void *wait_in_thread(void *pipe_end)
{
	char byte;

	(void)!read(*(int *)pipe_end, &byte, 1);
	return NULL;
}

static void processes_and_threads_are_listed(void **state)
{
	struct pids processes = { 0 }, threads = { 0 };
	pthread_t thread;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pthread_create(&thread, NULL, wait_in_thread, &fds[0]), 0);
	procfs_processes(&processes);
	procfs_threads(getpid(), &threads);
	assert_true(pids_have(&processes, getpid()));
	assert_false(pids_have(&processes, NOBODY));
	assert_int_equal(threads.count, 2);
	assert_true(pids_have(&threads, getpid()));
	for (size_t i = 0; i < threads.count; i++) /* a thread is no process */
		assert_int_equal(pids_have(&processes, threads.list[i]),
				 threads.list[i] == getpid());
	close(fds[1]);
	pthread_join(thread, NULL);
	close(fds[0]);
	pids_release(&processes);
	pids_release(&threads);
}

static void who_is_gone_has_neither_threads_nor_a_parent(void **state)
{
	struct pids threads = { 0 };

	(void)state;
	procfs_threads(NOBODY, &threads);
	assert_int_equal(threads.count, 0);
	assert_int_equal(procfs_parent(NOBODY), -1);
	assert_int_equal(procfs_parent(getpid()), getppid());
}

/* A child with a child of its own; they end when the pipe does. */
static pid_t bear_family(const int fds[2])
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child)
		return child;
	close(fds[1]);
	fork();
	wait_in_thread((void *)&fds[0]);
	wait(NULL);
	_exit(0);
}

/* Rounds until none is found: the grandchild may not be born yet, or found first. */
static void find_family(struct pids *pids, const struct pids *before, size_t wanted)
{
	for (int ms = 0; pids->count < wanted && ms < 10000; ms++) {
		while (procfs_add_children(pids, before))
			;
		usleep(1000);
	}
}

static void children_made_since_are_found_with_theirs(void **state)
{
	struct pids before = { 0 }, pids = { 0 }, later = { 0 };
	pid_t old, young;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	old = bear_family(fds);
	pids_add(&pids, getpid());
	find_family(&pids, &before, 3); /* there was nobody before: all of it */
	assert_true(pids_have(&pids, old));
	assert_int_equal(pids.count, 3);
	pids_release(&pids);

	procfs_processes(&before);
	young = bear_family(fds);
	pids_add(&pids, getpid());
	find_family(&pids, &before, 3);
	assert_true(pids_have(&pids, young));
	assert_false(pids_have(&pids, old));
	assert_int_equal(pids.count, 3);
	assert_false(procfs_add_children(&pids, &before)); /* no more */

	pids_add(&later, NOBODY);
	assert_false(procfs_add_children(&later, &before)); /* of somebody else */
	close(fds[1]);
	close(fds[0]);
	waitpid(old, NULL, 0);
	waitpid(young, NULL, 0);
	pids_release(&before);
	pids_release(&pids);
	pids_release(&later);
}

static void child_that_waits_for_us_is_dead(void **state)
{
	pid_t child = fork();
	siginfo_t ended;

	(void)state;
	if (!child)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
	assert_true(procfs_is_dead(child));
	assert_false(procfs_is_dead(getpid()));
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(procfs_is_dead(child)); /* it is not there at all */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(child_that_waits_for_us_is_dead),
		cmocka_unit_test(each_pid_is_in_the_list_once),
		cmocka_unit_test(processes_and_threads_are_listed),
		cmocka_unit_test(who_is_gone_has_neither_threads_nor_a_parent),
		cmocka_unit_test(children_made_since_are_found_with_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
