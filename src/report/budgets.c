#include "pfa/report/budgets.h"

#include <inttypes.h>
#include <stdlib.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/report/budget_watch.h"
#include "pfa/report/leaks.h"
#include "pfa/report/partial.h"

/* A process that a figure of was judged: a bit for each of the watches. */
struct judged_process {
	uint32_t serial;
	uint64_t over; /* the expression holds of it */
	uint64_t told; /* that it does or did */
	bool rss_peak_known; /* the last that can be */
	UT_hash_handle hh;
};

struct budgets {
	struct watch *watches;
	size_t count;
	struct alert_sink sink;
	struct judged_process *processes; /* those that live */
	uint64_t origin_ns, last_ns;
	bool has_rates, has_regions, has_rss;
	uint64_t rss_unknown; /* processes whose end nobody saw in time */
	struct text partial;
};

#define FOR_EACH_WATCH(b, w) \
	for (struct watch *w = (b)->watches; w < (b)->watches + (b)->count; w++)

struct budgets *budgets_new(const struct budget *list, size_t count,
			    struct alert_sink sink)
{
	struct budgets *b = pfa_alloc(sizeof(*b));

	b->watches = pfa_alloc(count * sizeof(*b->watches));
	b->count = count;
	b->sink = sink;
	text_init(&b->partial);
	for (size_t i = 0; i < count; i++) {
		watch_init(&b->watches[i], &list[i]);
		b->has_rates |= list[i].per_second;
		b->has_regions |= list[i].glob[0] != '\0';
		b->has_rss |= list[i].metric == METRIC_rss;
	}
	return b;
}

void budgets_free(struct budgets *b)
{
	struct judged_process *process, *next;

	if (!b)
		return;
	HASH_ITER(hh, b->processes, process, next) {
		HASH_DEL(b->processes, process);
		free(process);
	}
	FOR_EACH_WATCH(b, w)
		watch_release(w);
	text_release(&b->partial);
	free(b->watches);
	free(b);
}

void budgets_set_origin(struct budgets *b, uint64_t time_ns)
{
	b->origin_ns = b->last_ns = time_ns;
}

bool budgets_want_layouts(const struct budgets *b)
{
	FOR_EACH_WATCH(b, w)
		if (w->budget->metric == METRIC_leaked)
			return true;
	return false;
}

/* ---- figures of the run ---- */

static void judge(struct budgets *b, struct watch *w, uint64_t figure, uint64_t time_ns)
{
	const struct alert alert = { w->budget, time_ns, figure, NULL };

	if (watch_has_enough(w) && watch_judge(w, figure, time_ns, &w->over))
		b->sink.tell(b->sink.context, &alert);
}

/* What must not be much is judged at each fault; what must be there, in whole seconds. */
static void judge_second(struct budgets *b, struct watch *w, const struct rate_end *end)
{
	uint64_t time_ns = b->origin_ns + end->since_ns;

	if (!budget_is_floor_of_rate(w->budget))
		judge(b, w, w->rate.sum, time_ns);
	else if (end->whole)
		judge(b, w, end->sum, time_ns);
}

void budgets_time(struct budgets *b, uint64_t now_ns)
{
	struct rate_end end;

	if (now_ns <= b->last_ns || !b->origin_ns)
		return;
	b->last_ns = now_ns;
	if (!b->has_rates)
		return;
	FOR_EACH_WATCH(b, w)
		while (w->budget->per_second &&
		       rate_tenth_ends(&w->rate, now_ns - b->origin_ns, &end))
			judge_second(b, w, &end);
}

void budgets_fault(struct budgets *b, const struct fault *fault)
{
	budgets_time(b, fault->time_ns);
	FOR_EACH_WATCH(b, w) {
		if (!watch_fault(w, fault))
			continue;
		if (!budget_is_floor_of_rate(w->budget))
			judge(b, w, w->value, fault->time_ns);
	}
}

/* What the metric is of the run now. */
static void add(struct budgets *b, enum budget_metric metric, uint64_t amount,
		uint64_t time_ns)
{
	FOR_EACH_WATCH(b, w) {
		if (w->budget->metric != metric)
			continue;
		w->value += amount;
		judge(b, w, w->value, time_ns);
	}
}

/* Of unknown size: that it was at least one is certain. */
void budgets_loss(struct budgets *b, const struct loss *loss)
{
	add(b, METRIC_lost, loss->count ? loss->count : 1, loss->time_ns);
}

void budgets_layout(struct budgets *b, const struct layout *layout)
{
	if (budgets_want_layouts(b))
		add(b, METRIC_leaked, leaks_bytes(layout), layout->time_ns);
}

/* ---- figures of processes ---- */

static struct judged_process *process_of(struct budgets *b, uint32_t serial)
{
	struct judged_process *process;

	HASH_FIND(hh, b->processes, &serial, sizeof(serial), process);
	if (process)
		return process;
	process = pfa_alloc(sizeof(*process));
	process->serial = serial;
	HASH_ADD(hh, b->processes, serial, sizeof(serial), process);
	return process;
}

static void judge_process(struct budgets *b, struct watch *w, const struct actor *actor,
			  uint64_t time_ns, uint64_t figure)
{
	const struct alert alert = { w->budget, time_ns, figure, actor };
	struct judged_process *process = process_of(b, actor->serial);
	uint64_t bit = 1ULL << (w - b->watches);
	bool over = process->over & bit;

	if (watch_judge(w, figure, time_ns, &over)) {
		process->told |= bit;
		b->sink.tell(b->sink.context, &alert);
	}
	process->over = over ? process->over | bit : process->over & ~bit;
}

/* A metric of a process has this figure now. */
static void set_level(struct budgets *b, enum budget_metric metric,
		      const struct actor *actor, uint64_t time_ns, uint64_t figure)
{
	FOR_EACH_WATCH(b, w)
		if (w->budget->metric == metric)
			judge_process(b, w, actor, time_ns, figure);
}

void budgets_change(struct budgets *b, const struct change *c)
{
	if (c->error)
		return;
	set_level(b, METRIC_vmas, &c->actor, c->time_ns, c->vma_count);
	set_level(b, METRIC_mapped, &c->actor, c->time_ns, c->mapped_bytes);
	set_level(b, METRIC_heap, &c->actor, c->time_ns, c->heap_bytes);
	set_level(b, METRIC_stack, &c->actor, c->time_ns, c->stack_bytes);
}

void budgets_life(struct budgets *b, const struct life *l)
{
	if (l->kind != LIFE_EXEC_REBUILD)
		return;
	set_level(b, METRIC_vmas, &l->actor, l->time_ns, l->vmas_made);
	set_level(b, METRIC_mapped, &l->actor, l->time_ns, l->mapped_bytes);
}

/* It may be a figure that nobody told: of before the trace, or of between readings. */
static void set_peak(struct budgets *b, enum budget_metric metric,
		     const struct actor *actor, uint64_t time_ns, uint64_t peak)
{
	uint64_t told = process_of(b, actor->serial)->told;

	FOR_EACH_WATCH(b, w) {
		if (w->budget->metric != metric)
			continue;
		if (told >> (w - b->watches) & 1)
			watch_note(w, peak);
		else
			judge_process(b, w, actor, time_ns, peak);
	}
}

void budgets_memory(struct budgets *b, const struct memory_sample *s)
{
	set_level(b, METRIC_heap, &s->actor, s->time_ns, s->heap_bytes);
	set_level(b, METRIC_stack, &s->actor, s->time_ns, s->stack_bytes);
	if (s->reason != SAMPLE_exit)
		set_level(b, METRIC_rss, &s->actor, s->time_ns, memory_rss_bytes(s));
	set_peak(b, METRIC_rss, &s->actor, s->time_ns, s->rss_peak_bytes);
	process_of(b, s->actor.serial)->rss_peak_known =
		s->reason == SAMPLE_exit || s->reason == SAMPLE_end;
}

void budgets_process(struct budgets *b, const struct process_facts *facts)
{
	struct judged_process *process = process_of(b, facts->actor.serial);
	const struct totals *totals = facts->totals;
	const struct actor *actor = &facts->actor;

	set_peak(b, METRIC_vmas, actor, facts->ended_ns, totals->vma_peak);
	set_peak(b, METRIC_mapped, actor, facts->ended_ns, totals->size_peak_bytes);
	set_peak(b, METRIC_heap, actor, facts->ended_ns, totals->heap_peak_bytes);
	set_peak(b, METRIC_stack, actor, facts->ended_ns, totals->stack_peak_bytes);
	b->rss_unknown += !process->rss_peak_known && !facts->shared_space;
	HASH_DEL(b->processes, process);
	free(process);
}

/* ---- the end ---- */

void budgets_note_partial(struct budgets *b, const char *why)
{
	partial_put_reason(&b->partial, why);
}

void budgets_finish(struct budgets *b, const struct run_facts *facts)
{
	struct run_facts missing = *facts;

	missing.no_calls &= b->has_regions; /* they may be wrong; numbers are not */
	if (!facts->stopped) /* after the last fault that counts there was none */
		budgets_time(b, facts->end_ns);
	partial_put(&b->partial, &missing);
	if (facts->corrupt)
		budgets_note_partial(b, "damaged records were skipped");
	if (facts->unpaired)
		budgets_note_partial(b, "some faults have no latency");
	if (b->has_rss && b->rss_unknown)
		budgets_note_partial(b, "the rss of some processes may have been more: "
				     "nobody saw their end in time");
	(void)text_cstr(&b->partial);
}

size_t budgets_count(const struct budgets *b)
{
	return b->count;
}

struct budget_result budgets_result(const struct budgets *b, size_t index)
{
	return watch_result(&b->watches[index]);
}

const char *budgets_partial(const struct budgets *b)
{
	return b->partial.bytes;
}

/* "major>100 (312)" */
static void put_failure(struct text *out, const struct budget_result *r)
{
	text_printf(out, "%s%s (", out->length ? ", " : "", r->budget->text);
	if (r->unjudged)
		text_printf(out, "not judged: %s", r->unjudged);
	else
		budget_put_figure(out, r->budget, r->figure);
	text_char(out, ')');
}

enum pfa_status budgets_conclude(const struct budgets *b, struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	struct text failures;

	text_init(&failures);
	for (size_t i = 0; i < b->count; i++) {
		const struct budget_result result = budgets_result(b, i);

		if (result.failed)
			put_failure(&failures, &result);
	}
	if (failures.length)
		status = pfa_fail(err, PFA_E_BUDGET, "not within budget: %s%s%s",
				  text_cstr(&failures),
				  *budgets_partial(b) ? "; the result is partial: " : "",
				  budgets_partial(b));
	text_release(&failures);
	return status;
}
