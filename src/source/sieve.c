#include "pfa/source/sieve.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/record.h"
#include "pfa/decode/sample.h"
#include "pfa/source/compose.h"
#include "pfa/source/followed.h"
#include "pfa/source/rings.h"
#include "pfa/source/stamp.h"

/*
 * Only a major fault's sample has a period, which is 1. Read as a minor fault's it is
 * the length of a call chain: of one word, which no chain has, as it begins with a
 * marker.
 */
static bool has_period(const struct perf_event_header *record,
		       const struct evsel *minor)
{
	const char *bytes = (const char *)record;

	return minor->attr.sample_type & PERF_SAMPLE_CALLCHAIN &&
	       load_u64(bytes + minor->sample.fixed_bytes) == 1;
}

static struct evsel *fault_that_fits(const struct sieve *s,
				     const struct perf_event_header *record)
{
	struct evsel *minor = evlist_by_role(s->list, ROLE_MINOR);
	struct evsel *major = evlist_by_role(s->list, ROLE_MAJOR);

	if (sample_fits(record, minor) && !has_period(record, minor))
		return minor;
	return sample_fits(record, major) ? major : NULL;
}

/* The pages of a ring cannot be written to. */
static const struct perf_event_header *
restamped(struct ring *ring, const struct perf_event_header *record,
	  const struct stamp *stamp)
{
	struct perf_event_header *copy = (void *)ring->scratch;

	if (record != copy)
		memcpy(copy, record, record_size(record));
	stamp_set(copy, stamp);
	return copy;
}

/* Source: do_perf_sw_event() in kernel/events/core.c. */
static bool shares_samples(const struct evsel *evsel)
{
	return evsel->role == ROLE_MINOR || evsel->role == ROLE_MAJOR;
}

/* The record after this one is younger, if it must be of our clock. */
static uint64_t latest_time(const struct sieve *s, const struct ring *ring)
{
	struct stamp next = { 0 };
	const struct evsel *evsel;

	if (ring->next)
		next = stamp_of(ring->next);
	evsel = evlist_by_id(s->list, next.id);
	return evsel && !shares_samples(evsel) ? next.time_ns : compose_now_ns();
}

/*
 * A fault's time is of another tool's clock, perhaps: good only if it lies between those
 * of the records around it. Where it is not, the one before, most often the fault's own
 * beginning, takes its place: the latency is then not known. A clock that was wrong
 * is not believed for a while, where its time could be ours by chance.
 */
static void check_time(struct sieve *s, const struct ring *ring, bool foreign,
		       struct stamp *stamp)
{
	enum { OTHER = 16, ODD = 4, MOST = 64 };

	if (stamp->time_ns < ring->last_ns || stamp->time_ns > latest_time(s, ring)) {
		s->doubt += foreign ? OTHER : ODD;
		if (s->doubt > MOST)
			s->doubt = MOST;
	} else if (s->doubt < OTHER) {
		s->doubt -= s->doubt > 0;
		return;
	} else {
		s->doubt--;
	}
	stamp->time_ns = ring->last_ns;
}

/* Puts the record right, and the stamp's time. Returns its event, NULL: unknown. */
static const struct evsel *put_right(struct sieve *s, struct ring *ring,
				     const struct perf_event_header **record,
				     struct stamp *stamp)
{
	struct evsel *evsel = evlist_by_id(s->list, stamp->id);
	bool foreign = !evsel, sample = record_type(*record) == PERF_RECORD_SAMPLE;
	struct stamp right = *stamp;

	if (foreign && sample)
		evsel = fault_that_fits(s, *record);
	if (!evsel)
		return NULL;
	if (sample && shares_samples(evsel))
		check_time(s, ring, foreign, &right);
	if (foreign || s->first_ids)
		right.id = evsel->ids[0];
	if (right.id != stamp->id || right.time_ns != stamp->time_ns)
		*record = restamped(ring, *record, &right);
	stamp->time_ns = right.time_ns;
	return evsel;
}

static bool is_copy(struct ring *ring, const struct perf_event_header *record,
		    const struct evsel *evsel, const struct stamp *stamp)
{
	const struct copied this = {
		.type = record_type(record),
		.tid = stamp->tid,
		.size = (uint16_t)record_size(record),
		.evsel = evsel,
		.id = stamp->id,
		.time_ns = stamp->time_ns,
	};
	const struct copied *passed = &ring->passed;

	if (passed->type == this.type && passed->tid == this.tid &&
	    passed->size == this.size && passed->evsel == evsel &&
	    (passed->id != this.id ||
	     (shares_samples(evsel) && passed->time_ns == this.time_ns)))
		return true;
	ring->passed = this;
	return false;
}

/* LOST has, after the header, an id and the number. */
static uint64_t record_lost(const struct perf_event_header *record)
{
	struct cursor c = cursor_of(record, record_size(record));

	cursor_take(&c, sizeof(*record) + sizeof(uint64_t));
	return cursor_u64(&c);
}

/* Outside our PID namespace everybody is 0, or -1 at the end. */
static bool is_ours(const struct sieve *s, const struct perf_event_header *record,
		    uint32_t pid, uint32_t *met)
{
	return pid && pid != UINT32_MAX && pid != s->own_pid && followed_admits(s->followed, record, met);
}

static bool is_kept(const struct sieve *s, struct ring *ring,
		    const struct perf_event_header *record, const struct stamp *stamp,
		    const struct evsel *evsel, uint32_t *met)
{
	if (record_type(record) == PERF_RECORD_LOST)
		return true;
	if (s->twice && evsel && is_copy(ring, record, evsel, stamp))
		return false;
	return !s->cpu_wide || is_ours(s, record, stamp->pid, met);
}

const struct perf_event_header *
sieve_pass(struct sieve *s, struct ring *ring, const struct perf_event_header *record,
	   uint32_t *met)
{
	struct stamp stamp = stamp_of(record);
	const struct evsel *evsel = put_right(s, ring, &record, &stamp);

	ring->last_ns = stamp.time_ns;
	if (record_type(record) == PERF_RECORD_LOST)
		ring->lost += record_lost(record);
	*met = 0;
	if (is_kept(s, ring, record, &stamp, evsel, met))
		return record;
	if (record_type(record) == PERF_RECORD_SAMPLE && evsel) {
		s->minor += evsel->role == ROLE_MINOR;
		s->major += evsel->role == ROLE_MAJOR;
	}
	return NULL;
}

/* ---- births ---- */

struct birth {
	uint64_t time_ns;
	uint32_t pid, parent;
};

struct births {
	struct birth *list;
	size_t count, capacity;
};

static void see_birth(void *context, const struct perf_event_header *record)
{
	struct births *births = context;
	struct birth birth = { .time_ns = stamp_of(record).time_ns };

	if (record_type(record) != PERF_RECORD_FORK ||
	    !followed_read_birth(record, &birth.pid, &birth.parent))
		return;
	births->list = pfa_grow(births->list, births->count, &births->capacity,
				sizeof(birth));
	births->list[births->count++] = birth;
}

/* Parents before their children. */
static int compare_births(const void *a, const void *b)
{
	const struct birth *x = a, *y = b;

	return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

/*
 * A FORK record was written before the child ran, so after the heads were read it is
 * there, if perhaps beyond the head of its ring.
 */
void sieve_look_ahead(struct sieve *s, struct rings *rings)
{
	struct births births = { 0 };
	const struct record_sink sink = { see_birth, &births };

	for (size_t i = 0; i < rings->count; i++) {
		struct ring *ring = &rings->list[i];
		uint64_t head = ring_head(ring);

		ring_read(ring, ring->looked, head, &sink);
		ring->looked = head;
	}
	if (births.count)
		qsort(births.list, births.count, sizeof(*births.list), compare_births);
	for (size_t i = 0; i < births.count; i++)
		followed_born(s->followed, births.list[i].pid, births.list[i].parent);
	free(births.list);
}
