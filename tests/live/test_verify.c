/*
 * --verify: what /proc/PID/maps shows at quiet points is what the model holds, for
 * programs nobody here wrote and for layouts they seldom have; and where the model
 * cannot know, drift is told and put right.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/live.h"
#include "../support/run.h"

struct verified {
	uint64_t drifts, compared, unquiet;
};

static struct verified verified_of(const char *summary)
{
	const char *line = strstr(summary, "\n  drift ");
	struct verified v;

	if (!line || sscanf(line, " drift %" SCNu64 " (%" SCNu64 " layouts compared, %" SCNu64
			    " changed meanwhile)", &v.drifts, &v.compared,
			    &v.unquiet) != 3)
		fail_msg("nothing is said of drift: %s", summary);
	return v;
}

static void print_verified(const char *what, const struct verified *v)
{
	print_message("%s: drift %" PRIu64 ", %" PRIu64 " compared, %" PRIu64
		      " changed meanwhile\n", what, v->drifts, v->compared, v->unquiet);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(work_path("%s", name), "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* What pfa says, given these options, of a shell's script in the work directory. */
static struct verified trace_script(struct run *run, const char *options,
				    const char *script)
{
	write_file("script", script);
	run_command(run, "env -C %s %s --verify -o summary %s -- sh -e script >%s",
		    work_path("."), pfa(), options, work_path("out"));
	assert_run_status(run, 0);
	run_release(run);
	run_command(run, "cat %s", work_path("summary"));
	assert_says(run->out, "exited with status 0");
	return verified_of(run->out);
}

/* At least so many layouts must have been compared. */
static void no_drift_in(const char *what, uint64_t compared, const char *script)
{
	struct run run;
	struct verified v = trace_script(&run, "-s", script);

	print_verified(what, &v);
	if (v.drifts)
		fail_msg("%s", strstr(run.out, "  first drift"));
	assert_true(v.compared >= compared);
	run_release(&run);
}

/* ---- programs, from their first instruction ---- */

static void no_drift_in_python(void **state)
{
	char script[1024];

	(void)state;
	snprintf(script, sizeof(script), "%s -c 'import ctypes, sqlite3, ssl, threading, time\n"
		 "def work():\n"
		 "    for i in range(50): b = bytearray(1 << 20); time.sleep(.004)\n"
		 "t = [threading.Thread(target=work) for i in range(8)]\n"
		 "[x.start() for x in t]; [x.join() for x in t]\n"
		 "ctypes.CDLL(\"libresolv.so.2\"); time.sleep(.2)'", python());
	no_drift_in("python", 3, script);
}

static void no_drift_in_node(void **state)
{
	(void)state;
	need_programs("node");
	no_drift_in("node", 2, "node -e 'let a = []; for (let i = 0; i < 1e6; i++) "
			       "a.push({ i }); setTimeout(() => {}, 300)'");
}

/* A program of its own takes a compiler, which a mere run-time environment lacks. */
static void no_drift_in_java_with_parallel_gc(void **state)
{
	(void)state;
	need_programs("java");
	no_drift_in("java", 2, "java -XX:+UseParallelGC -XX:ParallelGCThreads=4 -Xmx32m "
			       "-Xint -XX:+AlwaysPreTouch -XshowSettings:all -version 2>&1\n"
			       "java -Xcomp -XX:+UseParallelGC -Xmx64m -version 2>&1");
}

static void no_drift_in_the_process_tree_of_gcc(void **state)
{
	(void)state;
	need_programs("gcc");
	no_drift_in("gcc", 4, "for i in 1 2 3 4 5 6 7 8 9; do\n"
			      "echo '#include <stdio.h>'; echo '#include <stdlib.h>'\n"
			      "echo \"int f$i(int a) { for (int i = 0; i < a; i++)\n"
			      "	printf(\\\"%d\\\", rand() ^ i); return a; }\"\n"
			      "done >x.c\n"
			      "echo 'int main(void) { return f1(0) + f9(0); }' >>x.c\n"
			      "gcc -O2 -g -flto -o x x.c\n"
			      "./x");
}

static void no_drift_in_git_clone(void **state)
{
	(void)state;
	need_programs("git");
	no_drift_in("git", 3, "git init -q a\n"
			      "cd a\n"
			      "for i in 1 2 3 4 5 6 7 8 9; do\n"
			      "	head -c 2000000 /dev/urandom >f$i\n"
			      "done\n"
			      "git add .\n"
			      "git -c user.name=a -c user.email=a@b commit -qm x\n"
			      "git clone -q file://$PWD ../b");
}

static void no_drift_in_perl_and_its_child(void **state)
{
	(void)state;
	need_programs("perl");
	no_drift_in("perl", 3, "perl -MPOSIX -e 'my @a = (1..500000); my $p = fork; "
			       "my @b = (1..100000); select undef, undef, undef, .2; wait'");
}

static void no_drift_in_sqlite(void **state)
{
	(void)state;
	need_programs("sqlite3");
	no_drift_in("sqlite", 2,
		    "sqlite3 t.db 'pragma mmap_size = 100000000; create table t(a, b); "
		    "with recursive c(x) as (select 1 union all select x + 1 from c where "
		    "x < 200000) insert into t select x, hex(randomblob(20)) from c; "
		    "create index i on t(b); select count(*) from t'");
}

/* A fork that copies all of it, and a child that saves it meanwhile. */
static void no_drift_in_redis_that_saves(void **state)
{
	(void)state;
	need_programs("redis-server redis-benchmark redis-cli");
	no_drift_in("redis", 10,
		    "redis-server --port 0 --unixsocket r.sock --dir . --save '' &\n"
		    "while ! [ -S r.sock ]; do sleep .05; done\n"
		    "redis-benchmark -s r.sock -q -n 30000 -t set,lpush -d 200 -r 50000\n"
		    "redis-cli -s r.sock bgsave\n"
		    "redis-benchmark -s r.sock -q -n 30000 -t set -d 200 -r 50000\n"
		    "redis-cli -s r.sock shutdown nosave\n"
		    "wait");
}

/* It does not run as root: `postgres` is a user, too. */
static void no_drift_in_postgres(void **state)
{
	char script[1024];

	(void)state;
	write_file("t.sql",
		   "create table t as select i, md5(i::text) m "
		   "from generate_series(1, 100000) i;\n"
		   "set min_parallel_table_scan_size = 0; set parallel_setup_cost = 0;\n"
		   "set parallel_tuple_cost = 0;\n"
		   "select count(*) from t where m > 'a';\n"
		   "checkpoint; create index on t(m); select pg_sleep(0.2);\n");
	write_file("server", "export HOME=/\n"
			     "initdb -D pg/data -A trust --no-sync\n"
			     "pg_ctl -D pg/data -w -l pg/log -o \"-k $PWD/pg -h ''\" start\n"
			     "psql -h $PWD/pg -d postgres -qf t.sql\n"
			     "pg_ctl -D pg/data -m fast stop\n");
	snprintf(script, sizeof(script), "export PATH=%s:$PATH\n"
					 "chmod 755 .\n"
					 "install -d -o postgres pg\n"
					 "setpriv --reuid=postgres --regid=postgres "
					 "--clear-groups sh -e server", postgres());
	no_drift_in("postgres", 20, script);
}

/* ---- layouts that they seldom have ---- */

static const char *layouts(const char *mode)
{
	static char script[512];

	snprintf(script, sizeof(script), "%s/layouts %s", live_programs(), mode);
	return script;
}

static void no_drift_where_the_kernel_splits_and_moves(void **state)
{
	(void)state;
	no_drift_in("corners", 6, layouts("corners"));
}

static void no_drift_in_60000_mappings(void **state)
{
	(void)state;
	no_drift_in("many", 1, layouts("many"));
}

static void no_drift_after_a_storm_of_threads(void **state)
{
	(void)state;
	no_drift_in("storm", 2, layouts("storm"));
}

/* ---- attached to ---- */

static void no_drift_when_attached_to(const char *what, const char *command)
{
	struct run target, run;
	struct verified v;

	run_start(&target, "%s", command);
	usleep(300 * 1000);
	run_command(&run, "%s -s --verify --duration=800ms -p %d", pfa(), target.pid);
	assert_run_status(&run, 0);
	v = verified_of(run.out);
	print_verified(what, &v);
	if (v.drifts)
		fail_msg("%s", strstr(run.out, "  first drift"));
	assert_true(v.compared > 0);
	run_release(&run);
	run_release(&target);
}

static void no_drift_when_attached(void **state)
{
	char command[512];

	(void)state;
	snprintf(command, sizeof(command), "%s -c 'import threading, ssl, time\n"
		 "def work():\n"
		 "    for i in range(200): b = bytearray(1 << 20); time.sleep(.01)\n"
		 "t = [threading.Thread(target=work) for i in range(8)]\n"
		 "[x.start() for x in t]; [x.join() for x in t]'", python());
	no_drift_when_attached_to("python, attached", command);
	no_drift_when_attached_to("storm, attached", layouts("storm"));
}

/* ---- where the model cannot know ---- */

static size_t count_of(const char *text, const char *words)
{
	size_t count = 0;

	for (; (text = strstr(text, words)); text += strlen(words))
		count++;
	return count;
}

static void silent_call_is_told_once_and_put_right(void **state)
{
	struct verified v;
	struct run run;

	(void)state;
#ifndef __x86_64__
	skip_because("only x86-64 has system calls that tell of nothing");
#endif
	v = trace_script(&run, "", layouts("silent"));
	print_verified("silent", &v);
	assert_int_equal(v.drifts, 1);
	assert_true(v.compared >= 3);
	assert_int_equal(count_of(run.out, "] DRIFT "), 1);
	assert_says(run.out, " modelled=\"rw-p anon\" mapped=\"nothing\" ranges=1");
	assert_says(run.out, "): modelled rw-p anon, mapped nothing");
	run_release(&run);
}

/* Without the calls nothing tells of what was unmapped; most readings find no more. */
static void layouts_without_calls_are_put_right_each_time(void **state)
{
	struct verified v;
	struct run run;

	(void)state;
	v = trace_script(&run, "--events=-calls", layouts("corners"));
	print_verified("without calls", &v);
	assert_true(v.drifts > 0);
	assert_in_range(count_of(run.out, "] DRIFT "), 1, v.compared - 2);
	run_release(&run);
}

static void capture_verifies_again(void **state)
{
	struct verified v;
	struct run live, replayed;

	(void)state;
	v = trace_script(&live, "-s --capture=verify.data", layouts("silent"));
	assert_true(v.compared > 0);
	run_quietly(&replayed, "%s report -s -i %s", pfa(), work_path("verify.data"));
	assert_string_equal(replayed.out, live.out);
	run_release(&replayed);
	run_release(&live);
}

#define TESTS(X)                                         \
	X(no_drift_in_python)                            \
	X(no_drift_in_node)                              \
	X(no_drift_in_java_with_parallel_gc)             \
	X(no_drift_in_the_process_tree_of_gcc)           \
	X(no_drift_in_git_clone)                         \
	X(no_drift_in_perl_and_its_child)                \
	X(no_drift_in_sqlite)                            \
	X(no_drift_in_redis_that_saves)                  \
	X(no_drift_in_postgres)                          \
	X(no_drift_where_the_kernel_splits_and_moves)    \
	X(no_drift_in_60000_mappings)                    \
	X(no_drift_after_a_storm_of_threads)             \
	X(no_drift_when_attached)                        \
	X(silent_call_is_told_once_and_put_right)        \
	X(layouts_without_calls_are_put_right_each_time) \
	X(capture_verifies_again)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
