#include "pfa/source/sampler.h"

#include <inttypes.h>

#include "pfa/base/bytes.h"
#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/followed.h"
#include "pfa/source/mem_status.h"

enum {
	SLICE_NS = 2 * 1000 * 1000, /* the rings fill meanwhile */
	TIMES_AT_REST = 50,
};

static void sample(const struct composer *composer, pid_t pid, const char *when)
{
	struct composer now = *composer;
	uint64_t begin_ns = compose_now_ns();
	struct mem_status s;

	if (!mem_status_read(pid, &s))
		return;
	now.time_ns = compose_now_ns();
#define X(member, name, word) " " word "=%" PRIu64
	compose_note(&now, (uint32_t)pid, "memory when=%s begin=%" PRIu64
		     MEM_STATUS_LINES(X),
#undef X
#define X(member, name, word) , s.member##_bytes
		     when, begin_ns MEM_STATUS_LINES(X));
#undef X
}

void sampler_release(struct sampler *s)
{
	pids_release(&s->pids);
}

/* ---- who is due ---- */

static void add_due(struct sampler *s, uint32_t pid, const char *when)
{
	for (size_t i = 0; i < s->due_count; i++)
		if (s->due[i].pid == pid)
			return;
	if (s->due_count < SAMPLER_DUE_MAX)
		s->due[s->due_count++] = (struct sampler_due){ pid, when };
}

void sampler_see(struct sampler *s, const struct perf_event_header *record)
{
	struct cursor c = cursor_of(record, record_size(record));
	uint32_t pid, parent;

	cursor_take(&c, sizeof(*record));
	pid = cursor_u32(&c);
	if (!s->interval_ns || c.bad)
		return;
	if (record_type(record) == PERF_RECORD_COMM &&
	    record_misc(record) & PERF_RECORD_MISC_COMM_EXEC)
		add_due(s, pid, "exec");
	if (record_type(record) == PERF_RECORD_FORK &&
	    followed_read_birth(record, &pid, &parent)) {
		add_due(s, parent, "fork");
		add_due(s, pid, "fork");
	}
}

/* ---- turns ---- */

/* Whether there is one that is due; those of the turn do not leave it empty. */
static bool has_turn(struct sampler *s, const struct followed *followed, uint64_t now)
{
	if (s->due_count || s->at < s->pids.count)
		return true;
	if (now < s->turn_ns + s->interval_ns)
		return false;
	pids_release(&s->pids);
	followed_pids(followed, &s->pids);
	s->at = 0;
	s->turn_ns = now;
	return s->pids.count;
}

static void sample_next(struct sampler *s, const struct composer *composer)
{
	if (s->due_count) {
		const struct sampler_due *due = &s->due[--s->due_count];

		sample(composer, (pid_t)due->pid, due->when);
	} else {
		sample(composer, s->pids.list[s->at++], "interval");
	}
}

void sampler_some(struct sampler *s, const struct followed *followed,
		  const struct composer *composer)
{
	uint64_t begin = compose_now_ns(), now = begin;

	if (!s->interval_ns || begin < s->next_ns || !has_turn(s, followed, begin))
		return;
	while ((s->due_count || s->at < s->pids.count) && now < begin + SLICE_NS) {
		sample_next(s, composer);
		now = compose_now_ns();
	}
	s->next_ns = now + TIMES_AT_REST * (now - begin);
}

void sampler_all(const struct sampler *s, const struct followed *followed,
		 const struct composer *composer)
{
	struct pids pids = { 0 };

	if (s->interval_ns)
		followed_pids(followed, &pids);
	for (size_t i = 0; i < pids.count; i++)
		sample(composer, pids.list[i], "end");
	pids_release(&pids);
}
