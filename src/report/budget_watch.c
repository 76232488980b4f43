#include "pfa/report/budget_watch.h"

#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/model/observation.h"
#include "pfa/report/quantile.h"
#include "pfa/report/view.h"

enum { PERCENT = 99, FAULTS_FOR_PERCENT = 100 };

void watch_init(struct watch *w, const struct budget *budget)
{
	*w = (struct watch){ .budget = budget };
	if (budget->metric != METRIC_p99_latency)
		return;
	w->quantile = pfa_alloc(sizeof(*w->quantile));
	quantile_init(w->quantile, PERCENT);
}

void watch_release(struct watch *w)
{
	free(w->quantile);
}

/* ---- faults ---- */

static bool is_of_metric(enum budget_metric metric, enum fault_type type)
{
	switch (metric) {
	case METRIC_major:
		return type == FAULT_MAJOR;
	case METRIC_minor:
		return type == FAULT_MINOR;
	case METRIC_cow:
		return type == FAULT_COW;
	case METRIC_invalid:
		return type == FAULT_INVALID;
	case METRIC_faults:
	case METRIC_fault_time:
	case METRIC_max_latency:
	case METRIC_p99_latency:
		return true;
	default:
		return false;
	}
}

static bool is_of_latency(enum budget_metric metric)
{
	return metric == METRIC_fault_time || metric == METRIC_max_latency ||
	       metric == METRIC_p99_latency;
}

/* There are few regions, and many faults in each: matching a pattern takes long. */
static bool is_in_region(struct watch *w, const struct region *region)
{
	size_t i = (uintptr_t)region / 16 % WATCH_REGIONS; /* as malloc aligns */

	if (!w->budget->glob[0])
		return true;
	if (w->regions[i].region != region) {
		w->regions[i].region = region;
		w->regions[i].matches = region_matches(region, w->budget->glob);
	}
	return w->regions[i].matches;
}

static void add_latency(struct watch *w, uint64_t latency_ns)
{
	w->timed++;
	if (w->quantile) {
		quantile_add(w->quantile, latency_ns);
		w->value = quantile_value(w->quantile);
	} else if (w->budget->metric != METRIC_max_latency) {
		w->value += latency_ns;
	} else if (w->value < latency_ns) {
		w->value = latency_ns;
	}
}

bool watch_fault(struct watch *w, const struct fault *f)
{
	bool of_latency = is_of_latency(w->budget->metric);

	if (!is_of_metric(w->budget->metric, f->type) || !is_in_region(w, f->region))
		return false;
	w->completed += f->type != FAULT_INVALID;
	if (of_latency && f->latency_ns == LATENCY_UNKNOWN)
		return false;
	if (w->budget->per_second) {
		w->timed += of_latency;
		rate_add(&w->rate, of_latency ? f->latency_ns : 1);
		w->value = w->rate.sum;
	} else if (of_latency) {
		add_latency(w, f->latency_ns);
	} else {
		w->value++;
	}
	return true;
}

/* ---- judging ---- */

/* Of a rate that must not be low, the quietest second counts. */
void watch_note(struct watch *w, uint64_t figure)
{
	bool least = budget_is_floor_of_rate(w->budget);

	if (!w->judged || (least ? figure < w->worst : figure > w->worst))
		w->worst = figure;
	w->judged = true;
}

/* Whether the next crossing is one, and no noise at the limit. */
static bool has_eased(const struct budget *b, uint64_t figure)
{
	uint64_t quarter = b->limit / 4 + (b->limit % 4 > 0);

	if (budget_holds(b, figure))
		return false;
	if (!b->per_second)
		return true;
	return (budget_is_floor(b) ? figure - b->limit : b->limit - figure) >= quarter;
}

bool watch_has_enough(const struct watch *w)
{
	return !w->quantile || w->timed >= FAULTS_FOR_PERCENT;
}

bool watch_judge(struct watch *w, uint64_t figure, uint64_t time_ns, bool *over)
{
	const struct budget *b = w->budget;

	watch_note(w, figure);
	if (*over && has_eased(b, figure))
		*over = false;
	if (!b->alert || *over || !budget_holds(b, figure))
		return false;
	*over = true;
	if (!w->crossings++)
		w->first_ns = time_ns;
	w->last_ns = time_ns;
	return true;
}

/* ---- the end ---- */

/* NULL: it can be. */
static const char *why_unjudged(const struct watch *w)
{
	const struct budget *b = w->budget;

	if (budget_is_floor_of_rate(b) && !w->judged)
		return "the run was shorter than a second";
	if (budget_has_trait(b, BUDGET_OF_PROCESS) && !w->judged)
		return b->metric == METRIC_rss ? "no process's memory was read" :
						 "no process was seen";
	if (!is_of_latency(b->metric) || w->timed)
		return NULL;
	if (w->completed)
		return "no latency is known";
	return budget_is_floor(b) ? "there was no fault" : NULL;
}

/* Of a rate or a process the worst; what is counted over the run is known now. */
static bool is_of_moment(const struct budget *b)
{
	return b->alert || b->per_second || budget_has_trait(b, BUDGET_OF_PROCESS);
}

struct budget_result watch_result(const struct watch *w)
{
	const struct budget *b = w->budget;
	struct budget_result result = {
		.budget = b,
		.crossings = w->crossings,
		.first_ns = w->first_ns,
		.last_ns = w->last_ns,
		.unjudged = why_unjudged(w),
		.figure = is_of_moment(b) ? w->worst : w->value,
	};

	result.has_figure = !result.unjudged && (w->timed || !is_of_latency(b->metric));
	if (!b->alert)
		result.failed = result.unjudged ||
				(result.has_figure && budget_holds(b, result.figure));
	return result;
}
