/*
 * Captures replayed by pfa itself: golden/captures/NAME.data gives NAME.txt (plain),
 * NAME.fixed.txt (--fixed-ts, every observation) and NAME.csv, whoever runs it and wherever.
 * No file of the machine may have a part in that: symbols are looked for in a directory that
 * is not there. NAME.said is what the demo announced while it was recorded: that much of the
 * golden files is checked against more than themselves. If it announced changes or lives
 * there is also NAME.history.txt (--fixed-ts, these alone). tests/golden/record-captures made
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../support/announced.h"
#include "../support/csv.h"
#include "../support/golden.h"
#include "../support/history.h"
#include "../support/run.h"
#include "pfa/base/text.h"

static const char captures[] = "golden/captures";

/* All that a user of a command gets to see. */
static void append_transcript(struct text *text, const char *command, const struct run *run)
{
	text_printf(text, "$ pfa %s\n%s", command, run->out);
	for (const char *at = run->err; *at; at += strcspn(at, "\n") + 1)
		text_printf(text, "! %.*s\n", (int)strcspn(at, "\n"), at);
	text_printf(text, "exit status %d\n", run->status);
}

/* Runs pfa beside the captures, so that no path is in what it says. */
static bool transcript_matches(const char *golden, const char *command)
{
	struct text text;
	struct run run;

	run_command(&run, "env -C %s %s %s", captures, getenv("PFA"), command);
	text_init(&text);
	append_transcript(&text, command, &run);
	golden_write_actual(golden, text_cstr(&text), text.length);
	text_release(&text);
	run_release(&run);
	return golden_matches(golden);
}

static bool replay_matches(const char *name, const char *suffix, const char *options)
{
	char command[256], golden[128];

	snprintf(command, sizeof(command), "report -i %s.data --symfs=symfs%s", name, options);
	snprintf(golden, sizeof(golden), "captures/%s%s", name, suffix);
	return transcript_matches(golden, command);
}

static bool csv_matches(const char *name)
{
	char golden[128], path[GOLDEN_PATH_MAX];
	struct run run;

	snprintf(golden, sizeof(golden), "captures/%s.csv", name);
	run_command(&run, "%s report -i %s/%s.data --symfs=%s/symfs -s --failed --show=faults,vma,life --csv=%s",
		    getenv("PFA"), captures, name, captures, golden_actual_path(path, golden));
	run_release(&run);
	return golden_matches(golden);
}

/* NULL: there is no such file. The caller frees it. */
static char *read_text(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;
	char *text = NULL;

	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0)
		fail_msg("%s: empty", path);
	fclose(file);
	return text;
}

/* The stream of changes and lives alone is the golden one, and the CSV's. */
static void check_history(const char *name, const struct csv *csv)
{
	char golden[128], path[GOLDEN_PATH_MAX], *transcript;
	bool matches;

	matches = replay_matches(name, ".history.txt", " --fixed-ts --failed --show=vma,life");
	snprintf(golden, sizeof(golden), "captures/%s.history.txt", name);
	transcript = read_text(golden_actual_path(path, golden));
	assert_non_null(transcript);
	history_check_stream(strchr(transcript, '\n') + 1, csv); /* after the command */
	free(transcript);
	assert_true(matches);
}

static void check_what_was_said(const char *name)
{
	char golden[128], path[GOLDEN_PATH_MAX], *said;
	struct announced announced;
	struct csv csv;

	snprintf(path, sizeof(path), "%s/%s.said", captures, name);
	said = read_text(path);
	if (!said)
		return;
	snprintf(golden, sizeof(golden), "captures/%s.csv", name);
	announced_parse(&announced, said);
	csv_read(&csv, golden_actual_path(path, golden));
	announced_check(&announced, &csv);
	if (announced.event_count)
		check_history(name, &csv);
	csv_release(&csv);
	announced_release(&announced);
	free(said);
}

/* Of some captures the program is kept, too: its symbols are found. */
static bool has_program(const char *name)
{
	char path[GOLDEN_PATH_MAX];

	snprintf(path, sizeof(path), "%s/symfs/tmp/pfa-golden/%s", captures, name);
	return !access(path, R_OK);
}

static void test_capture(void **state)
{
	const char *name = *state;
	bool plain, fixed, csv;

	plain = replay_matches(name, ".txt", "");
	fixed = replay_matches(name, ".fixed.txt", " --fixed-ts --show=faults,vma,life");
	csv = csv_matches(name);
	assert_true(plain && fixed && csv);
	if (has_program(name))
		assert_true(replay_matches(name, ".stacks.txt", " --fixed-ts "
					   "--show=faults,vma --fields=by,call,at,line,"
					   "maker,stack"));
	check_what_was_said(name);
}

int main(void)
{
	return golden_run(captures, ".data", "capture", test_capture);
}
