#include "pfa/source/reread.h"

#include "pfa/base/text.h"
#include "pfa/source/compose.h"
#include "pfa/source/followed.h"
#include "pfa/source/maps_text.h"

enum {
	TURN_NS = 50 * 1000 * 1000,
	SLICE_NS = 5 * 1000 * 1000, /* the rings fill meanwhile */
	TIMES_AT_REST = 20,
	PART_BYTES = 59 * 1024, /* a note has 60 KiB */
};

static void emit(const struct composer *composer, pid_t pid, uint64_t begin_ns,
		 const struct text *text)
{
	size_t parts = (text->length + PART_BYTES - 1) / PART_BYTES;

	for (size_t i = 0; i < parts; i++) {
		size_t at = i * PART_BYTES, left = text->length - at;

		compose_note(composer, (uint32_t)pid,
			     "maps begin=%llu part=%zu of=%zu\n%.*s",
			     (unsigned long long)begin_ns, i + 1, parts,
			     (int)(left < PART_BYTES ? left : PART_BYTES),
			     text->bytes + at);
	}
}

/* Nothing is told of who has no memory any more: what ends a process has its record. */
static void reread_one(const struct composer *composer, pid_t pid)
{
	struct composer now = *composer;
	uint64_t begin_ns = compose_now_ns();
	struct text text;

	text_init(&text);
	if (maps_text_read(pid, &text)) {
		now.time_ns = compose_now_ns();
		emit(&now, pid, begin_ns, &text);
	}
	text_release(&text);
}

void reread_release(struct reread *r)
{
	pids_release(&r->pids);
}

/* Whether there is one that is due. */
static bool has_turn(struct reread *r, const struct followed *followed, uint64_t now)
{
	if (r->at < r->pids.count)
		return true;
	if (now < r->turn_ns + TURN_NS)
		return false;
	pids_release(&r->pids);
	followed_pids(followed, &r->pids);
	r->at = 0;
	r->turn_ns = now;
	return r->pids.count;
}

void reread_some(struct reread *r, const struct followed *followed,
		 const struct composer *composer)
{
	uint64_t begin = compose_now_ns(), now = begin;

	if (begin < r->next_ns || !has_turn(r, followed, begin))
		return;
	while (r->at < r->pids.count && now < begin + SLICE_NS) {
		reread_one(composer, r->pids.list[r->at++]);
		now = compose_now_ns();
	}
	r->next_ns = now + TIMES_AT_REST * (now - begin);
}

void reread_all(const struct followed *followed, const struct composer *composer)
{
	struct pids pids = { 0 };

	followed_pids(followed, &pids);
	for (size_t i = 0; i < pids.count; i++)
		reread_one(composer, pids.list[i]);
	pids_release(&pids);
}
