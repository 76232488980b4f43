#include "pfa/source/target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_at_gate(int gate)
{
	char go;
	ssize_t n;

	do
		n = read(gate, &go, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(127); /* pfa ended before it was ready */
}

static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		if (isatty(fd))
			dup2(null, fd);
}

static _Noreturn void run_program(char *const *argv, const struct target_manner *manner,
				  int gate, int report, const struct sigaction *sigchld)
{
	int error;

	wait_at_gate(gate);
	sigaction(SIGCHLD, sigchld, NULL);
	if (manner->off_terminal)
		leave_terminal();
	if (!manner->randomize)
		personality((unsigned long)personality(0xffffffff) |
			    ADDR_NO_RANDOMIZE);
	execvp(argv[0], argv);
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

enum pfa_status target_launch(struct target *target, char *const *argv,
			      const struct target_manner *manner,
			      struct pfa_error *err)
{
	const struct sigaction wait_for_it = { .sa_handler = SIG_DFL };
	struct sigaction inherited;
	int gate[2], report[2];
	pid_t pid;

	*target = (struct target){
		.pidfd = -1, .gate_fd = -1, .report_fd = -1, .launched = true
	};
	if (pipe2(gate, O_CLOEXEC) || pipe2(report, O_CLOEXEC))
		return pfa_fail(err, PFA_E_IO, "pipe: %s (raise ulimit -n)",
				strerror(errno));
	/* Ignored, the kernel would reap the program and keep its status. */
	sigaction(SIGCHLD, &wait_for_it, &inherited);
	pid = fork();
	if (pid < 0)
		return pfa_fail(err, PFA_E_IO, "fork: %s (raise ulimit -u)",
				strerror(errno));
	if (pid == 0) {
		close(gate[1]);
		close(report[0]);
		run_program(argv, manner, gate[0], report[1], &inherited);
	}
	close(gate[0]);
	close(report[1]);
	target->pid = pid;
	target->gate_fd = gate[1];
	target->report_fd = report[0];
	target->pidfd = pidfd_open(pid, 0);
	if (target->pidfd < 0)
		return pfa_fail(err, PFA_E_IO, "pidfd_open: %s", strerror(errno));
	return PFA_OK;
}

enum pfa_status target_release(struct target *target, const char *program,
			       struct pfa_error *err)
{
	int error = 0;
	ssize_t n;

	if (write(target->gate_fd, "g", 1) != 1)
		return pfa_fail(err, PFA_E_IO, "%s ended before it was started",
				program);
	close(target->gate_fd);
	target->gate_fd = -1;
	do
		n = read(target->report_fd, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	if (n == sizeof(error))
		return pfa_fail(err, PFA_E_TARGET, "cannot run %s: %s%s", program,
				strerror(error), error == ENOENT ?
				" (check the name, or give a path)" : "");
	target->running = true;
	return PFA_OK;
}

enum pfa_status target_attach(struct target *target, pid_t pid,
			      struct pfa_error *err)
{
	*target = (struct target){
		.pid = pid,
		.pidfd = pidfd_open(pid, 0),
		.gate_fd = -1,
		.report_fd = -1,
	};
	if (target->pidfd >= 0)
		return PFA_OK;
	if (errno == ESRCH)
		return pfa_fail(err, PFA_E_TARGET,
				"no process with PID %d (see ps -e)", pid);
	if (errno == EINVAL || errno == ENOENT) /* before Linux 6.15, and since */
		return pfa_fail(err, PFA_E_TARGET,
				"%d is a thread, not a process (use its PID, "
				"Tgid in /proc/%d/status)", pid, pid);
	return pfa_fail(err, PFA_E_IO, "pidfd_open %d: %s", pid, strerror(errno));
}

bool target_poll(struct target *target)
{
	struct pollfd end = { .fd = target->pidfd, .events = POLLIN };

	if (target->ended)
		return true;
	if (poll(&end, 1, 0) <= 0)
		return false;
	if (target->launched)
		target->reaped = wait4(target->pid, &target->wait_status, 0,
				       &target->usage) == target->pid;
	target->ended = true;
	return true;
}

void target_close(struct target *target)
{
	if (target->pidfd >= 0)
		close(target->pidfd);
	if (target->launched && target->gate_fd >= 0)
		close(target->gate_fd);
	if (target->report_fd >= 0)
		close(target->report_fd);
	/* What did not become the program has ended, or does so now at its gate. */
	if (target->launched && target->pid > 0 && !target->running)
		waitpid(target->pid, NULL, 0);
	target->pidfd = target->gate_fd = -1;
}

bool target_fault_counters(pid_t pid, unsigned long long *minor,
			   unsigned long long *major)
{
	char path[64], line[1024], *fields;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[n] = '\0';
	/* The comm, in parentheses, may hold anything: count from its end. */
	fields = strrchr(line, ')');
	return fields && sscanf(fields, ") %*c %*d %*d %*d %*d %*d %*u %llu %*u %llu",
				minor, major) == 2;
}
