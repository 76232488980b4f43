/*
 * What tracing costs, and how fast captures are read: pfa against its peers.
 *
 *	bench [ROW...]	all rows; ROW may be a pattern: 'storm-*'
 *
 * BENCH_ROUNDS=N rounds instead of 5, TMPDIR for files. Run it by make bench.
 * Exit status: 0 also where a bar is missed, 1 if something could not be run,
 * 2 for wrong usage or without privilege.
 */
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "interrupt.h"
#include "machine.h"
#include "pfa/base/mem.h"
#include "print.h"
#include "setting.h"

static bool is_wanted(const struct row *row, char **patterns)
{
	if (!*patterns)
		return true;
	for (; *patterns; patterns++)
		if (fnmatch(*patterns, row->name, 0) == 0)
			return true;
	return false;
}

static size_t choose(struct result *results, char **patterns)
{
	size_t count = 0;

	for (size_t i = 0; i < row_count; i++)
		if (is_wanted(&rows[i], patterns))
			result_init(&results[count++], &rows[i]);
	return count;
}

static int no_such_row(void)
{
	fprintf(stderr, "error: no such row; there are");
	for (size_t i = 0; i < row_count; i++)
		fprintf(stderr, " %s", rows[i].name);
	fputc('\n', stderr);
	return 2;
}

static bool need_root(const struct result *results, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!results[i].row->anyone)
			return geteuid() != 0;
	return false;
}

static bool need_events(const struct result *results, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *peer = results[i].row->commands[PEER];

		if (peer && strstr(peer, "{events}") && command_is_installed(peer))
			return true;
	}
	return false;
}

/* How many of these are measured together. */
static size_t together(const struct result *results, size_t count)
{
	size_t n = 1;

	while (n < count && results[n].row->with_previous &&
	       results[n].row == results[n - 1].row + 1)
		n++;
	return n;
}

static void measure(struct result *results, size_t count,
		    const struct setting *setting)
{
	for (size_t i = 0; i < count && !interrupted();) {
		size_t n = together(results + i, count - i);

		fprintf(stderr, "measuring");
		for (size_t k = 0; k < n; k++)
			fprintf(stderr, " %s", results[i + k].row->name);
		fputc('\n', stderr);
		race(results + i, n, setting);
		i += n;
	}
}

static void print(struct result *results, size_t count,
		  const struct text *machine, const struct setting *setting)
{
	struct text text;

	text_init(&text);
	text_bytes(&text, machine->bytes, machine->length);
	text_char(&text, '\n');
	print_table(&text, results, count);
	print_reasons(&text, results, count);
	text_char(&text, '\n');
	print_commands(&text, results, count, setting);
	fwrite(text.bytes, 1, text.length, stdout);
	text_release(&text);
}

static int run(struct result *results, size_t count)
{
	struct setting setting;
	struct text machine;
	int status = 0;

	setting_init(&setting);
	text_init(&machine);
	machine_describe(&machine, &setting); /* the load is that of before */
	if (need_events(results, count) && !setting_learn_events(&setting)) {
		fprintf(stderr, "error: pfa's list of events could not be had\n");
		status = 1;
	} else {
		measure(results, count, &setting);
		if (!interrupted())
			print(results, count, &machine, &setting);
	}
	for (size_t i = 0; i < count; i++)
		if (result_verdict(&results[i]) == FAILED)
			status = 1;
	text_release(&machine);
	setting_release(&setting);
	return status;
}

int main(int argc, char **argv)
{
	struct result *results = pfa_alloc(row_count * sizeof(*results));
	size_t count = choose(results, argv + (argc > 0));
	int status;

	if (!count)
		return no_such_row();
	if (need_root(results, count)) {
		fprintf(stderr, "error: tracing needs root (without: make bench "
				"BENCH='space-* model-*')\n");
		return 2;
	}
	interrupt_catch();
	status = run(results, count);
	for (size_t i = 0; i < count; i++)
		result_release(&results[i]);
	free(results);
	if (interrupted()) {
		signal(interrupted(), SIG_DFL);
		raise(interrupted());
	}
	return status;
}
