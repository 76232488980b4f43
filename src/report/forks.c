#include "pfa/report/forks.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/report/naming.h"

struct place_key {
	uint64_t side, region, code; /* interned pointers */
};

struct place_entry {
	struct cow_place place; /* first: what is sorted is found again */
	struct place_key key;
	UT_hash_handle hh;
};

struct fork_entry {
	struct fork_group group; /* first, likewise */
	unsigned open; /* sides that have not gone on yet */
	UT_hash_handle hh;
};

struct side_entry {
	uint32_t serial;
	struct fork_entry *fork;
	UT_hash_handle hh;
};

enum { KEPT_AT_LEAST = 32 };

void forks_init(struct forks *f, size_t kept)
{
	*f = (struct forks){ .kept = kept > KEPT_AT_LEAST ? kept : KEPT_AT_LEAST };
}

static void delete_fork(struct forks *f, struct fork_entry *fork)
{
	struct place_entry *place, *next;

	HASH_ITER(hh, fork->group.places, place, next) {
		HASH_DEL(fork->group.places, place);
		free(place);
	}
	HASH_DEL(f->entries, fork);
	free(fork);
}

void forks_release(struct forks *f)
{
	struct fork_entry *fork, *next_fork;
	struct side_entry *side, *next_side;

	HASH_ITER(hh, f->sides, side, next_side) {
		HASH_DEL(f->sides, side);
		free(side);
	}
	HASH_ITER(hh, f->entries, fork, next_fork)
		delete_fork(f, fork);
}

/* ---- faults ---- */

static uint64_t faults_of(const struct cow_counts *c)
{
	return c->copied + c->reused + c->untold;
}

static bool is_counted(const struct fault *fault)
{
	return !strcmp(fault->kind, "cow-copy") || !strcmp(fault->kind, "cow-reuse") ||
	       !strcmp(fault->kind, "cow");
}

static void count(struct cow_counts *c, const struct fault *fault)
{
	if (!strcmp(fault->kind, "cow-copy")) {
		c->copied++;
		c->copied_bytes += fault_size_bytes(fault);
	} else if (!strcmp(fault->kind, "cow-reuse")) {
		c->reused++;
	} else {
		c->untold++;
	}
	if (fault->latency_ns == LATENCY_UNKNOWN)
		return;
	c->timed++;
	c->time_ns += fault->latency_ns;
}

static struct cow_place *place_of(struct fork_group *group, enum fork_side side,
				  const struct fault *fault)
{
	const struct code *code = fault->kernel ? NULL : fault->code;
	const struct place_key key = { side, (uintptr_t)fault->region, (uintptr_t)code };
	struct place_entry *entry;

	HASH_FIND(hh, group->places, &key, sizeof(key), entry);
	if (entry)
		return &entry->place;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = key;
	entry->place.side = side;
	entry->place.region = fault->region;
	entry->place.code = code;
	HASH_ADD(hh, group->places, key, sizeof(key), entry);
	return &entry->place;
}

static PFA_RARE void count_copy(struct forks *f, const struct fault *fault)
{
	enum fork_side side = fault->child_side ? SIDE_CHILD : SIDE_PARENT;
	struct fork_entry *fork;

	HASH_FIND(hh, f->entries, &fault->fork, sizeof(fault->fork), fork);
	if (!fork)
		return;
	count(&fork->group.sides[side], fault);
	count(&place_of(&fork->group, side, fault)->counts, fault);
}

void forks_fault(struct forks *f, const struct fault *fault)
{
	if (fault->fork && is_counted(fault))
		count_copy(f, fault);
}

/* ---- order ---- */

static struct cow_counts both_sides(const struct fork_group *group)
{
	const struct cow_counts *parent = &group->sides[SIDE_PARENT];
	const struct cow_counts *child = &group->sides[SIDE_CHILD];

	return (struct cow_counts){ .copied = parent->copied + child->copied,
				    .reused = parent->reused + child->reused,
				    .untold = parent->untold + child->untold };
}

static int compare_counts(const struct cow_counts *x, const struct cow_counts *y)
{
	if (x->copied != y->copied)
		return x->copied > y->copied ? -1 : 1;
	return (faults_of(x) < faults_of(y)) - (faults_of(x) > faults_of(y));
}

static int compare_forks(const void *a, const void *b)
{
	const struct fork_group *x = *(const struct fork_group *const *)a;
	const struct fork_group *y = *(const struct fork_group *const *)b;
	const struct cow_counts x_counts = both_sides(x), y_counts = both_sides(y);
	int order = compare_counts(&x_counts, &y_counts);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static bool has_faults(const struct fork_group *group)
{
	return faults_of(&group->sides[SIDE_PARENT]) ||
	       faults_of(&group->sides[SIDE_CHILD]);
}

/* All that have faults, or only those of them that are over. */
static const struct fork_group **sorted(const struct forks *f, bool only_over,
					size_t *count_out)
{
	const struct fork_group **list =
		pfa_alloc(HASH_COUNT(f->entries) * sizeof(*list));
	struct fork_entry *fork, *next;
	size_t n = 0;

	HASH_ITER(hh, f->entries, fork, next)
		if (has_faults(&fork->group) && !(only_over && fork->open))
			list[n++] = &fork->group;
	qsort(list, n, sizeof(*list), compare_forks);
	*count_out = n;
	return list;
}

const struct fork_group **forks_sorted(const struct forks *f, size_t *count_out)
{
	return sorted(f, false, count_out);
}

/* ---- places ---- */

static int compare_places(const void *a, const void *b)
{
	const struct cow_place *x = a, *y = b;
	int order;

	if (x->side != y->side)
		return x->side < y->side ? -1 : 1;
	order = strcmp(x->region->text, y->region->text);
	return order ? order : strcmp(x->by, y->by);
}

static int compare_place_counts(const void *a, const void *b)
{
	const struct cow_place *x = a, *y = b;
	int order = compare_counts(&x->counts, &y->counts);

	return order ? order : compare_places(a, b);
}

static void join(struct cow_counts *c, const struct cow_counts *other)
{
	c->copied += other->copied;
	c->copied_bytes += other->copied_bytes;
	c->reused += other->reused;
	c->untold += other->untold;
	c->timed += other->timed;
	c->time_ns += other->time_ns;
}

/* Of a sorted list, in place: code of the same function. Returns how many there are. */
static size_t join_equal(struct cow_place *list, size_t count)
{
	size_t places = 0;

	for (size_t i = 0; i < count; i++)
		if (places && !compare_places(&list[places - 1], &list[i]))
			join(&list[places - 1].counts, &list[i].counts);
		else
			list[places++] = list[i];
	return places;
}

struct cow_place *fork_places(const struct fork_group *group, struct naming *naming,
			      size_t *count_out)
{
	struct cow_place *list = pfa_alloc(HASH_COUNT(group->places) * sizeof(*list));
	const struct place_entry *place;
	size_t n = 0;

	for (place = group->places; place; place = place->hh.next) {
		list[n] = place->place;
		list[n++].by = naming_text(naming, place->place.code, "(kernel)");
	}
	qsort(list, n, sizeof(*list), compare_places);
	n = join_equal(list, n);
	qsort(list, n, sizeof(*list), compare_place_counts);
	*count_out = n;
	return list;
}

/* ---- lives ---- */

/* What is over and has others before it will not be among the first any more. */
static void drop_last_ones(struct forks *f)
{
	size_t count;
	const struct fork_group **list = sorted(f, true, &count);

	for (size_t i = f->kept; i < count; i++) {
		delete_fork(f, (struct fork_entry *)list[i]);
		f->over--;
		f->dropped++;
	}
	free(list);
}

static void is_over(struct forks *f, struct fork_entry *fork)
{
	if (!has_faults(&fork->group))
		delete_fork(f, fork);
	else if (++f->over >= 2 * f->kept)
		drop_last_ones(f);
}

/* The process shares no pages by an earlier fork any more that we could tell. */
static void go_on(struct forks *f, uint32_t serial)
{
	struct side_entry *side;
	struct fork_entry *fork;

	HASH_FIND(hh, f->sides, &serial, sizeof(serial), side);
	if (!side)
		return;
	fork = side->fork;
	HASH_DEL(f->sides, side);
	free(side);
	if (!--fork->open)
		is_over(f, fork);
}

static void take_side(struct forks *f, struct fork_entry *fork, uint32_t serial)
{
	struct side_entry *side = pfa_alloc(sizeof(*side));

	side->serial = serial;
	side->fork = fork;
	fork->open++;
	HASH_ADD(hh, f->sides, serial, sizeof(serial), side);
}

static void begin(struct forks *f, const struct life *life)
{
	struct fork_entry *fork = pfa_alloc(sizeof(*fork));

	fork->group.number = life->fork;
	fork->group.time_ns = life->time_ns;
	fork->group.actors[SIDE_PARENT] = life->actor;
	fork->group.actors[SIDE_CHILD] = life->child;
	HASH_ADD(hh, f->entries, group.number, sizeof(fork->group.number), fork);
	go_on(f, life->actor.serial);
	take_side(f, fork, life->actor.serial);
	take_side(f, fork, life->child.serial);
}

void forks_life(struct forks *f, const struct life *life)
{
	if (life->kind == LIFE_FORK && life->fork)
		begin(f, life);
	else if (life->kind == LIFE_EXEC_REBUILD ||
		 (life->kind == LIFE_EXIT && !life->thread))
		go_on(f, life->actor.serial);
}
