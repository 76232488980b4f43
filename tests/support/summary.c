#include "summary.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* What follows after the counters' own numbers: "equal", or by how much they differ. */
static const char *difference(const char *output)
{
	const char *line = line_of(output, "perf counters");

	if (!line)
		fail_msg("no counters: %s", summary_of(output));
	return strchr(line, ':') + 2;
}

void assert_counters_equal(const char *output)
{
	if (strncmp(difference(output), "equal\n", 6) != 0)
		fail_msg("pfa itself sees a difference: %s", summary_of(output));
}

void assert_counters_equal_but_the_last(const char *output)
{
	long minor, major, cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (sscanf(difference(output), "%ld minor, %ld major", &minor, &major) != 2)
		assert_counters_equal(output);
	else if (minor < 0 || major < 0 || minor + major > cpus)
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
