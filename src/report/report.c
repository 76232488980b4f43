#include "pfa/report/report.h"

#include <stdlib.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/base/outfile.h"
#include "pfa/report/budgets.h"
#include "pfa/report/by_name.h"
#include "pfa/report/census.h"
#include "pfa/report/forks.h"
#include "pfa/report/first_touch.h"
#include "pfa/report/format.h"
#include "pfa/report/layout_report.h"
#include "pfa/report/naming.h"
#include "pfa/report/refaults.h"
#include "pfa/report/results.h"
#include "pfa/report/summary.h"
#include "pfa/report/tally.h"
#include "pfa/report/top.h"
#include "pfa/report/top_frame.h"

/* One format on its way into one file. */
struct output {
	const struct output_format *format;
	struct outfile file;
};

enum { OUTPUTS_MAX = 8 };

struct report {
	struct view view;
	struct naming *naming;
	struct outfile stream; /* the summary goes there too */
	struct output outputs[OUTPUTS_MAX]; /* the exports */
	size_t output_count;
	bool filters; /* some faults are not shown: they are counted apart */
	struct tally all, shown;
	struct census census;
	struct forks forks;       /* of the faults that are shown; */
	struct refaults refaults; /* and of those; */
	struct by_name by_name;   /* and of those */
	struct budgets *budgets; /* NULL: there are none */
	bool in_moment; /* layouts are told that are not of an end */
	struct results results;   /* likewise */
	struct layout_report *layouts; /* instead of stream and summary; NULL: not so */
	struct top *top; /* likewise */
	struct line line;
};

static enum pfa_status open_exports(struct report *r, const struct report_paths *paths,
				    struct pfa_error *err)
{
	for (size_t i = 0; export_formats[i]; i++) {
		struct output *output = &r->outputs[r->output_count];
		enum pfa_status status;

		if (!paths->exports || !paths->exports[i])
			continue;
		status = outfile_open(&output->file, paths->exports[i], err);
		if (status)
			return status;
		output->format = export_formats[i];
		output->format->begin(&output->file.text);
		r->output_count++;
	}
	return PFA_OK;
}

static void on_alert(void *context, const struct alert *alert);

static void hold_to_budgets(struct report *r)
{
	if (r->view.budget_count)
		r->budgets = budgets_new(r->view.budgets, r->view.budget_count,
					 (struct alert_sink){ on_alert, r });
}

enum pfa_status report_open(struct report **out, const struct view *view,
			    const struct report_paths *paths, struct symbols *symbols,
			    struct pfa_error *err)
{
	struct report *r = pfa_alloc(sizeof(*r));
	enum pfa_status status;

	r->view = *view;
	r->naming = naming_new(symbols);
	r->line.view = &r->view;
	r->line.naming = r->naming;
	r->filters = view_filters_faults(view);
	tally_init(&r->all);
	tally_init(&r->shown);
	forks_init(&r->forks, view->top);
	refaults_init(&r->refaults);
	by_name_init(&r->by_name, r->naming);
	census_init(&r->census, view->top);
	hold_to_budgets(r);
	status = outfile_open(&r->stream, paths->stream, err);
	if (status) {
		budgets_free(r->budgets);
		naming_free(r->naming);
		free(r);
		return status;
	}
	if (view_has_frames(view))
		r->top = top_new(&r->view, r->naming);
	if (view_has_layouts(view))
		r->layouts = layout_report_new(&r->view, r->naming);
	r->view.summary_only |= view_has_no_stream(view) || view_has_frames(view);
	status = results_open(&r->results, &r->view, paths->results, r->naming, err);
	if (!status)
		status = open_exports(r, paths, err);
	if (status) {
		report_discard(r);
		return status;
	}
	*out = r;
	return PFA_OK;
}

void report_set_origin(struct report *r, uint64_t time_ns)
{
	r->line.origin_ns = time_ns;
	if (r->budgets)
		budgets_set_origin(r->budgets, time_ns);
	if (r->layouts)
		layout_report_set_origin(r->layouts, time_ns);
	if (r->top)
		top_set_origin(r->top, time_ns);
}

uint64_t report_fault_count(const struct report *r)
{
	return r->all.total.faults;
}

/* ---- frames ---- */

static void print_frame(struct report *r)
{
	if (!r->view.frames)
		return;
	top_print(r->top, &r->stream.text);
	outfile_push(&r->stream);
}

struct top *report_top(struct report *r)
{
	return r->top;
}

void report_end_frames(struct report *r, const struct run_facts *facts)
{
	if (top_finish(r->top, facts))
		print_frame(r);
}

void report_time_passes(struct report *r, uint64_t now_ns)
{
	if (r->budgets)
		budgets_time(r->budgets, now_ns);
	while (r->top && top_turn(r->top, now_ns))
		print_frame(r);
}

void report_note_partial(struct report *r, const char *why)
{
	if (r->budgets)
		budgets_note_partial(r->budgets, why);
}

/* ---- whole layouts ---- */

bool report_wants_layouts(const struct report *r)
{
	return r->layouts || (r->budgets && budgets_want_layouts(r->budgets));
}

bool report_moment_begins(struct report *r, uint64_t next_ns, uint64_t *moment_ns)
{
	r->in_moment = r->layouts &&
		       layout_report_moment_begins(r->layouts, next_ns, moment_ns);
	return r->in_moment;
}

void report_moment_ends(struct report *r)
{
	r->in_moment = false;
	layout_report_moment_ends(r->layouts);
}

bool report_is_over(const struct report *r)
{
	return (r->layouts && layout_report_is_over(r->layouts)) ||
	       (r->top && top_is_full(r->top));
}

static void on_layout(void *context, const struct layout *layout)
{
	struct report *r = context;

	if (r->layouts)
		layout_report_layout(r->layouts, layout);
	if (r->budgets && !r->in_moment)
		budgets_layout(r->budgets, layout);
}

/* ---- the fan-out: the stream, then every export, with the same line ---- */

static void see_actor(struct report *r, const struct actor *actor)
{
	if (actor->serial > 1)
		r->line.several = true;
}

#define FAN_OUT(r, member, observation)                                          \
	do {                                                                     \
		(r)->line.number++;                                              \
		if (!(r)->view.summary_only) {                                   \
			text_format.member(&(r)->stream.text, &(r)->line,        \
					   observation);                         \
			outfile_push(&(r)->stream);                              \
		}                                                                \
		for (size_t i_ = 0; i_ < (r)->output_count; i_++) {              \
			struct output *o_ = &(r)->outputs[i_];                   \
			o_->format->member(&o_->file.text, &(r)->line,           \
					   observation);                         \
			outfile_push(&o_->file);                                 \
		}                                                                \
	} while (0)

static void show_fault(struct report *r, const struct fault *fault)
{
	uint64_t since = fault->time_ns > r->line.origin_ns ?
				 fault->time_ns - r->line.origin_ns : 0;

	see_actor(r, &fault->actor);
	tally_fault(&r->all, fault, since);
	if (r->top) {
		top_fault(r->top, fault);
		return;
	}
	if (r->layouts)
		layout_report_fault(r->layouts, fault);
	if (r->filters && !view_shows_fault(&r->view, fault))
		return;
	if (r->filters)
		tally_fault(&r->shown, fault, since);
	forks_fault(&r->forks, fault);
	refaults_fault(&r->refaults, fault);
	if (!view_has_no_stream(&r->view))
		by_name_fault(&r->by_name, fault);
	census_fault(&r->census, fault);
	results_fault(&r->results, fault);
	if (r->view.show & SHOW_FAULTS)
		FAN_OUT(r, fault, fault);
}

static void on_fault(void *context, const struct fault *fault)
{
	struct report *r = context;

	show_fault(r, fault);
	if (r->budgets)
		budgets_fault(r->budgets, fault);
}

static void count_change(struct report *r, const struct change *change)
{
	if (change->error)
		return;
	tally_change(&r->all, change);
	if (r->filters && view_passes_change(&r->view, change))
		tally_change(&r->shown, change);
}

static void on_change(void *context, const struct change *change)
{
	struct report *r = context;

	see_actor(r, &change->actor);
	refaults_change(&r->refaults, change);
	count_change(r, change);
	if (view_shows_change(&r->view, change))
		FAN_OUT(r, change, change);
	if (r->top)
		top_change(r->top, change);
	if (r->budgets)
		budgets_change(r->budgets, change);
}

static void on_life(void *context, const struct life *life)
{
	struct report *r = context;

	forks_life(&r->forks, life);
	census_life(&r->census, life);
	results_life(&r->results, life);
	if (r->layouts)
		layout_report_life(r->layouts, life);
	if (view_shows_life(&r->view))
		FAN_OUT(r, life, life);
	if (r->top)
		top_life(r->top, life);
	if (r->budgets)
		budgets_life(r->budgets, life);
}

/* Never filtered: what is missing concerns every view. */
static void on_loss(void *context, const struct loss *loss)
{
	struct report *r = context;

	FAN_OUT(r, loss, loss);
	if (r->top)
		top_loss(r->top, loss);
	if (r->budgets)
		budgets_loss(r->budgets, loss);
}

/* Likewise. */
static void on_drift(void *context, const struct drift *drift)
{
	struct report *r = context;

	see_actor(r, &drift->actor);
	FAN_OUT(r, drift, drift);
}

/* Likewise: budgets are of all that is traced. */
static void on_alert(void *context, const struct alert *alert)
{
	struct report *r = context;

	FAN_OUT(r, alert, alert);
	if (r->top)
		top_alert(r->top, alert);
}

static void on_memory(void *context, const struct memory_sample *sample)
{
	struct report *r = context;
	uint64_t since = sample->time_ns > r->line.origin_ns ?
				 sample->time_ns - r->line.origin_ns : 0;

	see_actor(r, &sample->actor);
	census_memory(&r->census, sample, since);
	if (r->top)
		top_memory(r->top, sample);
	if (r->budgets)
		budgets_memory(r->budgets, sample);
	if (r->view.show & SHOW_MEMORY)
		FAN_OUT(r, memory, sample);
}

static void on_process(void *context, const struct process_facts *facts)
{
	struct report *r = context;

	census_facts(&r->census, facts);
	if (r->top)
		top_process(r->top, facts);
	if (r->budgets)
		budgets_process(r->budgets, facts);
}

struct observer report_observer(struct report *r)
{
	return (struct observer){ .context = r, .fault = on_fault, .change = on_change,
				  .life = on_life, .loss = on_loss,
				  .process = on_process, .layout = on_layout,
				  .drift = on_drift, .memory = on_memory };
}

bool report_flush(struct report *r)
{
	outfile_flush(&r->stream);
	for (size_t i = 0; i < r->output_count; i++)
		outfile_flush(&r->outputs[i].file);
	return !outfile_broken(&r->stream);
}

static enum pfa_status close_all(struct report *r, struct pfa_error *err)
{
	enum pfa_status first = PFA_OK;
	struct pfa_error error;

	pfa_keep_first(&first, err, outfile_close(&r->stream, &error), &error);
	for (size_t i = 0; i < r->output_count; i++)
		pfa_keep_first(&first, err, outfile_close(&r->outputs[i].file, &error),
			       &error);
	pfa_keep_first(&first, err, results_close(&r->results, &error), &error);
	tally_release(&r->all);
	tally_release(&r->shown);
	forks_release(&r->forks);
	refaults_release(&r->refaults);
	by_name_release(&r->by_name);
	census_release(&r->census);
	layout_report_free(r->layouts);
	top_free(r->top);
	budgets_free(r->budgets);
	naming_free(r->naming);
	free(r);
	return first;
}

static void print_summary(struct report *r, const struct run_facts *facts)
{
	const struct outcome outcome = {
		.facts = facts,
		.all = &r->all,
		.shown = r->filters ? &r->shown : &r->all,
		.census = &r->census,
		.forks = &r->forks,
		.refaults = &r->refaults,
		.budgets = r->budgets,
		.by_name = &r->by_name,
		.naming = r->naming,
		.origin_ns = r->line.origin_ns,
	};

	summary_print(&r->stream.text, &r->view, &outcome);
	/* What follows may take a while. */
	outfile_flush(&r->stream);
	by_name_print_lines(&r->stream.text, &r->view, &r->by_name);
}

enum pfa_status report_close(struct report *r, const struct run_facts *facts,
			     struct pfa_error *err)
{
	enum pfa_status first = PFA_OK, verdict = PFA_OK;
	struct pfa_error error, why;

	if (r->budgets) {
		budgets_finish(r->budgets, facts);
		verdict = budgets_conclude(r->budgets, &why);
	}
	if (r->layouts)
		first = layout_report_print(r->layouts, &r->stream.text, facts, err);
	else if (r->view.first_touch)
		first_touch_print(r->results.first_touch, r->line.origin_ns, facts,
				  &r->stream.text);
	else if (!r->top)
		print_summary(r, facts);
	pfa_keep_first(&first, err, results_print(&r->results, &error), &error);
	pfa_keep_first(&first, err, close_all(r, &error), &error);
	pfa_keep_first(&first, err, verdict, &why);
	return first;
}

void report_discard(struct report *r)
{
	const char *paths[OUTPUTS_MAX + 1];
	size_t count = 0;
	struct pfa_error unused;

	paths[count++] = r->stream.path;
	for (size_t i = 0; i < r->output_count; i++)
		paths[count++] = r->outputs[i].file.path;
	(void)!close_all(r, &unused);
	while (count)
		outfile_remove(paths[--count]);
}
