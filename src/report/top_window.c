#include "pfa/report/top_window.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"

struct top_entry {
	struct top_row row;
	UT_hash_handle hh;
};

static const uint64_t latency_limits[TOP_LATENCY_COUNT] = {
#define X(below, text) below,
	TOP_LATENCIES(X)
#undef X
};

void top_window_init(struct top_window *w)
{
	memset(w, 0, sizeof(*w));
	quantile_init(&w->half, 50);
	quantile_init(&w->most, 99);
}

void top_window_release(struct top_window *w)
{
	struct top_entry *entry, *next;

	for (int table = 0; table < TOP_TABLES; table++) {
		HASH_ITER(hh, w->entries[table], entry, next) {
			HASH_DEL(w->entries[table], entry);
			free(entry);
		}
	}
}

/* ---- counting ---- */

static struct top_entry *find(const struct top_window *w, enum top_table table,
			      uint64_t key)
{
	struct top_entry *entry;

	HASH_FIND(hh, w->entries[table], &key, sizeof(key), entry);
	return entry;
}

/* Key 0, which nothing else has, is that of the others. */
static struct top_entry *entry_of(struct top_window *w, enum top_table table,
				  uint64_t key, const char *name)
{
	struct top_entry *entry = find(w, table, key);

	if (entry)
		return entry;
	if (key && HASH_COUNT(w->entries[table]) >= TOP_ROWS_MAX)
		return entry_of(w, table, 0, "(others)");
	entry = pfa_alloc(sizeof(*entry));
	entry->row.key = key;
	entry->row.name = name;
	HASH_ADD(hh, w->entries[table], row.key, sizeof(entry->row.key), entry);
	return entry;
}

void top_window_see(struct top_window *w, const struct fault *f)
{
	counts_add(&w->all, f);
}

void top_window_pass(struct top_window *w, const struct fault *f)
{
	size_t i = 0;

	counts_add(&w->shown, f);
	if (f->latency_ns == LATENCY_UNKNOWN)
		return;
	while (f->latency_ns >= latency_limits[i])
		i++;
	w->latency[i]++;
}

void top_window_rank(struct top_window *w, const struct fault *f)
{
	if (f->latency_ns == LATENCY_UNKNOWN)
		return;
	quantile_add(&w->half, f->latency_ns);
	quantile_add(&w->most, f->latency_ns);
}

void top_window_count(struct top_window *w, enum top_table table, uint64_t key,
		      const char *name, const struct fault *f)
{
	counts_add(&entry_of(w, table, key, name)->row.counts, f);
}

/* ---- adding ---- */

static void add_counts(struct counts *sum, const struct counts *part)
{
	sum->faults += part->faults;
	for (int type = 0; type < FAULT_TYPE_COUNT; type++)
		sum->by_type[type] += part->by_type[type];
	sum->timed += part->timed;
	sum->time_ns += part->time_ns;
	if (part->max_ns > sum->max_ns)
		sum->max_ns = part->max_ns;
}

static void add_table(struct top_window *whole, const struct top_window *part,
		      enum top_table table)
{
	struct top_entry *from, *next;

	HASH_ITER(hh, part->entries[table], from, next)
		add_counts(&entry_of(whole, table, from->row.key, from->row.name)->row.counts,
			   &from->row.counts);
}

void top_window_add(struct top_window *whole, const struct top_window *part)
{
	whole->end_ns = part->end_ns;
	whole->lost += part->lost;
	add_counts(&whole->all, &part->all);
	add_counts(&whole->shown, &part->shown);
	for (size_t i = 0; i < TOP_LATENCY_COUNT; i++)
		whole->latency[i] += part->latency[i];
	for (int table = 0; table < TOP_TABLES; table++)
		add_table(whole, part, (enum top_table)table);
}

void top_window_forget(struct top_window *w, enum top_table table, uint64_t key)
{
	struct top_entry *entry = find(w, table, key);

	if (!entry)
		return;
	HASH_DEL(w->entries[table], entry);
	free(entry);
}

/* ---- in order ---- */

const struct top_row *top_window_find(const struct top_window *w, enum top_table table,
				      uint64_t key)
{
	struct top_entry *entry = find(w, table, key);

	return entry ? &entry->row : NULL;
}

static int compare_names(const struct top_row *x, const struct top_row *y)
{
	int order = x->name && y->name ? strcmp(x->name, y->name) : 0;

	return order ? order : (x->key > y->key) - (x->key < y->key);
}

static int compare_faults(const void *a, const void *b)
{
	const struct top_row *x = *(const struct top_row *const *)a;
	const struct top_row *y = *(const struct top_row *const *)b;

	if (x->counts.faults != y->counts.faults)
		return x->counts.faults > y->counts.faults ? -1 : 1;
	return compare_names(x, y);
}

static int compare_times(const void *a, const void *b)
{
	const struct top_row *x = *(const struct top_row *const *)a;
	const struct top_row *y = *(const struct top_row *const *)b;

	if (x->counts.time_ns != y->counts.time_ns)
		return x->counts.time_ns > y->counts.time_ns ? -1 : 1;
	return compare_faults(a, b);
}

const struct top_row **top_window_sorted(const struct top_window *w, enum top_table table,
					 bool by_time, size_t *count)
{
	const struct top_row **rows = pfa_alloc(HASH_COUNT(w->entries[table]) *
						sizeof(*rows));
	struct top_entry *entry, *next;
	size_t n = 0;

	HASH_ITER(hh, w->entries[table], entry, next)
		rows[n++] = &entry->row;
	qsort(rows, n, sizeof(*rows), by_time ? compare_times : compare_faults);
	*count = n;
	return rows;
}
