#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/options.h"
#include "pfa/options_check.h"
#include "pfa/options_help.h"
#include "pfa/options_table.h"
#include "pfa/source/event_groups.h"

struct getopt_tables {
	char letters[2 * OPTION_ROWS_MAX + 4];
	struct option longs[OPTION_ROWS_MAX + 1];
	const struct option_row *row_of[OPTION_ROWS_MAX]; /* by index of longs[] */
	size_t count;
};

static int takes_argument(const struct option_row *row)
{
	if (!row->argument)
		return no_argument;
	return *row->argument == '[' ? optional_argument : required_argument;
}

static void build_tables(struct getopt_tables *tables, enum command command)
{
	char *letter = tables->letters;

	memset(tables, 0, sizeof(*tables));
	*letter++ = '+'; /* the program's own options are not ours */
	*letter++ = ':';
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (!(row->commands & 1U << command))
			continue;
		tables->longs[tables->count] = (struct option){
			row->name, takes_argument(row), NULL, 256 + (int)tables->count };
		tables->row_of[tables->count++] = row;
		if (!row->letter)
			continue;
		*letter++ = row->letter;
		if (row->argument)
			*letter++ = ':';
	}
}

static const struct option_row *row_found(const struct getopt_tables *tables, int got)
{
	if (got >= 256)
		return tables->row_of[got - 256];
	for (size_t i = 0; i < tables->count; i++)
		if (tables->row_of[i]->letter == got)
			return tables->row_of[i];
	return NULL;
}

static enum pfa_status refuse(int got, char **argv, enum command command,
			      struct pfa_error *err)
{
	const char *help = command_help[command].help;

	if (got == ':')
		return pfa_fail(err, PFA_E_USAGE, "option %s needs a value (see %s)",
				argv[optind - 1], help);
	if (optopt && optopt < 256)
		return pfa_fail(err, PFA_E_USAGE, "unknown option -%c (see %s)",
				optopt, help);
	return pfa_fail(err, PFA_E_USAGE, "unknown option %s (see %s)",
			argv[optind - 1], help);
}

static enum pfa_status parse_options(struct options *o, int argc, char **argv,
				     struct pfa_error *err)
{
	struct getopt_tables tables;
	int got;

	build_tables(&tables, o->command);
	optind = 0; /* from the start, whatever was read before */
	opterr = 0;
	while ((got = getopt_long(argc, argv, tables.letters, tables.longs,
				  NULL)) != -1) {
		const struct option_row *row = row_found(&tables, got);
		enum pfa_status status;

		if (!row)
			return refuse(got, argv, o->command, err);
		status = row->set(o, optarg, err);
		if (status)
			return status;
		if (o->help || o->version)
			return PFA_OK;
	}
	if (optind < argc)
		o->program = argv + optind;
	return PFA_OK;
}

enum pfa_status options_parse(struct options *o, int argc, char **argv,
			      struct pfa_error *err)
{
	enum pfa_status status;

	*o = (struct options){
		.view = view_default(),
		.map = map_view_default(),
		.input = "pfa.data",
		.event_groups = GROUPS_ALL,
		.rss_interval_ns = 100000000,
		.cmdline = (const char *const *)argv,
	};
	for (int c = COMMAND_RECORD; argc > 1 && c < COMMAND_COUNT; c++) {
		if (strcmp(argv[1], command_help[c].name) != 0)
			continue;
		o->command = (enum command)c;
		argc--;
		argv++;
		break;
	}
	if (o->command == COMMAND_RECORD)
		o->output = o->input;
	if (o->command == COMMAND_TOP)
		o->view.interval_ns = 1000000000;
	status = parse_options(o, argc, argv, err);
	if (status || o->help || o->version)
		return status;
	return options_check(o, err);
}

void options_release(struct options *o)
{
	free(o->pids);
	free(o->budgets);
}
