/* Our own memory and that of children, as notes; who is gone is not made up. */
#include "../support/check.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/exit_stats.h"
#include "pfa/source/followed.h"
#include "pfa/source/mem_status.h"
#include "pfa/source/sampler.h"
#include "task_records.h"

struct world {
	struct followed *followed;
	struct sampler sampler;
	struct record_sink sink;
	struct composer composer;
	size_t notes;
	uint32_t pid; /* of the last note */
	char text[512];
};

/* The payload follows id, ip, pid and tid, time, cpu, and its length. */
static void take(void *context, const struct perf_event_header *header)
{
	const char *bytes = (const char *)header;
	struct world *w = context;

	memcpy(&w->pid, bytes + 24, sizeof(w->pid));
	snprintf(w->text, sizeof(w->text), "%s", bytes + 8 + 5 * 8 + 4);
	w->notes++;
}

static int world_new(void **state)
{
	static struct world w;

	w = (struct world){ .followed = followed_new(FOLLOW_NAMED),
			    .sampler = { .interval_ns = 1 } };
	w.sink = (struct record_sink){ take, &w };
	w.composer.sink = &w.sink;
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	followed_free(w->followed);
	sampler_release(&w->sampler);
	return 0;
}

/* ---- the file ---- */

#define LINES "Name:\tdemo\nVmPeak:\t    4000 kB\nVmSize:\t    3000 kB\nVmHWM:\t    2000 kB\n" \
	"RssAnon:\t     100 kB\nRssFile:\t      20 kB\nRssShmem:\t       3 kB\n"         \
	"VmPTE:\t      44 kB\n"

static void lines_are_read_as_bytes(void **state)
{
	struct mem_status s;

	(void)state;
	assert_true(mem_status_parse(LINES "VmSwap:\t       8 kB\n", &s));
	assert_int_equal(s.size_peak_bytes, 4000 << 10);
	assert_int_equal(s.size_bytes, 3000 << 10);
	assert_int_equal(s.rss_peak_bytes, 2000 << 10);
	assert_int_equal(s.anon_bytes, 100 << 10);
	assert_int_equal(s.file_bytes, 20 << 10);
	assert_int_equal(s.shmem_bytes, 3 << 10);
	assert_int_equal(s.tables_bytes, 44 << 10);
	assert_int_equal(s.swap_bytes, 8 << 10);
}

static void missing_lines_are_no_zeros(void **state)
{
	struct mem_status s;

	(void)state;
	assert_false(mem_status_parse("", &s));
	assert_false(mem_status_parse("Name:\tkthreadd\nState:\tS\n", &s));
	assert_false(mem_status_parse(LINES, &s));
	assert_false(mem_status_parse(LINES "VmSwap:\t kB\n", &s));
}

static void what_we_touch_is_resident(void **state)
{
	enum { BYTES = 8 << 20 };
	struct mem_status before, after;
	char *m;

	(void)state;
	assert_true(mem_status_read(getpid(), &before));
	m = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(m, MAP_FAILED);
	memset(m, 1, BYTES);
	assert_true(mem_status_read(getpid(), &after));
	assert_true(after.anon_bytes >= before.anon_bytes + BYTES);
	assert_true(after.size_bytes >= before.size_bytes + BYTES);
	assert_true(after.rss_peak_bytes >= after.anon_bytes + after.file_bytes);
	munmap(m, BYTES);
}

/* ---- the notes ---- */

static void see_fork(struct world *w, uint32_t parent, uint32_t child)
{
	struct record_bytes r;

	sampler_see(&w->sampler, lay_fork(&r, (struct task){ parent, parent },
					  (struct task){ child, child }));
}

static void all_are_told_of_but_who_is_gone(void **state)
{
	struct world *w = *state;
	uint64_t begin_ns = 0, before = compose_now_ns();
	pid_t child = fork();

	if (!child)
		_exit(0);
	followed_add(w->followed, child);
	followed_add(w->followed, getpid());
	assert_int_equal(waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT), 0);
	sampler_all(&w->sampler, w->followed, &w->composer);
	assert_int_equal(w->notes, 1);
	assert_int_equal(w->pid, getpid());
	assert_int_equal(sscanf(w->text, "memory when=end begin=%" SCNu64 " peak=",
				&begin_ns), 1);
	assert_in_range(begin_ns, before, compose_now_ns());
	waitpid(child, NULL, 0);
}

static void rest_follows_what_it_took(void **state)
{
	struct world *w = *state;

	followed_add(w->followed, getpid());
	sampler_some(&w->sampler, w->followed, &w->composer);
	assert_int_equal(w->notes, 1);
	sampler_some(&w->sampler, w->followed, &w->composer);
	assert_int_equal(w->notes, 1);
	w->sampler.next_ns = 0;
	sampler_some(&w->sampler, w->followed, &w->composer);
	assert_int_equal(w->notes, 2);
}

static void interval_of_0_looks_at_nothing(void **state)
{
	struct world *w = *state;

	w->sampler.interval_ns = 0;
	followed_add(w->followed, getpid());
	see_fork(w, 1, (uint32_t)getpid());
	sampler_some(&w->sampler, w->followed, &w->composer);
	sampler_all(&w->sampler, w->followed, &w->composer);
	assert_int_equal(w->notes, 0);
}

/* Though it is not their turn; each once, however often they fork. */
static void both_sides_of_a_fork_are_due(void **state)
{
	struct world *w = *state;

	w->sampler.interval_ns = w->sampler.turn_ns = UINT64_MAX / 2;
	see_fork(w, (uint32_t)getppid(), (uint32_t)getpid());
	see_fork(w, (uint32_t)getppid(), (uint32_t)getpid());
	assert_int_equal(w->sampler.due_count, 2);
	sampler_some(&w->sampler, w->followed, &w->composer);
	assert_in_range(w->notes, 1, 2); /* our parent may be of another user */
	assert_non_null(strstr(w->text, "when=fork"));
}

static void too_many_that_are_due_are_left_to_their_turn(void **state)
{
	struct world *w = *state;

	for (uint32_t pid = 2; pid < 2000; pid++)
		see_fork(w, pid - 1, pid);
	assert_int_equal(w->sampler.due_count, SAMPLER_DUE_MAX);
}

/* ---- what the kernel says at exit ---- */

static void tell_exit(struct world *w, struct exit_stats *stats, uint32_t pid)
{
	struct record_bytes r;

	exit_stats_tell(stats, &w->composer, lay_exit(&r, (struct task){ pid, pid }));
}

static void nobody_is_told_of_without_a_message(void **state)
{
	struct exit_stats *stats = exit_stats_open(); /* NULL without privilege */
	struct world *w = *state;

	exit_stats_drain(stats);
	tell_exit(w, stats, (uint32_t)getpid());
	assert_int_equal(w->notes, 0);
	exit_stats_close(stats);
}

static void end_of_a_child_is_told_once(void **state)
{
	struct exit_stats *stats = exit_stats_open();
	struct world *w = *state;
	pid_t child;

	if (!stats)
		skip();
	child = fork();
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
	exit_stats_drain(stats);
	tell_exit(w, stats, (uint32_t)child);
	tell_exit(w, stats, (uint32_t)child);
	exit_stats_close(stats);
	assert_int_equal(w->notes, 1);
	assert_int_equal(w->pid, child);
	assert_non_null(strstr(w->text, "memory when=exit begin=1000 peak="));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_new, world_end)
		TEST(lines_are_read_as_bytes),
		TEST(missing_lines_are_no_zeros),
		TEST(what_we_touch_is_resident),
		TEST(all_are_told_of_but_who_is_gone),
		TEST(rest_follows_what_it_took),
		TEST(interval_of_0_looks_at_nothing),
		TEST(both_sides_of_a_fork_are_due),
		TEST(too_many_that_are_due_are_left_to_their_turn),
		TEST(nobody_is_told_of_without_a_message),
		TEST(end_of_a_child_is_told_once),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
