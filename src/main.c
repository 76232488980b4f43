#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/map.h"
#include "pfa/options.h"
#include "pfa/session.h"

#ifndef PFA_VERSION
#define PFA_VERSION "dev"
#endif

typedef enum pfa_status run_command(const struct options *options,
				    struct pfa_error *err);

enum { STACK_BYTES = 256 * 1024 }; /* several times what is used */

static __attribute__((noinline)) void touch_stack(void)
{
	volatile char lowest[STACK_BYTES];

	lowest[0] = 0;
	(void)lowest;
}

/*
 * Near the limit of memory (ulimit -v) an allocation fails, which is told; a stack
 * that cannot grow is a SIGSEGV. It grows now, once that is known to succeed.
 */
static void grow_stack(void)
{
	free(pfa_alloc(2 * STACK_BYTES));
	touch_stack();
}

/* A descriptor of ours must not come to stand for a closed stdout. */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static enum pfa_status print_help(const struct options *options, struct pfa_error *err)
{
	if (options->help)
		options_print_help(stdout, options->command);
	else
		puts("pfa " PFA_VERSION);
	if (!fflush(stdout))
		return PFA_OK;
	return pfa_fail(err, PFA_E_IO, "standard output: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	static run_command *const run[COMMAND_COUNT] = {
		[COMMAND_TRACE] = session_trace,
		[COMMAND_RECORD] = session_record,
		[COMMAND_REPORT] = session_report,
		[COMMAND_MAP] = map_run,
		[COMMAND_TOP] = session_trace,
	};
	struct options options;
	struct pfa_error err;
	enum pfa_status status;

	grow_stack();
	fill_standard_descriptors();
	status = options_parse(&options, argc, argv, &err);
	if (!status && (options.help || options.version))
		status = print_help(&options, &err);
	else if (!status)
		status = run[options.command](&options, &err);
	if (status)
		fprintf(stderr, "error: %s\n", err.text);
	options_release(&options);
	return pfa_exit_status(status);
}
