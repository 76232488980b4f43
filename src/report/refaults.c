#include "pfa/report/refaults.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/report/naming.h"

/*
 * A giver by what is printed of it: two of them differ also in which file of that name
 * it was. All are interned pointers.
 */
struct gift_key {
	uint64_t how, call, code, object;
};

struct gift_entry {
	struct gift gift; /* first: what is sorted is found again */
	struct gift_key key;
	UT_hash_handle hh;
};

struct taking_key {
	struct gift_key gift;
	uint64_t code;
};

struct taking_entry {
	struct taking taking;
	struct taking_key key;
	struct gift *gift; /* what it takes of */
	UT_hash_handle hh;
};

void refaults_init(struct refaults *r)
{
	*r = (struct refaults){ 0 };
}

void refaults_release(struct refaults *r)
{
	struct gift_entry *gift, *next_gift;
	struct taking_entry *taking, *next_taking;

	HASH_ITER(hh, r->gifts, gift, next_gift) {
		HASH_DEL(r->gifts, gift);
		free(gift);
	}
	HASH_ITER(hh, r->takings, taking, next_taking) {
		HASH_DEL(r->takings, taking);
		free(taking);
	}
}

/* ---- counting ---- */

static struct gift_key key_of(const struct giver *giver)
{
	return (struct gift_key){ giver->how, (uintptr_t)giver->call,
				  (uintptr_t)giver->code, (uintptr_t)giver->object };
}

static struct gift *gift_of(struct refaults *r, const struct giver *giver)
{
	const struct gift_key key = key_of(giver);
	struct gift_entry *entry;

	HASH_FIND(hh, r->gifts, &key, sizeof(key), entry);
	if (entry)
		return &entry->gift;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = key;
	entry->gift.giver = giver;
	HASH_ADD(hh, r->gifts, key, sizeof(key), entry);
	return &entry->gift;
}

static PFA_RARE struct taking_entry *taking_of(struct refaults *r,
					       const struct giver *giver,
					       const struct code *code)
{
	const struct taking_key key = { key_of(giver), (uintptr_t)code };
	struct taking_entry *entry;

	HASH_FIND(hh, r->takings, &key, sizeof(key), entry);
	if (entry)
		return entry;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = key;
	entry->taking.giver = giver;
	entry->taking.code = code;
	entry->gift = gift_of(r, giver);
	HASH_ADD(hh, r->takings, key, sizeof(key), entry);
	return entry;
}

/* A few places touch again what a few gave, all the time. */
static struct taking_entry *recent_taking(struct refaults *r, const struct giver *giver,
					  const struct code *code)
{
	size_t i = ((uintptr_t)giver / 16 + (code ? code->number : 0)) % REFAULTS_RECENT;
	struct taking_entry **recent = &r->recent[i];

	if (!*recent || (*recent)->taking.giver != giver ||
	    (*recent)->taking.code != code)
		*recent = taking_of(r, giver, code);
	return *recent;
}

static void count(struct refault_counts *c, const struct fault *fault)
{
	c->faults++;
	c->bytes += fault_size_bytes(fault);
	if (fault->latency_ns == LATENCY_UNKNOWN)
		return;
	c->timed++;
	c->time_ns += fault->latency_ns;
	if (fault->latency_ns > c->max_ns)
		c->max_ns = fault->latency_ns;
}

void refaults_change(struct refaults *r, const struct change *change)
{
	struct gift *gift;

	if (!change->giver)
		return;
	gift = gift_of(r, change->giver);
	gift->calls++;
	gift->pages += change->pages_given;
}

void refaults_fault(struct refaults *r, const struct fault *fault)
{
	const struct code *code = fault->kernel ? NULL : fault->code;
	struct taking_entry *entry;

	if (!fault->giver)
		return;
	entry = recent_taking(r, fault->giver, code);
	count(&entry->gift->counts, fault);
	count(&entry->taking.counts, fault);
}

/* ---- order ---- */

static int compare_counts(const struct refault_counts *x, const struct refault_counts *y)
{
	if (x->faults != y->faults)
		return x->faults > y->faults ? -1 : 1;
	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

/* As printed. */
static int compare_givers(const struct giver *x, const char *x_by, const struct giver *y,
			  const char *y_by)
{
	int order = strcmp(x->call, y->call);

	if (!order)
		order = strcmp(x_by, y_by);
	if (!order)
		order = strcmp(x->object, y->object);
	return order ? order : (x->how > y->how) - (x->how < y->how);
}

static int compare_gifts(const void *a, const void *b)
{
	const struct gift *x = a, *y = b;

	return compare_givers(x->giver, x->by, y->giver, y->by);
}

static int compare_gift_counts(const void *a, const void *b)
{
	const struct gift *x = a, *y = b;
	int order = compare_counts(&x->counts, &y->counts);

	return order ? order : compare_gifts(a, b);
}

static int compare_takings(const void *a, const void *b)
{
	const struct taking *x = a, *y = b;
	int order = strcmp(x->by, y->by);

	return order ? order : compare_givers(x->giver, x->given_by, y->giver,
					      y->given_by);
}

static int compare_taking_counts(const void *a, const void *b)
{
	const struct taking *x = a, *y = b;
	int order = compare_counts(&x->counts, &y->counts);

	return order ? order : compare_takings(a, b);
}

/* ---- those of one function together: of sorted lists, in place ---- */

static void join(struct refault_counts *c, const struct refault_counts *other)
{
	c->faults += other->faults;
	c->bytes += other->bytes;
	c->timed += other->timed;
	c->time_ns += other->time_ns;
	if (other->max_ns > c->max_ns)
		c->max_ns = other->max_ns;
}

static size_t join_gifts(struct gift *list, size_t count)
{
	size_t gifts = 0;

	for (size_t i = 0; i < count; i++) {
		struct gift *last = gifts ? &list[gifts - 1] : NULL;

		if (!last || compare_gifts(last, &list[i])) {
			list[gifts++] = list[i];
			continue;
		}
		last->calls += list[i].calls;
		last->pages += list[i].pages;
		join(&last->counts, &list[i].counts);
	}
	return gifts;
}

static size_t join_takings(struct taking *list, size_t count)
{
	size_t takings = 0;

	for (size_t i = 0; i < count; i++)
		if (takings && !compare_takings(&list[takings - 1], &list[i]))
			join(&list[takings - 1].counts, &list[i].counts);
		else
			list[takings++] = list[i];
	return takings;
}

/* ---- what is asked for ---- */

static const char *giver_text(struct naming *naming, const struct giver *giver)
{
	return naming_text(naming, giver->code, "-");
}

/* One function may have given in several places what came back of one only. */
static size_t without_unreturned(struct gift *list, size_t count)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		if (list[i].counts.faults)
			list[left++] = list[i];
	return left;
}

struct gift *refaults_gifts(const struct refaults *r, struct naming *naming,
			    size_t *count_out)
{
	struct gift *list = pfa_alloc(HASH_COUNT(r->gifts) * sizeof(*list));
	const struct gift_entry *entry;
	size_t n = 0;

	for (entry = r->gifts; entry; entry = entry->hh.next) {
		list[n] = entry->gift;
		list[n++].by = giver_text(naming, entry->gift.giver);
	}
	qsort(list, n, sizeof(*list), compare_gifts);
	n = without_unreturned(list, join_gifts(list, n));
	qsort(list, n, sizeof(*list), compare_gift_counts);
	*count_out = n;
	return list;
}

struct taking *refaults_takings(const struct refaults *r, struct naming *naming,
				size_t *count_out)
{
	struct taking *list = pfa_alloc(HASH_COUNT(r->takings) * sizeof(*list));
	const struct taking_entry *entry;
	size_t n = 0;

	for (entry = r->takings; entry; entry = entry->hh.next) {
		list[n] = entry->taking;
		list[n].by = naming_text(naming, entry->taking.code, "(kernel)");
		list[n++].given_by = giver_text(naming, entry->taking.giver);
	}
	qsort(list, n, sizeof(*list), compare_takings);
	n = join_takings(list, n);
	qsort(list, n, sizeof(*list), compare_taking_counts);
	*count_out = n;
	return list;
}
