#include "pfa/model/space.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/base/search.h"
#include "pfa/model/backing.h"

/* Large enough to keep the index short, small enough to shift in no time. */
enum { CHUNK_VMAS = 64 };

struct chunk {
	size_t count; /* never 0 in a space */
	struct vma vmas[CHUNK_VMAS];
};

/* A chunk, and where its first VMA starts: a search for it touches nothing else. */
struct index_entry {
	uint64_t start;
	struct chunk *chunk;
};

/* A place between VMAs: before vmas[at] of chunks[chunk]. */
struct place {
	size_t chunk, at;
};

struct space {
	struct index_entry *chunks;
	size_t chunk_count, chunk_capacity;
	size_t vma_count;
	uint64_t mapped_bytes, heap_bytes, stack_bytes;
	uint32_t change, last_change; /* the one under way; the number given last */
	struct footprint footprint;
	struct place found, found_code; /* last: faults cluster, so does the code */
	uint64_t code_stamp;
};

struct space *space_new(void)
{
	return pfa_alloc(sizeof(struct space));
}

void space_free(struct space *space)
{
	if (!space)
		return;
	for (size_t i = 0; i < space->chunk_count; i++)
		free(space->chunks[i].chunk);
	free(space->chunks);
	free(space);
}

static struct chunk *chunk_at(const struct space *space, size_t index)
{
	return space->chunks[index].chunk;
}

/* The first VMA whose end lies above the address. */
static PFA_RARE struct place search_above(const struct space *space, uint64_t addr)
{
	size_t below = COUNT_UPTO(space->chunks, space->chunk_count, start, addr), at;
	const struct chunk *chunk;

	if (!below)
		return (struct place){ 0, 0 };
	chunk = chunk_at(space, below - 1);
	at = COUNT_UPTO(chunk->vmas, chunk->count, end, addr);
	if (at == chunk->count)
		return (struct place){ below, 0 };
	return (struct place){ below - 1, at };
}

/* Whether there is a VMA at the place that holds the address. */
static bool holds(const struct space *space, struct place place, uint64_t addr)
{
	const struct chunk *chunk;

	if (place.chunk >= space->chunk_count)
		return false;
	chunk = chunk_at(space, place.chunk);
	return place.at < chunk->count && chunk->vmas[place.at].start <= addr &&
	       addr < chunk->vmas[place.at].end;
}

static struct vma *vma_at(const struct space *space, struct place place)
{
	if (place.chunk == space->chunk_count)
		return NULL;
	return &chunk_at(space, place.chunk)->vmas[place.at];
}

/* The same. What was found last is noted even where the space is only looked at. */
static struct place place_above(const struct space *space, uint64_t addr)
{
	struct place *found = &((struct space *)space)->found;

	if (!holds(space, *found, addr))
		*found = search_above(space, addr);
	return *found;
}

const struct vma *space_find_code(const struct space *space, uint64_t ip)
{
	struct place *found = &((struct space *)space)->found_code;

	if (!holds(space, *found, ip))
		*found = search_above(space, ip);
	return holds(space, *found, ip) ? vma_at(space, *found) : NULL;
}

const struct vma *space_at_or_above(const struct space *space, uint64_t addr)
{
	return vma_at(space, place_above(space, addr));
}

const struct vma *space_find(const struct space *space, uint64_t addr)
{
	const struct vma *vma = space_at_or_above(space, addr);

	return vma && vma->start <= addr ? vma : NULL;
}

const struct vma *space_below(const struct space *space, uint64_t addr)
{
	struct place place = place_above(space, addr);

	if (place.at)
		return &chunk_at(space, place.chunk)->vmas[place.at - 1];
	if (!place.chunk)
		return NULL;
	place.chunk--;
	place.at = chunk_at(space, place.chunk)->count - 1;
	return vma_at(space, place);
}

static void insert_chunk(struct space *space, size_t at, struct chunk *chunk)
{
	space->chunks = pfa_grow(space->chunks, space->chunk_count,
				 &space->chunk_capacity, sizeof(*space->chunks));
	memmove(space->chunks + at + 1, space->chunks + at,
		(space->chunk_count - at) * sizeof(*space->chunks));
	space->chunks[at] = (struct index_entry){ chunk->vmas[0].start, chunk };
	space->chunk_count++;
}

/* Halves a full chunk; the place moves along. */
static struct place split_chunk(struct space *space, struct place place)
{
	struct chunk *full = chunk_at(space, place.chunk);
	struct chunk *upper = pfa_alloc(sizeof(*upper));
	size_t half = full->count / 2;

	upper->count = full->count - half;
	memcpy(upper->vmas, full->vmas + half, upper->count * sizeof(struct vma));
	full->count = half;
	insert_chunk(space, place.chunk + 1, upper);
	if (place.at > half)
		return (struct place){ place.chunk + 1, place.at - half };
	return place;
}

static void see_code(struct space *space, const struct vma *vma)
{
	if (vma->prot & PROT_EXEC)
		space->code_stamp = 0;
}

/* The VMA is one that the change under way has made. */
static void count_made(struct space *space, struct vma *vma)
{
	vma->made_by = space->change;
	space->footprint.after++;
}

/* What the change has made itself was not there before it. */
static void count_gone(struct space *space, const struct vma *vma)
{
	if (vma->made_by == space->change)
		space->footprint.after--;
	else
		space->footprint.before++;
}

/* So much more of such memory; less, by wrapping around. */
static void measure(struct space *space, const struct vma *vma, uint64_t bytes)
{
	space->mapped_bytes += bytes;
	if (!vma->backing) /* a map of what made what */
		return;
	if (vma->backing->kind == BACKING_HEAP)
		space->heap_bytes += bytes;
	if (vma_grows_down(vma))
		space->stack_bytes += bytes;
}

static void insert_at(struct space *space, struct place place,
		      const struct vma *vma)
{
	struct chunk *chunk;

	if (place.chunk == space->chunk_count) {
		/* After the last VMA: at the end of the last chunk. */
		if (!space->chunk_count)
			insert_chunk(space, 0, pfa_alloc(sizeof(*chunk)));
		place.chunk = space->chunk_count - 1;
		place.at = chunk_at(space, place.chunk)->count;
	}
	if (chunk_at(space, place.chunk)->count == CHUNK_VMAS)
		place = split_chunk(space, place);
	chunk = chunk_at(space, place.chunk);
	memmove(chunk->vmas + place.at + 1, chunk->vmas + place.at,
		(chunk->count - place.at) * sizeof(*vma));
	chunk->vmas[place.at] = *vma;
	chunk->count++;
	see_code(space, vma);
	count_made(space, &chunk->vmas[place.at]);
	space->chunks[place.chunk].start = chunk->vmas[0].start;
	space->vma_count++;
	measure(space, vma, vma->end - vma->start);
}

static void erase_at(struct space *space, struct place place)
{
	struct chunk *chunk = chunk_at(space, place.chunk);
	const struct vma *vma = &chunk->vmas[place.at];

	space->vma_count--;
	measure(space, vma, vma->start - vma->end);
	count_gone(space, vma);
	see_code(space, vma);
	chunk->count--;
	memmove(chunk->vmas + place.at, chunk->vmas + place.at + 1,
		(chunk->count - place.at) * sizeof(*vma));
	space->chunks[place.chunk].start = chunk->vmas[0].start;
	if (chunk->count)
		return;
	free(chunk);
	space->chunk_count--;
	memmove(space->chunks + place.chunk, space->chunks + place.chunk + 1,
		(space->chunk_count - place.chunk) * sizeof(*space->chunks));
}

/* Makes `addr` a boundary between VMAs. */
static void split_vma(struct space *space, uint64_t addr)
{
	struct place place = place_above(space, addr);
	struct vma *vma = vma_at(space, place);
	struct vma upper;

	if (!vma || vma->start >= addr)
		return;
	upper = *vma;
	upper.start = addr;
	upper.pgoff_bytes += addr - vma->start;
	measure(space, vma, addr - vma->end);
	vma->end = addr;
	count_gone(space, vma);
	count_made(space, vma);
	insert_at(space, place_above(space, addr), &upper);
}

uint64_t space_unmap(struct space *space, uint64_t start, uint64_t end)
{
	uint64_t before = space->mapped_bytes;

	if (start >= end)
		return 0;
	split_vma(space, start);
	split_vma(space, end);
	for (;;) {
		struct place place = place_above(space, start);
		const struct vma *vma = vma_at(space, place);

		if (!vma || vma->start >= end)
			return before - space->mapped_bytes;
		erase_at(space, place);
	}
}

void space_copy(struct space *space, uint64_t from, uint64_t to, uint64_t length)
{
	uint64_t at = from;

	while (at < from + length) {
		const struct vma *vma = space_at_or_above(space, at);
		struct vma copy;

		if (!vma || vma->start >= from + length)
			return;
		copy = *vma;
		at = vma->end;
		if (copy.start < from) {
			copy.pgoff_bytes += from - copy.start;
			copy.start = from;
		}
		if (copy.end > from + length)
			copy.end = from + length;
		copy.start = copy.start - from + to;
		copy.end = copy.end - from + to;
		space_map(space, &copy);
	}
}

uint32_t space_new_change(struct space *space)
{
	return ++space->last_change;
}

void space_resume_change(struct space *space, uint32_t change)
{
	space->change = change;
	space->footprint = (struct footprint){ 0, 0 };
}

struct footprint space_footprint(const struct space *space)
{
	return space->footprint;
}

void space_map(struct space *space, const struct vma *vma)
{
	if (vma->start >= vma->end)
		return;
	space_unmap(space, vma->start, vma->end);
	insert_at(space, place_above(space, vma->start), vma);
}

void space_join(struct space *space, uint64_t addr)
{
	const struct vma *low = addr ? space_find(space, addr - 1) : NULL;
	const struct vma *high = space_find(space, addr);
	struct vma joined;

	if (!low || !high || low == high || !vma_mergeable(low, high))
		return;
	joined = *low;
	joined.end = high->end;
	space_map(space, &joined);
}

/* The part of one VMA inside a range takes the advice. */
static void advise_vma(struct space *space, struct vma part, uint64_t start,
		       uint64_t end)
{
	if (part.start < start) {
		part.pgoff_bytes += start - part.start;
		part.start = start;
	}
	if (part.end > end)
		part.end = end;
	space_map(space, &part);
	space_join(space, part.start);
	space_join(space, part.end);
}

/* KSM does not concern itself with shared memory (ksm_madvise() in mm/ksm.c). */
static uint32_t taken_by(const struct vma *vma, uint32_t set)
{
	return vma->flags & MAP_SHARED ? set & ~(uint32_t)VMA_MERGEABLE : set;
}

void space_advise(struct space *space, uint64_t start, uint64_t end,
		  uint32_t set, uint32_t clear)
{
	for (uint64_t at = start; at < end;) {
		const struct vma *vma = space_at_or_above(space, at);
		struct vma advised;

		if (!vma || vma->start >= end)
			return;
		advised = *vma;
		advised.advice = (vma->advice | taken_by(vma, set)) & ~clear;
		at = vma->end;
		if (advised.advice != vma->advice)
			advise_vma(space, advised, start, end);
	}
}

struct space *space_fork(const struct space *parent)
{
	struct space *child = space_new();

	for (size_t c = 0; c < parent->chunk_count; c++) {
		const struct chunk *chunk = chunk_at(parent, c);

		for (size_t i = 0; i < chunk->count; i++)
			if (!(chunk->vmas[i].advice & VMA_DONTFORK))
				insert_at(child,
					  (struct place){ child->chunk_count, 0 },
					  &chunk->vmas[i]);
	}
	if (child->vma_count == parent->vma_count)
		child->code_stamp = parent->code_stamp;
	return child;
}

uint64_t space_code_stamp(const struct space *space)
{
	return space->code_stamp;
}

void space_set_code_stamp(struct space *space, uint64_t stamp)
{
	space->code_stamp = stamp;
}

size_t space_vma_count(const struct space *space)
{
	return space->vma_count;
}

uint64_t space_mapped_bytes(const struct space *space)
{
	return space->mapped_bytes;
}

uint64_t space_heap_bytes(const struct space *space)
{
	return space->heap_bytes;
}

uint64_t space_stack_bytes(const struct space *space)
{
	return space->stack_bytes;
}

bool vma_grows_down(const struct vma *vma)
{
	return vma->backing->kind == BACKING_STACK || (vma->flags & MAP_GROWSDOWN);
}

bool vma_mergeable(const struct vma *low, const struct vma *high)
{
	bool runs_on = low->backing->kind < BACKING_SPECIAL ||
		       low->pgoff_bytes + (low->end - low->start) ==
			       high->pgoff_bytes;

	return low->end == high->start && low->backing == high->backing &&
	       low->prot == high->prot && low->advice == high->advice && runs_on &&
	       (low->flags & 3) == (high->flags & 3);
}
