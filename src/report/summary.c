#include "pfa/report/summary.h"

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "pfa/base/units.h"
#include "pfa/model/observation.h"
#include "pfa/report/breakdown.h"
#include "pfa/report/budget_tables.h"
#include "pfa/report/by_name.h"
#include "pfa/report/census.h"
#include "pfa/report/fork_tables.h"
#include "pfa/report/histogram.h"
#include "pfa/report/memory_tables.h"
#include "pfa/report/process_tree.h"
#include "pfa/report/refault_tables.h"
#include "pfa/report/spaces.h"
#include "pfa/report/tally.h"
#include "pfa/report/view.h"

struct summary {
	struct text *out;
	const struct view *view;
	const struct run_facts *facts;
	const struct tally *all;
};

/* ---- the line and the facts ---- */

static uint64_t kernel_minor(const struct tally *t)
{
	return t->total.by_type[FAULT_MINOR] + t->total.by_type[FAULT_COW];
}

static void print_line(const struct summary *s)
{
	const uint64_t *n = s->all->total.by_type;

	text_printf(s->out, "Summary: major=%" PRIu64 " minor=%" PRIu64
		    " cow=%" PRIu64, n[FAULT_MAJOR], n[FAULT_MINOR], n[FAULT_COW]);
	if (n[FAULT_INVALID])
		text_printf(s->out, " invalid=%" PRIu64, n[FAULT_INVALID]);
	if (s->facts->lost)
		text_printf(s->out, " lost=%" PRIu64, s->facts->lost);
	text_char(s->out, '\n');
}

static void print_target_end(const struct summary *s)
{
	int status = s->facts->wait_status;

	if (!s->facts->has_exit)
		return;
	if (WIFSIGNALED(status))
		text_printf(s->out, "  target         killed by signal %d (%s)\n",
			    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		text_printf(s->out, "  target         exited with status %d\n",
			    WEXITSTATUS(status));
}

static uint64_t elapsed_ns(const struct run_facts *f)
{
	return f->end_ns > f->start_ns ? f->end_ns - f->start_ns : 0;
}

/* ", 12.3% of what", or nothing where there is no whole. */
static void put_share(struct text *out, uint64_t part, uint64_t whole, const char *of)
{
	uint64_t per_mille = whole ? (uint64_t)((__uint128_t)part * 1000 / whole) : 0;

	if (whole)
		text_printf(out, ", %" PRIu64 ".%" PRIu64 "%% of %s", per_mille / 10,
			    per_mille % 10, of);
}

static void print_elapsed(const struct summary *s)
{
	uint64_t whole = elapsed_ns(s->facts);
	char elapsed[UNITS_MAX], time[UNITS_MAX];

	if (whole)
		text_printf(s->out, "  elapsed        %s\n", units_time(elapsed, whole));
	if (!s->all->total.timed)
		return;
	text_printf(s->out, "  time in faults %s", units_time(time, s->all->total.time_ns));
	put_share(s->out, s->all->total.time_ns, whole, "elapsed");
	put_share(s->out, s->all->total.time_ns, whole ? s->facts->thread_ns : 0,
		  "its threads' time");
	text_char(s->out, '\n');
}

static void print_thrash(const struct summary *s)
{
	uint64_t whole = elapsed_ns(s->facts), majors = s->all->total.by_type[FAULT_MAJOR];
	uint64_t tenths;

	if (!whole || (!majors && !s->all->refaults))
		return;
	tenths = (uint64_t)((__uint128_t)majors * 10000000000 / whole);
	text_printf(s->out, "  thrash         majors/s %" PRIu64 ".%" PRIu64 ", refaults %" PRIu64
		    ", from swap %" PRIu64 "\n", tenths / 10, tenths % 10,
		    s->all->refaults, s->all->from_swap);
}

static void print_pressure(const struct summary *s)
{
	const struct run_facts *f = s->facts;
	char some[UNITS_MAX], full[UNITS_MAX];

	if (!f->has_pressure)
		return;
	text_printf(s->out, "  pressure       some %s, full %s",
		    units_time(some, f->pressure_some_ns),
		    units_time(full, f->pressure_full_ns));
	put_share(s->out, f->pressure_some_ns, elapsed_ns(f), "elapsed");
	text_printf(s->out, " (waiting for memory, %s)\n",
		    f->group_pressure ? "in the control group" : "on the whole machine");
}

static void print_times(const struct summary *s)
{
	if (s->view->fixed_ts)
		return;
	print_elapsed(s);
	print_thrash(s);
	print_pressure(s);
}

static void print_if_any(const struct summary *s, const char *name, uint64_t value,
			 const char *what)
{
	if (value)
		text_printf(s->out, "  %-14s %" PRIu64 " %s\n", name, value, what);
}

static void print_oddities(const struct summary *s)
{
	const struct run_facts *f = s->facts;

	print_if_any(s, "unfinished", f->unfinished,
		     "faults had begun when tracing ended");
	print_if_any(s, "retried", f->retried,
		     "attempts, interrupted or done again: not counted as faults");
	print_if_any(s, "unpaired", f->unpaired,
		     "completions without their beginning: no latency");
	print_if_any(s, "gaps", f->gaps,
		     "times a CPU came online: what ran there at first is missing");
	print_if_any(s, "corrupt", f->corrupt, "records skipped");
	print_if_any(s, "late", f->late, "records arrived out of order");
}

static void print_first_drift(const struct summary *s)
{
	const struct drift *d = &s->facts->first_drift;
	bool fixed = s->view->fixed_ts;

	text_printf(s->out, "  first drift    %#" PRIx64 "-%#" PRIx64 " of %s%" PRIu32
		    " (", d->start, d->end, fixed ? "P" : "", fixed ? d->actor.serial
								  : d->actor.pid);
	text_escaped(s->out, d->actor.process_comm);
	text_printf(s->out, "): modelled %s, mapped %s\n", d->modelled, d->mapped);
}

/* How often it was compared differs from run to run. */
static void print_drift(const struct summary *s)
{
	const struct run_facts *f = s->facts;

	if (!f->verified)
		return;
	text_printf(s->out, "  drift          %" PRIu64, f->drifts);
	if (!s->view->fixed_ts)
		text_printf(s->out, " (%" PRIu64 " layouts compared, %" PRIu64
			    " changed meanwhile)", f->compared, f->unquiet);
	text_char(s->out, '\n');
	if (f->drifts)
		print_first_drift(s);
}

static void print_facts(const struct summary *s)
{
	text_printf(s->out, "  faults         %" PRIu64 ", %" PRIu64
		    " of them in kernel mode\n", s->all->total.faults,
		    s->all->kernel_mode);
	text_printf(s->out, "  invalid        %" PRIu64 "\n",
		    s->all->total.by_type[FAULT_INVALID]);
	text_printf(s->out, "  lost           %" PRIu64 " records%s\n", s->facts->lost,
		    s->facts->suspect ? "; regions after that may be wrong" : "");
	print_drift(s);
	print_times(s);
	print_target_end(s);
	print_oddities(s);
}

/* ---- against the kernel's own counters ---- */

static void print_against(const struct summary *s, const char *what, uint64_t minor,
			  uint64_t major, const char *why)
{
	uint64_t saw_minor = kernel_minor(s->all);
	uint64_t saw_major = s->all->total.by_type[FAULT_MAJOR];
	int64_t more_minor = (int64_t)(minor - saw_minor);
	int64_t more_major = (int64_t)(major - saw_major);

	text_printf(s->out, "  %-14s minor %" PRIu64 ", major %" PRIu64, what, minor,
		    major);
	if (!more_minor && !more_major)
		text_str(s->out, ": equal\n");
	else
		text_printf(s->out, ": %+" PRId64 " minor, %+" PRId64 " major%s\n",
			    more_minor, more_major, why);
}

static const char *why_uncounted(const struct run_facts *f)
{
	if (f->stopped)
		return " (after --max-faults)";
	return f->lost ? " (lost records)" : "";
}

static const char *why_in_rusage(const struct run_facts *f)
{
	if (f->started && !f->full_privilege)
		return " (before exec, in kernel mode, and all of a program that is "
		       "set-user-ID)";
	return " (before exec, and faults taken for the process without an event)";
}

static void print_reconciliation(const struct summary *s)
{
	const struct run_facts *f = s->facts;

	if (!f->has_counters && !f->has_rusage && !f->has_stat)
		return;
	text_printf(s->out, "\nReconciliation: pfa saw minor+cow %" PRIu64
		    ", major %" PRIu64 "\n", kernel_minor(s->all),
		    s->all->total.by_type[FAULT_MAJOR]);
	if (f->has_counters)
		print_against(s, "perf counters", f->counted_minor,
			      f->counted_major, why_uncounted(f));
	if (s->view->fixed_ts)
		return;
	if (f->has_rusage)
		print_against(s, "rusage", f->rusage_minor, f->rusage_major,
			      f->stopped ? why_uncounted(f) : why_in_rusage(f));
	if (f->has_stat)
		print_against(s, "/proc/PID/stat", f->stat_minor, f->stat_major,
			      f->stopped ? why_uncounted(f) :
			      " (children are not in it, faults without an event are, and "
			      "it is read a moment before and after)");
}

static void print_tables(struct text *out, const struct view *view,
			 const struct outcome *o)
{
	breakdown_print(out, view, o->shown);
	by_name_print(out, view, o->by_name);
	process_tree_print(out, view, o->census, o->origin_ns);
	spaces_print(out, view, o->census, o->facts);
	spaces_print_kinds(out, o->shown);
	fork_tables_print(out, view, o->naming, o->forks, o->origin_ns);
	refault_tables_print(out, view, o->naming, o->refaults);
	memory_tables_print(out, view, o->census);
	if (view->fixed_ts || !o->shown->total.faults)
		return;
	histogram_print_latencies(out, o->shown);
	histogram_print_over_time(out, o->shown, &o->census->rss);
}

void summary_print(struct text *out, const struct view *view,
		   const struct outcome *o)
{
	const struct summary s = { out, view, o->facts, o->all };

	print_line(&s);
	print_facts(&s);
	print_reconciliation(&s);
	if (o->budgets)
		budget_tables_print(out, view, o->budgets, o->origin_ns);
	if (o->shown != o->all)
		text_printf(out, "\nOf %" PRIu64 " faults the filters let %" PRIu64
			    " pass; the tables hold those.\n", o->all->total.faults,
			    o->shown->total.faults);
	print_tables(out, view, o);
}
