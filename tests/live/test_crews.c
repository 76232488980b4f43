/*
 * Many at once: more threads than descriptors, several processes, births while pfa
 * attaches, others that trace the same. Every touch is seen, once, and told right.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/crew.h"
#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/summary.h"

/* ---- the course of each test ---- */

/* To be given to run_start(): all of them tell of whom a fault is. */
#define PFA_OF "%s --fields=pid --csv=%s -p %d"

static void pfa_end(struct run *run)
{
	run_wait(run);
	assert_run_status(run, 0);
	assert_nothing_odd(run->out);
	run_release(run);
}

static void pfa_end_equal(struct run *run)
{
	run_wait(run);
	assert_counters_equal(run->out);
	run->running = false;
	assert_run_status(run, 0);
	assert_nothing_odd(run->out);
	run_release(run);
}

/* ---- fewer descriptors than needed ---- */

/* Root may raise its limit where it has that capability. */
#define LIMITED                                                                \
	"setpriv --bounding-set -sys_resource --inh-caps -sys_resource "       \
	"sh -c 'ulimit -n 300; exec \"$0\" \"$@\"' "

static void check_limit_is_told(const struct run *run)
{
	unsigned threads, needed, limit;

	assert_int_equal(sscanf(run->err, "note: tracing %u threads takes %u open files, "
				"the limit is %u (ulimit -n): all processes of each CPU "
				"are traced and the others dropped\n", &threads,
				&needed, &limit), 3);
	assert_int_equal(threads, 41);
	assert_true(needed > 300);
	assert_int_equal(limit, 300);
	assert_ptr_equal(strchr(run->err, '\n'), run->err + strlen(run->err) - 1);
}

static void too_many_threads_are_traced_by_cpu(void **state)
{
	struct crew crew, stranger;
	struct run run;

	(void)state;
	crew_start(&crew, "%s 40 4 3", crew_program());
	crew_start(&stranger, "%s 3 4 3", crew_program());
	run_start(&run, LIMITED PFA_OF, pfa(), work_path("csv"), crew.pid);
	crew_await_seen(&crew, &run);
	crew_work(&stranger);
	crew_work(&crew);
	run_wait(&run);
	check_limit_is_told(&run);
	assert_nothing_odd(run.out);
	assert_int_equal(crew_check_alone(crew.run.out, work_path("csv")), 6);
	run_release(&run);
	run_release(&crew.run);
	run_release(&stranger.run);
}

static void too_many_threads_are_traced_without_their_children(void **state)
{
	struct crew crew;
	struct run run;

	(void)state;
	crew_start(&crew, "%s 40 4 3", crew_program());
	run_start(&run, LIMITED PFA_OF " --no-follow", pfa(), work_path("csv"), crew.pid);
	crew_await_seen(&crew, &run);
	crew_work(&crew);
	run_wait(&run);
	check_limit_is_told(&run);
	assert_nothing_odd(run.out);
	crew_check_first(crew.run.out, work_path("csv"));
	run_release(&run);
	run_release(&crew.run);
}

/* ---- many threads, several processes ---- */

/* With all events by CPU, or by thread where the limit is no better; with few, by thread. */
static void five_hundred_threads_are_all_seen(void **state)
{
	static const char *const options[] = { "", "--events=entries" };

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct crew crew;
		struct run run;

		crew_start(&crew, "%s 500 4 1", crew_program());
		run_start(&run, PFA_OF " %s", pfa(), work_path("csv"), crew.pid,
			  options[i]);
		crew_await_seen(&crew, &run);
		crew_work(&crew);
		pfa_end(&run);
		assert_int_equal(crew_check_alone(crew.run.out, work_path("csv")), 2);
		run_release(&crew.run);
	}
}

static void several_processes_are_all_seen(void **state)
{
	struct crew crews[3];
	struct run run;

	(void)state;
	for (int i = 0; i < 3; i++)
		crew_start(&crews[i], "%s %d 5 %d", crew_program(), i, i);
	run_start(&run, PFA_OF ",%d -p %d", pfa(), work_path("csv"), crews[0].pid,
		  crews[1].pid, crews[2].pid);
	for (int i = 0; i < 3; i++)
		crew_await_seen(&crews[i], &run);
	for (int i = 0; i < 3; i++)
		crew_work(&crews[i]);
	pfa_end_equal(&run);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(crew_check(crews[i].run.out, work_path("csv")), 2 * i);
		run_release(&crews[i].run);
	}
}

/* ---- births meanwhile ---- */

static size_t attach_among_births(const char *how, size_t in_flight)
{
	struct crew crew;
	struct run run;
	size_t traced;

	crew_start(&crew, "%s 3 4 2 births", crew_program());
	usleep(100 * 1000); /* nobody is missing in a crew that has just begun */
	run_start(&run, "%s " PFA_OF, how, pfa(), work_path("csv"), crew.pid);
	crew_await_seen(&crew, &run);
	crew_work(&crew);
	pfa_end(&run);
	traced = crew_check_born(crew.run.out, work_path("csv"), in_flight);
	run_release(&crew.run);
	return traced;
}

static void those_born_while_attaching_are_seen(void **state)
{
	size_t traced = 0;

	(void)state;
	/* A child shows up in /proc late in its birth, and inherits early: a family may
	 * be missed whose birth began before its parent was armed. */
	for (int times = 0; times < 4; times++)
		traced += attach_among_births("env", 2);
	/* Two families each were born after everything had begun. */
	print_message("%zu of those born meanwhile\n", traced);
	assert_true(traced > 4 * 4);
}

static void those_born_while_attaching_to_cpus_are_seen(void **state)
{
	size_t traced = 0;

	(void)state;
	for (int times = 0; times < 4; times++)
		traced += attach_among_births(LIMITED, 0);
	print_message("%zu of those born meanwhile\n", traced);
	assert_true(traced > 4 * 4);
}

/* ---- others who trace the same ---- */

static void two_pfas_see_the_same(void **state)
{
	struct crew crew;
	struct run one, two;

	(void)state;
	crew_start(&crew, "%s 8 20 2", crew_program());
	run_start(&one, PFA_OF, pfa(), work_path("one.csv"), crew.pid);
	run_start(&two, PFA_OF, pfa(), work_path("two.csv"), crew.pid);
	crew_await_seen(&crew, &one);
	crew_await_seen(&crew, &two);
	crew_work(&crew);
	pfa_end_equal(&one);
	pfa_end_equal(&two);
	assert_int_equal(crew_check_alone(crew.run.out, work_path("one.csv")), 4);
	assert_int_equal(crew_check_alone(crew.run.out, work_path("two.csv")), 4);
	run_release(&crew.run);
}

/* It begins when told to by one fifo, and has begun when it says so in the other. */
static void perf_start(struct run *perf, const char *options, const struct crew *crew)
{
	struct run run;

	run_quietly(&run, "sh -c 'rm -f %s %s; mkfifo %s %s'", work_path("tell"),
		    work_path("ack"), work_path("tell"), work_path("ack"));
	run_release(&run);
	run_start(perf, "perf record -q -D -1 --control=fifo:%s,%s %s -c 1 -d -o %s "
		  "-p %d", work_path("tell"), work_path("ack"), options,
		  work_path("perf.data"), crew->pid);
	run_quietly(&run, "sh -c 'echo enable >%s; head -n 1 %s'", work_path("tell"),
		    work_path("ack"));
	assert_int_equal(strncmp(run.out, "ack", 3), 0);
	run_release(&run);
}

static void check_beside_perf(const char *options, bool perf_is_first)
{
	struct run run, perf;
	struct crew crew;

	print_message("perf record %s, %s\n", options, perf_is_first ? "first" : "second");
	crew_start(&crew, "%s 8 20 2", crew_program());
	if (perf_is_first)
		perf_start(&perf, options, &crew);
	run_start(&run, PFA_OF, pfa(), work_path("csv"), crew.pid);
	crew_await_seen(&crew, &run);
	if (!perf_is_first)
		perf_start(&perf, options, &crew);
	crew_work(&crew);
	pfa_end_equal(&run);
	assert_int_equal(crew_check_alone(crew.run.out, work_path("csv")), 4);
	run_release(&crew.run);
	run_wait(&perf);
	run_release(&perf);
}

/* Its samples may become ours (sieve.h), with its id and the time of its clock. */
static void perf_beside_takes_nothing(void **state)
{
	static const char *const options[] = {
		"-e page-faults", "-e minor-faults,major-faults",
		"-e minor-faults,page-faults -k CLOCK_MONOTONIC_RAW",
	};

	(void)state;
	need_programs("perf");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		for (int first = 0; first < 2; first++)
			check_beside_perf(options[i], first);
}

#define TESTS(X)                                                \
	X(too_many_threads_are_traced_by_cpu)                   \
	X(too_many_threads_are_traced_without_their_children)   \
	X(five_hundred_threads_are_all_seen)                    \
	X(several_processes_are_all_seen)                       \
	X(those_born_while_attaching_are_seen)                  \
	X(those_born_while_attaching_to_cpus_are_seen)          \
	X(two_pfas_see_the_same)                                \
	X(perf_beside_takes_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
