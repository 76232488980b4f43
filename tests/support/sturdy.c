#include "sturdy.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live.h"
#include "run.h"

enum { TRIES = 60 * 1000, MORE_FAULTS = 3000 };

void sturdy_start(struct run *run, const char *what)
{
	run_start(run, "%s/sturdy %s", live_programs(), what);
	run_await_out(run, "ready ");
}

pid_t sturdy_pid(const char *said)
{
	const char *ready = strstr(said, "ready ");

	if (!ready)
		fail_msg("it is not ready: %s", said);
	return (pid_t)strtol(ready + strlen("ready "), NULL, 10);
}

static unsigned long long minor_faults_of(pid_t pid)
{
	unsigned long long minor = 0;
	char path[64], line[512] = "";
	const char *comm_end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		fail_msg("process %d has ended", pid);
	(void)!fgets(line, sizeof(line), file);
	fclose(file);
	comm_end = strrchr(line, ')');
	assert_non_null(comm_end);
	sscanf(comm_end, ") %*c %*d %*d %*d %*d %*d %*u %llu", &minor);
	return minor;
}

void sturdy_await_faults(pid_t pid, unsigned long long more)
{
	unsigned long long before = minor_faults_of(pid);

	for (int i = 0; i < TRIES; i++) {
		if (minor_faults_of(pid) > before + more)
			return;
		usleep(1000);
	}
	fail_msg("the target hangs");
}

void sturdy_goes_on(pid_t pid)
{
	sturdy_await_faults(pid, MORE_FAULTS);
}

/* All that it said so far; the last line may be half there. */
static const char *said(const struct run *run)
{
	static char text[1 << 16];
	ssize_t n = pread(run->out_fd, text, sizeof(text) - 1, 0);

	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

long sturdy_best(const struct run *run)
{
	size_t old = strlen(said(run));

	assert_int_equal(kill(run->pid, SIGUSR2), 0);
	for (int i = 0; i < TRIES; i++) {
		const char *best = said(run) + old;

		if (strchr(best, '\n'))
			return strtol(best + strlen("best "), NULL, 10);
		usleep(1000);
	}
	fail_msg("the target does not answer");
	return 0;
}

void sturdy_ends_unharmed(struct run *run)
{
	sturdy_goes_on(run->pid);
	assert_int_equal(kill(run->pid, SIGTERM), 0);
	run_wait(run);
	assert_run_status(run, 0);
	assert_non_null(strstr(run->out, "unharmed\n"));
	assert_string_equal(run->err, "");
	run_release(run);
}

pid_t child_of(pid_t parent)
{
	char command[64];

	snprintf(command, sizeof(command), "ps -o pid= --ppid %d", parent);
	for (int i = 0; i < TRIES; i++) {
		FILE *ps = popen(command, "r");
		int pid = 0;

		assert_non_null(ps);
		(void)!fscanf(ps, "%d", &pid);
		pclose(ps);
		if (pid)
			return pid;
		usleep(1000);
	}
	fail_msg("process %d has no child", parent);
	return 0;
}
