/* Page tables walked: our own, with the kernel's scan and without. */
#include "../support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pfa/pages/page_run.h"
#include "pfa/pages/page_sums.h"
#include "pfa/pages/page_walk.h"

struct walked {
	struct page_sums sums;
	uint64_t next; /* where the next run must begin */
	uint64_t runs;
	uint64_t states; /* of all that is there, mixed */
};

static void take(void *context, const struct page_run *run)
{
	struct walked *w = context;

	assert_int_equal(run->start, w->next);
	assert_true(run->start < run->end);
	w->next = run->end;
	page_sums_count(&w->sums, run);
	if (run->state == PAGE_UNMAPPED)
		return;
	w->runs++;
	w->states = w->states * 31 + run->start * run->state + run->phys;
}

static struct walked walk(const char *start, size_t bytes, bool may_scan)
{
	struct walked walked = { .next = (uintptr_t)start };
	const struct page_sink sink = { &walked, take };
	struct page_walk walk;
	struct pfa_error err;
	int dir = open("/proc/self", O_RDONLY | O_DIRECTORY);

	assert_true(dir >= 0);
	assert_int_equal(page_walk_open(&walk, dir, may_scan, &err), PFA_OK);
	close(dir);
	if (!may_scan)
		assert_false(walk.pagemap.can_scan);
	page_walk_range(&walk, walked.next, walked.next + bytes, false, &sink);
	assert_false(walk.pagemap.ended);
	assert_int_equal(walked.next, (uintptr_t)start + bytes);
	page_walk_close(&walk);
	return walked;
}

static char *reserve(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(memory != MAP_FAILED);
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	return memory;
}

/* More parts than one scan tells of, and a long hole. */
static void both_ways_tell_the_same(void **state)
{
	enum { BYTES = 1 << 28, TOUCHED = 1400 };
	char *memory = reserve(BYTES);
	struct walked scanned, read;

	(void)state;
	for (size_t i = 0; i < TOUCHED; i++)
		memory[(i < 700 ? 2 * i : BYTES / PAGE_BYTES - 1 - i) * PAGE_BYTES] = 1;
	scanned = walk(memory, BYTES, true);
	read = walk(memory, BYTES, false);
	assert_int_equal(scanned.sums.in_ram, TOUCHED);
	assert_int_equal(scanned.sums.rss, TOUCHED);
	assert_int_equal(scanned.sums.total, BYTES / PAGE_BYTES);
	assert_int_equal(scanned.sums.exclusive, TOUCHED);
	assert_int_equal(scanned.runs, TOUCHED);
	assert_memory_equal(&scanned.sums, &read.sums, sizeof(read.sums));
	assert_true(scanned.states == read.states);
	munmap(memory, BYTES);
}

static void nothing_there_is_one_run(void **state)
{
	enum { BYTES = 1 << 24 };
	char *memory = reserve(BYTES);

	(void)state;
	assert_int_equal(walk(memory, BYTES, true).sums.unmapped, BYTES / PAGE_BYTES);
	assert_int_equal(walk(memory, BYTES, false).sums.unmapped, BYTES / PAGE_BYTES);
	assert_int_equal(walk(memory, PAGE_BYTES, true).runs, 0);
	munmap(memory, BYTES);
}

static void process_that_ends_is_noticed(void **state)
{
	struct walked walked = { .next = 0 };
	const struct page_sink sink = { &walked, take };
	struct page_walk walk;
	struct pfa_error err;
	char path[64];
	pid_t child = fork();
	int dir;

	(void)state;
	if (child == 0) {
		pause();
		_exit(0);
	}
	snprintf(path, sizeof(path), "/proc/%d", child);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(page_walk_open(&walk, dir, true, &err), PFA_OK);
	close(dir);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	page_walk_range(&walk, 0, 1ULL << 30, false, &sink);
	assert_true(walk.pagemap.ended);
	assert_int_equal(walked.next, 0);
	page_walk_close(&walk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_tell_the_same),
		cmocka_unit_test(nothing_there_is_one_run),
		cmocka_unit_test(process_that_ends_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
