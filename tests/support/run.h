/*
 * Runs commands: what they print is kept, how they end is told. A command is a
 * printf format that becomes one line for the shell, which execs its last program:
 * `pid` is that program's. It gets a process group and default signals of its own.
 *
 * Whatever goes wrong in here (also a command that hangs) fails the test.
 */
#ifndef TESTS_SUPPORT_RUN_H
#define TESTS_SUPPORT_RUN_H

#include <stdbool.h>
#include <sys/types.h>

struct run {
	pid_t pid;
	int status; /* the exit status, or 128 + the signal that ended it */
	char *out, *err; /* all it printed, but for notes of files without symbols; owned */
	int out_fd, err_fd;
	bool running;
};

/* Starts a command; run_wait() or run_release() must follow. */
void run_start(struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Waits until the output holds these words. Fails if the command ends before. */
void run_await_out(struct run *run, const char *words);

/* What it has printed until now; the caller frees. */
char *run_out_so_far(const struct run *run);

void run_wait(struct run *run);

/* run_start() and run_wait(). */
void run_command(struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, and it must exit with 0 and say nothing on stderr. */
void run_quietly(struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Fails the test, showing stderr, if the command did not end with `status`. */
void assert_run_status(const struct run *run, int status);

/* The same, and stderr must be one error line that holds these words. */
void assert_error_line(const struct run *run, int status, const char *words);

/* Fails the test, showing the text, if these words are not in it. */
void assert_says(const char *text, const char *words);

/* Fails the test if any process that the command started still lives. */
void assert_nothing_left(const struct run *run);

/* Kills what still runs of it, frees the output. Harmless when done twice. */
void run_release(struct run *run);

/* Kills what a failed test left running; a test's teardown. */
int run_kill_all(void **state);

/*
 * Opens sh -c '...: mounts of its own below /sys. In a chroot "/" is no mount point, so
 * the propagation that unshare would set for all of it cannot be set.
 */
#define OWN_MOUNTS \
	"unshare -m --propagation unchanged sh -c 'mount --make-rprivate /sys; "

#endif
