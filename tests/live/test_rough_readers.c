/*
 * Readers that go away or stop for a while, and a pfa that is stopped itself: what was
 * lost is told, the rest is right, and the target is not held up by any of it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/sturdy.h"

/* All run in the work directory. */

/* ---- readers that go away ---- */

static void reader_that_goes_away_is_no_error(void **state)
{
	static const char *const commands[] = {
		"-s -- true", "--csv=- -o stream -- true", "report -i good",
		"report -s -i good", "report --csv=- -o stream -i good",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct run run;

		run_command(&run, "sh -c '{ %s %s; echo status $? >&2; } | head -n 1'",
			    pfa(), commands[i]);
		assert_run_status(&run, 0);
		assert_string_equal(run.err, "status 0\n");
		assert_nothing_left(&run);
		run_release(&run);
	}
}

static void target_outlives_the_reader_of_its_trace(void **state)
{
	struct run target, run;

	(void)state;
	sturdy_start(&target, "storm");
	run_command(&run, "sh -c '{ %s -p %d; echo status $? >&2; } | head -n 3'", pfa(),
		    target.pid);
	assert_run_status(&run, 0);
	assert_string_equal(run.err, "status 0\n");
	run_release(&run);
	sturdy_ends_unharmed(&target);
}

static void launched_program_outlives_the_reader_of_its_trace(void **state)
{
	struct run run;
	pid_t pid;

	(void)state;
	run_command(&run, "sh -c '%s -- sh -c \"exec %s/sturdy storm >said\" | head -n 3'",
		    pfa(), live_programs());
	assert_int_equal(sscanf(run.err, "note: sh (PID %d) is still running\n", &pid), 1);
	sturdy_goes_on(pid);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_nothing_left(&run);
	run_release(&run);
	run_quietly(&run, "cat said");
	assert_says(run.out, "unharmed\n");
	run_release(&run);
}

/* ---- a reader that does not read, for a while or at all ---- */

static int stuck_open(const char *path)
{
	int fd;

	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* What is in the pipe grows no more: its writer waits. */
static void stuck_await(int fd)
{
	int before = 0, now = 0;

	do {
		before = now;
		usleep(100 * 1000);
		assert_int_equal(ioctl(fd, FIONREAD, &now), 0);
	} while (!now || now != before);
}

/* Reads on, until these words or (NULL) the end. All that was read is in *text. */
static void stuck_read(int fd, char **text, size_t *length, const char *words)
{
	ssize_t n;

	fcntl(fd, F_SETFL, 0);
	do {
		size_t seen = *length > 64 ? *length - 64 : 0;

		*text = realloc(*text, *length + 65536 + 1);
		assert_non_null(*text);
		n = read(fd, *text + *length, 65536);
		assert_true(n >= 0);
		*length += (size_t)n;
		(*text)[*length] = '\0';
		if (words && strstr(*text + seen, words))
			return;
	} while (n);
	assert_null(words);
}

/* What may wait in pfa is limited with its memory: these take more, in records. */
#define LITTLE_MEMORY "ulimit -v 120000"
enum { MANY_FAULTS = 300 * 1000 };

static void reader_that_stops_for_a_while_holds_nobody_up(void **state)
{
	int fd = stuck_open("stuck");
	struct run target, run;
	char *text = NULL;
	size_t length = 0;

	(void)state;
	sturdy_start(&target, "storm");
	run_start(&run, "sh -c '" LITTLE_MEMORY "; exec %s --buffer=64K -o stuck -p %d'",
		  pfa(), target.pid);
	stuck_await(fd);
	sturdy_await_faults(target.pid, MANY_FAULTS);
	stuck_read(fd, &text, &length, "] LOST ");
	stuck_read(fd, &text, &length, "] MINOR ");
	kill(run.pid, SIGINT);
	stuck_read(fd, &text, &length, NULL);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_string_equal(run.err, "");
	assert_says(text, "\nSummary: major=");
	assert_non_null(strstr(text, " lost="));
	assert_non_null(strstr(text, "\n  invalid        0\n"));
	free(text);
	close(fd);
	run_release(&run);
	sturdy_ends_unharmed(&target);
}

/* Nor can the first one end it in order: the summary has nowhere to go. */
static void second_interrupt_ends_it_though_nobody_reads(void **state)
{
	int fd = stuck_open("stuck");
	struct run target, run;
	siginfo_t end = { 0 };

	(void)state;
	sturdy_start(&target, "storm");
	run_start(&run, "%s -o stuck -p %d", pfa(), target.pid);
	stuck_await(fd);
	while (!end.si_pid) {
		kill(run.pid, SIGINT);
		usleep(20 * 1000);
		assert_int_equal(waitid(P_PID, (id_t)run.pid, &end,
					WEXITED | WNOHANG | WNOWAIT), 0);
	}
	run_wait(&run);
	assert_run_status(&run, 128 + SIGINT);
	assert_string_equal(run.err, "");
	close(fd);
	run_release(&run);
	sturdy_ends_unharmed(&target);
}

/* ---- pfa itself stops ---- */

/* The part of its memory that the target maps anew while nobody looks. */
static bool is_later(const struct csv_row *row)
{
	return csv_is_fault(row) && row->addr >= 0x2000040000 && row->addr < 0x2000050000;
}

static uint64_t check_rows(const struct csv *csv)
{
	bool known = false;
	uint64_t lost = 0;

	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];

		if (!strcmp(row->event, "LOST"))
			lost += strtoull(row->detail, NULL, 10);
		if (!strcmp(row->type, "INVALID"))
			fail_msg("no such fault: %s", csv_describe(row));
		if (!is_later(row))
			continue;
		known = known || !strcmp(row->region, "memfd:later");
		if (known && strcmp(row->region, "memfd:later") != 0)
			fail_msg("known, then forgotten: %s", csv_describe(row));
	}
	assert_true(known);
	return lost;
}

static void pfa_that_was_stopped_tells_its_losses_and_looks_again(void **state)
{
	struct run target, run;
	const char *summary;
	struct csv csv;
	uint64_t lost;

	(void)state;
	sturdy_start(&target, "storm");
	run_start(&run, "%s --buffer=64K --csv=csv -p %d", pfa(), target.pid);
	run_await_out(&run, "] MINOR ");
	kill(run.pid, SIGSTOP);
	kill(target.pid, SIGUSR1);
	run_await_out(&target, "mapped");
	sturdy_goes_on(target.pid);
	kill(run.pid, SIGCONT);
	run_await_out(&run, "] LOST ");
	run_await_out(&run, " memfd:later ");
	kill(run.pid, SIGINT);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_string_equal(run.err, "");
	csv_read(&csv, "csv");
	lost = check_rows(&csv);
	assert_true(lost > 0);
	summary = strstr(run.out, "\nSummary: ");
	assert_non_null(summary);
	assert_int_equal(strtoull(strstr(summary, " lost=") + 6, NULL, 10), lost);
	csv_release(&csv);
	run_release(&run);
	sturdy_ends_unharmed(&target);
}

static int make_files(void **state)
{
	static char command[512];

	if (work_dir_make(state) || chdir(work_path(".")))
		return -1;
	snprintf(command, sizeof(command), "%s record -o good -- true", pfa());
	return system(command);
}

#define TESTS(X)                                             \
	X(reader_that_goes_away_is_no_error)                 \
	X(target_outlives_the_reader_of_its_trace)           \
	X(launched_program_outlives_the_reader_of_its_trace) \
	X(reader_that_stops_for_a_while_holds_nobody_up)     \
	X(second_interrupt_ends_it_though_nobody_reads)      \
	X(pfa_that_was_stopped_tells_its_losses_and_looks_again)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, make_files, work_dir_remove);
}
