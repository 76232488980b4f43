/*
 * What goes wrong is told in one line, with the right exit status, and leaves
 * nothing behind: no process, no file that looks like a result.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/live.h"
#include "../support/run.h"

/* Where pfa gave up before its program ended, a note says so first. */
static const char *after_note_of_program(const char *text)
{
	const char *end = strchr(text, '\n');

	if (!strncmp(text, "note: ", 6) && end && strstr(text, "is still running\n"))
		return end + 1;
	return text;
}

static void assert_one_error_line(const struct run *run, const char *words)
{
	const char *text = after_note_of_program(run->err);
	const char *end = strchr(text, '\n');

	if (strncmp(text, "error: ", 7) != 0 || !end || end[1])
		fail_msg("not one error line: \"%s\"", run->err);
	if (!strstr(run->err, words))
		fail_msg("\"%s\" does not say \"%s\"", run->err, words);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Everything runs in the work directory; "ran" is what a program that ran leaves. */
struct row {
	const char *arguments;
	int status;
	const char *words;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct run run;

		run_command(&run, "%s %s", pfa(), rows[i].arguments);
		if (run.status != rows[i].status)
			print_error("pfa %s\n", rows[i].arguments);
		assert_run_status(&run, rows[i].status);
		assert_one_error_line(&run, rows[i].words);
		assert_nothing_left(&run);
		if (exists("ran"))
			fail_msg("the program ran: pfa %s", rows[i].arguments);
		if (exists("new"))
			fail_msg("a file was left: pfa %s", rows[i].arguments);
		run_release(&run);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows[0]))

static void bad_command_lines_are_refused(void **state)
{
	static const struct row rows[] = {
		{ "", 2, "nothing to trace" },
		{ "--nope touch ran", 2, "unknown option --nope" },
		{ "-Z touch ran", 2, "unknown option -Z" },
		{ "--summary=yes touch ran", 2, "unknown option --summary=yes" },
		{ "record -s touch ran", 2, "unknown option -s" },
		{ "report -p 1", 2, "unknown option -p" },
		{ "-p", 2, "option -p needs a value" },
		{ "--csv", 2, "option --csv needs a value" },
		{ "-o new -p 1 -- touch ran", 2, "exclude each other" },
		{ "record -o new", 2, "nothing to trace" },
		{ "report touch", 2, "report takes no program: 'touch'" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void bad_values_are_refused(void **state)
{
	static const struct row rows[] = {
		{ "-p abc", 2, "'abc' is not a PID" },
		{ "-p ''", 2, "'' is not a PID" },
		{ "-p 0", 2, "'0' is not a PID" },
		{ "-p -1", 2, "'-1' is not a PID" },
		{ "-p 1,", 2, "'1,' is not a PID" },
		{ "-p 1x", 2, "'1x' is not a PID" },
		{ "-p 99999999999999999999", 2, "is not a PID" },
		{ "--duration=5x -- touch ran", 2, "--duration: '5x' is not a time" },
		{ "--duration=0 -- touch ran", 2, "--duration: '0' is not a time" },
		{ "--duration=-1s -- touch ran", 2, "'-1s' is not a time" },
		{ "--max-faults=0 -- touch ran", 2, "'0' is not a number" },
		{ "--max-faults=x -- touch ran", 2, "'x' is not a number" },
		{ "--buffer=1K -- touch ran", 2, "'1K' is not a size" },
		{ "--buffer=2G -- touch ran", 2, "'2G' is not a size" },
		{ "--buffer=lots -- touch ran", 2, "'lots' is not a size" },
		{ "--top=0 -- touch ran", 2, "'0' is not a number" },
		{ "--min-latency=soon -- touch ran", 2, "'soon' is not a time" },
		{ "--show=all,x -- touch ran", 2, "unknown --show value" },
		{ "--fields=x -- touch ran", 2, "unknown field 'x'" },
		{ "--fields=pid,,tid -- touch ran", 2, "unknown field ''" },
		{ "--type=x -- touch ran", 2, "unknown fault type 'x'" },
		{ "--kind=x -- touch ran", 2, "unknown fault kind 'x'" },
		{ "--color=blue -- touch ran", 2, "'blue' is not auto" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void programs_that_cannot_run_are_told(void **state)
{
	static const struct row rows[] = {
		{ "-- no-such-program", 2, "cannot run no-such-program: No such file" },
		{ "-- /no/such/program", 2, "cannot run /no/such/program: No such" },
		{ "-- ./plain", 2, "cannot run ./plain: Permission denied" },
		{ "-- .", 2, "cannot run .: Permission denied" },
		{ "-- ''", 2, "cannot run : No such file" },
		{ "-s -o new -- no-such-program", 2, "cannot run no-such-program" },
		{ "-s --csv=new -- no-such-program", 2, "cannot run" },
		{ "record -o new -- no-such-program", 2, "cannot run" },
		{ "record -o new -- ./plain", 2, "cannot run ./plain" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void outputs_that_cannot_be_opened_are_told_before_the_program_runs(void **state)
{
	static const struct row rows[] = {
		{ "-o no/such/dir -- touch ran", 1, "no/such/dir: No such file" },
		{ "--csv=no/such/dir -- touch ran", 1, "no/such/dir: No such file" },
		{ "-o . -- touch ran", 1, ".: Is a directory" },
		{ "record -o no/such/dir -- touch ran", 1, "no/such/dir: No such" },
		{ "record -o . -- touch ran", 1, ".: Is a directory" },
		{ "-o new --csv=no/such/dir -- touch ran", 1, "no/such/dir" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* Only writing tells that the disk is full: the program has run by then. */
static void full_disks_are_told(void **state)
{
	static const struct row rows[] = {
		{ "-o /dev/full -- true", 1, "/dev/full: No space left on device" },
		{ "-s --csv=/dev/full -- true", 1, "/dev/full: No space left" },
		{ "record -o /dev/full -- true", 1, "/dev/full: No space left" },
		{ "-s -- true >/dev/full", 1, "standard output: No space left" },
		{ "-- true >/dev/full", 1, "standard output: No space left" },
		{ "report -i good >/dev/full", 1, "standard output: No space left" },
		{ "report -s -i good --csv=/dev/full", 1, "/dev/full: No space left" },
	};

	(void)state;
	CHECK_ROWS(rows);
	assert_true(exists("/dev/full"));
}

static void file_that_reaches_its_limit_is_told(void **state)
{
	struct run run;

	(void)state;
	/* 512-byte blocks; exceeding it also sends SIGXFSZ. */
	run_command(&run, "sh -c 'ulimit -f 32; exec %s record -o limited -- "
		    "%s/touch_storm 20000'", pfa(), demos());
	assert_run_status(&run, 1);
	assert_one_error_line(&run, "limited: File too large");
	run_release(&run);
	/* What it holds is not passed off as everything. */
	run_command(&run, "%s report -s -i limited", pfa());
	assert_run_status(&run, 1);
	assert_one_error_line(&run, "limited: ");
	run_release(&run);
	unlink("limited");
}

/* A reader that went away is no error: pfa | head. */
static void reader_that_went_away_is_no_error(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "sh -c '{ %s -- %s/touch_storm 20000; echo $? >&2; } | "
		    "head -n 1'", pfa(), demos());
	assert_run_status(&run, 0);
	assert_null(strstr(run.err, "error: "));
	assert_non_null(strstr(run.err, "0\n")); /* pfa's own status */
	assert_nothing_left(&run);
	run_release(&run);
}

/* ---- captures ---- */

static void overwrite(const char *path, off_t at, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, size, at), size);
	close(fd);
}

static void files_that_are_no_captures_are_refused(void **state)
{
	static const struct row rows[] = {
		{ "report -i no-such-file", 1, "no-such-file: No such file" },
		{ "report", 1, "pfa.data: No such file" },
		{ "report -i empty", 1, "empty: empty file" },
		{ "report -i .", 1, ".: a directory" },
		{ "report -i /dev/null", 1, "/dev/null: not a file" },
		{ "report -i plain", 1, "plain: not a perf.data capture" },
		{ "report -i /proc/self/exe", 1, "not a perf.data capture" },
		{ "report -o new -i plain", 1, "plain: not a perf.data capture" },
		{ "report --csv=new -i empty", 1, "empty: empty file" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void captures_cut_in_their_head_are_refused(void **state)
{
	(void)state;
	for (off_t length = 1; length < 600; length += 7) {
		struct run run;

		run_quietly(&run, "cp good cut");
		run_release(&run);
		assert_int_equal(truncate("cut", length), 0);
		run_command(&run, "%s report -i cut", pfa());
		assert_run_status(&run, 1);
		assert_one_error_line(&run, "cut: ");
		assert_string_equal(run.out, "");
		run_release(&run);
	}
}

/* Sizes and offsets of the header (offset 8 to 72), one after the other. */
static void captures_with_absurd_headers_are_refused(void **state)
{
	static const uint64_t absurd[] = { UINT64_MAX, UINT64_MAX / 2, 1, 0x123456789 };

	(void)state;
	for (off_t at = 8; at < 72; at += 8) {
		for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
			struct run run;

			if (at >= 56 && at < 72)
				continue; /* event types: unused since 2010 */
			run_quietly(&run, "cp good corrupted");
			run_release(&run);
			overwrite("corrupted", at, &absurd[i], sizeof(absurd[i]));
			run_command(&run, "%s report -s -i corrupted", pfa());
			if (run.status != 1)
				print_error("header field at %ld\n", (long)at);
			assert_run_status(&run, 1);
			assert_one_error_line(&run, "corrupted: ");
			run_release(&run);
		}
	}
}

/* Whatever is in there: an answer, no crash. Bytes are overwritten all over. */
static void captures_with_bytes_overwritten_do_not_crash(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat("good", &st), 0);
	for (int i = 0; i < 40; i++) {
		off_t at = 104 + (st.st_size - 112) / 40 * i;
		struct run run;

		run_quietly(&run, "cp good corrupted");
		run_release(&run);
		overwrite("corrupted", at, "\377\377\377\177\377\377\377\377", 8);
		run_command(&run, "%s report -i corrupted", pfa());
		if (run.status > 1)
			fail_msg("status %d after overwriting at %ld: %s", run.status,
				 (long)at, run.err);
		run_release(&run);
	}
}

static int clean_up(void **state)
{
	unlink("ran");
	unlink("new");
	return run_kill_all(state);
}

static int make_files(void **state)
{
	static char command[512];

	if (work_dir_make(state) || chdir(work_path(".")))
		return -1;
	snprintf(command, sizeof(command),
		 ": >empty; echo text >plain; %s record -o good -- true", pfa());
	return system(command);
}

#define TESTS(X)                                                          \
	X(bad_command_lines_are_refused)                                  \
	X(bad_values_are_refused)                                         \
	X(programs_that_cannot_run_are_told)                              \
	X(outputs_that_cannot_be_opened_are_told_before_the_program_runs) \
	X(full_disks_are_told)                                            \
	X(file_that_reaches_its_limit_is_told)                            \
	X(reader_that_went_away_is_no_error)                              \
	X(files_that_are_no_captures_are_refused)                         \
	X(captures_cut_in_their_head_are_refused)                         \
	X(captures_with_absurd_headers_are_refused)                       \
	X(captures_with_bytes_overwritten_do_not_crash)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, clean_up),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, make_files, work_dir_remove);
}
