/*
 * A process that is gone before anybody could have read its /proc is told of as fully
 * as one that lives long: its faults have their regions and sections, and its changes
 * are all there, because both come from the records alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"

enum { CHILDREN = 34, MANNERS = 4, LABELS_MAX = 64, CHANGES_MAX = 64 };

/* An ELF file begins with headers that are in no section. */
enum { HEADERS = 0x400 };

#define IMAGE "fleeting"
#define STATIC "fleeting_static"

/* What one child did, as told. */
struct child {
	const struct csv_row *labels[LABELS_MAX]; /* one fault of each region, section */
	const struct csv_row *changes[CHANGES_MAX];
	size_t label_count, change_count;
	uint64_t first_ns, last_ns;
};

static const struct csv_row *labelled_like(const struct child *c,
					   const struct csv_row *row)
{
	for (size_t i = 0; i < c->label_count; i++)
		if (!strcmp(c->labels[i]->region, row->region) &&
		    !strcmp(c->labels[i]->section, row->section))
			return c->labels[i];
	return NULL;
}

static bool is_elf(const struct csv_row *row)
{
	return !strcmp(row->region, IMAGE) || !strcmp(row->region, STATIC) ||
	       !strcmp(row->region, "libc.so.6") ||
	       !strncmp(row->region, "ld-linux", strlen("ld-linux"));
}

static void add_fault(struct child *c, const struct csv_row *row)
{
	if (!csv_is_completed(row))
		fail_msg("failed: %s", csv_describe(row));
	if (!row->region[0] || !strcmp(row->region, "unknown") ||
	    !strcmp(row->region, "unmapped"))
		fail_msg("%s", csv_describe(row));
	if (is_elf(row) && !row->section[0] && row->offset >= HEADERS)
		fail_msg("no section: %s", csv_describe(row));
	if (labelled_like(c, row))
		return;
	assert_true(c->label_count < LABELS_MAX);
	c->labels[c->label_count++] = row;
}

static void add_change(struct child *c, const struct csv_row *row)
{
	assert_true(c->change_count < CHANGES_MAX);
	c->changes[c->change_count++] = row;
}

static void child_of(struct child *c, const struct csv *csv, uint32_t pid)
{
	*c = (struct child){ 0 };
	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];

		if (row->pid != pid)
			continue;
		if (!c->first_ns)
			c->first_ns = row->ts_ns;
		c->last_ns = row->ts_ns;
		if (csv_is_fault(row))
			add_fault(c, row);
		else
			add_change(c, row);
	}
}

/*
 * But in programs and libraries: a page beside one that is touched comes without a
 * fault, unless another process holds it just then (filemap_map_pages() in mm/filemap.c).
 */
static void has_labels_of(const struct child *one, const struct child *other)
{
	for (size_t i = 0; i < other->label_count; i++)
		if (!labelled_like(one, other->labels[i]) && !is_elf(other->labels[i]))
			fail_msg("only one has: %s", csv_describe(other->labels[i]));
}

static bool same_change(const struct csv_row *a, const struct csv_row *b)
{
	return !strcmp(a->event, b->event) && !strcmp(a->call, b->call) &&
	       !strcmp(a->region, b->region) && !strcmp(a->prot, b->prot) &&
	       !strcmp(a->old_prot, b->old_prot) && a->addr == b->addr &&
	       a->end == b->end && !strcmp(a->vmas_before, b->vmas_before) &&
	       !strcmp(a->vmas_after, b->vmas_after);
}

static void same_children(const struct child *brief, const struct child *lasting)
{
	has_labels_of(brief, lasting);
	has_labels_of(lasting, brief);
	for (size_t i = 0; i < brief->change_count && i < lasting->change_count; i++)
		if (!same_change(brief->changes[i], lasting->changes[i]))
			fail_msg("change %zu: %s", i, csv_describe(brief->changes[i]));
	assert_int_equal(brief->change_count, lasting->change_count);
}

/* In this section of the program, or in what is no program. */
static bool has_touched(const struct child *c, const char *region, const char *section)
{
	const struct csv_row plain = { .region = region, .section = section };
	const struct csv_row of_static = { .region = STATIC, .section = section };

	return labelled_like(c, &plain) || (section[0] && labelled_like(c, &of_static));
}

/* All that the program touches, and does to its layout: see fleeting.c. */
static void is_complete(const struct child *c)
{
	static const char *const touched[][2] = {
		{ IMAGE, ".text" }, { IMAGE, ".data" }, { IMAGE, ".bss" },
		{ "[heap]", "" },   { "[stack]", "" },	{ "anon", "" },
		{ "fleeting-file", "" },
	};
	static const char *const done[] = {
		"STACK_GROW",	 "BRK_GROW",	  "BRK_SHRINK",
		/* in anonymous memory */
		"MMAP_ADD",	 "PERM_CHANGE",	  "MUNMAP_REMOVE", "ADVISE",
		"MOVE_MAPPING",	 "MUNMAP_REMOVE",
		/* in a file */
		"MMAP_ADD",	 "PERM_CHANGE",	  "MUNMAP_REMOVE", "ADVISE",
		"MOVE_MAPPING",	 "MUNMAP_REMOVE", "EXIT",
	};
	const size_t last = sizeof(done) / sizeof(done[0]);

	for (size_t i = 0; i < sizeof(touched) / sizeof(touched[0]); i++)
		if (!has_touched(c, touched[i][0], touched[i][1]))
			fail_msg("no fault in %s %s", touched[i][0], touched[i][1]);
	assert_true(c->change_count >= last);
	for (size_t i = 0; i < last; i++)
		assert_string_equal(c->changes[c->change_count - last + i]->event,
				    done[i]);
}

static void trace_fleeting(struct run *run)
{
	run_quietly(run, "head -c 65536 /dev/zero >%s", work_path("fleeting-file"));
	run_release(run);
	run_quietly(run, "%s -s --show=faults,vma,life -o %s --csv=%s -- %s/fleeting "
		    "%s %d %s/" STATIC, pfa(), work_path("summary"), work_path("csv"),
		    live_programs(), work_path("fleeting-file"), CHILDREN,
		    live_programs());
}

static void brief_lives_are_told_as_fully_as_a_long_one(void **state)
{
	static struct child lasting, brief;
	size_t compared = 0, below_1ms = 0;
	char length[8], manner[16];
	uint32_t pid;
	struct csv csv;
	struct run run;
	int used;

	(void)state;
	trace_fleeting(&run);
	csv_read(&csv, work_path("csv"));
	for (const char *at = run.out; sscanf(at, "%7s %15s %" SCNu32 "\n%n", length,
					      manner, &pid, &used) == 3; at += used) {
		if (!strcmp(length, "long")) {
			child_of(&lasting, &csv, pid);
			is_complete(&lasting);
			continue;
		}
		child_of(&brief, &csv, pid);
		is_complete(&brief);
		same_children(&brief, &lasting);
		below_1ms += brief.last_ns - brief.first_ns < 1000000;
		compared++;
	}
	print_message("%zu children, %zu of them lived under 1 ms\n", compared,
		      below_1ms);
	assert_int_equal(compared, CHILDREN * MANNERS);
	assert_true(below_1ms > 0);
	csv_release(&csv);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(brief_lives_are_told_as_fully_as_a_long_one,
					  run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
