#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live.h"

/* Nothing here takes a tenth as long; what does is taken to hang. */
enum { HANGS_MS = 120 * 1000, STEP_MS = 20, RUNS_MAX = 16 };

static pid_t running[RUNS_MAX];

static void remember(pid_t old, pid_t new)
{
	for (size_t i = 0; i < RUNS_MAX; i++) {
		if (running[i] != old)
			continue;
		running[i] = new;
		return;
	}
	fail_msg("too many terminals at once");
}

static _Noreturn void become(const char *command)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	setenv("TERM", "xterm-256color", 1);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(125);
}

void pty_start(struct pty *p, const char *format, ...)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char command[2048] = "exec ";
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(command + 5, sizeof(command) - 5, format, args);
	va_end(args);
	assert_in_range(length, 1, sizeof(command) - 6);
	*p = (struct pty){ .out = calloc(1, 1), .capacity = 1 };
	fflush(stdout);
	p->pid = forkpty(&p->fd, NULL, NULL, &size);
	assert_true(p->pid >= 0);
	if (p->pid == 0)
		become(command);
	remember(0, p->pid);
	fcntl(p->fd, F_SETFD, FD_CLOEXEC);
	assert_int_equal(tcgetattr(p->fd, &p->modes), 0);
}

static void append(struct pty *p, const char *bytes, size_t length)
{
	while (p->length + length + 1 > p->capacity) {
		p->capacity *= 2;
		p->out = realloc(p->out, p->capacity);
		assert_non_null(p->out);
	}
	memcpy(p->out + p->length, bytes, length);
	p->length += length;
	p->out[p->length] = '\0';
}

/*
 * What is drawn within that time; false: nothing. While nobody has the terminal open,
 * as when all is redirected and it is opened only later, it cannot be waited for.
 */
static bool take(struct pty *p, int wait_ms)
{
	struct pollfd drawn = { .fd = p->fd, .events = POLLIN };
	char bytes[4096];
	ssize_t n = 0;

	if (p->fd >= 0 && poll(&drawn, 1, wait_ms) > 0)
		n = read(p->fd, bytes, sizeof(bytes));
	if (n > 0)
		append(p, bytes, (size_t)n);
	else if (p->fd < 0 || drawn.revents)
		usleep((useconds_t)wait_ms * 1000);
	return n > 0;
}

static bool has_ended(const struct pty *p)
{
	siginfo_t end = { 0 };

	return waitid(P_PID, (id_t)p->pid, &end, WEXITED | WNOHANG | WNOWAIT) ||
	       end.si_pid == p->pid;
}

void pty_await(struct pty *p, const char *words)
{
	for (int ms = 0; ms < HANGS_MS; ms += STEP_MS) {
		bool ended = has_ended(p) && !take(p, 0);
		const char *found = strstr(p->out + p->seen, words);

		if (found) {
			p->seen = (size_t)(found - p->out) + strlen(words);
			return;
		}
		if (ended)
			break;
		take(p, STEP_MS);
	}
	fail_msg("the terminal does not show \"%s\" after %zu bytes, but: %s", words,
		 p->seen, p->out + p->seen);
}

void pty_press(struct pty *p, const char *keys)
{
	assert_int_equal(write(p->fd, keys, strlen(keys)), strlen(keys));
}

void pty_resize(struct pty *p, unsigned short rows, unsigned short columns)
{
	const struct winsize size = { .ws_row = rows, .ws_col = columns };

	assert_int_equal(ioctl(p->fd, TIOCSWINSZ, &size), 0);
}

void pty_close(struct pty *p)
{
	close(p->fd);
	p->fd = -1;
}

void pty_wait(struct pty *p)
{
	int status = 0;
	pid_t ended = 0;

	for (int ms = 0; !ended && ms < HANGS_MS; ms += STEP_MS) {
		take(p, STEP_MS);
		ended = waitpid(p->pid, &status, WNOHANG);
	}
	if (ended != p->pid)
		fail_msg("the command hangs");
	while (take(p, 0))
		;
	remember(p->pid, 0);
	p->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Of the two the one that was written last. */
static bool last_is(const char *text, const char *wanted, const char *other)
{
	const char *a = NULL, *b = NULL;

	for (const char *at = text; (at = strstr(at, wanted)); at++)
		a = at;
	for (const char *at = text; (at = strstr(at, other)); at++)
		b = at;
	return a > b;
}

void pty_assert_restored(const struct pty *p)
{
	struct termios modes;

	assert_int_equal(tcgetattr(p->fd, &modes), 0);
	assert_int_equal(modes.c_iflag, p->modes.c_iflag);
	assert_int_equal(modes.c_oflag, p->modes.c_oflag);
	assert_int_equal(modes.c_cflag, p->modes.c_cflag);
	assert_int_equal(modes.c_lflag, p->modes.c_lflag);
	assert_memory_equal(modes.c_cc, p->modes.c_cc, sizeof(modes.c_cc));
	assert_true(last_is(p->out, "\033[?1049l", "\033[?1049h")); /* the screen */
	assert_true(last_is(p->out, "\033[?25h", "\033[?25l")); /* the cursor */
}

void pty_release(struct pty *p)
{
	if (p->fd >= 0)
		close(p->fd);
	free(p->out);
	*p = (struct pty){ .fd = -1 };
}

int pty_kill_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < RUNS_MAX; i++) {
		if (!running[i])
			continue;
		kill(-running[i], SIGKILL);
		waitpid(running[i], NULL, 0);
		running[i] = 0;
	}
	return 0;
}
