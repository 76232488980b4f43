#include "pfa/report/layout_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/model/observation.h"
#include "pfa/report/compare.h"
#include "pfa/report/layout_text.h"
#include "pfa/report/leaks.h"
#include "pfa/report/maps.h"
#include "pfa/report/partial.h"
#include "pfa/report/process_list.h"
#include "pfa/report/view.h"

enum { KNOWN_MAX = 10 }; /* as many processes as an error names */

struct layout_report {
	const struct view *view;
	struct layout_page page;
	struct text body; /* what is printed once all is known */
	struct text known; /* who was told of: "4321 demo, 4322 sh" */
	size_t told; /* processes, and those that are */
	size_t shown;
	bool *found; /* of the names in view->processes */
	struct compare *compare; /* NULL: not wanted */
	bool other_wanted; /* by compare, of this moment: */
	uint64_t other_ns;
	bool in_moment; /* that is what is told now */
	bool over;
	uint32_t *pids; /* by serial; 0: not known */
	size_t pid_capacity;
};

struct layout_report *layout_report_new(const struct view *view, struct naming *naming)
{
	struct layout_report *r = pfa_alloc(sizeof(*r));

	r->view = view;
	r->page.view = view;
	r->page.naming = naming;
	text_init(&r->body);
	text_init(&r->known);
	if (view->processes)
		r->found = pfa_alloc(process_list_count(view->processes));
	if (view->compare)
		r->compare = compare_new(view->compare);
	return r;
}

void layout_report_free(struct layout_report *r)
{
	if (!r)
		return;
	text_release(&r->body);
	text_release(&r->known);
	compare_free(r->compare);
	free(r->found);
	free(r->pids);
	free(r);
}

void layout_report_set_origin(struct layout_report *r, uint64_t time_ns)
{
	r->page.origin_ns = time_ns;
}

/* ---- what is told ---- */

/* Whoever made something that another process has was seen in a fork. */
static void note_pid(struct layout_report *r, const struct actor *actor)
{
	while (actor->serial >= r->pid_capacity) {
		size_t old = r->pid_capacity;

		r->pids = pfa_grow(r->pids, old, &r->pid_capacity, sizeof(*r->pids));
		memset(r->pids + old, 0, (r->pid_capacity - old) * sizeof(*r->pids));
	}
	r->pids[actor->serial] = actor->pid;
	r->page.pids = r->pids;
	r->page.pid_count = r->pid_capacity;
}

void layout_report_life(struct layout_report *r, const struct life *life)
{
	if (life->kind == LIFE_FORK && !life->thread) {
		note_pid(r, &life->actor);
		note_pid(r, &life->child);
	}
	if (r->compare)
		compare_life(r->compare, life);
}

void layout_report_fault(struct layout_report *r, const struct fault *fault)
{
	if (r->compare)
		compare_fault(r->compare, fault);
}

static void remember(struct layout_report *r, const struct actor *actor)
{
	if (++r->told > KNOWN_MAX)
		return;
	if (r->told > 1)
		text_str(&r->known, ", ");
	view_put_process(&r->known, r->view, actor);
}

/* It may have several names in the list. */
static bool is_shown(struct layout_report *r, const struct actor *actor)
{
	const char *list = r->view->processes;
	bool shown = !list;

	for (size_t i = 0; list && i < process_list_count(list); i++)
		if (process_list_names(list, i, actor))
			r->found[i] = shown = true;
	return shown;
}

static void show(struct layout_report *r, const struct layout *layout)
{
	if (r->shown++)
		text_char(&r->body, '\n');
	if (r->view->maps)
		maps_print(&r->body, &r->page, layout);
	else
		leaks_print(&r->body, &r->page, layout);
}

void layout_report_layout(struct layout_report *r, const struct layout *layout)
{
	if (r->over)
		return;
	note_pid(r, &layout->actor);
	if (!r->in_moment) /* for compare: told once more at its end */
		remember(r, &layout->actor);
	if (r->compare) {
		if (compare_layout(r->compare, layout)) {
			r->other_wanted = true;
			r->other_ns = layout->time_ns;
		}
	} else if (is_shown(r, &layout->actor)) {
		show(r, layout);
	}
}

/* ---- moments ---- */

/* The end of the microsecond, as the stream shows no less. */
static uint64_t moment_of(const struct layout_report *r)
{
	uint64_t at_ns = r->view->at_ns;

	return r->page.origin_ns + at_ns + (at_ns % 1000 ? 0 : 999);
}

/* What was told so far is not of the moment. */
static void forget(struct layout_report *r)
{
	text_clear(&r->body);
	text_clear(&r->known);
	r->told = r->shown = 0;
	if (r->found)
		memset(r->found, 0, process_list_count(r->view->processes));
	if (r->compare)
		compare_forget(r->compare);
}

bool layout_report_moment_begins(struct layout_report *r, uint64_t next_ns,
				 uint64_t *moment_ns)
{
	if (r->over)
		return false;
	if (!r->view->has_at) {
		*moment_ns = r->other_ns;
		r->in_moment = r->other_wanted;
		return r->other_wanted;
	}
	if (!r->page.origin_ns || next_ns <= moment_of(r))
		return false;
	*moment_ns = r->page.origin_ns + r->view->at_ns;
	forget(r);
	r->page.at_time = true;
	return true;
}

void layout_report_moment_ends(struct layout_report *r)
{
	r->in_moment = r->other_wanted = false;
	r->over = r->view->has_at;
}

bool layout_report_is_over(const struct layout_report *r)
{
	return r->over;
}

/* ---- what is printed ---- */

static void print_partial(struct text *out, const struct run_facts *f)
{
	struct text why;

	text_init(&why);
	partial_put(&why, f);
	if (why.length)
		text_printf(out, "Partial: %s%s\n", text_cstr(&why),
			    f->suspect || f->no_calls ? ": layouts may be wrong" : "");
	text_release(&why);
}

/* How often differs from run to run. */
static void print_verified(const struct layout_report *r, struct text *out,
			   const struct run_facts *f)
{
	if (!f->verified)
		return;
	text_str(out, "Compared with /proc/PID/maps");
	if (!r->view->fixed_ts)
		text_printf(out, " %" PRIu64 " times", f->compared);
	text_printf(out, ": drift %" PRIu64 "\n", f->drifts);
}

/* --at: a time after which there was nothing. */
static void print_early_end(const struct layout_report *r, struct text *out)
{
	if (!r->view->has_at || r->over)
		return;
	text_str(out, "The trace ended before ");
	layout_put_time(out, &r->page, r->page.origin_ns + r->view->at_ns);
	text_str(out, ": each process as it was at the end.\n");
}

static void put_at(const struct layout_report *r, struct text *out)
{
	if (!r->over)
		return;
	text_str(out, " at ");
	layout_put_time(out, &r->page, r->page.origin_ns + r->view->at_ns);
}

static enum pfa_status nobody(const struct layout_report *r, struct pfa_error *err)
{
	struct text when;
	enum pfa_status status;

	text_init(&when);
	put_at(r, &when);
	status = pfa_fail(err, PFA_E_TARGET, "no process lived%s (--show=life tells when "
			  "they begin and end)", text_cstr(&when));
	text_release(&when);
	return status;
}

static enum pfa_status nobody_of_that_name(const struct layout_report *r,
					   const char *list, size_t place,
					   struct pfa_error *err)
{
	size_t length;
	const char *name = process_list_name(list, place, &length);
	enum pfa_status status;
	struct text text;

	text_init(&text);
	put_at(r, &text);
	text_str(&text, "; there is of ");
	text_bytes(&text, r->known.bytes, r->known.length);
	if (r->told > KNOWN_MAX)
		text_printf(&text, " and %zu more", r->told - KNOWN_MAX);
	status = pfa_fail(err, PFA_E_TARGET, "there is no layout of process %.*s%s",
			  (int)length, name, text_cstr(&text));
	text_release(&text);
	return status;
}

static enum pfa_status check_found(const struct layout_report *r, struct pfa_error *err)
{
	const char *list = r->view->processes;

	if (!r->told && (r->over || list || r->compare))
		return nobody(r, err);
	if (r->compare && compare_missing(r->compare) >= 0)
		return nobody_of_that_name(r, r->view->compare,
					   (size_t)compare_missing(r->compare), err);
	for (size_t i = 0; list && i < process_list_count(list); i++)
		if (!r->found[i])
			return nobody_of_that_name(r, list, i, err);
	return PFA_OK;
}

enum pfa_status layout_report_print(struct layout_report *r, struct text *out,
				    const struct run_facts *facts,
				    struct pfa_error *err)
{
	enum pfa_status status = check_found(r, err);

	if (status)
		return status;
	print_partial(out, facts);
	print_verified(r, out, facts);
	print_early_end(r, out);
	if (r->compare)
		compare_print(out, &r->page, r->compare);
	else if (r->shown)
		text_bytes(out, r->body.bytes, r->body.length);
	else
		text_str(out, "No process was traced.\n");
	return PFA_OK;
}
