#include "print.h"

#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "pfa/base/units.h"
#include "pfa/report/table.h"
#include "setting.h"

static const char *const part_names[] = { "untraced", "pfa", "peer" };
static const char *const verdict_names[] = { "-", "met", "MISSED", "not measured",
					     "FAILED" };

/* More digits than units_time() has: they are compared by eye. */
static const char *format_value(char buf[UNITS_MAX], enum unit unit, double value)
{
	if (unit == UNIT_BYTES)
		return units_size(buf, (uint64_t)value);
	if (value >= 1e9)
		snprintf(buf, UNITS_MAX, "%.2fs", value / 1e9);
	else if (value >= 1e6)
		snprintf(buf, UNITS_MAX, "%.1fms", value / 1e6);
	else
		return units_time(buf, (uint64_t)(value + 0.5));
	return buf;
}

static const char *format_ratio(char buf[UNITS_MAX], double ratio)
{
	if (ratio < 0.5)
		snprintf(buf, UNITS_MAX, "1/%.*f", ratio > 0.02, 1 / ratio);
	else
		snprintf(buf, UNITS_MAX, "%.2f", ratio);
	return buf;
}

static void value_cell(struct table *table, struct result *result, enum part part)
{
	struct samples *samples = &result->samples[part];
	char buf[UNITS_MAX];

	table_cell(table, samples->count ? format_value(buf, result->row->unit,
							samples_median(samples))
					 : "");
}

static void ratio_cell(struct table *table, struct result *result, enum part part,
		       enum part base)
{
	double above = samples_median(&result->samples[part]);
	double below = samples_median(&result->samples[base]);
	char buf[UNITS_MAX];

	table_cell(table, above && below ? format_ratio(buf, above / below) : "");
}

static void put_header(struct table *table)
{
	static const char *const names[] = {
		"row", "untraced", "pfa", "peer", "pfa/untr.", "peer/untr.",
		"pfa/peer", "bar", "verdict",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		table_cell(table, names[i]);
}

static void put_row(struct table *table, struct result *result)
{
	const char *bar = result->row->bar.text;

	table_cell(table, result->row->name);
	for (int part = 0; part < PARTS; part++)
		value_cell(table, result, part);
	ratio_cell(table, result, PFA, UNTRACED);
	ratio_cell(table, result, PEER, UNTRACED);
	ratio_cell(table, result, PFA, PEER);
	table_cell(table, bar ? bar : "-");
	table_cell(table, verdict_names[result_verdict(result)]);
}

void print_table(struct text *text, struct result *results, size_t count)
{
	struct table table;

	table_init(&table, "lrrrrrrll");
	put_header(&table);
	for (size_t i = 0; i < count; i++)
		put_row(&table, &results[i]);
	table_print(&table, text);
	table_release(&table);
}

static const char *reason(struct result *result)
{
	if (result->failed.length)
		return text_cstr(&result->failed);
	if (result->not_measured.length)
		return text_cstr(&result->not_measured);
	return result->missed.length ? text_cstr(&result->missed) : NULL;
}

void print_reasons(struct text *text, struct result *results, size_t count)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		const char *why = reason(&results[i]);

		if (why)
			text_printf(text, "%s  %s: %s: %s\n", any ? "" : "\n",
				    results[i].row->name,
				    verdict_names[result_verdict(&results[i])], why);
		any = any || why;
	}
}

static void put_commands_header(struct table *table)
{
	static const char *const names[] = { "row", "", "lowest", "highest",
					     "memory", "lost", "command" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		table_cell(table, names[i]);
}

static void number_cell(struct table *table, bool known, uint64_t number)
{
	if (known)
		table_count_cell(table, number);
	else
		table_cell(table, "");
}

/* The memory of a command that runs a workload is that of the workload. */
static void memory_cell(struct table *table, const struct result *result,
			enum part part)
{
	char buf[UNITS_MAX];

	table_cell(table, result->row->commands[UNTRACED]
				  ? ""
				  : units_size(buf, result->samples[part].peak_bytes));
}

static void put_command(struct table *table, struct result *result, enum part part)
{
	struct samples *samples = &result->samples[part];
	enum unit unit = result->row->unit;
	struct text command;
	char buf[UNITS_MAX];

	samples_median(samples); /* sorts */
	table_cell(table, result->row->name);
	table_cell(table, part_names[part]);
	table_cell(table, format_value(buf, unit, samples->values[0]));
	table_cell(table,
		   format_value(buf, unit, samples->values[samples->count - 1]));
	memory_cell(table, result, part);
	number_cell(table, samples->tells_lost, samples->lost);
	text_init(&command);
	command_describe(&command, result->row->commands[part]);
	table_cell(table, text_cstr(&command));
	text_release(&command);
}

static void put_perf_record(struct text *text, const struct setting *setting)
{
	text_printf(text, "\n  perf record ... with all %zu EVENTS that pfa opens, and its "
			  "RING of %s:\n    ",
		    setting->event_count, setting->ring);
	command_describe(text, PERF_RECORD);
	text->bytes[text->length - 1] = '\n'; /* for the blank at its end */
}

void print_commands(struct text *text, struct result *results, size_t count,
		    const struct setting *setting)
{
	struct table table;

	table_init(&table, "llrrrrl");
	put_commands_header(&table);
	for (size_t i = 0; i < count; i++)
		for (int part = 0; part < PARTS; part++)
			if (results[i].samples[part].count)
				put_command(&table, &results[i], part);
	table_print(&table, text);
	table_release(&table);
	if (setting->events)
		put_perf_record(text, setting);
}
