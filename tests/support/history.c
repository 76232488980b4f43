#include "history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announced.h"
#include "csv.h"
#include "live.h"

/* ---- parsing ---- */

static void add_event(struct announced *a, const struct announced_event *event)
{
	if (!(a->event_count & (a->event_count + 1))) /* it grows by doubling */
		a->events = realloc(a->events,
				    (a->event_count + 1) * 2 * sizeof(*event));
	assert_non_null(a->events);
	a->events[a->event_count++] = *event;
}

static bool parse_key(struct announced_event *e, const char *key)
{
	return sscanf(key, "tid=%" SCNu32, &e->tid) == 1 ||
	       sscanf(key, "from=%" SCNx64 "-%" SCNx64, &e->old_start, &e->old_end) == 2 ||
	       sscanf(key, "old=%7s", e->old_prot) == 1 ||
	       sscanf(key, "advice=%31s", e->detail) == 1 ||
	       sscanf(key, "vmas=%7[0-9]->%7[0-9]", e->vmas_before, e->vmas_after) == 2 ||
	       sscanf(key, "failed=%15s", e->failed) == 1 ||
	       !strcmp(key, "what=process") || !strcmp(key, "what=thread") ||
	       !strcmp(key, "what=shared-space");
}

static bool parse_keys(struct announced_event *e, const char *keys)
{
	char key[64];
	int length;

	while (sscanf(keys, "%63s%n", key, &length) == 1) {
		if (!parse_key(e, key))
			return false;
		keys += length;
	}
	return true;
}

bool history_parse_change(struct announced *a, const char *line)
{
	struct announced_event e = { .change = true };
	int keys;

	if (sscanf(line, "change %" SCNu32 " %23s %" SCNx64 "-%" SCNx64 " %7s%n",
		   &e.pid, e.name, &e.start, &e.end, e.prot, &keys) != 5)
		return false;
	if (!strcmp(e.prot, "-"))
		e.prot[0] = '\0';
	e.tid = e.pid;
	if (!parse_keys(&e, line + keys))
		return false;
	add_event(a, &e);
	return true;
}

/* A process, one word about it, and keys. */
static bool parse_life(struct announced *a, const char *name, const char *line)
{
	struct announced_event e = { 0 };
	int keys;

	if (sscanf(line, "%*s %" SCNu32 " %127s%n", &e.pid, e.detail, &keys) != 2)
		return false;
	if (!strcmp(e.detail, "-"))
		e.detail[0] = '\0';
	snprintf(e.name, sizeof(e.name), "%s", name);
	e.tid = e.pid;
	if (!parse_keys(&e, line + keys))
		return false;
	add_event(a, &e);
	return true;
}

bool history_parse_fork(struct announced *a, const char *line)
{
	return parse_life(a, "FORK", line);
}

bool history_parse_exec(struct announced *a, const char *line)
{
	return parse_life(a, "EXEC_REBUILD", line);
}

bool history_parse_exit(struct announced *a, const char *line)
{
	return parse_life(a, "EXIT", line);
}

/* ---- what is to be checked ---- */

static bool is_life(const struct csv_row *row)
{
	return !strcmp(row->event, "FORK") || !strcmp(row->event, "EXEC_REBUILD") ||
	       !strcmp(row->event, "EXIT");
}

static bool is_change(const struct csv_row *row)
{
	return !csv_is_fault(row) && !is_life(row) && strcmp(row->event, "LOST") != 0;
}

static bool any_announced(const struct announced *a, bool change)
{
	for (size_t i = 0; i < a->event_count; i++)
		if (a->events[i].change == change)
			return true;
	return false;
}

static bool is_watched(const struct announced *a, uint32_t pid, uint64_t start,
		       uint64_t end)
{
	for (size_t i = 0; i < a->watch_count; i++) {
		const struct announced_watch *w = &a->watches[i];

		if ((!w->pid || w->pid == pid) && start < w->end && end > w->start)
			return true;
	}
	return false;
}

/* ---- one by one ---- */

static void describe_event(char *text, size_t size, const struct announced_event *e)
{
	snprintf(text, size, "pid=%u tid=%u %s %#jx-%#jx %s old=%s from=%#jx-%#jx %s "
		 "vmas=%s->%s failed=%s", e->pid, e->tid, e->name, (uintmax_t)e->start,
		 (uintmax_t)e->end, e->prot, e->old_prot, (uintmax_t)e->old_start,
		 (uintmax_t)e->old_end, e->detail, e->vmas_before, e->vmas_after,
		 e->failed);
}

static void describe_row(char *text, size_t size, const struct csv_row *row)
{
	snprintf(text, size, "pid=%u tid=%u %s %#jx-%#jx %s old=%s from=%#jx-%#jx %s "
		 "vmas=%s->%s failed=%s", row->pid, row->tid, row->event,
		 (uintmax_t)row->addr, (uintmax_t)row->end, row->prot, row->old_prot,
		 (uintmax_t)row->old_start, (uintmax_t)row->old_end, row->detail,
		 row->vmas_before, row->vmas_after, row->error);
}

static bool agree(const char *announced, const char *told)
{
	return !announced[0] || !strcmp(announced, told);
}

/* mremap is told by the range that was to be changed. */
static bool is_failure(const struct announced_event *e, const struct csv_row *row)
{
	uint64_t start = e->old_end ? e->old_start : e->start;
	uint64_t end = e->old_end ? e->old_end : e->end;

	return !strcmp(row->event, "FAILED") && start == row->addr && end == row->end &&
	       !strcmp(e->failed, row->error);
}

static bool is_the_one(const struct announced_event *e, const struct csv_row *row)
{
	if (e->failed[0])
		return is_failure(e, row);
	return !strcmp(e->name, row->event) && e->start == row->addr &&
	       e->end == row->end && agree(e->prot, row->prot) &&
	       agree(e->old_prot, row->old_prot) &&
	       agree(e->detail, !strcmp(row->event, "EXIT") ? row->status : row->detail) &&
	       (!e->old_end || (e->old_start == row->old_start &&
				e->old_end == row->old_end)) &&
	       agree(e->vmas_before, row->vmas_before) &&
	       agree(e->vmas_after, row->vmas_after);
}

/* The thread's first announced event that was not seen yet must be this one. */
static void check_row(struct announced *a, const struct csv_row *row)
{
	char expected[512], seen[512];

	describe_row(seen, sizeof(seen), row);
	for (size_t i = 0; i < a->event_count; i++) {
		struct announced_event *e = &a->events[i];

		if (e->seen || e->pid != row->pid || e->tid != row->tid)
			continue;
		e->seen = true;
		if (is_the_one(e, row))
			return;
		describe_event(expected, sizeof(expected), e);
		fail_msg("announced %s, seen %s", expected, seen);
	}
	fail_msg("not announced: %s", seen);
}

static void check_all_seen(const struct announced *a)
{
	char missing[512];

	for (size_t i = 0; i < a->event_count; i++) {
		const struct announced_event *e = &a->events[i];

		describe_event(missing, sizeof(missing), e);
		if (e->change && !is_watched(a, e->pid, e->start, e->end) &&
		    !is_watched(a, e->pid, e->old_start, e->old_end))
			fail_msg("announced where nobody watches: %s", missing);
		if (!e->seen)
			fail_msg("announced, not seen: %s", missing);
	}
}

void history_check(struct announced *a, const struct csv *csv)
{
	bool changes = any_announced(a, true), lives = any_announced(a, false);

	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];

		if ((lives && is_life(row)) ||
		    (changes && is_change(row) &&
		     (is_watched(a, row->pid, row->addr, row->end) ||
		      is_watched(a, row->pid, row->old_start, row->old_end))))
			check_row(a, row);
	}
	check_all_seen(a);
}

/* ---- the stream ---- */

static bool is_same(const struct csv_row *row, unsigned long tick, const char *line)
{
	unsigned long seconds, thousandths;
	uint64_t start = 0, end = 0;
	char name[24], prot[24] = ""; /* or the call that failed */

	if (sscanf(line, "[%lu.%lu] %23s %" SCNx64 "-%" SCNx64 " %23s", &seconds,
		   &thousandths, name, &start, &end, prot) < 3)
		return false;
	return seconds * 1000 + thousandths == tick && !strcmp(name, row->event) &&
	       start == row->addr && end == row->end &&
	       !strcmp(prot, row->error[0] ? row->call : row->prot);
}

void history_check_stream(const char *stream, const struct csv *csv)
{
	unsigned long tick = 0;

	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];

		if (csv_is_fault(row))
			continue;
		if (!is_same(row, ++tick, stream))
			fail_msg("%s at %#jx is in the CSV, in the stream is %.*s",
				 row->event, (uintmax_t)row->addr,
				 (int)strcspn(stream, "\n"), stream);
		stream += strcspn(stream, "\n") + 1;
	}
	assert_int_not_equal(*stream, '[');
}
