#include "pfa/base/terminal.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct {
	volatile sig_atomic_t kept;
	int fd;
	struct termios modes;
	char ending[256];
} terminal;

void terminal_put_back(void)
{
	if (!terminal.kept)
		return;
	terminal.kept = 0;
	(void)!write(terminal.fd, terminal.ending, strlen(terminal.ending));
	tcsetattr(terminal.fd, TCSANOW, &terminal.modes);
}

/* The handler is gone by now: the signal does what it always does. */
static void on_fatal(int number)
{
	terminal_put_back();
	raise(number);
}

static void watch_signals(void)
{
	static const int numbers[] = {
		SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT,
	};
	const struct sigaction action = {
		.sa_handler = on_fatal,
		.sa_flags = (int)SA_RESETHAND,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}

void terminal_keep(int fd, const char *ending)
{
	static int watched;

	terminal.fd = fd;
	snprintf(terminal.ending, sizeof(terminal.ending), "%s", ending);
	if (tcgetattr(fd, &terminal.modes))
		return;
	terminal.kept = 1;
	if (watched++)
		return;
	watch_signals();
	atexit(terminal_put_back);
}

void terminal_let_go(void)
{
	terminal.kept = 0;
}
