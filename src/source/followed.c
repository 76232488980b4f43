#include "pfa/source/followed.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "pfa/base/hash.h"
#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/synth.h"

struct entry {
	uint32_t pid;
	UT_hash_handle hh; /* in order of appearance */
};

struct followed {
	struct entry *entries;
};

struct followed *followed_new(void)
{
	return pfa_alloc(sizeof(struct followed));
}

static void forget(struct followed *f, struct entry *entry)
{
	HASH_DEL(f->entries, entry);
	free(entry);
}

void followed_free(struct followed *f)
{
	struct entry *entry, *next;

	if (!f)
		return;
	HASH_ITER(hh, f->entries, entry, next)
		forget(f, entry);
	free(f);
}

void followed_add(struct followed *f, pid_t pid_given)
{
	uint32_t pid = (uint32_t)pid_given;
	struct entry *entry;

	HASH_FIND(hh, f->entries, &pid, sizeof(pid), entry);
	if (entry)
		return;
	entry = pfa_alloc(sizeof(*entry));
	entry->pid = pid;
	HASH_ADD(hh, f->entries, pid, sizeof(pid), entry);
}

/* Both records begin with pid, ppid, tid, ptid. */
void followed_saw(struct followed *f, const struct perf_event_header *record)
{
	struct cursor c = cursor_of(record, record_size(record));
	struct entry *entry;
	uint32_t pid, tid;

	cursor_take(&c, sizeof(*record));
	pid = cursor_u32(&c);
	cursor_u32(&c);
	tid = cursor_u32(&c);
	if (c.bad || pid != tid)
		return;
	if (record_type(record) == PERF_RECORD_FORK) {
		followed_add(f, (pid_t)pid);
		return;
	}
	/* A leader may end before its threads: they are looked at no more. */
	HASH_FIND(hh, f->entries, &pid, sizeof(pid), entry);
	if (entry)
		forget(f, entry);
}

void followed_snapshot(struct followed *f, const struct composer *composer)
{
	struct entry *entry, *next;

	HASH_ITER(hh, f->entries, entry, next) {
		struct composer now = *composer;

		now.time_ns = compose_now_ns();
		if (!synth_process(&now, (pid_t)entry->pid))
			forget(f, entry);
	}
}

size_t followed_count_living(const struct followed *f)
{
	const struct entry *entry;
	size_t count = 0;

	for (entry = f->entries; entry; entry = entry->hh.next)
		count += !kill((pid_t)entry->pid, 0) || errno == EPERM;
	return count;
}
