#include "race.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "interrupt.h"
#include "lost.h"
#include "pfa/base/mem.h"
#include "pfa/base/units.h"
#include "run.h"
#include "setting.h"
#include "settle.h"

/* What any row writes for a moment: a capture, or perf script's text. */
#define USUAL_ROOM_BYTES (1ULL << 30)

struct rows_together {
	struct result *results;
	size_t count;
	const struct setting *setting;
};

static bool is_running(const struct result *result)
{
	return !result->failed.length && !result->not_measured.length;
}

static void see_whether_possible(struct result *result,
				 const struct setting *setting)
{
	const struct row *row = result->row;
	unsigned long long room = row->room_bytes ? row->room_bytes
						  : USUAL_ROOM_BYTES;
	char size[UNITS_MAX];

	for (int part = 0; part < PARTS; part++) {
		const char *command = row->commands[part];

		if (command && !command_is_installed(command) &&
		    !result->not_measured.length)
			text_printf(&result->not_measured, "%.*s is not installed",
				    (int)strcspn(command, " "), command);
	}
	if (!row->anyone && setting_room(setting) < room &&
	    !result->not_measured.length)
		text_printf(&result->not_measured, "needs %s of room for files",
			    units_size(size, room));
}

static void fail(struct result *result, const char *command, struct run *run)
{
	command_describe(&result->failed, command);
	text_printf(&result->failed, ": %s", run_complaint(run));
}

static void add_value(struct samples *samples, double value)
{
	samples->values = pfa_grow(samples->values, samples->count,
				   &samples->capacity, sizeof(value));
	samples->values[samples->count++] = value;
}

static void add_run(struct result *result, enum part part, struct run *run,
		    const char *out_path)
{
	const struct row *row = result->row;
	struct samples *samples = &result->samples[part];
	uint64_t lost;
	double value;

	if (!row->value(run, &value)) {
		command_describe(&result->failed, row->commands[part]);
		text_str(&result->failed, " does not say what was to be measured");
		return;
	}
	add_value(samples, value);
	if (run->peak_bytes > samples->peak_bytes)
		samples->peak_bytes = run->peak_bytes;
	if (lost_records(out_path, &lost)) {
		samples->tells_lost = true;
		samples->lost += lost;
	}
	if (part == PFA && row->check && !result->missed.length)
		row->check(run, out_path, &result->missed);
}

/* Is it this command that the row means, and does the row still run? */
static bool takes_part(const struct result *result, int part, const char *command)
{
	const char *its = result->row->commands[part];

	return its && !strcmp(its, command) && is_running(result);
}

static void run_for_all(const struct rows_together *group, const char *command,
			bool watch_memory)
{
	const struct setting *setting = group->setting;
	struct run run;
	bool ran;

	setting_clean_out(setting);
	settle();
	ran = run_command(&run, setting, command, watch_memory);
	for (size_t i = 0; i < group->count; i++) {
		struct result *result = &group->results[i];

		for (int part = 0; part < PARTS; part++) {
			if (!takes_part(result, part, command))
				continue;
			if (ran)
				add_run(result, part, &run, setting->out);
			else
				fail(result, command, &run);
		}
	}
	run_release(&run);
}

/* Whether an earlier row of these has run the command in this round. */
static bool has_run(const struct rows_together *group, size_t before,
		    const char *command)
{
	for (size_t i = 0; i < before; i++)
		for (int part = 0; part < PARTS; part++)
			if (takes_part(&group->results[i], part, command))
				return true;
	return false;
}

static void run_round(const struct rows_together *group, unsigned round)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct result *result = &group->results[i];
		const struct row *row = result->row;

		for (int part = 0; part < PARTS && !interrupted(); part++) {
			const char *command = row->commands[part];

			if (!command || !is_running(result) ||
			    (row->rounds && round >= row->rounds) ||
			    has_run(group, i, command))
				continue;
			run_for_all(group, command, row->watch_memory);
		}
	}
}

/* Neighbours that need the same find it made. */
static void prepare(const struct rows_together *group)
{
	const char *made = NULL;

	for (size_t i = 0; i < group->count; i++) {
		struct result *result = &group->results[i];
		const char *before = result->row->before;
		struct run run;

		see_whether_possible(result, group->setting);
		if (!before || !is_running(result) || (made && !strcmp(made, before)))
			continue;
		if (run_command(&run, group->setting, before, false))
			made = before;
		else
			fail(result, before, &run);
		run_release(&run);
	}
}

void race(struct result *results, size_t count, const struct setting *setting)
{
	const struct rows_together group = { results, count, setting };

	prepare(&group);
	for (unsigned round = 0; round < setting->rounds && !interrupted(); round++)
		run_round(&group, round);
	setting_clean_out(setting);
}
