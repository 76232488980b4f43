/*
 * pfa top: frames as text beside what a program says of itself; on a terminal its keys,
 * sizes and ends, after each of which the terminal is as it was.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/live.h"
#include "../support/pty.h"
#include "../support/run.h"

/*
 * PAGES pages of a memfd, some every moment, and then nothing for longer than a frame.
 * A name of its own: nothing else faults in there.
 */
enum { PAGES = 500 };
static const char steady_py[] =
	"import mmap, os, time\n"
	"fd = os.memfd_create('steady')\n"
	"os.ftruncate(fd, 500 * 4096)\n"
	"m = mmap.mmap(fd, 500 * 4096)\n"
	"for i in range(500):\n"
	"    m[i * 4096] = 1\n"
	"    if i % 10 == 9: time.sleep(0.02)\n"
	"time.sleep(1.2)\n";

static void write_steady(void)
{
	FILE *f = fopen(work_path("steady.py"), "we");

	assert_non_null(f);
	assert_int_equal(fputs(steady_py, f) >= 0, 1);
	assert_int_equal(fclose(f), 0);
}

/* ---- frames as text ---- */

/* What the frames have added up to so far. */
struct frames {
	unsigned long count, steady;
	unsigned long faults; /* in this one; not of the last, which is shorter */
	unsigned long in_all;
	bool shorter;
};

static void read_title(struct frames *f, const char *line)
{
	unsigned long number;

	assert_int_equal(sscanf(strstr(line, "frame "), "frame %lu", &number), 1);
	assert_int_equal(number, ++f->count);
	f->shorter = strstr(line, "  over") != NULL;
}

/* At two frames a second a rate is twice the number. */
static void read_rates(struct frames *f, const unsigned long rates[5])
{
	if (f->shorter)
		return;
	assert_int_equal(rates[0], rates[1] + rates[2] + rates[3] + rates[4]);
	assert_int_equal(rates[0] % 2, 0);
	f->faults = rates[0] / 2;
}

static void read_sum(struct frames *f, unsigned long in_all)
{
	if (!f->shorter)
		assert_int_equal(in_all - f->in_all, f->faults);
	f->in_all = in_all;
}

static void read_line(struct frames *f, const char *line)
{
	unsigned long n[5];

	assert_true(strlen(line) <= 80);
	for (const char *at = line; *at; at++)
		assert_in_range(*at, ' ', '~');
	if (!strncmp(line, "pfa top  ", 9))
		read_title(f, line);
	if (sscanf(line, "a second %lu %lu %lu %lu %lu", &n[0], &n[1], &n[2], &n[3],
		   &n[4]) == 5 && strchr(line + 60, 's'))
		read_rates(f, n);
	if (sscanf(line, "in all %lu", &n[0]) == 1)
		read_sum(f, n[0]);
	if (strstr(line, "  memfd:steady ") && sscanf(line, " %lu", &n[0]) == 1) {
		assert_false(f->shorter);
		f->steady += n[0] / 2;
	}
}

static void read_frames(struct frames *f, char *text)
{
	*f = (struct frames){ 0 };
	for (char *line = strtok_r(text, "\n", &text); line;
	     line = strtok_r(NULL, "\n", &text))
		read_line(f, line);
}

static void frames_add_up_to_what_the_program_did(void **state)
{
	struct frames frames;
	struct run run;

	(void)state;
	need_programs("python3");
	write_steady();
	run_command(&run, "%s top --batch=1000 --interval=500ms --region='memfd:*' -- %s %s",
		    pfa(), python(), work_path("steady.py"));
	assert_run_status(&run, 0);
	assert_says(run.out, "only region memfd:*");
	assert_says(run.out, "  over\n");
	read_frames(&frames, run.out);
	assert_true(frames.count >= 4); /* a second and 1.2 more */
	assert_int_equal(frames.steady, PAGES);
	assert_true(frames.in_all > PAGES);
	run_release(&run);
}

static void batch_ends_after_its_frames_and_leaves_the_program(void **state)
{
	struct run sleeper, run;

	(void)state;
	run_start(&sleeper, "sleep 1000");
	run_quietly(&run, "%s top --batch=3 --interval=100ms -o %s -p %d", pfa(),
		    work_path("frames"), sleeper.pid);
	assert_string_equal(run.out, "");
	run_release(&run);
	run_quietly(&run, "grep -c '^pfa top  .* frame [123]  at .* running$' %s",
		    work_path("frames"));
	assert_string_equal(run.out, "3\n");
	run_release(&run);
	assert_int_equal(kill(sleeper.pid, 0), 0);
	kill(sleeper.pid, SIGKILL);
	run_release(&sleeper);
}

static void memory_is_what_the_kernel_says(void **state)
{
	char words[64];
	struct run sleeper, run, status;
	unsigned long kib;

	(void)state;
	run_start(&sleeper, "sleep 1000");
	run_quietly(&run, "%s top --batch=2 --interval=300ms -p %d", pfa(), sleeper.pid);
	run_quietly(&status, "awk '/^VmSize/ { print $2 }' /proc/%d/status", sleeper.pid);
	kib = strtoul(status.out, NULL, 10);
	snprintf(words, sizeof(words), " %lu.%luM  %d sleep\n", kib / 1024,
		 kib % 1024 * 10 / 1024, sleeper.pid);
	if ((kib % 1024 * 10) % 1024 < 512) /* else it is rounded up */
		assert_says(run.out, words);
	run_release(&status);
	run_release(&run);
	kill(sleeper.pid, SIGKILL);
	run_release(&sleeper);
}

static void capture_and_budgets_go_with_frames(void **state)
{
	struct run run;

	(void)state;
	run_command(&run, "%s top --batch=9 --capture=%s --alert='faults>10' "
		    "--fail-if='minor>1' -- %s/first_touch", pfa(), work_path("data"),
		    demos());
	assert_run_status(&run, 3);
	assert_says(run.err, "error: not within budget: minor>1 (");
	assert_says(run.out, "\nALERT at ");
	run_release(&run);
	run_command(&run, "%s report -s -i %s", pfa(), work_path("data"));
	assert_run_status(&run, 0);
	assert_says(run.out, "Summary: ");
	run_release(&run);
}

/* ---- on a terminal ---- */

static void keys_are_obeyed(void **state)
{
	struct run sleeper;
	struct pty pty;

	(void)state;
	run_start(&sleeper, "sleep 1000");
	pty_start(&pty, "%s top --interval=100ms -p %d", pfa(), sleeper.pid);
	pty_await(&pty, "\033[?1049h");
	pty_await(&pty, "faults/s  time/s  region");
	pty_await(&pty, "q quit");
	pty_press(&pty, "s");
	pty_await(&pty, "by time");
	pty_press(&pty, "p");
	pty_await(&pty, "paused");
	pty_press(&pty, "t");
	pty_await(&pty, "only MAJOR");
	pty_press(&pty, "/lib");
	pty_await(&pty, "Esc): ");
	pty_press(&pty, "q*\r");
	pty_await(&pty, "region libq*");
	pty_press(&pty, "q");
	pty_wait(&pty);
	assert_int_equal(pty.status, 0);
	pty_assert_restored(&pty);
	pty_release(&pty);
	assert_int_equal(kill(sleeper.pid, 0), 0);
	kill(sleeper.pid, SIGKILL);
	run_release(&sleeper);
}

static void it_is_drawn_anew_in_another_size(void **state)
{
	struct pty pty;

	(void)state;
	pty_start(&pty, "env LINES=5 COLUMNS=20 %s top -p $$", pfa());
	pty_wait(&pty); /* that is pfa itself: refused */
	assert_int_equal(pty.status, 2);
	pty_release(&pty);
	pty_start(&pty, "env LINES=5 COLUMNS=20 %s top -- sleep 1000", pfa());
	pty_await(&pty, "faults/s");
	pty_resize(&pty, 10, 40);
	pty_await(&pty, "80x20 wanted, 40x10 there");
	pty_resize(&pty, 40, 120);
	pty_await(&pty, "faults/s");
	pty_press(&pty, "\003"); /* Ctrl-C, for both */
	pty_wait(&pty);
	assert_int_equal(pty.status, 0);
	pty_assert_restored(&pty);
	pty_release(&pty);
}

static void over_it_shows_the_whole_run_until_a_key(void **state)
{
	struct pty pty;

	(void)state;
	pty_start(&pty, "%s top -- %s/first_touch", pfa(), demos());
	pty_await(&pty, "over");
	pty_await(&pty, "of the whole run");
	pty_resize(&pty, 10, 40);
	pty_await(&pty, "wanted");
	pty_press(&pty, "q");
	pty_wait(&pty);
	assert_int_equal(pty.status, 0);
	pty_assert_restored(&pty);
	pty_release(&pty);
}

static void killed_target_is_over_too(void **state)
{
	struct run sleeper;
	struct pty pty;

	(void)state;
	run_start(&sleeper, "sleep 1000");
	pty_start(&pty, "%s top -p %d", pfa(), sleeper.pid);
	pty_await(&pty, " sleep"); /* a row */
	kill(sleeper.pid, SIGKILL);
	run_release(&sleeper);
	pty_await(&pty, "over");
	kill(pty.pid, SIGINT);
	pty_wait(&pty);
	assert_int_equal(pty.status, 0);
	pty_assert_restored(&pty);
	pty_release(&pty);
}

/* Its cat would take the keys, and end only with them. */
static void program_does_not_touch_the_terminal(void **state)
{
	struct run run;
	struct pty pty;
	pid_t left;

	(void)state;
	pty_start(&pty, "%s top -- sh -c 'echo GAR''BLE; echo GAR''BLE >&2; cat; "
		  "echo $$ >%s; exec sleep 1000'", pfa(), work_path("left"));
	pty_await(&pty, "sleep");
	pty_press(&pty, "q");
	pty_wait(&pty);
	assert_int_equal(pty.status, 0);
	pty_assert_restored(&pty);
	assert_null(strstr(pty.out, "GARBLE"));
	assert_non_null(strstr(pty.out, "\033[?1049l"));
	pty_await(&pty, "is still running");
	run_quietly(&run, "cat %s", work_path("left"));
	left = (pid_t)strtol(run.out, NULL, 10);
	run_release(&run);
	assert_int_equal(kill(left, 0), 0);
	kill(left, SIGKILL);
	pty_release(&pty);
}

static void redirected_output_goes_where_it_was_sent(void **state)
{
	struct run run;
	struct pty pty;

	(void)state;
	run_quietly(&run, "sh -c 'echo given >%s'", work_path("in"));
	run_release(&run);
	pty_start(&pty, "%s top -- sh -c 'cat; echo error >&2' >%s 2>%s <%s", pfa(),
		  work_path("out"), work_path("err"), work_path("in"));
	pty_await(&pty, "over");
	pty_press(&pty, "q");
	pty_wait(&pty);
	assert_int_equal(pty.status, 0);
	pty_assert_restored(&pty);
	pty_release(&pty);
	run_quietly(&run, "cat %s %s", work_path("out"), work_path("err"));
	assert_says(run.out, "given\nerror\n");
	run_release(&run);
}

/* ---- however it ends ---- */

static void terminal_is_restored_after_any_signal(void **state)
{
	static const struct {
		int number, status;
	} rows[] = {
		{ SIGINT, 0 }, { SIGTERM, 0 }, { SIGHUP, 0 },
		{ SIGQUIT, 128 + SIGQUIT }, { SIGSEGV, 128 + SIGSEGV },
		{ SIGABRT, 128 + SIGABRT },
	};
	struct run sleeper;

	(void)state;
	run_start(&sleeper, "sleep 1000");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pty pty;

		pty_start(&pty, "%s top --interval=100ms -p %d", pfa(), sleeper.pid);
		pty_await(&pty, " sleep");
		kill(pty.pid, rows[i].number);
		pty_wait(&pty);
		assert_int_equal(pty.status, rows[i].status);
		pty_assert_restored(&pty);
		pty_release(&pty);
	}
	kill(sleeper.pid, SIGKILL);
	run_release(&sleeper);
}

static void closed_terminal_is_the_end(void **state)
{
	struct run sleeper;
	struct pty pty;

	(void)state;
	run_start(&sleeper, "sleep 1000");
	for (int hang_up = 0; hang_up < 2; hang_up++) {
		pty_start(&pty, "sh -c '%s exec %s top -p %d'",
			  hang_up ? "" : "trap \"\" HUP;", pfa(), sleeper.pid);
		pty_await(&pty, " sleep");
		pty_close(&pty);
		pty_wait(&pty);
		assert_int_equal(pty.status, 0);
		pty_release(&pty);
	}
	kill(sleeper.pid, SIGKILL);
	run_release(&sleeper);
}

static void error_is_told_on_a_restored_terminal(void **state)
{
	struct pty pty;

	(void)state;
	pty_start(&pty, "%s top -- /nowhere/at/all", pfa());
	pty_wait(&pty);
	assert_int_equal(pty.status, 2);
	pty_assert_restored(&pty);
	pty_await(&pty, "\033[?1049l");
	pty_await(&pty, "error: cannot run /nowhere/at/all");
	pty_release(&pty);
}

static void without_a_terminal_it_says_what_else_there_is(void **state)
{
	struct run run;
	struct pty pty;

	(void)state;
	run_command(&run, "setsid -w %s top -- touch ran", pfa());
	assert_error_line(&run, 2, "top needs a terminal, and there is none (use --batch=N");
	assert_nothing_left(&run);
	assert_int_not_equal(access("ran", F_OK), 0);
	run_release(&run);
	pty_start(&pty, "env TERM=dumb %s top -- touch ran", pfa());
	pty_await(&pty, "error: nothing can be drawn on a terminal of type 'dumb'");
	pty_wait(&pty);
	assert_int_equal(pty.status, 2);
	assert_int_not_equal(access("ran", F_OK), 0);
	pty_release(&pty);
}

static void colors_are_there_if_wanted(void **state)
{
	static const char red[] = "\033[31m";
	struct pty pty;

	(void)state;
	for (int wanted = 0; wanted < 2; wanted++) {
		pty_start(&pty, "env NO_COLOR=1 %s top %s --alert='faults>0' -- true", pfa(),
			  wanted ? "--color=always" : "");
		pty_await(&pty, "ALERT at ");
		pty_press(&pty, "q");
		pty_wait(&pty);
		assert_int_equal(strstr(pty.out, red) != NULL, wanted);
		pty_release(&pty);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, run_kill_all)
#define TEST_PTY(name) cmocka_unit_test_teardown(name, pty_kill_all)
		TEST(frames_add_up_to_what_the_program_did),
		TEST(batch_ends_after_its_frames_and_leaves_the_program),
		TEST(memory_is_what_the_kernel_says),
		TEST(capture_and_budgets_go_with_frames),
		TEST_PTY(keys_are_obeyed),
		TEST_PTY(it_is_drawn_anew_in_another_size),
		TEST_PTY(over_it_shows_the_whole_run_until_a_key),
		TEST_PTY(killed_target_is_over_too),
		TEST_PTY(program_does_not_touch_the_terminal),
		TEST_PTY(redirected_output_goes_where_it_was_sent),
		TEST_PTY(terminal_is_restored_after_any_signal),
		TEST_PTY(closed_terminal_is_the_end),
		TEST_PTY(error_is_told_on_a_restored_terminal),
		TEST_PTY(without_a_terminal_it_says_what_else_there_is),
		TEST_PTY(colors_are_there_if_wanted),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
