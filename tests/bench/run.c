#include "run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "interrupt.h"
#include "setting.h"

enum { KEPT_BYTES = 1 << 20, WATCH_MS = 1 };

/* What is open while a command runs. */
struct ends {
	pid_t pid;
	int pidfd, out, err;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static _Noreturn void become(const struct command *command, int out, int err)
{
	int in = open("/dev/null", O_RDONLY);

	if (command->stdout_path)
		out = open(command->stdout_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(126);
	execvp(command->words[0], command->words);
	dprintf(2, "%s: cannot be run\n", command->words[0]);
	_exit(127);
}

static bool start(struct ends *ends, const struct command *command)
{
	int pipes[2] = { -1, -1 };

	if (pipe2(pipes, O_CLOEXEC) != 0)
		perror("error: pipe");
	ends->err = memfd_create("stderr", MFD_CLOEXEC);
	ends->out = pipes[0];
	fcntl(ends->out, F_SETFL, O_NONBLOCK);
	ends->pid = interrupt_fork();
	if (ends->pid == 0)
		become(command, pipes[1], ends->err);
	close(pipes[1]);
	ends->pidfd = ends->pid < 0 ? -1 : pidfd_open(ends->pid, 0);
	return ends->pid > 0;
}

/* Until nothing more is there. */
static void read_out(struct run *run, int fd)
{
	char block[65536];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0) {
		if (run->out.length < KEPT_BYTES)
			text_bytes(&run->out, block, (size_t)n);
		if (!run->summary_ns && strstr(text_cstr(&run->out), "Summary:"))
			run->summary_ns = now_ns();
	}
}

static uint64_t kilobytes_after(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	return at ? strtoull(at + strlen(words), NULL, 10) * 1024 : 0;
}

/* The file of a process that has just ended has no such lines. */
static void watch_memory_of(struct run *run, pid_t pid)
{
	char path[64], status[4096];
	uint64_t anon_bytes;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	if (!file)
		return;
	status[fread(status, 1, sizeof(status) - 1, file)] = '\0';
	fclose(file);
	anon_bytes = kilobytes_after(status, "RssAnon:") +
		     kilobytes_after(status, "RssShmem:");
	if (anon_bytes > run->peak_anon_bytes)
		run->peak_anon_bytes = anon_bytes;
}

static void follow(struct run *run, const struct ends *ends, bool watch)
{
	struct pollfd fds[] = {
		{ .fd = ends->pidfd, .events = POLLIN },
		{ .fd = ends->out, .events = POLLIN },
	};

	while (!(fds[0].revents & POLLIN)) {
		poll(fds, 2, watch ? WATCH_MS : -1);
		if (fds[0].revents & POLLIN)
			run->ended_ns = now_ns();
		if (fds[1].revents & POLLIN)
			read_out(run, ends->out);
		else if (fds[1].revents & POLLHUP)
			fds[1].fd = -1;
		if (watch)
			watch_memory_of(run, ends->pid);
	}
}

static void keep_err(struct run *run, int fd)
{
	char block[4096];
	ssize_t n = pread(fd, block, sizeof(block), 0);

	if (n > 0)
		text_bytes(&run->err, block, (size_t)n);
}

static void finish(struct run *run, const struct ends *ends)
{
	struct rusage usage;

	if (wait4(ends->pid, &run->status, 0, &usage) == ends->pid)
		run->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
	interrupt_forget();
	kill(-ends->pid, SIGKILL); /* whatever it left behind */
	read_out(run, ends->out);
	keep_err(run, ends->err);
}

bool run_command(struct run *run, const struct setting *setting,
		 const char *pattern, bool watch_memory)
{
	struct command command;
	struct ends ends;

	*run = (struct run){ .status = -1, .began_ns = now_ns() };
	command_init(&command, setting, pattern);
	if (start(&ends, &command)) {
		follow(run, &ends, watch_memory);
		finish(run, &ends);
		close(ends.pidfd);
	}
	close(ends.out);
	close(ends.err);
	command_release(&command);
	return run->status == 0;
}

void run_release(struct run *run)
{
	text_release(&run->out);
	text_release(&run->err);
}

const char *run_complaint(struct run *run)
{
	char *line;

	text_cstr(&run->err);
	line = run->err.bytes;
	line[strcspn(line, "\n")] = '\0';
	if (*line)
		return line;
	return WIFSIGNALED(run->status) ? "it was killed" : "it failed";
}
