#include "pfa/report/tally.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"

struct group_key {
	uint64_t what;  /* an interned pointer */
	uint64_t where; /* the window in a file; else 0 */
};

struct group_entry {
	struct group group;
	struct group_key key;
	UT_hash_handle hh;
};

void tally_init(struct tally *t)
{
	memset(t, 0, sizeof(*t));
	series_init(&t->over_time, true);
}

void tally_release(struct tally *t)
{
	struct group_entry *entry, *next;

	for (int g = 0; g < GROUP_COUNT; g++) {
		HASH_ITER(hh, t->groups[g], entry, next) {
			HASH_DEL(t->groups[g], entry);
			free(entry);
		}
	}
}

static PFA_RARE struct group_entry *entry_of(struct tally *t, enum tally_group which,
					     uint64_t what, uint64_t where)
{
	const struct group_key key = { what, where };
	struct group_entry *entry;

	HASH_FIND(hh, t->groups[which], &key, sizeof(key), entry);
	if (entry)
		return entry;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = key;
	HASH_ADD(hh, t->groups[which], key, sizeof(key), entry);
	return entry;
}

static struct group_entry **recent_of(struct tally *t, enum tally_group which,
				      uint64_t what, uint64_t where)
{
	/* Pointers are multiples of 16. */
	return &t->recent[which][(what >> 4 ^ where) % RECENT_GROUPS];
}

static struct group *group_of(struct tally *t, enum tally_group which, uint64_t what,
			      uint64_t where)
{
	struct group_entry **recent = recent_of(t, which, what, where);

	if (!*recent || (*recent)->key.what != what || (*recent)->key.where != where)
		*recent = entry_of(t, which, what, where);
	return &(*recent)->group;
}

static void count_groups(struct tally *t, const struct fault *f)
{
	struct group *kind = group_of(t, GROUP_KIND, (uintptr_t)f->kind, 0);
	struct group *region = group_of(t, GROUP_REGION, (uintptr_t)f->region, 0);

	kind->name = f->kind;
	kind->type = f->type;
	region->name = f->region->text;
	counts_add(&kind->counts, f);
	counts_add(&region->counts, f);
}

static void count_major_place(struct tally *t, const struct fault *f)
{
	uint64_t window = f->file_offset_bytes / MAJOR_WINDOW_BYTES;
	struct group *place = group_of(t, GROUP_MAJOR_PLACE,
				       (uintptr_t)f->region->object, window);

	place->name = f->region->object;
	place->offset_bytes = window * MAJOR_WINDOW_BYTES;
	counts_add(&place->counts, f);
}

/* Of equally slow ones the earlier stays in front. */
static void keep_slowest(struct tally *t, const struct fault *f)
{
	size_t at = t->slowest_count;

	while (at && t->slowest[at - 1].latency_ns < f->latency_ns)
		at--;
	if (at == SLOWEST_MAX)
		return;
	if (t->slowest_count < SLOWEST_MAX)
		t->slowest_count++;
	memmove(t->slowest + at + 1, t->slowest + at,
		(t->slowest_count - at - 1) * sizeof(*f));
	t->slowest[at] = *f;
}

static unsigned latency_bucket(uint64_t latency_ns)
{
	unsigned bucket = latency_ns ? 63 - (unsigned)__builtin_clzll(latency_ns) : 0;

	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

void tally_fault(struct tally *t, const struct fault *f, uint64_t since_start_ns)
{
	counts_add(&t->total, f);
	count_groups(t, f);
	++*series_at(&t->over_time, since_start_ns);
	t->kernel_mode += f->kernel;
	t->refaults += f->refault != REFAULT_NONE;
	t->from_swap += f->refault == REFAULT_SWAP;
	if (f->type == FAULT_MAJOR && f->in_file)
		count_major_place(t, f);
	if (f->latency_ns == LATENCY_UNKNOWN)
		return;
	t->latency[f->type][latency_bucket(f->latency_ns)]++;
	keep_slowest(t, f);
}

void tally_change(struct tally *t, const struct change *c)
{
	struct change_counts *counts = &t->changes[c->kind];

	counts->changes++;
	counts->bytes += c->end - c->start;
	counts->made_bytes += c->made_bytes;
	counts->removed_bytes += c->removed_bytes;
}

/* Every comparison ends with something that differs: a total order. */
static int compare(const void *a, const void *b)
{
	const struct group *x = *(const struct group *const *)a;
	const struct group *y = *(const struct group *const *)b;

	if (x->counts.faults != y->counts.faults)
		return x->counts.faults > y->counts.faults ? -1 : 1;
	if (strcmp(x->name, y->name) != 0)
		return strcmp(x->name, y->name);
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return (x->offset_bytes > y->offset_bytes) - (x->offset_bytes < y->offset_bytes);
}

static int compare_times(const void *a, const void *b)
{
	const struct group *x = *(const struct group *const *)a;
	const struct group *y = *(const struct group *const *)b;

	if (x->counts.time_ns != y->counts.time_ns)
		return x->counts.time_ns > y->counts.time_ns ? -1 : 1;
	return compare(a, b);
}

void groups_sort(const struct group **groups, size_t count, bool by_time)
{
	qsort(groups, count, sizeof(*groups), by_time ? compare_times : compare);
}

const struct group **tally_sorted(const struct tally *t, enum tally_group which,
				  bool by_time, size_t *count_out)
{
	const struct group **list =
		pfa_alloc(HASH_COUNT(t->groups[which]) * sizeof(*list));
	struct group_entry *entry, *next;
	size_t n = 0;

	HASH_ITER(hh, t->groups[which], entry, next)
		list[n++] = &entry->group;
	groups_sort(list, n, by_time);
	*count_out = n;
	return list;
}
