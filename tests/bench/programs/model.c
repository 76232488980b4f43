/*
 * A program with very many mappings, through the model: what a change of its address
 * space costs, without and with what --maps and --leaks need, and what a fault costs.
 *
 *	model [VMAS]	65000
 *
 * A change is all the records of a system call: its beginning, its MMAP2 record if it
 * has one, its end. Of five changes one unmaps a page inside a VMA (one becomes two), one
 * maps all of another VMA, of which a page was unmapped before (two become one), two
 * take the right to write from a page and give it back (one becomes three, three one),
 * and one is madvise of a whole VMA. A fault is its beginning and its end, anywhere.
 * Exit status 1 if the model does not tell each of them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "../../support/events.h"
#include "pfa/base/intern.h"
#include "pfa/model/model.h"
#include "pfa/model/space.h"

enum { DEFAULT_VMAS = 65000, AT_LEAST = 4000, TIMES = 1000000, OF_A_STEP = 5 };

/* What is undone is undone so many steps later. */
enum { LATER = 1000 };

/* Each VMA has five pages, and there is a hole of three after it. */
static const uint64_t page = 4096, vma_pages = 5, stride_pages = 8;
static const uint64_t arena = 0x7f0000000000;
static const struct who who = { 100, 100 };

struct bench {
	struct intern *strings;
	struct model *model;
	uint64_t vmas, time_ns;
	uint64_t changes, faults; /* told */
};

/* ---- what the model tells ---- */

static void on_fault(void *context, const struct fault *fault)
{
	struct bench *b = context;

	b->faults += fault->type == FAULT_MINOR;
}

static void on_change(void *context, const struct change *change)
{
	struct bench *b = context;

	b->changes += !change->error;
}

static void on_life(void *context, const struct life *life)
{
	(void)context;
	(void)life;
}

static void on_process(void *context, const struct process_facts *facts)
{
	(void)context;
	(void)facts;
}

static void bench_init(struct bench *b, uint64_t vmas, bool keep_pieces)
{
	const struct model_abilities abilities = { .begins = true, .signals = true };
	const struct observer observer = { .context = b, .fault = on_fault,
					   .change = on_change, .life = on_life,
					   .process = on_process };

	*b = (struct bench){ .strings = intern_new(), .vmas = vmas };
	b->model = model_new(b->strings, &abilities, &observer);
	if (keep_pieces)
		model_want_layouts(b->model);
}

static void bench_release(struct bench *b)
{
	model_free(b->model);
	intern_free(b->strings);
}

/* ---- what it is fed ---- */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void feed(struct bench *b, struct event event)
{
	event.time_ns = b->time_ns += 100;
	model_feed(b->model, &event);
}

static uint64_t start_of(uint64_t index)
{
	return arena + index * stride_pages * page;
}

static uint64_t end_of(uint64_t index)
{
	return start_of(index) + vma_pages * page;
}

static uint64_t middle_of(uint64_t index)
{
	return start_of(index) + vma_pages / 2 * page;
}

static void map(struct bench *b, uint64_t index)
{
	const uint64_t start = start_of(index), end = end_of(index);

	feed(b, ev_call_begin(0, who, MM_CALL_mmap, start, end - start,
			      PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED));
	feed(b, ev_mmap(0, who, start, end, "rw-p", "//anon"));
	feed(b, ev_call_end(0, who, MM_CALL_mmap, (int64_t)start));
}

static void punch(struct bench *b, uint64_t index)
{
	feed(b, ev_call_begin(0, who, MM_CALL_munmap, middle_of(index), page));
	feed(b, ev_call_end(0, who, MM_CALL_munmap, 0));
}

static void protect(struct bench *b, uint64_t index)
{
	const uint64_t at = middle_of(index);

	feed(b, ev_call_begin(0, who, MM_CALL_mprotect, at, page, PROT_READ));
	feed(b, ev_mmap(0, who, at, at + page, "r--p", "//anon"));
	feed(b, ev_call_end(0, who, MM_CALL_mprotect, 0));
}

/* The record is of the whole VMA that the kernel has made of three. */
static void unprotect(struct bench *b, uint64_t index)
{
	feed(b, ev_call_begin(0, who, MM_CALL_mprotect, middle_of(index), page,
			      PROT_READ | PROT_WRITE));
	feed(b, ev_mmap(0, who, start_of(index), end_of(index), "rw-p", "//anon"));
	feed(b, ev_call_end(0, who, MM_CALL_mprotect, 0));
}

static void advise(struct bench *b, uint64_t index)
{
	feed(b, ev_call_begin(0, who, MM_CALL_madvise, start_of(index),
			      vma_pages * page, MADV_DONTNEED));
	feed(b, ev_call_end(0, who, MM_CALL_madvise, 0));
}

static void touch(struct bench *b, uint64_t index)
{
	const uint64_t at = start_of(index);

	feed(b, ev_fault_begin(0, who, at, FAULT_WRITE));
	feed(b, ev_fault_end(0, who, at, (index + 1) * page));
}

/* ---- measured ---- */

/* The even VMAs in no order, each once before any comes again; the next is odd. */
static uint64_t even(const struct bench *b, uint64_t step)
{
	const uint64_t prime = 1000003;

	return step * prime % (b->vmas / 2) * 2;
}

static double change_ns(struct bench *b)
{
	uint64_t step = 0, began_ns;

	for (; step < LATER; step++) {
		punch(b, even(b, step));
		protect(b, even(b, step) + 1);
	}
	began_ns = now_ns();
	for (; step < LATER + TIMES / OF_A_STEP; step++) {
		punch(b, even(b, step));
		map(b, even(b, step - LATER));
		protect(b, even(b, step) + 1);
		unprotect(b, even(b, step - LATER) + 1);
		advise(b, even(b, step));
	}
	return (double)(now_ns() - began_ns) / TIMES;
}

static double fault_ns(struct bench *b)
{
	uint64_t began_ns = now_ns();

	for (uint64_t i = 0; i < TIMES; i++)
		touch(b, even(b, i) + i % 2);
	return (double)(now_ns() - began_ns) / TIMES;
}

struct costs {
	double change_ns, fault_ns;
};

static bool measure(struct costs *costs, uint64_t vmas, bool keep_pieces)
{
	const uint64_t changes = vmas + 2 * LATER + TIMES;
	size_t left;
	struct bench b;
	bool told;

	bench_init(&b, vmas, keep_pieces);
	for (uint64_t i = 0; i < vmas; i++)
		map(&b, i);
	costs->fault_ns = fault_ns(&b);
	costs->change_ns = change_ns(&b);
	/* What is still to be undone has made one VMA more, or two. */
	left = space_vma_count(model_space(b.model, who.pid));
	told = b.changes == changes && b.faults == TIMES &&
	       left == vmas + 3 * LATER;
	if (!told)
		fprintf(stderr, "error: %ju changes of %ju, %ju faults, %zu VMAs\n",
			(uintmax_t)b.changes, (uintmax_t)changes,
			(uintmax_t)b.faults, left);
	bench_release(&b);
	return told;
}

int main(int argc, char **argv)
{
	uint64_t vmas = argc > 1 ? strtoull(argv[1], NULL, 0) : DEFAULT_VMAS;
	struct costs plain, kept;

	vmas = vmas < AT_LEAST ? AT_LEAST : vmas / 2 * 2;
	if (!measure(&plain, vmas, false) || !measure(&kept, vmas, true))
		return 1;
	printf("note vmas=%ju change_ns=%.1f kept_ns=%.1f fault_ns=%.1f\n",
	       (uintmax_t)vmas, plain.change_ns, kept.change_ns, plain.fault_ns);
	return 0;
}
