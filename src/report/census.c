#include "pfa/report/census.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"

struct process_entry {
	struct census_process process; /* first: what is sorted is found again */
	bool over;    /* counted as ended */
	bool dropped; /* about to be */
	UT_hash_handle hh; /* by serial */
};

struct thread_entry {
	struct census_thread thread; /* first, too */
	uint32_t serial;
	bool over;
	bool dropped;
	UT_hash_handle hh; /* by serial */
};

enum { KEPT_AT_LEAST = 1000 };

void census_init(struct census *c, size_t wanted)
{
	memset(c, 0, sizeof(*c));
	series_init(&c->rss, false);
	c->kept = wanted > KEPT_AT_LEAST ? wanted : KEPT_AT_LEAST;
}

static void delete_thread(struct census *c, struct thread_entry *entry)
{
	HASH_DEL(c->threads, entry);
	free(entry);
}

static void delete_process(struct census *c, struct process_entry *entry)
{
	HASH_DEL(c->processes, entry);
	free(entry);
}

void census_release(struct census *c)
{
	struct thread_entry *thread, *next_thread;
	struct process_entry *process, *next_process;

	HASH_ITER(hh, c->threads, thread, next_thread)
		delete_thread(c, thread);
	HASH_ITER(hh, c->processes, process, next_process)
		delete_process(c, process);
}

/* ---- order ---- */

static int compare_counts(const struct counts *x, const struct counts *y)
{
	return (x->faults < y->faults) - (x->faults > y->faults);
}

static int compare_processes(const void *a, const void *b)
{
	const struct census_process *x = *(const struct census_process *const *)a;
	const struct census_process *y = *(const struct census_process *const *)b;
	int order = compare_counts(&x->counts, &y->counts);

	return order ? order : (x->serial > y->serial) - (x->serial < y->serial);
}

static int compare_threads(const void *a, const void *b)
{
	const struct census_thread *x = *(const struct census_thread *const *)a;
	const struct census_thread *y = *(const struct census_thread *const *)b;
	int order = compare_counts(&x->counts, &y->counts);

	return order ? order : (x->actor.thread_serial > y->actor.thread_serial) -
			       (x->actor.thread_serial < y->actor.thread_serial);
}

/* All, or only those that are over. */
static const struct census_process **sorted_processes(const struct census *c,
						      bool only_over, size_t *count)
{
	const struct census_process **list =
		pfa_alloc(HASH_COUNT(c->processes) * sizeof(*list));
	struct process_entry *entry, *next;
	size_t n = 0;

	HASH_ITER(hh, c->processes, entry, next)
		if (entry->over || !only_over)
			list[n++] = &entry->process;
	qsort(list, n, sizeof(*list), compare_processes);
	*count = n;
	return list;
}

static const struct census_thread **sorted_threads(const struct census *c,
						   bool only_over, size_t *count)
{
	const struct census_thread **list =
		pfa_alloc(HASH_COUNT(c->threads) * sizeof(*list));
	struct thread_entry *entry, *next;
	size_t n = 0;

	HASH_ITER(hh, c->threads, entry, next)
		if (entry->over || !only_over)
			list[n++] = &entry->thread;
	qsort(list, n, sizeof(*list), compare_threads);
	*count = n;
	return list;
}

const struct census_process **census_processes(const struct census *c, size_t *count)
{
	return sorted_processes(c, false, count);
}

const struct census_thread **census_threads(const struct census *c, size_t *count)
{
	return sorted_threads(c, false, count);
}

/* ---- dropping ---- */

static struct process_entry *find_process(const struct census *c, uint32_t serial)
{
	struct process_entry *entry;

	HASH_FIND(hh, c->processes, &serial, sizeof(serial), entry);
	return entry;
}

/* Past those that are dropped. */
static uint32_t kept_ancestor(const struct census *c, uint32_t parent)
{
	const struct process_entry *entry = find_process(c, parent);

	while (entry && entry->dropped) {
		parent = entry->process.parent;
		entry = find_process(c, parent);
	}
	return parent;
}

static void mark_last_processes(struct census *c)
{
	size_t count;
	const struct census_process **list = sorted_processes(c, true, &count);

	for (size_t i = c->kept; i < count; i++)
		((struct process_entry *)list[i])->dropped = true;
	c->ended_processes = count < c->kept ? count : c->kept;
	free(list);
}

static void delete_threads_of_dropped(struct census *c)
{
	struct thread_entry *entry, *next;

	HASH_ITER(hh, c->threads, entry, next) {
		if (!((const struct process_entry *)entry->thread.process)->dropped)
			continue;
		c->ended_threads -= entry->over;
		delete_thread(c, entry);
	}
}

/* What has ended and has others before it will not be among the first any more. */
static void drop_processes(struct census *c)
{
	struct process_entry *entry, *next;

	mark_last_processes(c);
	HASH_ITER(hh, c->processes, entry, next)
		entry->process.parent = kept_ancestor(c, entry->process.parent);
	memset(c->recent, 0, sizeof(c->recent));
	delete_threads_of_dropped(c);
	HASH_ITER(hh, c->processes, entry, next)
		if (entry->dropped)
			delete_process(c, entry);
}

static void drop_threads(struct census *c)
{
	size_t count;
	const struct census_thread **list = sorted_threads(c, true, &count);

	for (size_t i = c->kept; i < count; i++)
		delete_thread(c, (struct thread_entry *)list[i]);
	c->ended_threads = count < c->kept ? count : c->kept;
	memset(c->recent, 0, sizeof(c->recent));
	free(list);
}

static void thread_over(struct census *c, struct thread_entry *entry)
{
	c->ended_threads += !entry->over;
	entry->over = true;
}

static void process_over(struct census *c, struct process_entry *entry)
{
	if (!entry->over)
		c->rss_bytes -= entry->process.memory.rss_bytes;
	c->ended_processes += !entry->over;
	entry->over = true;
}

/* ---- who there is ---- */

/*
 * Before one comes some may go: only here, so that all that is told at the end of a
 * process finds it.
 */
static PFA_RARE struct process_entry *new_process(struct census *c,
						  const struct actor *actor)
{
	struct process_entry *entry;

	if (c->ended_processes >= 2 * c->kept)
		drop_processes(c);
	entry = pfa_alloc(sizeof(*entry));
	entry->process.serial = actor->serial;
	entry->process.actor = *actor;
	entry->process.program = actor->process_comm;
	c->process_count++;
	HASH_ADD(hh, c->processes, process.serial, sizeof(uint32_t), entry);
	return entry;
}

static struct process_entry *process_of(struct census *c, const struct actor *actor)
{
	struct process_entry *entry = find_process(c, actor->serial);

	return entry ? entry : new_process(c, actor);
}

static PFA_RARE struct thread_entry *thread_of(struct census *c,
					       const struct actor *actor)
{
	struct process_entry *process = process_of(c, actor);
	struct thread_entry *entry;

	HASH_FIND(hh, c->threads, &actor->thread_serial, sizeof(uint32_t), entry);
	if (entry)
		return entry;
	if (c->ended_threads >= 2 * c->kept)
		drop_threads(c);
	entry = pfa_alloc(sizeof(*entry));
	entry->serial = actor->thread_serial;
	entry->thread.process = &process->process;
	process->process.thread_count++;
	HASH_ADD(hh, c->threads, serial, sizeof(uint32_t), entry);
	return entry;
}

void census_fault(struct census *c, const struct fault *f)
{
	struct thread_entry **recent = &c->recent[f->actor.thread_serial % CENSUS_RECENT];
	struct census_process *process;

	if (!*recent || (*recent)->serial != f->actor.thread_serial)
		*recent = thread_of(c, &f->actor);
	process = (struct census_process *)(*recent)->thread.process;
	(*recent)->thread.actor = process->actor = f->actor;
	counts_add(&(*recent)->thread.counts, f);
	counts_add(&process->counts, f);
}

/* ---- lives ---- */

static void see_fork(struct census *c, const struct life *l)
{
	struct process_entry *child;

	process_of(c, &l->actor);
	child = process_of(c, &l->child);
	if (l->actor.serial < l->child.serial)
		child->process.parent = l->actor.serial;
}

/* The first of many names, and the last ones, say most. */
static void note_name(struct census_process *p, const char *name)
{
	if (p->before_count == CENSUS_NAMES_MAX) {
		p->before_count--;
		p->names_left_out = true;
		memmove(p->before + 1, p->before + 2,
			(p->before_count - 1) * sizeof(*p->before));
	}
	p->before[p->before_count++] = name;
}

/*
 * Faults of exec itself come before this, under the new name: the program counts as
 * what it was called when the process was born, or did exec last.
 */
static void see_exec(struct census *c, const struct life *l)
{
	struct census_process *p = &process_of(c, &l->actor)->process;

	if (p->program != l->actor.process_comm)
		note_name(p, p->program);
	p->program = l->actor.process_comm;
	p->actor = l->actor;
	memory_exec(&p->memory);
}

static void see_exit(struct census *c, const struct life *l)
{
	struct process_entry *process;
	struct thread_entry *thread;

	HASH_FIND(hh, c->threads, &l->actor.thread_serial, sizeof(uint32_t), thread);
	if (thread)
		thread_over(c, thread);
	if (l->thread)
		return;
	process = process_of(c, &l->actor);
	process->process.ending = l->ending;
	process->process.status = l->status;
	process_over(c, process);
}

void census_life(struct census *c, const struct life *l)
{
	if (l->kind == LIFE_FORK && !l->thread)
		see_fork(c, l);
	if (l->kind == LIFE_EXEC_REBUILD)
		see_exec(c, l);
	if (l->kind == LIFE_EXIT)
		see_exit(c, l);
}

/* ---- memory ---- */

void census_memory(struct census *c, const struct memory_sample *s, uint64_t since_ns)
{
	struct process_entry *entry = process_of(c, &s->actor);
	struct memory *m = &entry->process.memory;
	uint64_t before = m->rss_bytes, *together;

	if (entry->over)
		return;
	entry->process.actor = s->actor;
	memory_add(m, s, since_ns);
	c->rss_bytes += m->rss_bytes - before;
	together = series_at(&c->rss, since_ns);
	if (s->reason != SAMPLE_exit && c->rss_bytes > *together)
		*together = c->rss_bytes;
}

/* ---- what the model tells of each at its end ---- */

static void add_totals(struct totals *sum, const struct totals *t)
{
	for (int kind = 0; kind < CHANGE_KIND_COUNT; kind++)
		sum->changes[kind] += t->changes[kind];
	sum->records += t->records;
	sum->failed += t->failed;
	sum->mapped_bytes += t->mapped_bytes;
	sum->unmapped_bytes += t->unmapped_bytes;
}

bool census_has_space(const struct census_process *p)
{
	return p->totals.records || p->totals.failed || totals_all_changes(&p->totals);
}

bool census_is_idle(const struct census_process *p)
{
	return p->existed && !p->counts.faults && !census_has_space(p);
}

void census_facts(struct census *c, const struct process_facts *facts)
{
	struct process_entry *entry = process_of(c, &facts->actor);
	struct census_process *p = &entry->process;

	p->told = true;
	p->actor = facts->actor;
	p->existed = facts->existed;
	p->shared_space = facts->shared_space;
	p->ended = facts->ended;
	p->born_ns = facts->born_ns;
	p->ended_ns = facts->ended_ns;
	p->totals = *facts->totals;
	if (!p->parent && facts->parent < p->serial)
		p->parent = facts->parent;
	add_totals(&c->sum, facts->totals);
	c->space_count += census_has_space(p);
	c->process_count -= census_is_idle(p);
	if (facts->ended)
		process_over(c, entry);
}
