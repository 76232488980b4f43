#include "pfa/report/top.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/report/budgets.h"
#include "pfa/report/naming.h"

struct top_process_entry {
	struct top_process process;
	UT_hash_handle hh;
};

/* ---- filters ---- */

static struct top_filter filter_of(const struct view *view)
{
	struct top_filter filter = { .types = view->types };

	snprintf(filter.region, sizeof(filter.region), "%s",
		 view->region ? view->region : "");
	return filter;
}

/* The view's own region may be longer than one that was typed. */
static void apply_filter(struct top *t)
{
	t->filter = t->wanted;
	t->view.types = t->filter.types;
	t->view.region = *t->filter.region ? t->filter.region : NULL;
	top_window_release(&t->whole);
	top_window_init(&t->whole);
	t->whole.start_ns = t->now.start_ns;
}

static bool filter_changed(const struct top *t)
{
	return t->filter.types != t->wanted.types ||
	       strcmp(t->filter.region, t->wanted.region) != 0;
}

struct top *top_new(const struct view *view, struct naming *naming)
{
	struct top *t = pfa_alloc(sizeof(*t));

	t->view = *view;
	t->naming = naming;
	t->filter = t->wanted = filter_of(view);
	top_window_init(&t->now);
	top_window_init(&t->last);
	top_window_init(&t->whole);
	return t;
}

static void drop_process(struct top *t, struct top_process_entry *entry)
{
	HASH_DEL(t->processes, entry);
	free(entry);
}

void top_free(struct top *t)
{
	struct top_process_entry *entry, *next;

	if (!t)
		return;
	HASH_ITER(hh, t->processes, entry, next)
		drop_process(t, entry);
	top_window_release(&t->now);
	top_window_release(&t->last);
	top_window_release(&t->whole);
	free(t);
}

void top_set_origin(struct top *t, uint64_t time_ns)
{
	t->origin_ns = time_ns;
}

/* ---- frames ---- */

bool top_is_full(const struct top *t)
{
	return t->view.frames && t->frames >= t->view.frames;
}

/* Those whose end the frame before has shown. */
static void drop_ended(struct top *t)
{
	struct top_process_entry *entry, *next;

	HASH_ITER(hh, t->processes, entry, next) {
		struct top_process *p = &entry->process;

		if (p->shown) {
			top_window_forget(&t->whole, TOP_PROCESSES, p->serial);
			drop_process(t, entry);
		} else {
			p->shown = p->ended;
		}
	}
}

static void show(struct top *t)
{
	top_window_release(&t->last);
	t->last = t->now;
	t->sum = t->counted;
	t->sum_lost = t->counted_lost;
	t->number = t->frames;
}

static void end_frame(struct top *t, uint64_t end_ns)
{
	t->now.end_ns = end_ns;
	t->frames++;
	top_window_add(&t->whole, &t->now);
	if (t->paused)
		top_window_release(&t->now);
	else
		show(t);
	top_window_init(&t->now);
	t->now.start_ns = end_ns;
	if (filter_changed(t))
		apply_filter(t);
}

bool top_turn(struct top *t, uint64_t now_ns)
{
	uint64_t end_ns = t->now.start_ns + t->view.interval_ns;

	if (!t->origin_ns || now_ns < t->origin_ns + end_ns || top_is_full(t))
		return false;
	drop_ended(t);
	end_frame(t, end_ns);
	return true;
}

bool top_finish(struct top *t, const struct run_facts *facts)
{
	uint64_t end_ns = facts->end_ns > t->origin_ns ? facts->end_ns - t->origin_ns : 0;

	t->over = true;
	t->paused = false;
	if (top_is_full(t) || end_ns <= t->now.start_ns)
		return false;
	end_frame(t, end_ns);
	return true;
}

/* ---- what is observed ---- */

static struct top_process *process_of(struct top *t, const struct actor *actor)
{
	struct top_process_entry *entry;

	HASH_FIND(hh, t->processes, &actor->serial, sizeof(actor->serial), entry);
	if (!entry) {
		entry = pfa_alloc(sizeof(*entry));
		entry->process.serial = actor->serial;
		HASH_ADD(hh, t->processes, process.serial, sizeof(actor->serial), entry);
	}
	entry->process.actor = *actor;
	return &entry->process;
}

static const char *function_of(const struct top *t, const struct fault *f)
{
	static const char unknown[] = "(unknown)";

	if (!f->code)
		return unknown;
	return naming_code(t->naming, f->code, CODE_ITSELF, f->time_ns)->function->text;
}

static void count_rows(struct top *t, const struct fault *f)
{
	const char *function = function_of(t, f);

	top_window_count(&t->now, TOP_REGIONS, (uintptr_t)f->region->text,
			 f->region->text, f);
	top_window_count(&t->now, TOP_FUNCTIONS, (uintptr_t)function, function, f);
	top_window_count(&t->now, TOP_PROCESSES, f->actor.serial, NULL, f);
}

void top_fault(struct top *t, const struct fault *f)
{
	if (top_is_full(t))
		return;
	counts_add(&t->counted, f);
	top_window_see(&t->now, f);
	process_of(t, &f->actor);
	if (!view_shows_fault(&t->view, f))
		return;
	top_window_pass(&t->now, f);
	top_window_rank(&t->now, f);
	top_window_rank(&t->whole, f);
	count_rows(t, f);
}

void top_change(struct top *t, const struct change *c)
{
	if (!c->error)
		process_of(t, &c->actor)->size_bytes = c->mapped_bytes;
}

void top_life(struct top *t, const struct life *l)
{
	if (l->kind == LIFE_EXEC_REBUILD)
		process_of(t, &l->actor)->size_bytes = l->mapped_bytes;
}

/* Of those that live on this is the end of the trace. */
void top_process(struct top *t, const struct process_facts *facts)
{
	struct top_process_entry *entry;

	HASH_FIND(hh, t->processes, &facts->actor.serial, sizeof(facts->actor.serial),
		  entry);
	if (!entry || !facts->ended || top_is_full(t))
		return;
	entry->process.ended = true;
	t->ended++;
}

/* At its exit the kernel tells of its peaks only. */
void top_memory(struct top *t, const struct memory_sample *sample)
{
	struct top_process *p;

	if (sample->reason == SAMPLE_exit)
		return;
	p = process_of(t, &sample->actor);
	p->has_memory = true;
	p->size_bytes = sample->size_bytes;
	p->rss_bytes = memory_rss_bytes(sample);
	p->swap_bytes = sample->swap_bytes;
}

void top_loss(struct top *t, const struct loss *loss)
{
	uint64_t count = loss->count ? loss->count : 1;

	t->now.lost += count;
	t->counted_lost += count;
}

void top_alert(struct top *t, const struct alert *a)
{
	memmove(t->alerts + 1, t->alerts, (TOP_ALERTS_MAX - 1) * sizeof(*t->alerts));
	t->alerts[0] = (struct top_alert){
		.budget = a->budget,
		.since_ns = a->time_ns > t->origin_ns ? a->time_ns - t->origin_ns : 0,
		.figure = a->figure,
		.pid = a->actor ? a->actor->pid : 0,
	};
	if (t->alert_count < TOP_ALERTS_MAX)
		t->alert_count++;
}

/* ---- processes in order ---- */

struct ranked {
	const struct top_process *process;
	uint64_t first, second;
};

static int compare(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->first != y->first)
		return x->first > y->first ? -1 : 1;
	if (x->second != y->second)
		return x->second > y->second ? -1 : 1;
	return (x->process->serial > y->process->serial) -
	       (x->process->serial < y->process->serial);
}

static struct ranked rank(const struct top_window *w, const struct top_process *p,
			  bool by_time)
{
	const struct top_row *row = top_window_find(w, TOP_PROCESSES, p->serial);
	uint64_t amount = !row ? 0 : by_time ? row->counts.time_ns : row->counts.faults;

	return (struct ranked){ p, amount, p->has_memory ? p->rss_bytes : p->size_bytes };
}

const struct top_process **top_processes(const struct top *t, const struct top_window *w,
					 bool by_time, size_t *count)
{
	size_t n = HASH_COUNT(t->processes), i = 0;
	const struct top_process **list = pfa_alloc(n * sizeof(*list));
	struct ranked *ranked = pfa_alloc(n * sizeof(*ranked));
	struct top_process_entry *entry, *next;

	HASH_ITER(hh, t->processes, entry, next)
		ranked[i++] = rank(w, &entry->process, by_time);
	qsort(ranked, n, sizeof(*ranked), compare);
	for (i = 0; i < n; i++)
		list[i] = ranked[i].process;
	free(ranked);
	*count = n;
	return list;
}
