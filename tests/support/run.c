#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live.h"

/* Nothing here takes a tenth as long; what does is taken to hang. */
enum { HANGS_MS = 180 * 1000, RUNS_MAX = 64 };

static pid_t groups[RUNS_MAX]; /* of runs not released yet */

static void remember(pid_t group)
{
	for (size_t i = 0; i < RUNS_MAX; i++) {
		if (groups[i])
			continue;
		groups[i] = group;
		return;
	}
	fail_msg("too many commands run at once");
}

static void forget(pid_t group)
{
	for (size_t i = 0; i < RUNS_MAX; i++)
		if (groups[i] == group)
			groups[i] = 0;
}

static _Noreturn void become(const char *command, int out, int err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT };
	int in = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(125);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(125);
}

/*
 * Memory to write to: by several processes at once, which at a shared position would
 * write over each other, as this is no file that the kernel keeps them in order for.
 */
static int output(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	assert_true(fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) == 0);
	return fd;
}

static void start(struct run *run, const char *format, va_list args)
{
	char command[4096] = "exec ";
	int length = vsnprintf(command + 5, sizeof(command) - 5, format, args);

	assert_in_range(length, 1, sizeof(command) - 6);
	*run = (struct run){
		.out_fd = output("out"),
		.err_fd = output("err"),
		.running = true,
	};
	fflush(stdout);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	run->pid = fork();
	assert_true(run->pid >= 0);
	if (run->pid == 0)
		become(command, run->out_fd, run->err_fd);
	setpgid(run->pid, run->pid); /* whoever is first */
	remember(run->pid);
}

static char *contents(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t)size, 0), size);
	return text;
}

static bool ends_within(const struct run *run, int ms)
{
	struct pollfd end = { .fd = pidfd_open(run->pid, 0), .events = POLLIN };
	int ready = poll(&end, 1, ms);

	close(end.fd);
	return ready > 0;
}

/* Which files of this machine have all their symbols is not what is tested. */
static bool is_of_names(const char *line, size_t length)
{
	static const char *const notes[] = { ": stripped, so that only ",
					     ": no line numbers " };

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (!strncmp(line, "note: ", 6) &&
		    memmem(line, length, notes[i], strlen(notes[i])))
			return true;
	return false;
}

static char *without_names(char *text)
{
	char *to = text;

	for (char *at = text; *at;) {
		size_t length = strcspn(at, "\n");

		length += at[length] == '\n';
		if (!is_of_names(at, length)) {
			memmove(to, at, length);
			to += length;
		}
		at += length;
	}
	*to = '\0';
	return text;
}

void run_wait(struct run *run)
{
	int status;

	if (!ends_within(run, HANGS_MS)) {
		print_error("%s", contents(run->err_fd));
		fail_msg("the command hangs");
	}
	assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
	run->running = false;
	run->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					  : WEXITSTATUS(status);
	run->out = contents(run->out_fd);
	run->err = without_names(contents(run->err_fd));
}

void run_await_out(struct run *run, const char *words)
{
	for (int ms = 0; ms < HANGS_MS; ms += 5) {
		bool ended = ends_within(run, 5);
		char *text = contents(run->out_fd);
		bool found = strstr(text, words) != NULL;

		free(text);
		if (found)
			return;
		if (ended)
			break;
	}
	fail_msg("the command did not say \"%s\" but: %s%s", words,
		 contents(run->out_fd), contents(run->err_fd));
}

char *run_out_so_far(const struct run *run)
{
	return contents(run->out_fd);
}

void run_start(struct run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	start(run, format, args);
	va_end(args);
}

void run_command(struct run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	start(run, format, args);
	va_end(args);
	run_wait(run);
}

void run_quietly(struct run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	start(run, format, args);
	va_end(args);
	run_wait(run);
	assert_run_status(run, 0);
	assert_string_equal(run->err, "");
}

void assert_run_status(const struct run *run, int status)
{
	if (run->status != status)
		fail_msg("exit status %d, expected %d; stderr: %s", run->status,
			 status, run->err);
}

void assert_error_line(const struct run *run, int status, const char *words)
{
	const char *end = strchr(run->err, '\n');

	assert_run_status(run, status);
	if (strncmp(run->err, "error: ", 7) != 0 || !end || end[1])
		fail_msg("not one error line: \"%s\"", run->err);
	if (!strstr(run->err, words))
		fail_msg("\"%s\" does not say \"%s\"", run->err, words);
}

void assert_says(const char *text, const char *words)
{
	if (!text || !strstr(text, words))
		fail_msg("\"%s\" is not in: %s", words, text ? text : "(nothing)");
}

void assert_nothing_left(const struct run *run)
{
	/* Orphans are ours (subreaper); they may take a moment to end. */
	for (int ms = 0; ms < HANGS_MS / 10; ms++) {
		while (waitpid(-run->pid, NULL, WNOHANG) > 0)
			;
		if (kill(-run->pid, 0) && errno == ESRCH)
			return;
		usleep(1000);
	}
	fail_msg("a process of the command is left behind");
}

static void kill_group(pid_t group)
{
	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, 0) > 0)
		;
	forget(group);
}

void run_release(struct run *run)
{
	if (!run->pid)
		return;
	if (run->running)
		kill_group(run->pid);
	forget(run->pid);
	close(run->out_fd);
	close(run->err_fd);
	free(run->out);
	free(run->err);
	*run = (struct run){ 0 };
}

int run_kill_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < RUNS_MAX; i++)
		if (groups[i])
			kill_group(groups[i]);
	return 0;
}
