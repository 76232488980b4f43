#include "pfa/decode/merge.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/rare.h"

/* A corrupt capture may name any CPU: those beyond share one queue. */
enum { CPUS_MAX = 8192 };

/* As far as a record moves up in its queue. Records of one ring hardly ever need to;
 * those of several rings for one CPU, or of a corrupt capture, may need any way. */
enum { NEAR = 64 };

/* The records of one CPU, oldest first: a ring buffer. */
struct queue {
	struct record *records; /* NULL until the CPU's first record */
	size_t first, count, capacity; /* capacity is a power of two */
};

/* The oldest record of a queue, as far as the order needs it. */
struct head {
	uint64_t time_ns;
	uint32_t cpu;
	uint32_t queue;
};

/* A record that came long after those behind it. */
struct stray {
	struct record record;
	uint64_t sequence; /* among strays as old */
};

struct merge {
	struct queue *queues; /* by CPU */
	size_t queue_count;
	struct head *heap; /* of the queues that hold records, the oldest first */
	size_t heap_count;
	struct stray *strays; /* a heap, the oldest first */
	size_t stray_count, stray_capacity;
	uint64_t stray_sequence;
	uint64_t released_ns;
	uint64_t late;
};

struct merge *merge_new(void)
{
	return pfa_alloc(sizeof(struct merge));
}

void merge_free(struct merge *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->queue_count; i++)
		free(m->queues[i].records);
	free(m->queues);
	free(m->heap);
	free(m->strays);
	free(m);
}

/* ---- the heap ---- */

static bool head_older(const struct head *a, const struct head *b)
{
	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns;
	return a->cpu < b->cpu;
}

static void heap_swap(struct merge *m, size_t a, size_t b)
{
	struct head t = m->heap[a];

	m->heap[a] = m->heap[b];
	m->heap[b] = t;
}

static void heap_up(struct merge *m, size_t at)
{
	while (at && head_older(&m->heap[at], &m->heap[(at - 1) / 2])) {
		heap_swap(m, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

/* The first has become younger: it sinks to its place. */
static void heap_down(struct merge *m)
{
	struct head *heap = m->heap;
	const struct head sinking = heap[0];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < m->heap_count) {
		if (child + 1 < m->heap_count &&
		    head_older(&heap[child + 1], &heap[child]))
			child++;
		if (!head_older(&heap[child], &sinking))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = sinking;
}

/* ---- the queues ---- */

static struct record *record_at(const struct queue *q, size_t index)
{
	return &q->records[(q->first + index) & (q->capacity - 1)];
}

static struct head head_of(const struct merge *m, size_t index)
{
	const struct record *oldest = record_at(&m->queues[index], 0);

	return (struct head){ oldest->time_ns, oldest->cpu, (uint32_t)index };
}

static PFA_RARE void add_queues(struct merge *m, size_t count)
{
	m->queues = pfa_realloc(m->queues, count * sizeof(struct queue));
	memset(m->queues + m->queue_count, 0,
	       (count - m->queue_count) * sizeof(struct queue));
	m->queue_count = count;
	m->heap = pfa_realloc(m->heap, count * sizeof(struct head));
}

static PFA_RARE void queue_double(struct queue *q)
{
	size_t capacity = q->capacity ? 2 * q->capacity : 256;
	struct record *records = pfa_alloc(capacity * sizeof(*records));

	for (size_t i = 0; i < q->count; i++)
		records[i] = *record_at(q, i);
	free(q->records);
	*q = (struct queue){ .records = records, .count = q->count,
			     .capacity = capacity };
}

static bool record_older(const struct record *a, const struct record *b)
{
	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns;
	return a->cpu < b->cpu; /* they differ only among those that share a queue */
}

/* The queue has a new first record. */
static PFA_RARE void update_head(struct merge *m, size_t index)
{
	size_t at = 0;

	if (m->queues[index].count == 1)
		m->heap[m->heap_count++].queue = (uint32_t)index;
	while (m->heap[at].queue != index)
		at++;
	m->heap[at] = head_of(m, index);
	heap_up(m, at);
}

/* ---- the strays ---- */

static bool stray_older(const struct stray *a, const struct stray *b)
{
	if (a->record.time_ns != b->record.time_ns ||
	    a->record.cpu != b->record.cpu)
		return record_older(&a->record, &b->record);
	return a->sequence < b->sequence;
}

static void add_stray(struct merge *m, const struct record *record)
{
	const struct stray stray = { *record, m->stray_sequence++ };
	size_t at = m->stray_count;

	m->strays = pfa_grow(m->strays, m->stray_count++, &m->stray_capacity,
			     sizeof(*m->strays));
	for (; at && stray_older(&stray, &m->strays[(at - 1) / 2]); at = (at - 1) / 2)
		m->strays[at] = m->strays[(at - 1) / 2];
	m->strays[at] = stray;
}

static struct record pop_stray(struct merge *m)
{
	const struct record oldest = m->strays[0].record;
	const struct stray *sinking = &m->strays[--m->stray_count];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < m->stray_count) {
		if (child + 1 < m->stray_count &&
		    stray_older(&m->strays[child + 1], &m->strays[child]))
			child++;
		if (!stray_older(&m->strays[child], sinking))
			break;
		m->strays[at] = m->strays[child];
		at = child;
	}
	m->strays[at] = *sinking;
	return oldest;
}

/* Of what is as old, the queue's came first. */
static bool stray_is_next(const struct merge *m)
{
	const struct record *stray = &m->strays[0].record;

	if (!m->stray_count)
		return false;
	if (!m->heap_count)
		return true;
	return head_older(&(struct head){ stray->time_ns, stray->cpu, 0 }, &m->heap[0]);
}

static PFA_RARE bool pop_if_stray(struct merge *m, uint64_t limit_ns,
				  struct record *record)
{
	if (!stray_is_next(m) || m->strays[0].record.time_ns > limit_ns)
		return false;
	*record = pop_stray(m);
	if (record->time_ns > m->released_ns)
		m->released_ns = record->time_ns;
	return true;
}

/* The last record goes where it belongs: behind what is as old. */
static PFA_RARE void move_up(struct merge *m, size_t index)
{
	struct queue *q = &m->queues[index];
	size_t at = q->count - 1;
	const struct record moved = *record_at(q, at);

	if (at > NEAR && record_older(&moved, record_at(q, at - NEAR))) {
		q->count--;
		add_stray(m, &moved);
		return;
	}
	for (; at && record_older(&moved, record_at(q, at - 1)); at--)
		*record_at(q, at) = *record_at(q, at - 1);
	*record_at(q, at) = moved;
	if (!at)
		update_head(m, index);
}

void merge_push(struct merge *m, const struct record *record)
{
	size_t index = record->cpu < CPUS_MAX ? record->cpu : CPUS_MAX;
	struct queue *q;

	if (index >= m->queue_count)
		add_queues(m, index + 1);
	q = &m->queues[index];
	if (q->count == q->capacity)
		queue_double(q);
	if (record->time_ns < m->released_ns)
		m->late++;
	*record_at(q, q->count++) = *record;
	if (q->count == 1)
		update_head(m, index);
	else if (record_older(record, record_at(q, q->count - 2)))
		move_up(m, index);
}

bool merge_pop(struct merge *m, uint64_t limit_ns, struct record *record)
{
	struct queue *q;

	if (m->stray_count && pop_if_stray(m, limit_ns, record))
		return true;
	if (!m->heap_count || m->heap[0].time_ns > limit_ns)
		return false;
	q = &m->queues[m->heap[0].queue];
	*record = *record_at(q, 0);
	if (record->time_ns > m->released_ns)
		m->released_ns = record->time_ns;
	q->first = (q->first + 1) & (q->capacity - 1);
	m->heap[0] = --q->count ? head_of(m, m->heap[0].queue)
				: m->heap[--m->heap_count];
	heap_down(m);
	return true;
}

uint64_t merge_late_count(const struct merge *m)
{
	return m->late;
}
