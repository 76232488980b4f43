#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static volatile sig_atomic_t came, group;

static void end_group(int signal)
{
	came = signal;
	if (group)
		kill(-(pid_t)group, SIGKILL);
}

void interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = end_group };

	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &action, NULL);
}

static void become_child(const sigset_t *mask)
{
	setpgid(0, 0);
	for (size_t i = 0; i < SIGNALS; i++)
		signal(signals[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
}

/* No signal may come while there is a child that the handler does not know. */
pid_t interrupt_fork(void)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = came ? -1 : fork();
	if (pid == 0) {
		become_child(&before);
		return 0;
	}
	if (pid > 0) {
		setpgid(pid, pid); /* whoever is first */
		group = pid;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

void interrupt_forget(void)
{
	group = 0;
}

int interrupted(void)
{
	return came;
}
