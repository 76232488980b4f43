#include "pfa/options_help.h"

#include <stdbool.h>
#include <string.h>

#include "pfa/options.h"

const struct command_help command_help[COMMAND_COUNT] = {
	[COMMAND_TRACE] = {
		"pfa", "pfa --help",
		"pfa [options] [--] PROGRAM [ARG...]\n"
		"       pfa [options] -p PID[,PID...]\n"
		"       pfa [options] (-a | --cgroup=PATH) [[--] PROGRAM [ARG...]]\n"
		"       pfa record [-o FILE] ... the same, into a capture\n"
		"       pfa report [-i FILE] [options]\n"
		"       pfa map -p PID[,PID...] [options]\n"
		"       pfa top ... the same as of pfa, frame by frame on the terminal",
		"Traces page faults: where, what kind, how long, in which memory.",
	},
	[COMMAND_RECORD] = {
		"record", "pfa record --help",
		"pfa record [-o FILE] [options] [--] PROGRAM [ARG...]\n"
		"       pfa record [-o FILE] [options] -p PID[,PID...]\n"
		"       pfa record [-o FILE] [options] (-a | --cgroup=PATH) [[--] PROGRAM...]",
		"Captures page faults to a perf.data file for pfa report.",
	},
	[COMMAND_REPORT] = {
		"report", "pfa report --help",
		"pfa report [-i FILE] [options]",
		"Analyses a capture: the output is what the live run would print.",
	},
	[COMMAND_MAP] = {
		"map", "pfa map --help",
		"pfa map -p PID[,PID...] [options]",
		"Shows what is resident, mapping by mapping or page by page.",
	},
	[COMMAND_TOP] = {
		"top", "pfa top --help",
		"pfa top [options] [--] PROGRAM [ARG...]\n"
		"       pfa top [options] -p PID[,PID...]\n"
		"       pfa top [options] (-a | --cgroup=PATH) [[--] PROGRAM [ARG...]]",
		"Shows the faults of each second, where they happen, and who has how much memory.",
	},
};

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
	bool optional = argument && *argument == '[';
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s%s", letter ? '-' : ' ',
		 letter ? letter : ' ', letter ? "," : " ", name, optional ? "[" : "",
		 argument ? "=" : "", argument ? argument + optional : "");
	fprintf(out, "  %-26s ", left);
	print_wrapped(out, help);
}
