/*
 * READ FIRST. A run of pfa is one of three short stories: trace, record, report.
 * The first two share the live loop and differ in where the records go
 * (consumer.h); the last reads the records from a capture instead.
 */
#include "pfa/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/analysis.h"
#include "pfa/base/outfile.h"
#include "pfa/base/terminal.h"
#include "pfa/budget_needs.h"
#include "pfa/consumer.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/record.h"
#include "pfa/options.h"
#include "pfa/report/report.h"
#include "pfa/source/compose.h"
#include "pfa/source/live.h"
#include "pfa/source/live_options.h"
#include "pfa/source/perfdata.h"
#include "pfa/symbol/files.h"
#include "pfa/symbol/symbols.h"
#include "pfa/viewer.h"

/* ---- interrupts ---- */

/* Written to by the signal handler, read by the live loop. */
static int interrupt_pipe[2];

/*
 * SIGINT, SIGTERM and SIGHUP end the run in order; a second one at once, even while
 * a write waits for a reader that does not read.
 */
static void on_interrupt(int number)
{
	static volatile sig_atomic_t times;

	if (times++) {
		terminal_put_back();
		_exit(128 + number);
	}
	(void)!write(interrupt_pipe[1], "i", 1);
}

static enum pfa_status interrupts_open(struct pfa_error *err)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction action = { .sa_handler = on_interrupt };

	if (pipe2(interrupt_pipe, O_CLOEXEC | O_NONBLOCK))
		return pfa_fail(err, PFA_E_IO, "pipe: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sigaction inherited;

		/* nohup wants SIGHUP ignored; a shell's & does so to SIGINT, but
		 * nobody means that who sends one. */
		sigaction(numbers[i], NULL, &inherited);
		if (numbers[i] != SIGHUP || inherited.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
	return PFA_OK;
}

/* Once is for good. */
static bool interrupted(void)
{
	struct pollfd interrupt = { .fd = interrupt_pipe[0], .events = POLLIN };

	return poll(&interrupt, 1, 0) == 1;
}

/* ---- the live loop ---- */

static int wait_ms(const struct live *live, uint64_t end_ns, uint64_t drained_bytes)
{
	/* Soon again when records wait to settle, at leisure otherwise. */
	uint64_t ms = live_has_news(live) ? 1 : drained_bytes ? 5 :
							live_patience_ms(live);
	uint64_t now = compose_now_ns();

	if (end_ns && end_ns <= now)
		return 0;
	if (end_ns && (end_ns - now) / 1000000 + 1 < ms)
		ms = (end_ns - now) / 1000000 + 1;
	return (int)ms;
}

static enum pfa_status run_live(struct live *live, struct consumer *consumer,
				uint64_t duration_ns, struct pfa_error *err)
{
	enum pfa_status status = interrupts_open(err);
	const int wake_fds[LIVE_WAKE_FDS] = { interrupt_pipe[0], consumer->wake_fd };
	uint64_t bytes = 0, end_ns;
	bool going_on;

	if (!status)
		status = live_start(live, &consumer->sink, err);
	end_ns = duration_ns ? compose_now_ns() + duration_ns : 0;
	going_on = !status;
	while (going_on) {
		uint64_t limit_ns;

		live_wait(live, wait_ms(live, end_ns, bytes), wake_fds);
		going_on = !live_ended(live) && !interrupted() &&
			   (!end_ns || compose_now_ns() < end_ns);
		limit_ns = live_drain(live, &consumer->sink, &bytes);
		if (!consumer->round(consumer, limit_ns, bytes))
			going_on = false;
	}
	if (!status)
		live_stop(live, &consumer->sink);
	return status;
}

/* On the terminal, frame by frame. */
static bool is_drawn(const struct options *o)
{
	return view_has_frames(&o->view) && !o->view.frames;
}

static enum pfa_status open_live(struct live **live, const struct options *o,
				 struct files *files, struct evlist *list, struct formats *formats,
				 struct pfa_error *err)
{
	const struct live_options live_options = {
		.scope = o->cgroup   ? SCOPE_CGROUP :
			 o->machine  ? SCOPE_MACHINE :
				       SCOPE_PROCESSES,
		.cgroup = o->cgroup,
		.wanted_groups = o->event_groups,
		.argv = o->program,
		.pids = o->pids,
		.pid_count = o->pid_count,
		.follow_children = !o->no_follow,
		.randomize = !o->view.fixed_ts,
		.off_terminal = is_drawn(o),
		.call_graph = o->call_graph,
		.buffer_bytes = o->buffer_bytes,
		.for_capture = o->command == COMMAND_RECORD || o->capture,
		.verify = o->verify,
		.sample_interval_ns = o->rss_interval_ns,
		.files = files,
	};
	enum pfa_status status = live_open(live, &live_options, list, formats, err);

	if (!status)
		fputs(live_notices(*live), stderr);
	return status;
}

static void tell_still_running(const struct live *live, const struct options *o)
{
	pid_t pid = live_still_running(live);
	size_t left = live_children_left(live);

	if (pid)
		fprintf(stderr, "note: %s (PID %d) is still running\n",
			o->program[0], pid);
	if (left)
		fprintf(stderr, "note: %s has left %zu process%s behind: no longer "
			"traced (attach with -p)\n", o->program[0], left,
			left == 1 ? "" : "es");
}

/* ---- trace and record ---- */

bool session_color(const struct options *o)
{
	return o->color == COLOR_ALWAYS ||
	       (o->color == COLOR_AUTO && !o->output && isatty(STDOUT_FILENO) &&
		!getenv("NO_COLOR"));
}

static struct view view_of(const struct options *o)
{
	struct view view = o->view;

	view.color = session_color(o);
	view.subject = o->program ? o->program[0] :
		       o->machine ? "all processes" :
				    o->cgroup;
	if (o->command == COMMAND_TRACE && !view.fixed_ts)
		view.now_ns = compose_now_ns;
	return view;
}

static struct symbols *open_symbols(const struct options *o, struct files *files)
{
	const struct symbols_options options = {
		.symfs = o->symfs,
		.files = files,
		.lines_asked = view_has_field(&o->view, FIELD_line),
	};

	return symbols_new(&options);
}

/* Tells what could not be had. */
static void close_symbols(struct symbols *symbols)
{
	const char *at = symbols_remarks(symbols);

	for (; *at; at += strcspn(at, "\n") + 1)
		fprintf(stderr, "note: %.*s\n", (int)strcspn(at, "\n"), at);
	symbols_free(symbols);
}

static enum pfa_status open_report(struct report **report, const struct options *o,
				   const struct evlist *list, struct symbols *symbols,
				   struct pfa_error *err)
{
	const struct view view = view_of(o);
	const struct report_paths paths = { o->output, o->exports, o->results };
	enum pfa_status status = budget_needs_check(&view, list, o->rss_interval_ns,
						    err);

	if (!status)
		status = report_open(report, &view, &paths, symbols, err);
	if (!status && budget_needs_partial(list))
		report_note_partial(*report, budget_needs_partial(list));
	return status;
}

static enum pfa_status open_recording(struct recording *recording,
				      const struct options *o, const char *path,
				      struct live *live, const struct evlist *list,
				      struct pfa_error *err)
{
	struct perfdata_about about = { .cmdline = o->cmdline };

	about.tracing_data = live_tracing_data(live, &about.tracing_data_bytes);
	return recording_open(recording, path, list, &about, err);
}

/* The run itself, once its report is open: into it, and into a capture if wanted. */
static enum pfa_status trace_into(struct tracing *tracing, const struct options *o,
				  struct live *live, const struct evlist *list,
				  struct pfa_error *err)
{
	struct recording recording;
	enum pfa_status status;
	struct pfa_error error;
	struct tee tee;

	if (!o->capture)
		return run_live(live, tracing->consumer, o->duration_ns, err);
	status = open_recording(&recording, o, o->capture, live, list, err);
	if (status)
		return status;
	tee_init(&tee, tracing->consumer, &recording.consumer);
	status = run_live(live, &tee.consumer, o->duration_ns, err);
	pfa_keep_first(&status, err, recording_close(&recording, &error), &error);
	if (!live_started(live))
		outfile_remove(o->capture);
	return status;
}

/* With a viewer if the report is drawn, else with none. */
static enum pfa_status open_viewed_report(struct report **report, struct viewer **viewer,
					  const struct options *o,
					  const struct evlist *list,
					  struct symbols *symbols,
					  struct pfa_error *err)
{
	bool color = o->color == COLOR_ALWAYS ||
		     (o->color == COLOR_AUTO && !getenv("NO_COLOR"));
	enum pfa_status status = open_report(report, o, list, symbols, err);

	*viewer = NULL;
	if (status || !is_drawn(o))
		return status;
	status = viewer_open(viewer, report_top(*report), color, err);
	if (status)
		report_discard(*report);
	return status;
}

/* What nobody has ended is looked at once more. */
static void end_frames(struct report *report, struct viewer *viewer, struct live *live,
		       const struct run_facts *facts)
{
	if (report_top(report))
		report_end_frames(report, facts);
	if (viewer && live_ended(live) && !interrupted())
		viewer_linger(viewer, interrupt_pipe[0]);
}

static enum pfa_status end_trace(struct tracing *tracing, struct live *live,
				 struct pfa_error *err)
{
	const struct run_facts *facts;

	if (!live_started(live)) {
		viewer_close(tracing->viewer);
		report_discard(tracing->report);
		return PFA_OK;
	}
	facts = analysis_finish(tracing->analysis);
	end_frames(tracing->report, tracing->viewer, live, facts);
	viewer_close(tracing->viewer);
	return report_close(tracing->report, facts, err);
}

static enum pfa_status trace(const struct options *o, struct live *live,
			     const struct evlist *list, struct symbols *symbols,
			     struct pfa_error *err)
{
	struct analysis *analysis;
	struct tracing tracing;
	struct report *report;
	struct viewer *viewer;
	struct pfa_error error;
	enum pfa_status status = open_viewed_report(&report, &viewer, o, list, symbols,
						    err);

	if (status)
		return status;
	analysis = analysis_new(list, report, o->max_faults);
	analysis_use_symbols(analysis, symbols);
	status = tracing_open(&tracing, list, analysis, report, viewer, err);
	if (!status) {
		status = trace_into(&tracing, o, live, list, err);
		tracing_end(&tracing);
	}
	pfa_keep_first(&status, err, end_trace(&tracing, live, &error), &error);
	analysis_free(analysis);
	tracing_release(&tracing);
	return status;
}

/* Names are for those who read the capture. */
static enum pfa_status record(const struct options *o, struct live *live,
			      const struct evlist *list, struct symbols *unused,
			      struct pfa_error *err)
{
	struct recording recording;
	struct pfa_error error;
	enum pfa_status status = open_recording(&recording, o, o->output, live,
						list, err);

	(void)unused;
	if (status)
		return status;
	status = run_live(live, &recording.consumer, o->duration_ns, err);
	pfa_keep_first(&status, err, recording_close(&recording, &error), &error);
	if (!live_started(live))
		outfile_remove(o->output);
	return status;
}

/* Everything between opening and closing a live source. */
typedef enum pfa_status live_story(const struct options *o, struct live *live,
				   const struct evlist *list, struct symbols *symbols,
				   struct pfa_error *err);

static enum pfa_status with_live(live_story *story, const struct options *o,
				 struct pfa_error *err)
{
	struct evlist *list = evlist_new();
	struct formats *formats = formats_new();
	struct files *files = o->command == COMMAND_RECORD ? NULL : files_new();
	struct symbols *symbols = open_symbols(o, files);
	struct live *live = NULL;
	enum pfa_status status = open_live(&live, o, files, list, formats, err);

	outfile_ignore_signals(); /* not before: the program keeps its own */
	if (!status) {
		status = story(o, live, list, symbols, err);
		tell_still_running(live, o);
	}
	close_symbols(symbols);
	live_close(live);
	files_free(files);
	formats_free(formats);
	evlist_free(list);
	return status;
}

enum pfa_status session_trace(const struct options *o, struct pfa_error *err)
{
	return with_live(trace, o, err);
}

enum pfa_status session_record(const struct options *o, struct pfa_error *err)
{
	return with_live(record, o, err);
}

/* ---- report ---- */

/* What a capture of other events than ours cannot tell. */
static void tell_missing(const struct evlist *list)
{
	if (evlist_is_sampled(list))
		fputs("note: the capture holds samples of the faults, not all of them "
		      "(record it with -c 1)\n", stderr);
	if (!evlist_by_role(list, ROLE_FAULT_USER))
		fputs("note: the capture has no exceptions:page_fault_user: "
		      "no COW, kind, access or latency\n", stderr);
	else if (!evlist_by_role(list, ROLE_FAULT_KERNEL))
		fputs("note: the capture has no exceptions:page_fault_kernel: "
		      "no kind or latency of kernel-mode faults\n", stderr);
	if (!evlist_has_calls(list))
		fputs("note: the capture has no syscalls events: what was unmapped, "
		      "moved or given back is not known\n", stderr);
}

static enum pfa_status check_events(const struct evlist *list, const char *path,
				    struct pfa_error *err)
{
	struct evsel *any = evlist_by_role(list, ROLE_ANY_FAULT);

	if (evlist_by_role(list, ROLE_MINOR) || evlist_by_role(list, ROLE_MAJOR)) {
		if (any) /* the same faults once more */
			any->role = ROLE_OTHER;
		return PFA_OK;
	}
	if (any)
		return PFA_OK;
	return pfa_fail(err, PFA_E_FORMAT, "%s: holds no minor-faults, major-faults or "
			"page-faults events (record it with pfa record)", path);
}

static void replay(struct perfdata *capture, struct analysis *analysis)
{
	struct record_sink sink = analysis_sink(analysis);
	const struct perf_event_header *record;
	uint64_t previous_ns = 0;

	while ((record = perfdata_next(capture))) {
		if (record_type(record) != RECORD_FINISHED_ROUND) {
			sink.put(sink.context, record);
			continue;
		}
		/* What comes next is not older than the round before this one. */
		analysis_release(analysis, previous_ns);
		previous_ns = analysis_newest_ns(analysis);
	}
}

static enum pfa_status report_capture(const struct options *o,
				      struct perfdata *capture,
				      const struct evlist *list,
				      struct pfa_error *err)
{
	const struct perfdata_info *info = perfdata_info(capture);
	struct analysis *analysis;
	struct symbols *symbols = open_symbols(o, NULL);
	struct report *report;
	enum pfa_status status = open_report(&report, o, list, symbols, err);

	if (status) {
		close_symbols(symbols);
		return status;
	}
	outfile_ignore_signals();
	tell_missing(list);
	analysis = analysis_new(list, report, 0);
	analysis_use_symbols(analysis, symbols);
	replay(capture, analysis);
	if (!info->finished)
		report_note_partial(report, info->cut_reason);
	status = report_close(report, analysis_finish(analysis), err);
	analysis_free(analysis);
	close_symbols(symbols);
	if ((!status || status == PFA_E_BUDGET) && !info->finished)
		status = pfa_fail(err, PFA_E_FORMAT, "%s: %s; the report ends there",
				  o->input, info->cut_reason);
	return status;
}

enum pfa_status session_report(const struct options *o, struct pfa_error *err)
{
	struct evlist *list = evlist_new();
	struct formats *formats = formats_new();
	struct perfdata *capture = NULL;
	enum pfa_status status = perfdata_open(&capture, o->input, list, formats,
					       err);

	if (!status)
		status = evlist_resolve(list, formats, err);
	if (!status)
		status = check_events(list, o->input, err);
	if (!status)
		status = report_capture(o, capture, list, err);
	perfdata_close(capture);
	formats_free(formats);
	evlist_free(list);
	return status;
}
