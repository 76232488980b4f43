/*
 * The command line: one table of options feeds parsing and --help.
 */
#ifndef PFA_OPTIONS_H
#define PFA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "pfa/base/status.h"
#include "pfa/report/map_view.h"
#include "pfa/report/results.h"
#include "pfa/report/view.h"
#include "pfa/source/call_graph.h"

enum command {
	COMMAND_TRACE,  /* pfa [options] ... */
	COMMAND_RECORD, /* pfa record ... */
	COMMAND_REPORT, /* pfa report ... */
	COMMAND_MAP,    /* pfa map ... */
	COMMAND_TOP,    /* pfa top ... */
	COMMAND_COUNT
};

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	enum command command;
	bool help, version;
	const char *const *cmdline; /* the whole of it, NULL-terminated */

	pid_t *pids; /* owned */
	size_t pid_count, pid_capacity;
	bool machine; /* all processes */
	const char *cgroup; /* those of a control group, or NULL */
	unsigned event_groups; /* a bit each (source/event_groups.h) */
	char *const *program; /* argv of the program to launch, or NULL */

	const char *input;  /* report: the capture */
	const char *output; /* the stream's file; record: the capture */
	const char *capture; /* trace: the capture to write beside */
	const char *exports[8]; /* by export_formats[] */
	const char *symfs; /* where symbols are read, or NULL: from this machine */
	const char *results[RESULT_COUNT]; /* by enum result_file */

	bool no_follow;
	bool verify; /* compare layouts with /proc/PID/maps */
	struct call_graph call_graph;
	uint64_t rss_interval_ns; /* between looks at a process's memory; 0: none */
	uint64_t buffer_bytes; /* 0: our choice */
	uint64_t duration_ns;  /* 0: no limit */
	uint64_t max_faults;   /* 0: no limit */

	struct budget *budgets; /* owned; the view's */
	size_t budget_capacity;

	enum color_choice color;
	struct view view;
	bool tree; /* map: all below the processes, too */
	struct map_view map;
};

/*
 * Reads the command line. On failure the error names the option and the remedy.
 * With help or version set, nothing else is checked.
 */
enum pfa_status options_parse(struct options *options, int argc, char **argv,
			      struct pfa_error *err) PFA_MUST_CHECK;
void options_release(struct options *options);

void options_print_help(FILE *out, enum command command);

#endif
