#include "announced.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "history.h"
#include "live.h"

/* ---- parsing ---- */

static bool parse_watch(struct announced *a, const char *line)
{
	struct announced_watch *w = &a->watches[a->watch_count++];

	assert_in_range(a->watch_count, 1, ANNOUNCED_FEW);
	return sscanf(line, "watch %" SCNx64 "-%" SCNx64 " %31s pid=%" SCNu32, &w->start,
		      &w->end, w->name, &w->pid) >= 3;
}

static bool parse_key(struct announced_touch *t, const char *key)
{
	return sscanf(key, "tid=%" SCNu32, &t->tid) == 1 ||
	       sscanf(key, "page_size=%" SCNu64, &t->page_size) == 1 ||
	       sscanf(key, "mode=%7s", t->mode) == 1 ||
	       sscanf(key, "refault=%15s", t->refault) == 1;
}

static bool parse_keys(struct announced_touch *t, const char *keys)
{
	char key[64];
	int length;

	while (sscanf(keys, "%63s%n", key, &length) == 1) {
		if (!parse_key(t, key))
			return false;
		keys += length;
	}
	return true;
}

static bool parse_touch(struct announced *a, const char *line)
{
	struct announced_touch t = { .page_size = 4096, .mode = "user" };
	int keys;

	if (sscanf(line, "touch %" SCNu32 " %" SCNx64 " %15s %23s %3s%n", &t.pid,
		   &t.addr, t.type, t.kind, t.access, &keys) != 5)
		return false;
	t.tid = t.pid;
	if (!parse_keys(&t, line + keys))
		return false;
	if (!(a->touch_count & (a->touch_count + 1)))
		a->touches = realloc(a->touches, (a->touch_count + 1) * 2 *
							 sizeof(t));
	assert_non_null(a->touches);
	a->touches[a->touch_count++] = t;
	return true;
}

static bool parse_count(struct announced *a, const char *line)
{
	struct announced_count *c = &a->counts[a->count_count++];

	assert_in_range(a->count_count, 1, ANNOUNCED_FEW);
	return sscanf(line, "count %31s %15s %23s %zu", c->name, c->type, c->kind,
		      &c->faults) == 4;
}

static bool parse_calls(struct announced *a, const char *line)
{
	struct announced_calls *c = &a->calls[a->calls_count++];

	assert_in_range(a->calls_count, 1, ANNOUNCED_FEW);
	return sscanf(line, "calls %15s %zu", c->name, &c->calls) == 2;
}

static bool parse_skip(struct announced *a, const char *line)
{
	return sscanf(line, "skip %127[^\n]", a->skip) == 1;
}

static bool parse_note(struct announced *a, const char *line)
{
	(void)a, (void)line;
	return true;
}

static const struct {
	const char *word;
	bool (*parse)(struct announced *a, const char *line);
} lines[] = {
	{ "watch ", parse_watch }, { "touch ", parse_touch },
	{ "count ", parse_count }, { "calls ", parse_calls },
	{ "skip ", parse_skip },   { "note ", parse_note },
	{ "change ", history_parse_change }, { "fork ", history_parse_fork },
	{ "exec ", history_parse_exec },     { "exit ", history_parse_exit },
};

static bool parse_line(struct announced *a, const char *line)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!strncmp(line, lines[i].word, strlen(lines[i].word)))
			return lines[i].parse(a, line);
	return false;
}

void announced_parse(struct announced *a, const char *text)
{
	char line[512];

	memset(a, 0, sizeof(*a));
	while (*text) {
		size_t length = strcspn(text, "\n");

		assert_in_range(length, 1, sizeof(line) - 1);
		memcpy(line, text, length);
		line[length] = '\0';
		if (!parse_line(a, line))
			fail_msg("the demo does not keep to the protocol: %s", line);
		text += length + (text[length] == '\n');
	}
}

void announced_release(struct announced *a)
{
	free(a->touches);
	free(a->events);
	memset(a, 0, sizeof(*a));
}

/* ---- touches ---- */

static const struct announced_watch *watch_of(const struct announced *a, uint32_t pid,
					      uint64_t addr)
{
	for (size_t i = 0; i < a->watch_count; i++) {
		const struct announced_watch *w = &a->watches[i];

		if ((!w->pid || w->pid == pid) && addr >= w->start && addr < w->end)
			return w;
	}
	return NULL;
}

static bool is_counted(const struct announced *a, const struct announced_watch *w)
{
	for (size_t i = 0; i < a->count_count; i++)
		if (!strcmp(a->counts[i].name, w->name))
			return true;
	return false;
}

static void describe_touch(char *text, size_t size, const struct announced_touch *t)
{
	snprintf(text, size, "pid=%u tid=%u %s %s %s %#jx mode=%s page_size=%ju "
		 "refault=%s", t->pid, t->tid, t->type, t->kind, t->access,
		 (uintmax_t)t->addr, t->mode, (uintmax_t)t->page_size, t->refault);
}

static bool is_the_one(const struct announced_touch *t, const struct csv_row *row)
{
	return t->addr == row->addr && !strcmp(t->type, row->type) &&
	       !strcmp(t->kind, row->kind) && !strcmp(t->access, row->access) &&
	       !strcmp(t->mode, row->mode) && !strcmp(t->refault, row->refault) &&
	       (!csv_is_completed(row) || t->page_size == row->page_size);
}

/* The thread's first announced touch that was not seen yet must be this fault. */
static void check_fault(struct announced *a, const struct csv_row *row)
{
	char expected[256];

	for (size_t i = 0; i < a->touch_count; i++) {
		struct announced_touch *t = &a->touches[i];

		if (t->seen || t->pid != row->pid || t->tid != row->tid)
			continue;
		t->seen = true;
		if (is_the_one(t, row))
			return;
		describe_touch(expected, sizeof(expected), t);
		fail_msg("announced %s, seen %s", expected, csv_describe(row));
	}
	fail_msg("not announced: %s", csv_describe(row));
}

static void check_touches(struct announced *a, const struct csv *csv)
{
	char missing[256];

	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];
		const struct announced_watch *watch = watch_of(a, row->pid, row->addr);

		if (csv_is_fault(row) && watch && !is_counted(a, watch))
			check_fault(a, row);
	}
	for (size_t i = 0; i < a->touch_count; i++) {
		describe_touch(missing, sizeof(missing), &a->touches[i]);
		if (!watch_of(a, a->touches[i].pid, a->touches[i].addr))
			fail_msg("announced where nobody watches: %s", missing);
		if (!a->touches[i].seen)
			fail_msg("announced, not seen: %s", missing);
	}
}

/* ---- counts and calls ---- */

static void check_count(const struct announced *a, const struct announced_count *c,
			const struct csv *csv)
{
	size_t faults = 0;

	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];
		const struct announced_watch *watch = watch_of(a, row->pid, row->addr);

		if (!csv_is_fault(row) || !watch || strcmp(watch->name, c->name) != 0)
			continue;
		if (strcmp(row->type, c->type) != 0 || strcmp(row->kind, c->kind) != 0)
			fail_msg("announced were %s %s, seen %s", c->type, c->kind,
				 csv_describe(row));
		faults++;
	}
	assert_int_equal(faults, c->faults);
}

static void check_calls(const struct announced *a, const struct announced_calls *c,
			const struct csv *csv)
{
	static const char *const names[][2] = {
		{ "mmap", "MMAP_ADD" },
		{ "mprotect", "PERM_CHANGE" },
		{ "munmap", "MUNMAP_REMOVE" },
	};
	const char *event = NULL;
	size_t calls = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i][0], c->name))
			event = names[i][1];
	assert_non_null(event);
	for (size_t i = 0; i < csv->count; i++)
		if (!strcmp(csv->rows[i].event, event) &&
		    watch_of(a, csv->rows[i].pid, csv->rows[i].addr))
			calls++;
	assert_int_equal(calls, c->calls);
}

void announced_check(struct announced *a, const struct csv *csv)
{
	if (!a->touch_count && !a->count_count && !a->event_count && !a->skip[0])
		fail_msg("nothing was announced");
	check_touches(a, csv);
	for (size_t i = 0; i < a->count_count; i++)
		check_count(a, &a->counts[i], csv);
	for (size_t i = 0; i < a->calls_count; i++)
		check_calls(a, &a->calls[i], csv);
	history_check(a, csv);
}
