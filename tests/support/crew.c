#include "crew.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

enum { FAMILY_MAX = 1024 };

const char *crew_program(void)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/crew", live_programs());
	return path;
}

/* ---- running ---- */

pid_t crew_await_ready(struct run *run)
{
	const char *ready;
	char *text;
	pid_t pid;

	run_await_out(run, "note ready ");
	text = run_out_so_far(run);
	ready = strstr(text, "note ready ");
	assert_int_equal(sscanf(ready, "note ready %d", &pid), 1);
	free(text);
	return pid;
}

void crew_start(struct crew *crew, const char *format, ...)
{
	char command[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	run_start(&crew->run, "%s", command);
	crew->pid = crew_await_ready(&crew->run);
}

void crew_await_seen(const struct crew *crew, struct run *pfa_run)
{
	char words[64];

	snprintf(words, sizeof(words), " pid=%d\n", crew->pid);
	run_await_out(pfa_run, words);
}

void crew_work(struct crew *crew)
{
	assert_int_equal(kill(crew->pid, SIGUSR1), 0);
	run_wait(&crew->run);
	assert_run_status(&crew->run, 0);
	assert_string_equal(crew->run.err, "");
}

/* ---- who it is ---- */

struct family {
	struct member {
		uint64_t born_ns;
		uint32_t pid, parent;
		bool traced;
	} members[FAMILY_MAX];
	size_t count;
};

static int by_birth(const void *one, const void *two)
{
	const struct member *a = one, *b = two;

	return a->born_ns < b->born_ns ? -1 : a->born_ns > b->born_ns;
}

/* Those born, in the order of their births. */
static void family_read(struct family *family, const char *said)
{
	static const char word[] = "note born ";

	family->count = 0;
	for (const char *at = strstr(said, word); at; at = strstr(at + 1, word)) {
		struct member *m = &family->members[family->count++];

		assert_in_range(family->count, 1, FAMILY_MAX);
		*m = (struct member){ 0 };
		assert_int_equal(sscanf(at, "note born %" SCNu64 " %" SCNu32 " %" SCNu32,
					&m->born_ns, &m->pid, &m->parent), 3);
	}
	qsort(family->members, family->count, sizeof(family->members[0]), by_birth);
}

static bool is_member(const struct member *members, size_t count, uint32_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (members[i].pid == pid)
			return true;
	return false;
}

static bool is_in_crew(const struct announced *a, uint32_t pid)
{
	for (size_t i = 0; i < a->touch_count; i++)
		if (a->touches[i].pid == pid)
			return true;
	return false;
}

/* ---- what was seen of it ---- */

struct sight {
	struct announced announced;
	struct family family;
	struct csv csv;
};

static struct sight *sight_new(const char *said, const char *csv_path)
{
	struct sight *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	announced_parse(&s->announced, said);
	family_read(&s->family, said);
	csv_read(&s->csv, csv_path);
	return s;
}

static void sight_free(struct sight *s)
{
	csv_release(&s->csv);
	announced_release(&s->announced);
	free(s);
}

/* Others may use the same addresses: the whole machine may be in the CSV. */
static void keep_faults_of_crew(struct sight *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->csv.count; i++)
		if (csv_is_fault(&s->csv.rows[i]) &&
		    is_in_crew(&s->announced, s->csv.rows[i].pid))
			s->csv.rows[kept++] = s->csv.rows[i];
	s->csv.count = kept;
}

static void check_and_free(struct sight *s)
{
	keep_faults_of_crew(s);
	announced_check(&s->announced, &s->csv);
	sight_free(s);
}

size_t crew_check(const char *said, const char *csv_path)
{
	struct sight *s = sight_new(said, csv_path);
	size_t count = s->family.count;

	check_and_free(s);
	return count;
}

static void forget_touches(struct announced *a, const struct member *members,
			   size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->touch_count; i++)
		if (!is_member(members, count, a->touches[i].pid))
			a->touches[kept++] = a->touches[i];
	a->touch_count = kept;
}

static void check_alone(const struct sight *s)
{
	for (size_t i = 0; i < s->csv.count; i++)
		if (csv_is_fault(&s->csv.rows[i]) &&
		    !is_in_crew(&s->announced, s->csv.rows[i].pid))
			fail_msg("of no concern: %s", csv_describe(&s->csv.rows[i]));
}

size_t crew_check_alone(const char *said, const char *csv_path)
{
	struct sight *s = sight_new(said, csv_path);
	size_t count = s->family.count;

	check_alone(s);
	check_and_free(s);
	return count;
}

void crew_check_first(const char *said, const char *csv_path)
{
	struct sight *s = sight_new(said, csv_path);

	forget_touches(&s->announced, s->family.members, s->family.count);
	check_alone(s);
	check_and_free(s);
}

/* ---- those born while pfa attached ---- */

static void mark_traced(struct family *family, const struct csv *csv)
{
	for (size_t i = 0; i < csv->count; i++)
		for (size_t k = 0; k < family->count; k++)
			if (family->members[k].pid == csv->rows[i].pid)
				family->members[k].traced = true;
}

static void swap(struct member *one, struct member *two)
{
	struct member member = *one;

	*one = *two;
	*two = member;
}

/* Those born before the first who is traced, and then their children. */
static size_t put_early_first(struct family *family)
{
	struct member *members = family->members;
	size_t early = 0;

	while (early < family->count && !members[early].traced)
		early++;
	for (size_t i = early; i < family->count; i++)
		if (is_member(members, early, members[i].parent))
			swap(&members[early++], &members[i]);
	return early;
}

static struct announced_touch *touch_of(struct announced *a, const struct csv_row *row)
{
	for (size_t i = 0; i < a->touch_count; i++) {
		struct announced_touch *t = &a->touches[i];

		if (!t->seen && t->pid == row->pid && t->tid == row->tid &&
		    t->addr == row->addr)
			return t;
	}
	return NULL;
}

static bool is_watched(const struct announced *a, const struct csv_row *row)
{
	return row->addr >= a->watches[0].start && row->addr < a->watches[0].end;
}

static bool is_traced(const struct family *family, uint32_t pid)
{
	for (size_t i = 0; i < family->count; i++)
		if (family->members[i].pid == pid)
			return family->members[i].traced;
	return true;
}

static size_t count_untraced(const struct family *family, size_t first)
{
	size_t count = 0;

	for (size_t i = first; i < family->count; i++)
		count += !family->members[i].traced;
	return count;
}

/* Where, once, and by whom; who was just born may not be known well enough for more. */
static void check_places(struct sight *s)
{
	struct announced *a = &s->announced;

	for (size_t i = 0; i < s->csv.count; i++) {
		const struct csv_row *row = &s->csv.rows[i];
		struct announced_touch *touch = touch_of(a, row);

		if (touch)
			touch->seen = true;
		else if (is_watched(a, row))
			fail_msg("not announced: %s", csv_describe(row));
	}
	for (size_t i = 0; i < a->touch_count; i++)
		if (!a->touches[i].seen && is_traced(&s->family, a->touches[i].pid))
			fail_msg("not seen: pid=%u tid=%u %#jx", a->touches[i].pid,
				 a->touches[i].tid, (uintmax_t)a->touches[i].addr);
}

size_t crew_check_born(const char *said, const char *csv_path, size_t in_flight)
{
	struct sight *s = sight_new(said, csv_path);
	size_t count = s->family.count, early;

	mark_traced(&s->family, &s->csv);
	early = put_early_first(&s->family);
	assert_in_range(count_untraced(&s->family, early), 0, in_flight);
	forget_touches(&s->announced, s->family.members, early);
	keep_faults_of_crew(s);
	check_places(s);
	sight_free(s);
	return count - early;
}
