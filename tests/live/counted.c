/*
 * An independent witness: runs a program and lets the kernel count its page faults
 * and those of its descendants, from exec on. No samples, no tracepoints.
 *
 *	counted FILE PROGRAM [ARG...]	writes "counted MINOR MAJOR PID" to FILE
 */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(99);
}

static int open_counter(pid_t pid, uint64_t config)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = config,
		.disabled = 1,
		.inherit = 1,
		.enable_on_exec = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1,
			      PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		die("perf_event_open");
	return fd;
}

static uint64_t count_of(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		die("counter");
	return count;
}

static pid_t start(char **argv, int *gate)
{
	int fds[2];
	char go;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0) {
		*gate = fds[1];
		return pid;
	}
	if (read(fds[0], &go, 1) != 1)
		die("gate");
	execvp(argv[0], argv);
	die(argv[0]);
	return -1;
}

int main(int argc, char **argv)
{
	int gate, minor, major, status;
	FILE *file;
	pid_t pid;

	if (argc < 3)
		return 98;
	pid = start(argv + 2, &gate);
	minor = open_counter(pid, PERF_COUNT_SW_PAGE_FAULTS_MIN);
	major = open_counter(pid, PERF_COUNT_SW_PAGE_FAULTS_MAJ);
	if (write(gate, "g", 1) != 1 || waitpid(pid, &status, 0) != pid)
		die("the program");
	file = fopen(argv[1], "w");
	if (!file)
		die(argv[1]);
	fprintf(file, "counted %" PRIu64 " %" PRIu64 " %d\n", count_of(minor),
		count_of(major), pid);
	fclose(file);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
}
