#include "summary.h"

#include <stdio.h>
#include <string.h>

#include "live.h"

static const char *summary_of(const char *output)
{
	const char *summary = strncmp(output, "Summary: ", 9) ?
				      strstr(output, "\nSummary: ") : output;

	if (!summary)
		fail_msg("no summary: %s", output);
	return summary;
}

static const char *line_of(const char *output, const char *name)
{
	char start[64];

	snprintf(start, sizeof(start), "\n  %s ", name);
	return strstr(summary_of(output), start);
}

bool summary_has(const char *output, const char *name)
{
	return line_of(output, name) != NULL;
}

void assert_counters_equal(const char *output)
{
	static const char equal[] = ": equal";
	const char *line = line_of(output, "perf counters"), *end;

	if (!line)
		fail_msg("no counters: %s", summary_of(output));
	end = line + 1 + strcspn(line + 1, "\n");
	if (strncmp(end - strlen(equal), equal, strlen(equal)) != 0)
		fail_msg("pfa itself sees a difference: %s", summary_of(output));
}

void assert_nothing_odd(const char *output)
{
	static const char *const odd[] = { "late", "corrupt", "gaps" };

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (summary_has(output, odd[i]))
			fail_msg("%s: %s", odd[i], summary_of(output));
	if (!strstr(summary_of(output), "\n  lost           0 records\n"))
		fail_msg("something was lost: %s", summary_of(output));
}
