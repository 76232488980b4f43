#include "pfa/symbol/intervals.h"

#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/base/search.h"

void intervals_add(struct intervals *s, const struct interval *interval)
{
	if (interval->end <= interval->start)
		return;
	s->list = pfa_grow(s->list, s->count, &s->capacity, sizeof(*s->list));
	s->list[s->count++] = *interval;
}

void intervals_release(struct intervals *s)
{
	free(s->list);
	free(s->flat);
}

/*
 * The order in which settle() goes: what comes later covers what came before. Of open
 * ones at one address the first stands, for it covers the others' beginning.
 */
static int compare(const void *left, const void *right)
{
	const struct interval *a = left, *b = right;
	int later = 1;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->open != b->open)
		return a->open ? 1 : -1;
	if (a->open)
		later = -1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -later : later;
	return a->value > b->value ? -later : a->value < b->value ? later : 0;
}

enum {
	DIGIT_BITS = 11,
	DIGITS = 1 << DIGIT_BITS,
	/* Below this, clearing the counts costs more than qsort does. */
	RADIX_MIN = 1 << 12,
};

static size_t digit_of(const struct interval *interval, unsigned shift)
{
	return interval->start >> shift & (DIGITS - 1);
}

/* By one digit of the start, stable. False: all have the same, nothing is moved. */
static bool sort_by_digit(const struct interval *from, struct interval *to, size_t count,
			  unsigned shift)
{
	size_t places[DIGITS] = { 0 }, at = 0, i;

	for (i = 0; i < count; i++)
		places[digit_of(&from[i], shift)]++;
	if (places[digit_of(&from[0], shift)] == count)
		return false;
	for (i = 0; i < DIGITS; i++) {
		size_t here = places[i];

		places[i] = at;
		at += here;
	}
	for (i = 0; i < count; i++)
		to[places[digit_of(&from[i], shift)]++] = from[i];
	return true;
}

/* By start, digit by digit: half a million symbols take qsort 150 ms, this one 15. */
static void sort_by_start(struct intervals *s)
{
	struct interval *other = pfa_alloc(s->count * sizeof(*other)), *swap;
	unsigned shift;

	for (shift = 0; shift < 64; shift += DIGIT_BITS)
		if (sort_by_digit(s->list, other, s->count, shift)) {
			swap = s->list;
			s->list = other;
			other = swap;
		}
	s->capacity = s->count;
	free(other);
}

static void sort_same_starts(struct intervals *s)
{
	size_t first, end;

	for (first = 0; first < s->count; first = end) {
		end = first + 1;
		while (end < s->count && s->list[end].start == s->list[first].start)
			end++;
		if (end - first > 1)
			qsort(s->list + first, end - first, sizeof(*s->list), compare);
	}
}

static void sort(struct intervals *s)
{
	if (s->count >= RADIX_MIN) {
		sort_by_start(s);
		sort_same_starts(s);
	} else if (s->count) {
		qsort(s->list, s->count, sizeof(*s->list), compare);
	}
}

static void cut_open_ones(struct intervals *s)
{
	uint64_t next = UINT64_MAX;
	size_t i;

	for (i = s->count; i-- > 0;) {
		struct interval *at = &s->list[i];

		if (i + 1 < s->count && s->list[i + 1].start > at->start)
			next = s->list[i + 1].start;
		if (at->open && at->end > next)
			at->end = next;
	}
}

/* From `start` on it is this one. */
static void put(struct intervals *s, uint64_t start, uint32_t value)
{
	if (s->flat_count && s->flat[s->flat_count - 1].start == start)
		s->flat_count--;
	if (s->flat_count && s->flat[s->flat_count - 1].value == value)
		return;
	s->flat = pfa_grow(s->flat, s->flat_count, &s->flat_capacity, sizeof(*s->flat));
	s->flat[s->flat_count++] = (struct stretch){ start, value };
}

/* Those that hold the address where the sweep is, in the order of their beginning. */
struct active {
	uint32_t *indexes;
	size_t count, capacity;
};

static const struct interval *top_of(const struct intervals *s, const struct active *a)
{
	return a->count ? &s->list[a->indexes[a->count - 1]] : NULL;
}

/* Ends what ends up to `addr`. */
static void advance(struct intervals *s, struct active *active, uint64_t addr)
{
	const struct interval *top = top_of(s, active);

	while (top && top->end <= addr) {
		uint64_t end = top->end;

		while (top && top->end <= end) {
			active->count--;
			top = top_of(s, active);
		}
		put(s, end, top ? top->value : INTERVALS_NONE);
	}
}

static void begin(struct intervals *s, struct active *active, size_t index)
{
	const struct interval *interval = &s->list[index];

	if (interval->open && active->count)
		return;
	active->indexes = pfa_grow(active->indexes, active->count, &active->capacity,
				   sizeof(*active->indexes));
	active->indexes[active->count++] = (uint32_t)index;
	put(s, interval->start, interval->value);
}

void intervals_settle(struct intervals *s)
{
	struct active active = { 0 };
	size_t i;

	sort(s);
	cut_open_ones(s);
	for (i = 0; i < s->count; i++) {
		advance(s, &active, s->list[i].start);
		begin(s, &active, i);
	}
	advance(s, &active, UINT64_MAX);
	free(active.indexes);
	free(s->list);
	s->list = NULL;
	s->count = s->capacity = 0;
}

uint32_t intervals_find(const struct intervals *s, uint64_t addr)
{
	size_t below = COUNT_UPTO(s->flat, s->flat_count, start, addr);

	return below ? s->flat[below - 1].value : INTERVALS_NONE;
}
