/*
 * The tables of what memory went through, against those who know: demos that say what
 * they did, and a database's own count of what its snapshot cost.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/announced.h"
#include "../support/live.h"
#include "../support/rows.h"
#include "../support/run.h"

static void contents_of(const char *path, char *buf, size_t size)
{
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	buf[fread(buf, 1, size - 1, file)] = '\0';
	assert_true(feof(file));
	fclose(file);
}

/* ---- copies after fork ---- */

struct side {
	unsigned long long copied, reused;
};

/* From the line after the fork's title: "    parent copied 5 pages (20.0K), reused 10". */
static struct side side_of(const char *fork, const char *name)
{
	struct side side;
	char start[32];
	const char *line;

	snprintf(start, sizeof(start), "\n    %s copied ", name);
	line = strstr(fork, start);
	assert_non_null(line);
	assert_int_equal(sscanf(line + strlen(start), "%llu pages (%*[^)]), reused %llu",
				&side.copied, &side.reused), 2);
	return side;
}

/* The title of the fork of these two, as "4321 demo -> 4322 demo". */
static const char *fork_of(const char *output, pid_t parent, pid_t child,
			   const char *comm)
{
	const char *at = rows_after(output, "Copied after fork");
	char title[128];

	snprintf(title, sizeof(title), "  %d %s -> %d %s at ", parent, comm, child, comm);
	at = strstr(at, title);
	if (!at)
		fail_msg("no '%s' in: %s", title, output);
	return at;
}

/* "demo+0x1234" or "fill (demo)". */
static bool is_code_of(const char *cell, const char *object)
{
	size_t length = strlen(object);
	const char *last = strrchr(cell, '(');

	if (last)
		return !strncmp(last + 1, object, length) && last[1 + length] == ')';
	return !strncmp(cell, object, length) && cell[length] == '+';
}

/* All rows of a side of one fork, in anonymous memory, by this program's own code. */
static struct side by_own_code(const char *fork, const char *name, const char *object)
{
	struct side sum = { 0 };
	struct row row;

	while (rows_find(&fork, &row, name)) {
		if (strcmp(row.cells[1], "anon") || !is_code_of(row.cells[2], object))
			continue;
		sum.copied += row_number(&row, 3);
		sum.reused += row_number(&row, 5);
	}
	return sum;
}

/* What the demo announced of one of its processes. */
static struct side announced_of(const struct announced *announced, uint32_t pid)
{
	struct side sum = { 0 };

	for (size_t i = 0; i < announced->touch_count; i++) {
		const struct announced_touch *touch = &announced->touches[i];

		if (touch->pid != pid)
			continue;
		sum.copied += !strcmp(touch->kind, "cow-copy");
		sum.reused += !strcmp(touch->kind, "cow-reuse");
	}
	return sum;
}

static void check_side(const char *fork, const char *name,
		       const struct announced *announced, uint32_t pid)
{
	struct side wanted = announced_of(announced, pid);
	struct side found = by_own_code(fork, name, "cow_fork");
	struct side all = side_of(fork, name);

	assert_true(wanted.copied && wanted.reused);
	assert_int_equal(found.copied, wanted.copied);
	assert_int_equal(found.reused, wanted.reused);
	/* The loader and the C library write to their own pages, too: who is first copies. */
	assert_true(all.copied >= found.copied && all.reused >= found.reused);
}

static uint32_t other_pid(const struct announced *announced, uint32_t pid)
{
	for (size_t i = 0; i < announced->touch_count; i++)
		if (announced->touches[i].pid != pid)
			return announced->touches[i].pid;
	fail_msg("the demo has one process");
	return 0;
}

static void copies_of_a_demo_are_attributed_exactly(void **state)
{
	static char output[256 << 10];
	struct announced announced;
	uint32_t parent, child;
	const char *fork;
	struct run run;

	(void)state;
	run_quietly(&run, "%s -s --top=1000 -o %s -- %s/cow_fork", pfa(),
		    work_path("out"), demos());
	announced_parse(&announced, run.out);
	contents_of(work_path("out"), output, sizeof(output));
	parent = announced.touches[0].pid;
	child = other_pid(&announced, parent);
	fork = fork_of(output, (pid_t)parent, (pid_t)child, "cow_fork");
	check_side(fork, "parent", &announced, parent);
	check_side(fork, "child", &announced, child);
	announced_release(&announced);
	run_release(&run);
}

/* ---- a snapshot ---- */

enum { KEYS = 50000 };

struct redis {
	struct run run;
	char socket[128];
};

/* One command; what it printed is in `run`. */
static void redis_cli(struct redis *redis, struct run *run, const char *command)
{
	run_quietly(run, "redis-cli -s %s %s", redis->socket, command);
}

static void redis_do(struct redis *redis, const char *command)
{
	struct run run;

	redis_cli(redis, &run, command);
	run_release(&run);
}

/* A number of INFO persistence. */
static unsigned long long redis_fact(struct redis *redis, const char *name)
{
	unsigned long long value;
	const char *at;
	struct run run;

	redis_cli(redis, &run, "INFO persistence");
	at = strstr(run.out, name);
	assert_non_null(at);
	assert_int_equal(sscanf(at + strlen(name), ":%llu", &value), 1);
	run_release(&run);
	return value;
}

static void redis_await_saved(struct redis *redis)
{
	for (int i = 0; redis_fact(redis, "rdb_bgsave_in_progress"); i++) {
		assert_true(i < 600);
		usleep(100 * 1000);
	}
}

/*
 * A server with about 50 MB of data. Debian has its program under this name, too, in a
 * package that starts no service. A snapshot rests after every fifth key, so that it
 * takes its time.
 */
static void redis_start(struct redis *redis)
{
	struct run run;

	snprintf(redis->socket, sizeof(redis->socket), "%s", work_path("socket"));
	run_quietly(&run, "ln -s \"$(command -v redis-check-rdb)\" %s",
		    work_path("redis-server"));
	run_release(&run);
	run_start(&redis->run, "%s --port 0 --unixsocket %s --save '' --dir %s "
		  "--rdb-key-save-delay -5", work_path("redis-server"), redis->socket,
		  work_path("."));
	run_await_out(&redis->run, "ready to accept connections");
	redis_do(redis, "EVAL \"for i = 0, 49999 do redis.call('set', "
		 "string.format('key:%012d', i), string.rep('x', 1000)) end\" 0");
}

static void redis_end(struct redis *redis)
{
	redis_do(redis, "SHUTDOWN NOSAVE");
	run_wait(&redis->run);
	assert_run_status(&redis->run, 0);
	run_release(&redis->run);
}

/* Its log names the child: the last one. */
static pid_t redis_snapshot(struct redis *redis)
{
	static const char words[] = "Background saving started by pid ";
	char *log, *at, *last = NULL;
	int child;

	redis_do(redis, "BGSAVE");
	log = run_out_so_far(&redis->run);
	for (at = log; (at = strstr(at, words)); at++)
		last = at;
	assert_non_null(last);
	assert_int_equal(sscanf(last + strlen(words), "%d", &child), 1);
	free(log);
	return child;
}

/* Snapshots until one is seen: the server does little else that can be seen. */
static void await_attached(struct redis *redis, const struct run *pfa_run)
{
	for (int i = 0; i < 60; i++) {
		char *output;
		bool seen;

		redis_do(redis, "BGSAVE");
		redis_await_saved(redis);
		output = run_out_so_far(pfa_run);
		seen = strstr(output, "] FORK ");
		free(output);
		if (seen)
			return;
	}
	fail_msg("no fork is seen");
}

/* Values change in place, at random: most pages of the data are written to. */
static void redis_write(struct redis *redis)
{
	struct run run;

	run_command(&run, "redis-benchmark -s %s -q -P 16 -n 20000 -r %d "
		    "SETRANGE key:__rand_int__ 500 abc", redis->socket, KEYS);
	assert_run_status(&run, 0);
	run_release(&run);
}

/* The child stands still while the parent writes. Returns its pid. */
static pid_t snapshot_while_writing(struct redis *redis)
{
	pid_t child = redis_snapshot(redis);

	assert_int_equal(kill(child, SIGSTOP), 0);
	redis_write(redis);
	assert_int_equal(kill(child, SIGCONT), 0);
	redis_await_saved(redis);
	return child;
}

/* Within `percent` of each other. */
static void assert_near(unsigned long long found, unsigned long long wanted,
			unsigned percent)
{
	unsigned long long apart = found > wanted ? found - wanted : wanted - found;

	if (apart * 100 > wanted * percent)
		fail_msg("%llu is not near %llu", found, wanted);
}

/*
 * Redis sums the child's Private_Dirty at its end: what either side copied, and what the
 * child needed besides.
 */
static void cost_of_a_snapshot_is_what_redis_says(void **state)
{
	struct side parent, child;
	struct redis redis;
	const char *fork;
	struct run run;
	unsigned long long cow_bytes;
	pid_t child_pid;

	(void)state;
	need_programs("redis-check-rdb redis-cli redis-benchmark");
	redis_start(&redis);
	run_start(&run, "%s --show=life -p %d", pfa(), redis.run.pid);
	await_attached(&redis, &run);
	child_pid = snapshot_while_writing(&redis);
	cow_bytes = redis_fact(&redis, "rdb_last_cow_size");
	kill(run.pid, SIGINT);
	run_wait(&run);
	assert_run_status(&run, 0);
	fork = fork_of(run.out, redis.run.pid, child_pid, "redis-server");
	parent = side_of(fork, "parent");
	child = side_of(fork, "child");
	assert_near((parent.copied + child.copied) * 4096, cow_bytes, 5);
	assert_true(parent.copied > 5000 && child.copied < 500);
	run_release(&run);
	redis_end(&redis);
}

/* ---- given back and touched again ---- */

/* The row of this call from the C library, of anonymous memory. */
static void find_gift(const char *output, const char *call, struct row *row)
{
	const char *at = rows_after(output, "Given back and touched again");

	while (rows_find(&at, row, call))
		if (is_code_of(row->cells[1], "libc.so.6") &&
		    !strcmp(row->cells[2], "anon"))
			return;
	fail_msg("no row of %s in: %s", call, output);
}

/* Faults and pages taken of it, by the program's only function that touches again. */
static void check_takings(const char *output, const struct row *gift, unsigned again)
{
	const char *at = rows_after(output, "Touched again, by code");
	unsigned long long faults = 0, pages = 0;
	struct row row;

	while (rows_next(&at, &row)) {
		if (row.count < 6 || strcmp(row.cells[1], gift->cells[0]) ||
		    strcmp(row.cells[2], gift->cells[1]))
			continue;
		assert_string_equal(row.cells[0], "touch (giveback)");
		faults += row_number(&row, 4);
		pages += row_number(&row, 5);
	}
	assert_int_equal(faults, again);
	assert_int_equal(pages, again);
}

static void check_gift(const char *output, const char *call, unsigned calls,
		       unsigned given, unsigned again)
{
	char share[16];
	struct row row;

	find_gift(output, call, &row);
	assert_int_equal(row_number(&row, 3), calls);
	assert_int_equal(row_number(&row, 4), given);
	assert_int_equal(row_number(&row, 5), again);
	assert_int_equal(row_number(&row, 6), again);
	snprintf(share, sizeof(share), "%.1f%%", 100.0 * again / given);
	assert_string_equal(row.cells[7], share);
}

static void memory_given_back_and_touched_again_is_counted_exactly(void **state)
{
	static char output[256 << 10];
	unsigned calls, given, again, gifts = 0;
	char call[32];
	struct row row;
	struct run run;

	(void)state;
	run_quietly(&run, "%s -s --top=1000 -o %s -- %s/giveback", pfa(),
		    work_path("out"), live_programs());
	contents_of(work_path("out"), output, sizeof(output));
	for (const char *at = run.out; (at = strstr(at, "gave ")); at++, gifts++) {
		assert_int_equal(sscanf(at, "gave %31s %u %u %u", call, &calls, &given,
					&again), 4);
		check_gift(output, call, calls, given, again);
		find_gift(output, call, &row);
		check_takings(output, &row, again);
	}
	assert_int_equal(gifts, 3);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(copies_of_a_demo_are_attributed_exactly,
					  run_kill_all),
		cmocka_unit_test_teardown(cost_of_a_snapshot_is_what_redis_says,
					  run_kill_all),
		cmocka_unit_test_teardown(
			memory_given_back_and_touched_again_is_counted_exactly,
			run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
