#include "pfa/options_help.h"

#include <string.h>

#include "pfa/options.h"

static const struct {
	const char *name, *usage, *about;
} commands[COMMAND_COUNT] = {
	[COMMAND_TRACE] = {
		"pfa",
		"pfa [options] [--] PROGRAM [ARG...]\n"
		"       pfa [options] -p PID[,PID...]\n"
		"       pfa [options] (-a | --cgroup=PATH) [[--] PROGRAM [ARG...]]\n"
		"       pfa record [-o FILE] ... the same, into a capture\n"
		"       pfa report [-i FILE] [options]",
		"Traces page faults: where, what kind, how long, in which memory.",
	},
	[COMMAND_RECORD] = {
		"record",
		"pfa record [-o FILE] [options] [--] PROGRAM [ARG...]\n"
		"       pfa record [-o FILE] [options] -p PID[,PID...]\n"
		"       pfa record [-o FILE] [options] (-a | --cgroup=PATH) [[--] PROGRAM...]",
		"Captures page faults to a perf.data file for pfa report.",
	},
	[COMMAND_REPORT] = {
		"report",
		"pfa report [-i FILE] [options]",
		"Analyses a capture: the output is what the live run would print.",
	},
};

void options_help_head(FILE *out, enum command command)
{
	fprintf(out, "Usage: %s\n\n%s\n\nOptions:\n", commands[command].usage,
		commands[command].about);
}

const char *command_name(enum command command)
{
	return commands[command].name;
}

/* The right column of the help, on as many lines as 80 columns need. */
static void print_wrapped(FILE *out, const char *text)
{
	enum { INDENT = 29, WIDTH = 80 - INDENT };
	size_t used = 0;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (used && used + 1 + word > WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			used = 0;
		}
		used += (size_t)fprintf(out, "%s%.*s", used ? " " : "", (int)word, text);
		text += word + (text[word] == ' ');
	}
	fputc('\n', out);
}

void options_help_row(FILE *out, char letter, const char *name, const char *argument,
		      const char *help)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", letter ? '-' : ' ',
		 letter ? letter : ' ', letter ? "," : " ", name, argument ? "=" : "",
		 argument ? argument : "");
	fprintf(out, "  %-26s ", left);
	print_wrapped(out, help);
}
