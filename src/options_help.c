#include "pfa/options_help.h"

#include <string.h>

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
