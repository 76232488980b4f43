/*
 * Event scripts through model and reports: tests/golden/scripts/NAME.events gives
 * golden/NAME.txt (stream and summary) and golden/NAME.csv. Add a scenario by adding
 * a script; `make golden-update` writes what it gives, to be checked by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wordexp.h>

#include <cmocka.h>

#include "../support/golden.h"
#include "pfa/decode/event.h"
#include "pfa/model/model.h"
#include "pfa/options.h"
#include "pfa/report/report.h"
#include "../support/script.h"

static const char scripts[] = "tests/golden/scripts";

#define assert_ok(call, err)                              \
	do {                                              \
		if (call)                                 \
			fail_msg("%s", (err)->text);      \
	} while (0)

static void tell_layouts(struct report *report, struct model *model, uint64_t next_ns)
{
	uint64_t moment_ns;

	if (!report_wants_layouts(report) ||
	    !report_moment_begins(report, next_ns, &moment_ns))
		return;
	model_tell_layouts(model, moment_ns);
	report_moment_ends(report);
}

/* As src/analysis.c does with what it decodes. */
static void feed(const struct script *script, struct report *report, struct model *model)
{
	bool begun = false;

	for (size_t i = 0; i < script->count; i++) {
		const struct event *event = &script->events[i];

		if (!begun && event->time_ns) {
			begun = true;
			report_set_origin(report, event->time_ns);
		}
		report_time_passes(report, event->time_ns);
		tell_layouts(report, model, event->time_ns);
		if (!report_is_over(report) || event->kind == EVENT_NOTE)
			model_feed(model, event);
	}
	model_finish(model);
}

/* A script's run may be over its budgets: the line that says so is part of the output. */
static void close_report(struct report *report, const struct run_facts *facts,
			 const char *path)
{
	struct pfa_error err;
	enum pfa_status status = report_close(report, facts, &err);
	FILE *file;

	if (!status)
		return;
	if (status != PFA_E_BUDGET)
		fail_msg("%s", err.text);
	file = fopen(path, "ae");
	assert_non_null(file);
	fprintf(file, "error: %s\n", err.text);
	assert_int_equal(fclose(file), 0);
}

static void report_script(const struct script *script, const struct options *options)
{
	const struct report_paths paths = { options->output, options->exports,
					    options->results };
	struct observer observer;
	struct report *report;
	struct model *model;
	struct pfa_error err;

	assert_ok(report_open(&report, &options->view, &paths, NULL, &err), &err);
	observer = report_observer(report);
	model = model_new(script->strings, &script->abilities, &observer);
	if (report_wants_layouts(report))
		model_want_layouts(model);
	feed(script, report, model);
	close_report(report, model_facts(model), options->output);
	model_free(model);
}

/* `pfa report -o TEXT --csv=CSV` and the script's own options. */
static void run_script(const struct script *script, const char *text, const char *csv)
{
	char command[2 * GOLDEN_PATH_MAX + 512];
	struct options options;
	struct pfa_error err;
	wordexp_t words;

	snprintf(command, sizeof(command), "pfa report --output='%s' --csv='%s' %s", text,
		 csv, script->options);
	assert_int_equal(wordexp(command, &words, WRDE_NOCMD | WRDE_UNDEF), 0);
	assert_ok(options_parse(&options, (int)words.we_wordc, words.we_wordv, &err), &err);
	report_script(script, &options);
	options_release(&options);
	wordfree(&words);
}

static void test_script(void **state)
{
	const char *name = *state;
	char path[GOLDEN_PATH_MAX], text[128], csv[128];
	char text_path[GOLDEN_PATH_MAX], csv_path[GOLDEN_PATH_MAX];
	struct script script;
	struct pfa_error err;
	bool text_matches, csv_matches;

	snprintf(path, sizeof(path), "%s/%s.events", scripts, name);
	snprintf(text, sizeof(text), "%s.txt", name);
	snprintf(csv, sizeof(csv), "%s.csv", name);
	assert_ok(script_read(&script, path, &err), &err);
	run_script(&script, golden_actual_path(text_path, text),
		   golden_actual_path(csv_path, csv));
	script_release(&script);
	text_matches = golden_matches(text);
	csv_matches = golden_matches(csv);
	assert_true(text_matches && csv_matches);
}

int main(void)
{
	return golden_run(scripts, ".events", "script", test_script);
}
