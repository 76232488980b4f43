#include "pfa/report/refaults.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"

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
	size_t i = ((uintptr_t)giver + (uintptr_t)code) / 16 % REFAULTS_RECENT;
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

static int compare_codes(const struct code *x, const struct code *y)
{
	return strcmp(x ? x->text : "", y ? y->text : "");
}

static int compare_givers(const struct giver *x, const struct giver *y)
{
	int order = strcmp(x->call, y->call);

	if (!order)
		order = compare_codes(x->code, y->code);
	if (!order)
		order = strcmp(x->object, y->object);
	return order ? order : (x->how > y->how) - (x->how < y->how);
}

static int compare_gifts(const void *a, const void *b)
{
	const struct gift *x = *(const struct gift *const *)a;
	const struct gift *y = *(const struct gift *const *)b;
	int order = compare_counts(&x->counts, &y->counts);

	return order ? order : compare_givers(x->giver, y->giver);
}

static int compare_takings(const void *a, const void *b)
{
	const struct taking *x = *(const struct taking *const *)a;
	const struct taking *y = *(const struct taking *const *)b;
	int order = compare_counts(&x->counts, &y->counts);

	if (!order)
		order = compare_codes(x->code, y->code);
	return order ? order : compare_givers(x->giver, y->giver);
}

const struct gift **refaults_gifts(const struct refaults *r, size_t *count_out)
{
	const struct gift **list = pfa_alloc(HASH_COUNT(r->gifts) * sizeof(*list));
	struct gift_entry *entry, *next;
	size_t n = 0;

	HASH_ITER(hh, r->gifts, entry, next)
		if (entry->gift.counts.faults)
			list[n++] = &entry->gift;
	qsort(list, n, sizeof(*list), compare_gifts);
	*count_out = n;
	return list;
}

const struct taking **refaults_takings(const struct refaults *r, size_t *count_out)
{
	const struct taking **list = pfa_alloc(HASH_COUNT(r->takings) * sizeof(*list));
	struct taking_entry *entry, *next;
	size_t n = 0;

	HASH_ITER(hh, r->takings, entry, next)
		list[n++] = &entry->taking;
	qsort(list, n, sizeof(*list), compare_takings);
	*count_out = n;
	return list;
}
