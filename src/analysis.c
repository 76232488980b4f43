#include "pfa/analysis.h"

#include <stdlib.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/decode/decode.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/keeper.h"
#include "pfa/decode/merge.h"
#include "pfa/model/model.h"
#include "pfa/report/report.h"

struct analysis {
	const struct evlist *list;
	struct report *report;
	struct intern *strings;
	struct merge *merge;
	struct keeper *keeper; /* of the records; NULL: they last. Borrowed */
	struct model *model;
	struct run_facts facts; /* the model's, and what was counted here */
	uint64_t max_faults;
	uint64_t newest_ns;
	uint64_t corrupt;
	bool begun;
	bool layouts_wanted; /* by the report */
};

struct analysis *analysis_new(const struct evlist *list, struct report *report,
			      uint64_t max_faults)
{
	const struct model_abilities abilities = {
		.begins = evlist_by_role(list, ROLE_FAULT_USER) != NULL,
		.signals = evlist_by_role(list, ROLE_SIGNAL) != NULL,
		.clones = evlist_by_role(list, ROLE_TASK_NEW) != NULL,
	};
	const struct observer observer = report_observer(report);
	struct analysis *a = pfa_alloc(sizeof(*a));

	a->list = list;
	a->report = report;
	a->max_faults = max_faults;
	a->strings = intern_new();
	a->merge = merge_new();
	a->model = model_new(a->strings, &abilities, &observer);
	a->layouts_wanted = report_wants_layouts(report);
	if (a->layouts_wanted)
		model_want_layouts(a->model);
	if (evlist_has_call_stacks(list))
		model_want_origins(a->model);
	return a;
}

void analysis_use_symbols(struct analysis *a, struct symbols *symbols)
{
	model_use_symbols(a->model, symbols);
}

/* The record is of no use any more. */
static void drop(struct analysis *a, const struct record *record)
{
	if (a->keeper)
		keeper_release(a->keeper, record->header);
}

void analysis_free(struct analysis *a)
{
	struct record record;

	if (!a)
		return;
	while (merge_pop(a->merge, UINT64_MAX, &record))
		drop(a, &record);
	model_free(a->model);
	merge_free(a->merge);
	intern_free(a->strings);
	free(a);
}

void analysis_use_keeper(struct analysis *a, struct keeper *keeper)
{
	a->keeper = keeper;
}

void analysis_take(struct analysis *a, const struct record *record)
{
	if (!record->evsel) { /* without its time it has no place among the others */
		a->corrupt++;
		drop(a, record);
		return;
	}
	if (record->time_ns > a->newest_ns)
		a->newest_ns = record->time_ns;
	merge_push(a->merge, record);
}

static void take(void *context, const struct perf_event_header *header)
{
	struct analysis *a = context;
	const struct record record = record_of(a->list, header);

	analysis_take(a, &record);
}

struct record_sink analysis_sink(struct analysis *a)
{
	return (struct record_sink){ take, a };
}

static bool at_limit(const struct analysis *a)
{
	return a->max_faults && report_fault_count(a->report) >= a->max_faults;
}

bool analysis_full(const struct analysis *a)
{
	return at_limit(a) || report_is_over(a->report);
}

/* The reports may want layouts as they are before what is next. */
static void tell_layouts(struct analysis *a, uint64_t next_ns)
{
	uint64_t moment_ns;

	if (!a->layouts_wanted ||
	    !report_moment_begins(a->report, next_ns, &moment_ns))
		return;
	model_tell_layouts(a->model, moment_ns);
	report_moment_ends(a->report);
}

static void process(struct analysis *a, const struct record *record)
{
	struct event event;

	if (!decode_event(record, a->strings, &event)) {
		a->corrupt++;
		return;
	}
	if (at_limit(a) && event.kind != EVENT_NOTE)
		return;
	/* Records made for what existed before may have no time. */
	if (!a->begun && event.time_ns) {
		a->begun = true;
		report_set_origin(a->report, event.time_ns);
	}
	report_time_passes(a->report, event.time_ns);
	tell_layouts(a, event.time_ns);
	if (report_is_over(a->report) && event.kind != EVENT_NOTE)
		return;
	model_feed(a->model, &event);
}

void analysis_release(struct analysis *a, uint64_t limit_ns)
{
	struct record record;

	while (merge_pop(a->merge, limit_ns, &record)) {
		process(a, &record);
		drop(a, &record);
	}
	/* Where nothing happens, time passes all the same; at the end it does not. */
	if (limit_ns == UINT64_MAX || at_limit(a))
		return;
	report_time_passes(a->report, limit_ns);
	tell_layouts(a, limit_ns);
}

uint64_t analysis_newest_ns(const struct analysis *a)
{
	return a->newest_ns;
}

const struct run_facts *analysis_finish(struct analysis *a)
{
	analysis_release(a, UINT64_MAX);
	model_finish(a->model);
	a->facts = *model_facts(a->model);
	a->facts.corrupt += a->corrupt;
	a->facts.stopped = at_limit(a);
	a->facts.no_calls = !evlist_has_calls(a->list);
	a->facts.late = merge_late_count(a->merge);
	return &a->facts;
}
