#include "pfa/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/units.h"
#include "pfa/options_help.h"
#include "pfa/options_map.h"
#include "pfa/options_results.h"
#include "pfa/options_table.h"
#include "pfa/options_top.h"
#include "pfa/report/budgets.h"
#include "pfa/report/format.h"
#include "pfa/report/process_list.h"
#include "pfa/source/event_groups.h"

/* The commands a row belongs to. */
enum {
	T = 1 << COMMAND_TRACE,
	C = 1 << COMMAND_RECORD,
	R = 1 << COMMAND_REPORT,
	M = 1 << COMMAND_MAP,
	W = 1 << COMMAND_TOP,
};

/* ---- setters ---- */

static enum pfa_status bad_value(const char *option, const char *value,
				 const char *want, struct pfa_error *err)
{
	return pfa_fail(err, PFA_E_USAGE, "%s: '%s' is not %s", option, value, want);
}

/* Once is enough: a process armed twice would count twice. */
static void add_pid(struct options *o, pid_t pid)
{
	for (size_t i = 0; i < o->pid_count; i++)
		if (o->pids[i] == pid)
			return;
	o->pids = pfa_grow(o->pids, o->pid_count, &o->pid_capacity, sizeof(pid_t));
	o->pids[o->pid_count++] = pid;
}

static enum pfa_status set_pids(struct options *o, const char *value,
				struct pfa_error *err)
{
	const char *at = value;

	for (;;) {
		char *end;
		long pid;

		errno = 0;
		pid = strtol(at, &end, 10);
		if (!isdigit((unsigned char)*at) || errno || pid < 1 ||
		    pid > INT32_MAX || (*end && *end != ','))
			return bad_value("-p", value, "a PID, or PIDs with commas",
					 err);
		add_pid(o, (pid_t)pid);
		if (!*end)
			return PFA_OK;
		at = end + 1;
	}
}

static enum pfa_status set_cgroup(struct options *o, const char *value,
				  struct pfa_error *err)
{
	if (!*value)
		return bad_value("--cgroup", value, "the name of a control group", err);
	o->cgroup = value;
	return PFA_OK;
}

static enum pfa_status set_events(struct options *o, const char *value,
				  struct pfa_error *err)
{
	if (!event_groups_parse(value, &o->event_groups))
		return bad_value("--events", value, "a list of faults, entries, calls, "
				 "tasks, kernel, or of what to leave out, as "
				 "-calls,-kernel", err);
	return PFA_OK;
}

static enum pfa_status set_input(struct options *o, const char *value,
				 struct pfa_error *err)
{
	(void)err;
	o->input = value;
	return PFA_OK;
}

static enum pfa_status set_output(struct options *o, const char *value,
				  struct pfa_error *err)
{
	(void)err;
	o->output = value;
	return PFA_OK;
}

static enum pfa_status set_capture(struct options *o, const char *value,
				   struct pfa_error *err)
{
	(void)err;
	o->capture = value;
	return PFA_OK;
}

static enum pfa_status set_csv(struct options *o, const char *value,
			       struct pfa_error *err)
{
	(void)err;
	for (size_t i = 0; export_formats[i]; i++)
		if (export_formats[i] == &csv_format)
			o->exports[i] = value;
	return PFA_OK;
}

static enum pfa_status set_call_graph(struct options *o, const char *value,
				      struct pfa_error *err)
{
	if (!call_graph_parse(value, &o->call_graph))
		return bad_value("--call-graph", value, "none, fp, dwarf, or dwarf with "
				 "a size from 64 to 48K, as dwarf,16K", err);
	return PFA_OK;
}

static enum pfa_status set_rss_interval(struct options *o, const char *value,
					struct pfa_error *err)
{
	enum { SHORTEST_NS = 1000000 };

	if (!units_parse_time(value, &o->rss_interval_ns) ||
	    (o->rss_interval_ns && o->rss_interval_ns < SHORTEST_NS))
		return bad_value("--rss-interval", value, "a time from 1ms, or 0", err);
	return PFA_OK;
}

static enum pfa_status set_buffer(struct options *o, const char *value,
				  struct pfa_error *err)
{
	if (!units_parse_size(value, &o->buffer_bytes) || o->buffer_bytes < 4096 ||
	    o->buffer_bytes > 1ULL << 30)
		return bad_value("--buffer", value, "a size from 4K to 1G", err);
	return PFA_OK;
}

static enum pfa_status set_duration(struct options *o, const char *value,
				    struct pfa_error *err)
{
	if (!units_parse_time(value, &o->duration_ns) || !o->duration_ns)
		return bad_value("--duration", value, "a time such as 500ms or 10s",
				 err);
	return PFA_OK;
}

static enum pfa_status set_max_faults(struct options *o, const char *value,
				      struct pfa_error *err)
{
	if (!units_parse_count(value, &o->max_faults) || !o->max_faults)
		return bad_value("--max-faults", value, "a number above 0", err);
	return PFA_OK;
}

static enum pfa_status set_show(struct options *o, const char *value,
				struct pfa_error *err)
{
	return view_set_show(&o->view, value, err);
}

static enum pfa_status set_fields(struct options *o, const char *value,
				  struct pfa_error *err)
{
	return view_set_fields(&o->view, value, err);
}

static enum pfa_status set_type(struct options *o, const char *value,
				struct pfa_error *err)
{
	return view_set_types(&o->view, value, err);
}

static enum pfa_status set_kind(struct options *o, const char *value,
				struct pfa_error *err)
{
	return view_set_kinds(&o->view, value, err);
}

static enum pfa_status set_region(struct options *o, const char *value,
				  struct pfa_error *err)
{
	(void)err;
	o->view.region = value;
	return PFA_OK;
}

static enum pfa_status set_min_latency(struct options *o, const char *value,
				       struct pfa_error *err)
{
	if (!units_parse_time(value, &o->view.min_latency_ns))
		return bad_value("--min-latency", value,
				 "a time such as 50us or 1ms", err);
	return PFA_OK;
}

static enum pfa_status set_top(struct options *o, const char *value,
			       struct pfa_error *err)
{
	uint64_t top;

	if (!units_parse_count(value, &top) || !top)
		return bad_value("--top", value, "a number above 0", err);
	o->view.top = top;
	return PFA_OK;
}

static enum pfa_status set_sort(struct options *o, const char *value,
				struct pfa_error *err)
{
	return view_set_sort(&o->view, value, err);
}

static enum pfa_status set_symfs(struct options *o, const char *value,
				 struct pfa_error *err)
{
	if (!*value)
		return bad_value("--symfs", value, "a directory", err);
	o->symfs = value;
	return PFA_OK;
}

static enum pfa_status set_compare(struct options *o, const char *value,
				   struct pfa_error *err)
{
	if (!process_list_is_pair(value))
		return bad_value("--compare", value, "two processes, as 4321,4322 or "
				 "P1,P2", err);
	o->view.compare = value;
	return PFA_OK;
}

static enum pfa_status set_processes(struct options *o, const char *value,
				     struct pfa_error *err)
{
	if (!process_list_valid(value))
		return bad_value("--pid", value, "a process, or some with commas, as "
				 "4321 or P1,P2", err);
	o->view.processes = value;
	return PFA_OK;
}

static enum pfa_status set_at(struct options *o, const char *value,
			      struct pfa_error *err)
{
	o->view.has_at = true;
	if (!units_parse_time(value, &o->view.at_ns))
		return bad_value("--at", value, "a time such as 1.25, 250ms or 80us",
				 err);
	return PFA_OK;
}

static enum pfa_status add_budget(struct options *o, const char *value, bool alert,
				  struct pfa_error *err)
{
	size_t count = o->view.budget_count;

	if (count == BUDGETS_MAX)
		return pfa_fail(err, PFA_E_USAGE, "more than %d of --fail-if and --alert",
				BUDGETS_MAX);
	o->budgets = pfa_grow(o->budgets, count, &o->budget_capacity,
			      sizeof(*o->budgets));
	o->view.budgets = o->budgets;
	o->view.budget_count++;
	return budget_parse(&o->budgets[count], value, alert, err);
}

static enum pfa_status set_fail_if(struct options *o, const char *value,
				   struct pfa_error *err)
{
	return add_budget(o, value, false, err);
}

static enum pfa_status set_alert(struct options *o, const char *value,
				 struct pfa_error *err)
{
	return add_budget(o, value, true, err);
}

static enum pfa_status set_color(struct options *o, const char *value,
				 struct pfa_error *err)
{
	if (!strcmp(value, "auto"))
		o->color = COLOR_AUTO;
	else if (!strcmp(value, "always"))
		o->color = COLOR_ALWAYS;
	else if (!strcmp(value, "never"))
		o->color = COLOR_NEVER;
	else
		return bad_value("--color", value, "auto, always or never", err);
	return PFA_OK;
}

/* ---- options without a value ---- */

#define FLAG(name, member)                                                          \
	static enum pfa_status set_##name(struct options *o, const char *value,     \
					  struct pfa_error *err)                    \
	{                                                                           \
		(void)value, (void)err;                                             \
		o->member = true;                                                   \
		return PFA_OK;                                                      \
	}

FLAG(machine, machine)
FLAG(no_follow, no_follow)
FLAG(verify, verify)
FLAG(summary_only, view.summary_only)
FLAG(fixed_ts, view.fixed_ts)
FLAG(failed, view.failed)
FLAG(maps, view.maps)
FLAG(leaks, view.leaks)
FLAG(help, help)
FLAG(version, version)
#undef FLAG

/* ---- the table ---- */

const struct option_row option_rows[] = {
	{ 'p', "pid", "PID[,PID...]", T | C | W, set_pids,
	  "attach to running processes" },
	{ 'p', "pid", "PID[,PID...]", M, set_pids, "the processes to look at" },
	{ 0, "tree", NULL, M, options_set_map_tree, "and all processes below them" },
	{ 0, "pages", "[RANGE]", M, options_set_map_pages,
	  "page by page, runs of equal ones folded; RANGE as 7f5acd89c000-7f5acd89e000" },
	{ 0, "each", NULL, M, options_set_map_each,
	  "--pages: a line for each page that is there" },
	{ 0, "strip", NULL, M, options_set_map_strip, "draw each mapping as cells" },
	{ 0, "sort", "COLUMN", M, options_set_map_sort,
	  "largest first, by size, rss, pss, dirty, swap, ... [range]" },
	{ 0, "top", "N", M, options_set_map_top, "only the first N mappings [all]" },
	{ 0, "region", "GLOB", M, options_set_map_region,
	  "only mappings that match: 'libc*', anon" },
	{ 0, "fields", "LIST", M, options_set_map_fields,
	  "columns: range, perms, class, size, rss, ...; all; or beside the usual "
	  "ones: +path,vmflags" },
	{ 'o', "output", "FILE", M, set_output, "write to FILE" },
	{ 0, "csv", "FILE", M, set_csv,
	  "export mappings, or with --pages pages, as CSV" },
	{ 'a', "all", NULL, T | C | W, set_machine,
	  "the whole machine, while PROGRAM runs if one is named" },
	{ 0, "cgroup", "PATH", T | C | W, set_cgroup, "likewise, one control group" },
	{ 'i', "input", "FILE", R, set_input,
	  "the capture to read [pfa.data]" },
	{ 'o', "output", "FILE", C, set_output, "the capture to write [pfa.data]" },
	{ 'o', "output", "FILE", T | R, set_output,
	  "write the stream and the summary to FILE" },
	{ 'o', "output", "FILE", W, set_output, "--batch: write the frames to FILE" },
	{ 0, "interval", "TIME", W, options_set_top_interval, "length of a frame [1s]" },
	{ 0, "batch", "N", W, options_set_top_batch,
	  "print N frames as text, then end: no terminal is needed" },
	{ 's', "summary", NULL, T | R, set_summary_only,
	  "print the summary only" },
	{ 0, "csv", "FILE", T | R, set_csv, "export events as CSV" },
	{ 0, "folded", "FILE", T | R, options_set_folded,
	  "export folded stacks, for flame graphs" },
	{ 0, "folded-weight", "WHAT", T | R, options_set_folded_weight,
	  "count (of faults), time (in them, ns) or bytes (mapped) [count]" },
	{ 0, "folded-leaf", "WHAT", T | R, options_set_folded_leaf,
	  "what was touched, as a frame: region, touched or kind [none]" },
	{ 0, "folded-inline", NULL, T | R, options_set_folded_inline,
	  "inlined functions are frames, too" },
	{ 0, "prefetch-list", "FILE", T | R, options_set_prefetch_list,
	  "export what was touched of files: path, offset, length" },
	{ 0, "order-file", "FILE", T | R, options_set_order_file,
	  "export functions in order of first touch, for ld.lld "
	  "--symbol-ordering-file" },
	{ 0, "object", "GLOB", T | R, options_set_object,
	  "--order-file: of this object [the executable]" },
	{ 0, "capture", "FILE", T | W, set_capture,
	  "write a capture too, for pfa report" },
	{ 0, "show", "LIST", T | R, set_show,
	  "faults, vma, life, memory: what to print [faults]" },
	{ 0, "failed", NULL, T | R, set_failed,
	  "also memory calls that failed, whatever --show says" },
	{ 0, "fields", "LIST", T | R, set_fields,
	  "keys of a line: latency, pid, tid, comm, cpu, kind, mode, access, "
	  "refault, offset, ip, page_size, phys, by, call, at, code, build_id, "
	  "line, object, maker, age, stack" },
	{ 0, "type", "LIST", T | R | W, set_type,
	  "only these types: MAJOR, MINOR, COW, INVALID" },
	{ 0, "kind", "LIST", T | R | W, set_kind,
	  "only these kinds: zero-fill, page-in, cow-copy, ..." },
	{ 0, "region", "GLOB", T | R | W, set_region,
	  "only regions that match: 'libc*', '* .data'" },
	{ 0, "min-latency", "TIME", T | R | W, set_min_latency,
	  "only faults that took at least TIME" },
	{ 0, "top", "N", T | R, set_top, "rows of each table [20]" },
	{ 0, "sort", "ORDER", T | R | W, set_sort,
	  "order of the tables of faults: count or time [count]" },
	{ 0, "symfs", "DIR", T | R | W, set_symfs,
	  "read symbols and lines from files below DIR only" },
	{ 0, "maps", NULL, T | R, set_maps,
	  "print address spaces instead, as each ends" },
	{ 0, "compare", "PID,PID", T | R, set_compare,
	  "print two of them side by side" },
	{ 0, "leaks", NULL, T | R, set_leaks,
	  "print what each process mapped and never unmapped" },
	{ 0, "at", "TIME", T | R, set_at,
	  "these three: as it was TIME after the run began" },
	{ 0, "pid", "PID[,PID...]", R, set_processes,
	  "--maps and --leaks: only of these; P2 is the second" },
	{ 0, "fail-if", "EXPR", T | R | W, set_fail_if,
	  "exit with 3 if EXPR holds: 'major>100', 'faults/s>1000', 'cow@libc*>0', "
	  "'mapped>1G'" },
	{ 0, "alert", "EXPR", T | R | W, set_alert,
	  "a line in the stream when EXPR begins to hold" },
	{ 0, "first-touch", NULL, T | R, options_set_first_touch,
	  "print the pages of files instead, in order of first touch" },
	{ 0, "fixed-ts", NULL, T | R, set_fixed_ts,
	  "logical clock and names: the same bytes every time" },
	{ 0, "color", "WHEN", T | R | M | W, set_color, "auto, always or never" },
	{ 0, "events", "LIST", T | C | W, set_events,
	  "groups of events: entries, calls, tasks, kernel; or what to leave out: "
	  "-calls,-kernel [all]" },
	{ 0, "call-graph", "HOW", T | C | W, set_call_graph,
	  "call stacks: fp (by frame pointers), dwarf[,SIZE] (by a copy of the stack) "
	  "[none]" },
	{ 0, "no-follow", NULL, T | C | W, set_no_follow,
	  "threads only, not child processes" },
	{ 0, "verify", NULL, T | C, set_verify,
	  "compare layouts with /proc/PID/maps, and put right what differs" },
	{ 0, "rss-interval", "TIME", T | C | W, set_rss_interval,
	  "how often to look at each process's memory; 0: never [100ms]" },
	{ 0, "duration", "TIME", T | C | W, set_duration, "end after TIME" },
	{ 0, "max-faults", "N", T, set_max_faults, "end after N faults" },
	{ 0, "buffer", "SIZE", T | C | W, set_buffer,
	  "ring buffer of each CPU [8M]" },
	{ 'h', "help", NULL, T | C | R | M | W, set_help, "this help" },
	{ 'V', "version", NULL, T | C | R | M | W, set_version, "the version" },
	{ 0, NULL, NULL, 0, NULL, NULL },
};

_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) <= OPTION_ROWS_MAX,
	       "more options than those who read them have room for");

void options_print_help(FILE *out, enum command command)
{
	fprintf(out, "Usage: %s\n\n%s\n\nOptions:\n", command_help[command].usage,
		command_help[command].about);
	for (const struct option_row *row = option_rows; row->name; row++)
		if (row->commands & 1U << command)
			options_help_row(out, row->letter, row->name, row->argument,
					 row->help);
	if (command == COMMAND_TRACE)
		fputs("\nExit status: 0 success, 1 I/O or internal error, 2 usage, "
		      "permission or\nconfiguration error, 3 not within --fail-if. See pfa(1).\n", out);
}
