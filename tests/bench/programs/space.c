/*
 * The address space of a program with very many mappings: what a change costs,
 * and what a look-up costs.
 *
 *	space [VMAS]	65000
 *
 * A change is what one system call does to the model: munmap of a page inside
 * a VMA (one becomes two), or mmap over all that is left of it (two become
 * one), at places in no order. There are never more than 1000 holes at a time, so
 * that the number of VMAs stays about the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "pfa/model/backing.h"
#include "pfa/model/space.h"

enum { DEFAULT_VMAS = 65000, TIMES = 1000000, HOLES = 1000 };

/* Each VMA has five pages, and there is a hole of three after it. */
static const uint64_t page = 4096, vma_pages = 5, stride_pages = 8;
static const uint64_t arena = 0x7f0000000000, seed = 88172645463325252u;
static const struct backing anon = { .label = "anon", .kind = BACKING_ANON };

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* A number below the limit, by xorshift: the same ones in every run. */
static uint64_t next_random(uint64_t *state, uint64_t limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return ((*state >> 32) * limit) >> 32;
}

static uint64_t start_of(uint64_t index)
{
	return arena + index * stride_pages * page;
}

static void map(struct space *space, uint64_t index)
{
	const struct vma vma = {
		.start = start_of(index),
		.end = start_of(index) + vma_pages * page,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE,
		.backing = &anon,
	};

	space_map(space, &vma);
}

static void punch(struct space *space, uint64_t index)
{
	uint64_t middle = start_of(index) + vma_pages / 2 * page;

	space_unmap(space, middle, middle + page);
}

/* Each hole is mended when HOLES others have been made. */
static double change_ns(struct space *space, uint64_t vmas)
{
	uint64_t punched = seed, mended = seed;
	uint64_t began_ns;

	for (unsigned i = 0; i < HOLES; i++)
		punch(space, next_random(&punched, vmas));
	began_ns = now_ns();
	for (unsigned i = 0; i < TIMES / 2; i++) {
		punch(space, next_random(&punched, vmas));
		map(space, next_random(&mended, vmas));
	}
	return (double)(now_ns() - began_ns) / TIMES;
}

static double lookup_ns(const struct space *space, uint64_t vmas, uint64_t *found)
{
	uint64_t random = seed, began_ns = now_ns();

	for (unsigned i = 0; i < TIMES; i++) {
		uint64_t pages = next_random(&random, vmas * stride_pages);

		*found += space_find(space, arena + pages * page) != NULL;
	}
	return (double)(now_ns() - began_ns) / TIMES;
}

int main(int argc, char **argv)
{
	uint64_t vmas = argc > 1 ? strtoull(argv[1], NULL, 0) : DEFAULT_VMAS;
	struct space *space = space_new();
	uint64_t found = 0;
	double change, lookup;

	if (vmas < 1)
		vmas = 1;
	for (uint64_t i = 0; i < vmas; i++)
		map(space, i);
	lookup = lookup_ns(space, vmas, &found);
	change = change_ns(space, vmas);
	printf("note vmas=%zu found=%ju change_ns=%.1f lookup_ns=%.1f\n",
	       space_vma_count(space), (uintmax_t)found, change, lookup);
	space_free(space);
	return 0;
}
