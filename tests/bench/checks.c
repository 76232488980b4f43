#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lost.h"
#include "pfa/base/text.h"
#include "run.h"
#include "values.h"

/* "  perf counters  minor 1000080, major 0: equal" */
static bool is_reconciled(const char *summary)
{
	const char *line = strstr(summary, "\n  perf counters ");
	size_t length = line ? strcspn(++line, "\n") : 0;

	return line && length > 5 && !memcmp(line + length - 5, "equal", 5);
}

bool check_complete(const struct run *run, const char *out_path, struct text *why)
{
	char *summary = tail_of_file(out_path);
	uint64_t lost = 0;

	(void)run;
	if (!lost_records(out_path, &lost))
		text_str(why, "pfa printed no summary");
	else if (lost)
		text_printf(why, "pfa lost %" PRIu64 " records", lost);
	else if (!is_reconciled(summary))
		text_str(why, "pfa's faults are not those the kernel counted");
	free(summary);
	return !why->length;
}

/* What each round of demos/mmap_storm.c must leave in the stream. */
static const char *const of_round[] = {
	" MMAP_ADD 0x2000000000-0x2000010000 rw-p ",
	" MINOR 0x2000000000 ",
	" PERM_CHANGE 0x2000008000-0x2000009000 r--p ",
	" MUNMAP_REMOVE 0x2000000000-0x2000010000 ",
};
enum { OF_ROUND = sizeof(of_round) / sizeof(of_round[0]) };

static void count_lines(const char *path, uint64_t counts[OF_ROUND])
{
	FILE *file = fopen(path, "r");
	size_t capacity = 0;
	char *line = NULL;

	while (file && getline(&line, &capacity, file) > 0)
		for (size_t i = 0; i < OF_ROUND; i++)
			counts[i] += strstr(line, of_round[i]) != NULL;
	free(line);
	if (file)
		fclose(file);
}

bool check_every_change(const struct run *run, const char *out_path,
			struct text *why)
{
	const char *said = strstr(run->out.bytes, " rounds=");
	uint64_t rounds = said ? strtoull(said + 8, NULL, 10) : 0;
	uint64_t counts[OF_ROUND] = { 0 };

	if (!check_complete(run, out_path, why))
		return false;
	count_lines(out_path, counts);
	for (size_t i = 0; i < OF_ROUND && !why->length; i++)
		if (counts[i] != rounds)
			text_printf(why, "%" PRIu64 " rounds, but %" PRIu64 " times \"%s\"",
				    rounds, counts[i], of_round[i] + 1);
	return !why->length;
}

/* "  drift          0 (0 layouts compared, 3 changed meanwhile)" */
static void judge_drift(const char *summary, struct text *why)
{
	const char *line = strstr(summary, "\n  drift ");
	uint64_t ranges, compared, changed;

	if (!line || sscanf(line, " drift %" SCNu64 " (%" SCNu64 " layouts compared, %"
			    SCNu64 " changed", &ranges, &compared, &changed) != 3)
		text_str(why, "pfa does not tell of drift");
	else if (ranges)
		text_printf(why, "%" PRIu64 " ranges were other than modelled", ranges);
	else if (!compared && !changed)
		text_str(why, "no layout was looked at");
}

bool check_no_drift(const struct run *run, const char *out_path, struct text *why)
{
	char *summary;

	if (!check_every_change(run, out_path, why))
		return false;
	summary = tail_of_file(out_path);
	judge_drift(summary, why);
	free(summary);
	return !why->length;
}

/* "  RSS   1050064  1050064  1050064" */
bool check_all_resident(const struct run *run, const char *out_path, struct text *why)
{
	enum { GIB_IN_KB = 1 << 20 };
	char *account = tail_of_file(out_path);
	const char *line = strstr(account, "\n  RSS ");
	uint64_t pages_kb, smaps_kb;

	(void)run;
	if (!line || sscanf(line, " RSS %" SCNu64 " %" SCNu64, &pages_kb, &smaps_kb) != 2)
		text_str(why, "pfa does not tell what is resident");
	else if (pages_kb != smaps_kb || pages_kb < GIB_IN_KB)
		text_printf(why, "%" PRIu64 " kB by page tables, %" PRIu64 " by smaps",
			    pages_kb, smaps_kb);
	free(account);
	return !why->length;
}
