/*
 * One record laid by hand and the event that decode_event() makes of it.
 */
#ifndef TESTS_UNIT_DECODE_WORLD_H
#define TESTS_UNIT_DECODE_WORLD_H

#include "../support/check.h"

#include <string.h>
#include <sys/mman.h>

#include "../support/record_bytes.h"
#include "pfa/base/intern.h"
#include "pfa/decode/decode.h"
#include "pfa/decode/evlist.h"

enum { SAMPLE_TYPE = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
	     PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR | PERF_SAMPLE_CPU };

/* An event of the given role, as evlist_resolve() would leave it. */
static inline struct evsel evsel_of(enum evsel_role role, uint64_t more_fields)
{
	struct evsel evsel = {
		.attr = { .sample_type = SAMPLE_TYPE | more_fields,
			  .sample_id_all = 1 },
		.role = role,
	};

	evsel.sample = sample_layout_of(&evsel.attr);
	return evsel;
}

static inline struct record record_as(const struct perf_event_header *header,
				      const struct evsel *evsel)
{
	return (struct record){ .header = header, .evsel = evsel, .time_ns = 5000,
				.cpu = 2, .size = record_size(header) };
}

static const struct sample_values values = {
	.id = 7, .ip = 0x401234, .time_ns = 5000, .addr = 0x7f0000001008,
	.phys = 0x87654000, .page_size = 4096, .pid = 100, .tid = 101, .cpu = 2,
};

struct world {
	struct intern *strings;
	struct record_bytes bytes;
	struct event event;
};

static inline int world_new(void **state)
{
	static struct world world;

	world.strings = intern_new();
	*state = &world;
	return 0;
}

static inline int world_end(void **state)
{
	struct world *w = *state;

	intern_free(w->strings);
	return 0;
}

static inline bool decode(struct world *w, const struct evsel *evsel)
{
	const struct record record = record_as(record_end(&w->bytes), evsel);

	memset(&w->event, 0xee, sizeof(w->event));
	return decode_event(&record, w->strings, &w->event);
}

static inline void check_head(const struct event *e, enum event_kind kind, uint32_t pid,
			      uint32_t tid)
{
	assert_int_equal(e->kind, kind);
	assert_int_equal(e->pid, pid);
	assert_int_equal(e->tid, tid);
	assert_int_equal(e->time_ns, 5000);
	assert_int_equal(e->cpu, 2);
}

#endif
