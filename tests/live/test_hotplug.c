/*
 * A CPU goes and comes while pfa traces: on threads nothing is lost; on whole CPUs what
 * ran there at first is, which is told, and all that comes later is seen.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/announced.h"
#include "../support/crew.h"
#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/summary.h"

/* ---- the CPU ---- */

/* The last one that can go; "" when there is none. */
static char switch_path[64];
static unsigned cpu;

static bool write_switch(const char *value)
{
	int fd = open(switch_path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, value, 1) == 1;

	if (fd >= 0)
		close(fd);
	return written;
}

static void find_cpu(void)
{
	for (unsigned i = 1; i < (unsigned)sysconf(_SC_NPROCESSORS_CONF); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", i);
		if (access(path, W_OK))
			continue;
		memcpy(switch_path, path, sizeof(path));
		cpu = i;
	}
}

static void put_back(void)
{
	if (switch_path[0])
		write_switch("1");
}

static void on_signal(int sig)
{
	put_back();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* It is put back also when the test fails, or is interrupted. */
static void need_a_cpu_that_can_go(void)
{
	find_cpu();
	if (!switch_path[0])
		skip_because("no second CPU that can be taken offline");
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	if (!write_switch("0") || !write_switch("1"))
		skip_because("%s cannot be written", switch_path);
}

static int all_as_before(void **state)
{
	put_back();
	return run_kill_all(state);
}

static void go_and_come(void)
{
	assert_true(write_switch("0"));
	usleep(20 * 1000);
	assert_true(write_switch("1"));
}

/* ---- on threads ---- */

static void check_announced(const char *said, const char *csv_path)
{
	struct announced announced;
	struct csv csv;

	announced_parse(&announced, said);
	csv_read(&csv, csv_path);
	announced_check(&announced, &csv);
	csv_release(&csv);
	announced_release(&announced);
}

static bool is_running(const struct run *run)
{
	char path[64], state;
	FILE *stat;
	int found;

	snprintf(path, sizeof(path), "/proc/%d/stat", run->pid);
	stat = fopen(path, "re");
	if (!stat)
		return false;
	found = fscanf(stat, "%*d (%*[^)]) %c", &state);
	fclose(stat);
	return found == 1 && state != 'Z';
}

static void events_on_threads_go_with_them_to_other_cpus(void **state)
{
	struct run run;
	int times = 0;

	(void)state;
	need_a_cpu_that_can_go();
	run_start(&run, "%s -s -o %s --csv=%s -- %s/touch_storm 200000 4", pfa(),
		  work_path("report"), work_path("csv"), demos());
	for (; is_running(&run) && times < 20; times++)
		go_and_come();
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_string_equal(run.err, "");
	check_announced(run.out, work_path("csv"));
	run_release(&run);
	run_quietly(&run, "cat %s", work_path("report"));
	assert_counters_equal(run.out);
	assert_nothing_odd(run.out);
	run_release(&run);
	print_message("it went and came %d times\n", times);
}

/* ---- on whole CPUs ---- */

/* All of a crew's faults on that CPU, from its first to its last. */
static void crew_works_there(struct crew *crew)
{
	crew_start(crew, "taskset -c %u %s 3 50 1", cpu, crew_program());
	crew_work(crew);
}

static void end_trace(struct run *run)
{
	kill(run->pid, SIGINT);
	run_wait(run);
	assert_run_status(run, 0);
	assert_string_equal(run->err, "");
	assert_counters_equal_but_the_last(run->out);
	assert_non_null(strstr(run->out, "\n  gaps           1 times a CPU came online"));
}

static void await_gap(struct run *run)
{
	char words[64];

	snprintf(words, sizeof(words), "] LOST some cpu=%u\n", cpu);
	run_await_out(run, words);
}

/* An idle machine has nothing to tell: something happens until it is told. */
static void await_stream(struct run *run)
{
	for (;;) {
		char *so_far = run_out_so_far(run);
		bool begun = strstr(so_far, "] ") != NULL;
		struct run something;

		free(so_far);
		if (begun)
			return;
		assert_true(is_running(run));
		run_quietly(&something, "true");
		run_release(&something);
		usleep(5000);
	}
}

static size_t gaps_in(const char *stream)
{
	char words[64];
	size_t gaps = 0;

	snprintf(words, sizeof(words), "] LOST some cpu=%u\n", cpu);
	for (stream = strstr(stream, words); stream; stream = strstr(stream + 1, words))
		gaps++;
	return gaps;
}

static void cpu_that_comes_back_is_seen_again(void **state)
{
	struct run run, replayed;
	struct crew crew;

	(void)state;
	need_programs("taskset");
	need_a_cpu_that_can_go();
	run_start(&run, "%s -a --show=faults,vma,life --csv=%s --capture=%s", pfa(),
		  work_path("csv"), work_path("capture"));
	await_stream(&run);
	go_and_come();
	await_gap(&run);
	crew_works_there(&crew);
	end_trace(&run);
	assert_int_equal(gaps_in(run.out), 1);
	assert_int_equal(crew_check(crew.run.out, work_path("csv")), 2);
	run_release(&crew.run);

	run_quietly(&replayed, "%s report --show=faults,vma,life -i %s", pfa(),
		    work_path("capture"));
	assert_string_equal(run.out, replayed.out);
	run_release(&replayed);
	run_release(&run);
}

static void cpu_that_was_offline_before_is_seen_too(void **state)
{
	struct crew crew;
	struct run run;

	(void)state;
	need_programs("taskset");
	need_a_cpu_that_can_go();
	assert_true(write_switch("0"));
	run_start(&run, "%s -a --csv=%s", pfa(), work_path("csv"));
	await_stream(&run);
	assert_true(write_switch("1"));
	await_gap(&run);
	crew_works_there(&crew);
	end_trace(&run);
	assert_int_equal(crew_check(crew.run.out, work_path("csv")), 2);
	run_release(&crew.run);
	run_release(&run);
}

/* ---- while pfa begins ---- */

static void keep_going_and_coming(struct run *toggling)
{
	run_start(toggling, "sh -c 'while :; do echo 0 >%s; echo 1 >%s; done'",
		  switch_path, switch_path);
}

static void check_no_fault_is_told_twice(const char *csv_path, uint32_t pid)
{
	struct csv csv;

	csv_read(&csv, csv_path);
	for (size_t i = 0; i < csv.count; i++)
		for (size_t k = i + 1; k < csv.count && csv.rows[i].pid == pid; k++)
			if (csv_is_fault(&csv.rows[i]) && csv_is_fault(&csv.rows[k]) &&
			    csv.rows[k].pid == pid &&
			    csv.rows[k].addr == csv.rows[i].addr &&
			    csv.rows[k].addr >> 28 == 0x200)
				fail_msg("twice: %s", csv_describe(&csv.rows[k]));
	csv_release(&csv);
}

/* It went and came after pfa had begun to listen, and before it opened events. */
static void cpu_is_armed_once_however_it_comes_and_goes(void **state)
{
	(void)state;
	need_programs("taskset");
	need_a_cpu_that_can_go();
	for (int times = 0; times < 2; times++) {
		struct run toggling, run;
		struct crew crew;

		keep_going_and_coming(&toggling);
		usleep(1000 * (times * 7 % 40));
		run_start(&run, "%s -a --csv=%s", pfa(), work_path("csv"));
		await_stream(&run);
		run_release(&toggling);
		put_back();
		crew_works_there(&crew);
		kill(run.pid, SIGINT);
		run_wait(&run);
		assert_run_status(&run, 0);
		check_no_fault_is_told_twice(work_path("csv"), (uint32_t)crew.pid);
		run_release(&crew.run);
		run_release(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(events_on_threads_go_with_them_to_other_cpus,
					  all_as_before),
		cmocka_unit_test_teardown(cpu_that_comes_back_is_seen_again,
					  all_as_before),
		cmocka_unit_test_teardown(cpu_that_was_offline_before_is_seen_too,
					  all_as_before),
		cmocka_unit_test_teardown(cpu_is_armed_once_however_it_comes_and_goes,
					  all_as_before),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
