/*
 * Runs a command on a terminal of its own, of 80 columns and 24 rows at first: keys are
 * pressed, what is drawn is kept, as the bytes that a terminal gets.
 *
 * Whatever goes wrong in here (also a command that hangs) fails the test.
 */
#ifndef TESTS_SUPPORT_PTY_H
#define TESTS_SUPPORT_PTY_H

#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

struct pty {
	pid_t pid;
	int fd; /* -1: the terminal is closed */
	int status; /* the exit status, or 128 + the signal that ended it */
	char *out; /* all that was drawn so far; owned, NUL-terminated */
	size_t length, capacity;
	size_t seen; /* so much of it has been waited for */
	struct termios modes; /* as they were before */
};

/* A printf format that becomes a line for the shell, which execs it. */
void pty_start(struct pty *pty, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Waits until these words are drawn, after those waited for before. */
void pty_await(struct pty *pty, const char *words);

void pty_press(struct pty *pty, const char *keys);
void pty_resize(struct pty *pty, unsigned short rows, unsigned short columns);
/* The terminal goes away. */
void pty_close(struct pty *pty);

/* Waits for the command's end. */
void pty_wait(struct pty *pty);
/* Fails the test unless the terminal is as it was before: modes, cursor, screen. */
void pty_assert_restored(const struct pty *pty);

void pty_release(struct pty *pty);
/* Kills what a failed test left running; a test's teardown. */
int pty_kill_all(void **state);

#endif
