#include "pfa/source/followed.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "pfa/base/bytes.h"
#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/procfs.h"
#include "pfa/source/stamp.h"
#include "pfa/source/synth.h"

/*
 * So many come and go before those that are gone are forgotten. The rings are seen one
 * after the other: the end of a process may be seen before its beginning.
 */
enum { CHANGES_TO_SWEEP = 1024 };

struct entry {
	uint32_t pid;
	bool due;   /* for a snapshot */
	bool ended; /* its leader has; threads of it may go on */
	bool gone;  /* found so by the last sweep */
	UT_hash_handle hh; /* in order of appearance */
};

struct followed {
	enum follow_rule rule;
	struct entry *entries;
	unsigned changes; /* since the last sweep */
};

struct followed *followed_new(enum follow_rule rule)
{
	struct followed *f = pfa_alloc(sizeof(*f));

	f->rule = rule;
	return f;
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

static struct entry *find(const struct followed *f, uint32_t pid)
{
	struct entry *entry;

	HASH_FIND(hh, f->entries, &pid, sizeof(pid), entry);
	return entry;
}

static void add(struct followed *f, uint32_t pid)
{
	struct entry *entry = pfa_alloc(sizeof(*entry));

	entry->pid = pid;
	HASH_ADD(hh, f->entries, pid, sizeof(pid), entry);
}

bool followed_takes_children(const struct followed *f)
{
	return f->rule == FOLLOW_CHILDREN;
}

void followed_add(struct followed *f, pid_t pid)
{
	if (!find(f, (uint32_t)pid))
		add(f, (uint32_t)pid);
}

bool followed_has(const struct followed *f, pid_t pid)
{
	return find(f, (uint32_t)pid) != NULL;
}

void followed_pids(const struct followed *f, struct pids *pids)
{
	const struct entry *entry;

	for (entry = f->entries; entry; entry = entry->hh.next)
		pids_add(pids, (pid_t)entry->pid);
}

/* ---- births and deaths ---- */

static bool is_there(uint32_t pid)
{
	return !kill((pid_t)pid, 0) || errno == EPERM;
}

/* Forgotten the second time only: records of its last moments may still come. */
static void sweep_at_times(struct followed *f)
{
	struct entry *entry, *next;

	if (++f->changes < CHANGES_TO_SWEEP)
		return;
	f->changes = 0;
	HASH_ITER(hh, f->entries, entry, next) {
		if (is_there(entry->pid))
			entry->gone = false;
		else if (entry->gone)
			forget(f, entry);
		else
			entry->gone = true;
	}
}

/* Both records begin with pid, ppid, tid, ptid. */
static bool read_ids(const struct perf_event_header *record, uint32_t *pid,
		     uint32_t *parent)
{
	struct cursor c = cursor_of(record, record_size(record));

	cursor_take(&c, sizeof(*record));
	*pid = cursor_u32(&c);
	*parent = cursor_u32(&c);
	return cursor_u32(&c) == *pid && !c.bad;
}

bool followed_read_birth(const struct perf_event_header *record, uint32_t *pid,
			 uint32_t *parent)
{
	return read_ids(record, pid, parent);
}

void followed_born(struct followed *f, uint32_t pid, uint32_t parent)
{
	struct entry *entry = find(f, pid);
	bool ours = f->rule == FOLLOW_RECORDED || f->rule == FOLLOW_MEMBERS ||
		    (f->rule == FOLLOW_CHILDREN && find(f, parent));

	if (ours && entry)
		entry->ended = entry->gone = false;
	else if (ours)
		add(f, pid);
	else if (entry && entry->ended) /* its pid has a new owner */
		forget(f, entry);
	sweep_at_times(f);
}

void followed_saw_exit(struct followed *f, const struct perf_event_header *record)
{
	struct entry *entry;
	uint32_t pid, parent;

	if (!read_ids(record, &pid, &parent) || !(entry = find(f, pid)))
		return;
	/* A leader may end before its threads: as a process it is looked at no more. */
	if (f->rule == FOLLOW_RECORDED)
		forget(f, entry);
	else
		entry->ended = true;
	sweep_at_times(f);
}

/* ---- whose records ---- */

static bool has_an_owner(uint32_t type)
{
	return type == PERF_RECORD_SAMPLE || type == PERF_RECORD_MMAP2 ||
	       type == PERF_RECORD_COMM || type == PERF_RECORD_FORK ||
	       type == PERF_RECORD_EXIT;
}

bool followed_admits(struct followed *f, const struct perf_event_header *record,
		     uint32_t *met)
{
	uint32_t pid;

	if (f->rule == FOLLOW_RECORDED || !has_an_owner(record_type(record)))
		return true;
	pid = stamp_of(record).pid;
	if (find(f, pid))
		return true;
	if (f->rule != FOLLOW_MEMBERS)
		return false;
	add(f, pid);
	*met = pid;
	return true;
}

/* ---- snapshots ---- */

void followed_mark_due(struct followed *f)
{
	struct entry *entry;

	for (entry = f->entries; entry; entry = entry->hh.next)
		entry->due = !entry->ended;
}

void followed_is_known(struct followed *f, pid_t pid)
{
	struct entry *entry = find(f, (uint32_t)pid);

	if (entry)
		entry->due = false;
}

bool followed_snapshot(struct followed *f, const struct composer *composer,
		       uint64_t until_ns)
{
	struct composer now = *composer;
	struct entry *entry, *next;

	HASH_ITER(hh, f->entries, entry, next) {
		if (!entry->due)
			continue;
		now.time_ns = compose_now_ns();
		if (now.time_ns >= until_ns)
			return false;
		entry->due = false;
		if (synth_process(&now, (pid_t)entry->pid))
			continue;
		if (procfs_parent((pid_t)entry->pid) < 0 ||
		    procfs_is_dead((pid_t)entry->pid))
			compose_exit(&now, entry->pid);
		forget(f, entry);
	}
	return true;
}

size_t followed_count_living(const struct followed *f)
{
	const struct entry *entry;
	size_t count = 0;

	for (entry = f->entries; entry; entry = entry->hh.next)
		count += is_there(entry->pid);
	return count;
}
