/*
 * A run that `pfa top` is fed with: frames of one second, faults of two processes.
 */
#ifndef TESTS_SUPPORT_TOP_WORLD_H
#define TESTS_SUPPORT_TOP_WORLD_H

#include "check.h"

#include <string.h>

#include "pfa/base/text.h"
#include "pfa/report/naming.h"
#include "pfa/report/top.h"

#define SECOND 1000000000ULL
#define ORIGIN (7 * SECOND)
#define AT_MS(ms) (ORIGIN + (ms) * 1000000ULL)

static const struct region heap = { "[heap]", "", "[heap]" };
static const struct region libc_data = { "libc.so.6", ".data", "libc.so.6 .data" };
static const struct code fill = { .text = "demo+0x1149" };
static const struct code copy = { .text = "libc.so.6+0x16e0ba" };

static inline struct actor actor_of(uint32_t serial)
{
	return (struct actor){ .pid = 4320 + serial, .tid = 4320 + serial,
			       .serial = serial,
			       .comm = serial == 1 ? "demo" : "child",
			       .process_comm = serial == 1 ? "demo" : "child" };
}

static inline struct top *top_begin(uint64_t frames)
{
	struct view view = view_default();
	struct top *top;

	view.interval_ns = SECOND;
	view.frames = frames;
	view.subject = "demo";
	top = top_new(&view, naming_new(NULL));
	top_set_origin(top, ORIGIN);
	return top;
}

static inline void top_end(struct top *top)
{
	naming_free(top->naming);
	top_free(top);
}

/* Nothing older follows: how many frames ended. */
static inline size_t pass(struct top *top, uint64_t ms)
{
	size_t count = 0;

	while (top_turn(top, AT_MS(ms)))
		count++;
	return count;
}

/* `count` of a kind, a microsecond apart, each taking `latency_ns`. */
static inline void faults(struct top *top, uint64_t ms, size_t count, enum fault_type type,
			  const struct region *region, uint64_t latency_ns)
{
	struct fault fault = {
		.actor = actor_of(region == &heap ? 1 : 2),
		.type = type,
		.kind = "zero-fill",
		.latency_ns = latency_ns,
		.region = region,
		.code = region == &heap ? &fill : &copy,
	};

	for (size_t i = 0; i < count; i++) {
		fault.time_ns = AT_MS(ms) + i * 1000;
		while (top_turn(top, fault.time_ns))
			;
		top_fault(top, &fault);
	}
}

static inline void finish(struct top *top, uint64_t ms)
{
	const struct run_facts facts = { .end_ns = AT_MS(ms) };

	(void)!top_finish(top, &facts);
}

#endif
