#include "pfa/source/sieve.h"

#include <string.h>
#include <unistd.h>

#include "pfa/base/bytes.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/dedupe.h"
#include "pfa/source/followed.h"
#include "pfa/source/rings.h"
#include "pfa/source/stamp.h"

/* The bytes of a sample that has neither raw data nor anything else of no fixed size. */
static size_t sample_bytes(const struct evsel *evsel)
{
	return sizeof(struct perf_event_header) +
	       8 * (size_t)__builtin_popcountll(evsel->attr.sample_type);
}

static struct evsel *fault_of_size(const struct sieve *s, size_t bytes)
{
	struct evsel *minor = evlist_by_role(s->list, ROLE_MINOR);
	struct evsel *major = evlist_by_role(s->list, ROLE_MAJOR);

	if (bytes == sample_bytes(minor))
		return minor;
	return bytes == sample_bytes(major) ? major : NULL;
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

/*
 * With another tool's id the time is of its clock, too: good only if it could be. The
 * record before, most often the fault's own beginning, is the earliest.
 */
static const struct evsel *put_right(const struct sieve *s, struct ring *ring,
				     const struct perf_event_header **record,
				     struct stamp *stamp)
{
	struct evsel *evsel = evlist_by_id(s->list, stamp->id);
	struct stamp right = *stamp;

	if (!evsel && record_type(*record) == PERF_RECORD_SAMPLE) {
		evsel = fault_of_size(s, record_size(*record));
		if (evsel && (stamp->time_ns < ring->last_ns ||
			      stamp->time_ns > compose_now_ns()))
			stamp->time_ns = right.time_ns = ring->last_ns;
	} else if (!s->first_ids) {
		return evsel;
	}
	if (!evsel)
		return NULL;
	right.id = evsel->ids[0];
	*record = restamped(ring, *record, &right);
	return evsel;
}

/* LOST has, after the header, an id and the number. */
static uint64_t record_lost(const struct perf_event_header *record)
{
	struct cursor c = cursor_of(record, record_size(record));

	cursor_take(&c, sizeof(*record) + sizeof(uint64_t));
	return cursor_u64(&c);
}

static bool is_kept(const struct sieve *s, const struct ring *ring,
		    const struct perf_event_header *record, const struct stamp *stamp,
		    const struct evsel *evsel, uint32_t *met)
{
	if (record_type(record) == PERF_RECORD_LOST)
		return true;
	if (s->dedupe && evsel && dedupe_is_copy(s->dedupe, ring->cpu, evsel, stamp))
		return false;
	if (!s->cpu_wide)
		return true;
	return stamp->pid != (uint32_t)getpid() &&
	       followed_admits(s->followed, record, met);
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

/* FORK records that change who is followed. */
struct births {
	struct followed *followed;
	bool any;
};

static void see_birth(void *context, const struct perf_event_header *record)
{
	struct births *births = context;

	if (record_type(record) == PERF_RECORD_FORK &&
	    followed_saw(births->followed, record))
		births->any = true;
}

/*
 * A FORK record was written before the child ran, so after the heads were read it is
 * there, if perhaps beyond the head of its ring. A parent may be found after its
 * child: then once more.
 */
void sieve_look_ahead(struct sieve *s, struct rings *rings)
{
	struct births births = { .followed = s->followed, .any = true };
	const struct record_sink sink = { see_birth, &births };

	while (births.any) {
		births.any = false;
		for (size_t i = 0; i < rings->count; i++) {
			struct ring *ring = &rings->list[i];

			ring_read(ring, ring_tail(ring), ring_head(ring), &sink);
		}
	}
}
