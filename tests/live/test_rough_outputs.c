/*
 * Disks that are full, files that may not grow, a terminal that is resized, none at all:
 * what cannot be written is told, and the other outputs are whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"

/* All run in the work directory. */

static char *contents_of(const char *path)
{
	struct run run;
	char *text;

	run_quietly(&run, "cat %s", path);
	text = strdup(run.out);
	run_release(&run);
	assert_non_null(text);
	return text;
}

static void assert_holds(const char *path, const char *words)
{
	char *text = contents_of(path);

	assert_says(text, words);
	free(text);
}

/* ---- full disks ---- */

enum { PAGES = 20000 };

/* A disk of 256 KiB that only this command sees, at /sys/fs. */
static void run_on_small_disk(struct run *run, const char *arguments)
{
	run_command(run, OWN_MOUNTS "mount -t tmpfs -o size=256k none /sys/fs && "
		    "%s %s -- %s/touch_storm %d >/dev/null; status=$?; "
		    "%s report -s -i /sys/fs/capture >partial 2>why; exit $status'",
		    pfa(), arguments, demos(), PAGES, pfa());
	assert_run_status(run, 1);
	assert_non_null(strstr(run->err, ": No space left on device; "));
	assert_nothing_left(run);
}

static void assert_error_ends(const struct run *run, const char *words)
{
	const char *error = strstr(run->err, "error: ");

	assert_non_null(error);
	if (strcmp(strchr(error, ';'), words) != 0)
		fail_msg("\"%s\" does not end in \"%s\"", run->err, words);
}

static uint64_t minor_faults_in_summary(const char *path)
{
	char *text = contents_of(path);
	const char *minor = strstr(text, " minor=");
	uint64_t count = minor ? strtoull(minor + 7, NULL, 10) : 0;

	free(text);
	return count;
}

static void full_disk_of_the_csv_leaves_the_stream_whole(void **state)
{
	struct run run;

	(void)state;
	run_on_small_disk(&run, "-o stream --csv=/sys/fs/csv");
	assert_error_ends(&run, "; the output ends there\n");
	assert_true(minor_faults_in_summary("stream") >= PAGES);
	run_release(&run);
}

static void full_disk_of_the_capture_leaves_the_others_whole(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	run_on_small_disk(&run, "-o stream --csv=csv --capture=/sys/fs/capture");
	assert_error_ends(&run, "; the capture is kept up to here\n");
	assert_true(minor_faults_in_summary("stream") >= PAGES);
	csv_read(&csv, "csv");
	assert_true(csv_count_type(&csv, "MINOR") >= PAGES);
	csv_release(&csv);
	/* What there is of it is told, and that it is not all. */
	assert_in_range(minor_faults_in_summary("partial"), 1, PAGES - 1);
	assert_holds("why", "error: /sys/fs/capture: ");
	run_release(&run);
}

/* Without its stream the run is over: what else it writes is whole up to there. */
static void full_disk_of_the_stream_ends_the_run(void **state)
{
	struct run run, report;
	struct csv csv;
	uint64_t minor;

	(void)state;
	run_on_small_disk(&run, "-o /sys/fs/stream --csv=csv --capture=capture");
	assert_error_ends(&run, "; the output ends there\n");
	run_quietly(&report, "%s report -s -i capture", pfa());
	minor = strtoull(strstr(report.out, " minor=") + 7, NULL, 10);
	assert_true(minor > 0); /* all of it, if pfa came late */
	csv_read(&csv, "csv");
	assert_int_equal(csv_count_type(&csv, "MINOR"), minor);
	csv_release(&csv);
	run_release(&report);
	run_release(&run);
}

static void file_size_limit_of_stream_or_csv_is_told(void **state)
{
	static const char *const arguments[] = { "-o limited", "-s --csv=limited" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct run run;

		run_command(&run, "sh -c 'ulimit -f 32; exec %s %s -- %s/touch_storm %d "
			    ">/dev/null'", pfa(), arguments[i], demos(), PAGES);
		assert_run_status(&run, 1);
		assert_non_null(strstr(run.err, "error: limited: File too large; the "
						"output ends there\n"));
		assert_nothing_left(&run);
		run_release(&run);
	}
}

static void capture_without_room_for_its_head_is_removed(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "sh -c 'ulimit -f 8; exec %s record -o limited -- touch ran'",
		    pfa());
	assert_error_line(&run, 1, "limited: File too large");
	assert_nothing_left(&run);
	assert_int_not_equal(access("limited", F_OK), 0);
	assert_int_not_equal(access("ran", F_OK), 0);
	run_release(&run);
}

/* ---- what it was started with ---- */

static void without_standard_descriptors_files_hold_nothing_else(void **state)
{
	struct run run;
	struct csv csv;

	(void)state;
	run_quietly(&run, "sh -c 'exec %s --csv=csv -o stream -- sh -c \"echo out; "
		    "echo err >&2\" <&- >&- 2>&-'", pfa());
	run_release(&run);
	csv_read(&csv, "csv"); /* each row has all its cells */
	assert_true(csv_count_type(&csv, "MINOR") > 0);
	csv_release(&csv);
	assert_holds("stream", "\n  target         exited with status 0\n");
	run_command(&run, "sh -c 'exec %s --nope <&- >&- 2>&-'", pfa());
	assert_run_status(&run, 2);
	run_release(&run);
}

/* A terminal of its own (a chroot has none), whose window is resized all the time. */
static const char resize_py[] =
	"import fcntl, os, select, signal, struct, sys, termios\n"
	"master = os.open(sys.argv[1] + '/ptmx', os.O_RDWR | os.O_NOCTTY)\n"
	"fcntl.ioctl(master, 0x40045431, struct.pack('i', 0))  # TIOCSPTLCK\n"
	"slave = fcntl.ioctl(master, 0x5441, os.O_RDWR | os.O_NOCTTY)  # TIOCGPTPEER\n"
	"pid = os.fork()\n"
	"if pid == 0:\n"
	"    os.setsid()\n"
	"    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)\n"
	"    for fd in 0, 1, 2: os.dup2(slave, fd)\n"
	"    os.execv(sys.argv[2], sys.argv[2:])\n"
	"os.close(slave)\n"
	"resized = 0\n"
	"while True:\n"
	"    size = struct.pack('4H', 10 + resized % 40, 20 + resized % 100, 0, 0)\n"
	"    fcntl.ioctl(master, termios.TIOCSWINSZ, size)\n"
	"    resized += 1\n"
	"    if not select.select([master], [], [], 0.001)[0]: continue\n"
	"    try: text = os.read(master, 65536)\n"
	"    except OSError: break\n"
	"    sys.stdout.buffer.write(text)\n"
	"assert resized > 10\n"
	"sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n";

static void resized_terminal_does_not_disturb(void **state)
{
	FILE *script = fopen("resize.py", "we");
	struct run run;

	(void)state;
	assert_non_null(script);
	fputs(resize_py, script);
	fclose(script);
	run_quietly(&run, OWN_MOUNTS "mount -t devpts none /sys/fs && exec %s resize.py "
		    "/sys/fs %s --color=never -- %s/touch_storm 3000'", python(), pfa(),
		    demos());
	assert_non_null(strstr(run.out, "Summary: major="));
	assert_non_null(strstr(run.out, "exited with status 0"));
	run_release(&run);
}

static int enter_work_dir(void **state)
{
	return work_dir_make(state) || chdir(work_path("."));
}

#define TESTS(X)                                                \
	X(full_disk_of_the_csv_leaves_the_stream_whole)         \
	X(full_disk_of_the_capture_leaves_the_others_whole)     \
	X(full_disk_of_the_stream_ends_the_run)                 \
	X(file_size_limit_of_stream_or_csv_is_told)             \
	X(capture_without_room_for_its_head_is_removed)         \
	X(without_standard_descriptors_files_hold_nothing_else) \
	X(resized_terminal_does_not_disturb)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, enter_work_dir, work_dir_remove);
}
