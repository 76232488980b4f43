#include "pfa/decode/merge.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"

/* Bytes are kept in blocks, each freed when its last record is released. */
enum { BLOCK_BYTES = 256 * 1024 };

/* A corrupt capture may name any CPU: those beyond share one queue. */
enum { CPUS_MAX = 8192 };

struct block {
	size_t used;
	size_t records; /* not yet released */
	unsigned char bytes[BLOCK_BYTES];
};

struct item {
	struct record record;
	uint64_t sequence;
	struct block *block;
};

/* The records of one CPU, oldest first: a ring buffer of items. */
struct queue {
	struct item *items; /* NULL until the CPU's first record */
	size_t first, count, capacity; /* capacity is a power of two */
};

struct merge {
	struct queue *queues; /* by CPU */
	size_t queue_count;
	size_t *heap; /* queues that hold records, oldest head first */
	size_t heap_count;
	struct block *filling;
	struct block *spare; /* one is kept back from the allocator */
	struct block *releasing; /* of the record popped last */
	uint64_t sequence;
	uint64_t released_ns;
	uint64_t late;
};

struct merge *merge_new(void)
{
	return pfa_alloc(sizeof(struct merge));
}

static struct item *item_at(struct queue *q, size_t index)
{
	return &q->items[(q->first + index) & (q->capacity - 1)];
}

static void block_drop(struct merge *m, struct block *block)
{
	if (--block->records || block == m->filling)
		return;
	if (m->spare)
		free(block);
	else
		m->spare = block;
}

void merge_free(struct merge *m)
{
	if (!m)
		return;
	if (m->releasing)
		block_drop(m, m->releasing);
	for (size_t i = 0; i < m->queue_count; i++) {
		struct queue *q = &m->queues[i];

		while (q->count) {
			block_drop(m, item_at(q, 0)->block);
			q->first++;
			q->count--;
		}
		free(q->items);
	}
	free(m->queues);
	free(m->heap);
	free(m->filling);
	free(m->spare);
	free(m);
}

static bool older(const struct item *a, const struct item *b)
{
	if (a->record.time_ns != b->record.time_ns)
		return a->record.time_ns < b->record.time_ns;
	if (a->record.cpu != b->record.cpu)
		return a->record.cpu < b->record.cpu;
	return a->sequence < b->sequence;
}

static bool heap_older(struct merge *m, size_t a, size_t b)
{
	return older(item_at(&m->queues[m->heap[a]], 0),
		     item_at(&m->queues[m->heap[b]], 0));
}

static void heap_swap(struct merge *m, size_t a, size_t b)
{
	size_t t = m->heap[a];

	m->heap[a] = m->heap[b];
	m->heap[b] = t;
}

static void heap_up(struct merge *m, size_t at)
{
	while (at && heap_older(m, at, (at - 1) / 2)) {
		heap_swap(m, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

static void heap_down(struct merge *m, size_t at)
{
	for (;;) {
		size_t least = at, child = 2 * at + 1;

		if (child < m->heap_count && heap_older(m, child, least))
			least = child;
		if (child + 1 < m->heap_count && heap_older(m, child + 1, least))
			least = child + 1;
		if (least == at)
			return;
		heap_swap(m, at, least);
		at = least;
	}
}

static struct queue *queue_of(struct merge *m, uint32_t cpu)
{
	size_t index = cpu < CPUS_MAX ? cpu : CPUS_MAX;
	struct queue *q;

	if (index >= m->queue_count) {
		m->queues = pfa_realloc(m->queues, (index + 1) * sizeof(*q));
		memset(m->queues + m->queue_count, 0,
		       (index + 1 - m->queue_count) * sizeof(*q));
		m->queue_count = index + 1;
		m->heap = pfa_realloc(m->heap, m->queue_count * sizeof(size_t));
	}
	q = &m->queues[index];
	if (!q->items) {
		q->capacity = 256;
		q->items = pfa_alloc(q->capacity * sizeof(struct item));
	}
	return q;
}

static void queue_double(struct queue *q)
{
	struct item *items = pfa_alloc(2 * q->capacity * sizeof(struct item));

	for (size_t i = 0; i < q->count; i++)
		items[i] = *item_at(q, i);
	free(q->items);
	q->items = items;
	q->first = 0;
	q->capacity *= 2;
}

/* Returns whether the new item became the queue's head. */
static bool queue_insert(struct queue *q, const struct item *item)
{
	size_t at = q->count;

	if (q->count == q->capacity)
		queue_double(q);
	for (; at && older(item, item_at(q, at - 1)); at--)
		*item_at(q, at) = *item_at(q, at - 1);
	*item_at(q, at) = *item;
	q->count++;
	return at == 0;
}

static void keep_bytes(struct merge *m, struct item *item)
{
	size_t size = record_size(item->record.header);
	struct block *b = m->filling;

	if (!b || b->used + size > BLOCK_BYTES) {
		/* A full block lives on through its records. */
		m->filling = NULL;
		if (b && !b->records) {
			m->filling = b;
		} else if (m->spare) {
			m->filling = m->spare;
			m->spare = NULL;
		} else {
			m->filling = pfa_realloc(NULL, sizeof(struct block));
		}
		b = m->filling;
		b->used = 0;
		b->records = 0;
	}
	memcpy(b->bytes + b->used, item->record.header, size);
	item->record.header = (const void *)(b->bytes + b->used);
	item->block = b;
	b->used += (size + 7) & ~(size_t)7;
	b->records++;
}

void merge_push(struct merge *m, const struct record *record)
{
	struct item item = { .record = *record, .sequence = m->sequence++ };
	struct queue *q = queue_of(m, record->cpu);
	size_t index = (size_t)(q - m->queues);
	bool was_empty = !q->count;

	if (record->time_ns < m->released_ns)
		m->late++;
	keep_bytes(m, &item);
	if (!queue_insert(q, &item))
		return;
	if (was_empty) {
		m->heap[m->heap_count++] = index;
		heap_up(m, m->heap_count - 1);
		return;
	}
	for (size_t i = 0; i < m->heap_count; i++)
		if (m->heap[i] == index)
			heap_up(m, i);
}

bool merge_pop(struct merge *m, uint64_t limit_ns, struct record *record)
{
	struct queue *q;
	struct item *head;

	if (m->releasing)
		block_drop(m, m->releasing);
	m->releasing = NULL;
	if (!m->heap_count)
		return false;
	q = &m->queues[m->heap[0]];
	head = item_at(q, 0);
	if (head->record.time_ns > limit_ns)
		return false;
	*record = head->record;
	m->releasing = head->block;
	if (record->time_ns > m->released_ns)
		m->released_ns = record->time_ns;
	q->first = (q->first + 1) & (q->capacity - 1);
	if (!--q->count)
		m->heap[0] = m->heap[--m->heap_count];
	heap_down(m, 0);
	return true;
}

uint64_t merge_late_count(const struct merge *m)
{
	return m->late;
}
