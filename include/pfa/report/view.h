/*
 * What the user wants to see, and how: filters, fields, clock, colour.
 *
 * Filters choose what the stream, the exports and the tables hold; the Summary:
 * line always counts everything traced.
 */
#ifndef PFA_REPORT_VIEW_H
#define PFA_REPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/base/text.h"
#include "pfa/model/observation.h"
#include "pfa/report/folded.h"

struct budget;

enum view_show {
	SHOW_FAULTS = 1 << 0,
	SHOW_VMA = 1 << 1,
	SHOW_LIFE = 1 << 2,
	SHOW_MEMORY = 1 << 3,
};

/* The keys of a stream line, in the order they are printed. X(name) */
#define VIEW_FIELDS(X)                                                      \
	X(latency) X(pid) X(tid) X(comm) X(cpu) X(kind) X(mode) X(access)   \
	X(refault) X(offset) X(ip) X(page_size) X(phys)                     \
	X(by) X(call) X(at) X(code) X(build_id) X(line) X(object) X(maker)      \
	X(age) X(stack)

enum view_field {
#define X(name) FIELD_##name,
	VIEW_FIELDS(X)
#undef X
	FIELD_COUNT
};

struct view {
	unsigned show;   /* enum view_show */
	unsigned types;  /* bit per enum fault_type; 0: all */
	const char *kinds;  /* comma-separated, or NULL: all */
	const char *region; /* glob on object, or object and section; or NULL */
	uint64_t min_latency_ns;
	unsigned fields; /* bit per enum view_field */
	bool fields_chosen; /* by the user */
	bool failed; /* calls that failed, too, whatever `show` says */
	bool fixed_ts;
	uint64_t (*now_ns)(void); /* live: the clock of the records; NULL: none */
	bool color;
	bool summary_only;
	size_t top; /* rows of a table */
	bool sort_by_time; /* tables of faults; otherwise by their number */
	struct folded_options folded;
	const char *object; /* glob: whose functions go into the order file; or NULL */
	bool first_touch; /* instead of stream and summary */
	/* Reports of whole layouts, one at most, instead of stream and summary. */
	bool maps, leaks;
	const char *compare; /* two processes (process_list.h), or NULL */
	const char *processes; /* whose layouts maps and leaks show; NULL: all */
	bool has_at;
	uint64_t at_ns; /* since the run began: the layouts as they were then */
	const struct budget *budgets; /* what the run is held to (budget_text.h) */
	size_t budget_count;
	/* Frames (top.h) instead of stream and summary. */
	uint64_t interval_ns; /* the length of one; 0: it is not so */
	uint64_t frames; /* so many, printed; 0: without end, drawn by who asks for them */
	const char *subject; /* what their title says is traced; NULL: nothing */
};

struct view view_default(void);

/* Option values: comma-separated lists, each with its own complaint. */
enum pfa_status view_set_show(struct view *v, const char *list,
			      struct pfa_error *err) PFA_MUST_CHECK;
enum pfa_status view_set_fields(struct view *v, const char *list,
				struct pfa_error *err) PFA_MUST_CHECK;
enum pfa_status view_set_types(struct view *v, const char *list,
			       struct pfa_error *err) PFA_MUST_CHECK;
enum pfa_status view_set_sort(struct view *v, const char *order,
			      struct pfa_error *err) PFA_MUST_CHECK;
enum pfa_status view_set_folded_weight(struct view *v, const char *word,
				       struct pfa_error *err) PFA_MUST_CHECK;
enum pfa_status view_set_folded_leaf(struct view *v, const char *word,
				     struct pfa_error *err) PFA_MUST_CHECK;
enum pfa_status view_set_kinds(struct view *v, const char *list,
			       struct pfa_error *err) PFA_MUST_CHECK;

/*
 * Whether the filters leave any fault out of the tables, and which faults and changes
 * they let pass; --show concerns lines only.
 */
bool view_filters_faults(const struct view *v);
bool view_shows_fault(const struct view *v, const struct fault *fault);
bool view_passes_change(const struct view *v, const struct change *change);
bool view_shows_change(const struct view *v, const struct change *change);
bool view_shows_life(const struct view *v);

static inline bool view_has_field(const struct view *v, enum view_field field)
{
	return v->fields & (1U << field);
}

static inline bool view_has_frames(const struct view *v)
{
	return v->interval_ns != 0;
}

static inline bool view_has_layouts(const struct view *v)
{
	return v->maps || v->leaks || v->compare;
}

/* One report is printed instead of stream and summary. */
static inline bool view_has_no_stream(const struct view *v)
{
	return view_has_layouts(v) || v->first_touch;
}

/* "4321 demo", or "P1 demo" with --fixed-ts; likewise its thread: "T1 worker". */
void view_put_process(struct text *out, const struct view *v, const struct actor *actor);
void view_put_thread(struct text *out, const struct view *v, const struct actor *actor);

/* By its object, or by object and section: "libc*", "* .data". */
bool region_matches(const struct region *region, const char *glob);

/* Whether `word` stands in a comma-separated list, letter case aside. */
bool list_has_word(const char *list, const char *word);
/*
 * A bit for each of its words, by its place among `names`, which NULL ends; `what` is what
 * a complaint calls them.
 */
enum pfa_status list_parse(const char *what, const char *list, const char *const *names,
			   unsigned *bits, struct pfa_error *err) PFA_MUST_CHECK;

#endif
