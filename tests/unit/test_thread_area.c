/* Thread pointers, as found from outside, against the processor's. */
#include "../support/check.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pfa/source/thread_area.h"

struct member {
	pthread_t thread;
	pid_t tid;
	uint64_t pointer;
	sem_t ready, leave;
};

static uint64_t own_pointer(void)
{
	return (uint64_t)(uintptr_t)__builtin_thread_pointer();
}

static void *be_member(void *arg)
{
	struct member *member = arg;

	member->tid = gettid();
	member->pointer = own_pointer();
	sem_post(&member->ready);
	sem_wait(&member->leave);
	return NULL;
}

static void pointers_are_those_of_the_threads(void **state)
{
	struct member member;
	struct thread_area area;

	(void)state;
	sem_init(&member.ready, 0, 0);
	sem_init(&member.leave, 0, 0);
	assert_int_equal(pthread_create(&member.thread, NULL, be_member, &member), 0);
	sem_wait(&member.ready);
	assert_true(thread_area_read(member.tid, &area));
	assert_int_equal(area.pointer, member.pointer);
	assert_true(area.robust_head > area.pointer);
	sem_post(&member.leave);
	pthread_join(member.thread, NULL);

	assert_true(thread_area_read(getpid(), &area));
	assert_int_equal(area.pointer, own_pointer());
}

static void thread_of_another_process_is_read(void **state)
{
	struct thread_area area;
	int ready[2];
	pid_t child;
	bool found;
	char byte;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		(void)!write(ready[1], "r", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	found = thread_area_read(child, &area);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_true(found);
	assert_int_equal(area.pointer, own_pointer()); /* its copy */
	assert_false(thread_area_read(child, &area));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers_are_those_of_the_threads),
		cmocka_unit_test(thread_of_another_process_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
