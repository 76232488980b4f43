#include "pfa/report/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/base/units.h"
#include "pfa/model/observation.h"
#include "pfa/report/fork_copies.h"
#include "pfa/report/format.h"
#include "pfa/report/layout_diff.h"
#include "pfa/report/layout_text.h"
#include "pfa/report/process_list.h"
#include "pfa/report/table.h"
#include "pfa/report/view.h"

struct side {
	bool told;
	struct layout layout; /* its rows are ours */
};

struct compare {
	const char *processes;
	struct side sides[2];
	struct fork_copies copies;
	uint32_t forked[2]; /* the processes of that fork, by serial */
	int parent; /* which of the two it is */
};

struct compare *compare_new(const char *processes)
{
	struct compare *c = pfa_alloc(sizeof(*c));

	c->processes = processes;
	return c;
}

void compare_free(struct compare *c)
{
	if (!c)
		return;
	compare_forget(c);
	fork_copies_release(&c->copies);
	free(c);
}

/* ---- what is told ---- */

static bool is_complete(const struct compare *c)
{
	return c->sides[0].told && c->sides[1].told;
}

static void see_fork(struct compare *c, const struct life *life)
{
	int parent = process_list_find(c->processes, &life->actor);
	int child = process_list_find(c->processes, &life->child);

	if (parent < 0 || child < 0 || parent == child)
		return;
	fork_copies_begin(&c->copies, life->fork);
	c->parent = parent;
	c->forked[parent] = life->actor.serial;
	c->forked[child] = life->child.serial;
}

void compare_life(struct compare *c, const struct life *life)
{
	if (is_complete(c))
		return;
	if (life->kind == LIFE_FORK && life->fork)
		see_fork(c, life);
	if (life->kind != LIFE_EXEC_REBUILD)
		return;
	for (int i = 0; i < 2; i++)
		if (c->forked[i] == life->actor.serial)
			fork_copies_exec(&c->copies, i != c->parent);
}

void compare_fault(struct compare *c, const struct fault *fault)
{
	if (!is_complete(c))
		fork_copies_fault(&c->copies, fault);
}

bool compare_layout(struct compare *c, const struct layout *layout)
{
	int place = process_list_find(c->processes, &layout->actor);
	struct side *side;

	if (place < 0 || c->sides[place].told)
		return false;
	side = &c->sides[place];
	side->told = true;
	side->layout = *layout;
	side->layout.vmas = pfa_memdup(layout->vmas,
				       layout->vma_count * sizeof(*layout->vmas));
	side->layout.pieces = NULL;
	side->layout.piece_count = 0;
	return layout->at_exit && !is_complete(c);
}

void compare_forget(struct compare *c)
{
	for (int i = 0; i < 2; i++) {
		if (c->sides[i].told)
			free((void *)c->sides[i].layout.vmas);
		c->sides[i].told = false;
	}
}

int compare_missing(const struct compare *c)
{
	for (int i = 0; i < 2; i++)
		if (!c->sides[i].told)
			return i;
	return -1;
}

/* ---- what is printed ---- */

struct sums {
	uint64_t ranges, bytes;
};

struct comparing {
	struct text *out;
	const struct layout_page *page;
	struct compare *compare;
	bool forked; /* one from the other: copies are counted */
	char names[2][16]; /* "4321", "P1" */
	char only[2][24];
	struct table table;
	struct sums sums[VERDICT_COUNT];
};

static const char *verdict_name(const struct comparing *p, enum verdict verdict)
{
	static const char *const names[VERDICT_ONLY_FIRST] = {
		[VERDICT_SAME] = "same",
		[VERDICT_PERMISSION] = "permission",
		[VERDICT_BACKING] = "backing",
		[VERDICT_BOTH] = "permission, backing",
	};

	return verdict < VERDICT_ONLY_FIRST ? names[verdict] :
					      p->only[verdict - VERDICT_ONLY_FIRST];
}

static void name_sides(struct comparing *p)
{
	for (int i = 0; i < 2; i++) {
		const struct actor *actor = &p->compare->sides[i].layout.actor;
		const char *letter = p->page->view->fixed_ts ? "P" : "";
		uint32_t number = *letter ? actor->serial : actor->pid;

		snprintf(p->names[i], sizeof(p->names[i]), "%s%" PRIu32, letter, number);
		snprintf(p->only[i], sizeof(p->only[i]), "only %s%" PRIu32, letter,
			 number);
	}
}

static struct copy_counts copies_of(struct comparing *p, int side, uint64_t start,
				    uint64_t end)
{
	return fork_copies_in(&p->compare->copies, side != p->compare->parent, start,
			      end);
}

static void add_header(struct comparing *p)
{
	char cell[32];

	table_cell(&p->table, "range");
	table_cell(&p->table, p->names[0]);
	table_cell(&p->table, p->names[1]);
	table_cell(&p->table, "");
	table_cell(&p->table, "size");
	for (int i = 0; i < 2 && p->forked; i++) {
		snprintf(cell, sizeof(cell), "%s copied", p->names[i]);
		table_cell(&p->table, cell);
		table_cell(&p->table, "reused");
	}
	table_cell(&p->table, "name");
}

/* Of most ranges there are none. */
static void add_pages(struct comparing *p, uint64_t pages)
{
	if (pages)
		table_count_cell(&p->table, pages);
	else
		table_cell(&p->table, "-");
}

static void add_copies(struct comparing *p, const struct layout_range *range)
{
	for (int i = 0; i < 2 && p->forked; i++) {
		struct copy_counts n = copies_of(p, i, range->start, range->end);

		add_pages(p, n.copied);
		add_pages(p, n.reused);
	}
}

static void put_name(struct text *out, const struct mapping *m)
{
	text_escaped(out, m->name[0] ? m->name : m->region->text);
}

/* One name for both, unless they are not of the same. */
static void add_name(struct comparing *p, const struct layout_range *range)
{
	bool both = range->verdict == VERDICT_BACKING || range->verdict == VERDICT_BOTH;
	struct text name;

	text_init(&name);
	put_name(&name, range->of[range->of[0] ? 0 : 1]);
	if (both) {
		text_str(&name, " | ");
		put_name(&name, range->of[1]);
	}
	table_cell(&p->table, text_cstr(&name));
	text_release(&name);
}

static void add_range(struct comparing *p, const struct layout_range *range)
{
	char cell[48];

	snprintf(cell, sizeof(cell), "%08" PRIx64 "-%08" PRIx64, range->start,
		 range->end);
	table_cell(&p->table, cell);
	for (int i = 0; i < 2; i++) {
		const struct mapping *m = range->of[i];

		table_cell(&p->table, m ? prot_text(cell, m->prot, m->shared) : "-");
	}
	table_cell(&p->table, verdict_name(p, range->verdict));
	table_size_cell(&p->table, range->end - range->start);
	add_copies(p, range);
	add_name(p, range);
	p->sums[range->verdict].ranges++;
	p->sums[range->verdict].bytes += range->end - range->start;
}

static void print_ranges(struct comparing *p)
{
	const struct side *sides = p->compare->sides;
	struct layout_diff diff;
	struct layout_range range;

	table_init(&p->table, p->forked ? "llllrrrrrl" : "llllrl");
	add_header(p);
	layout_diff_init(&diff, &sides[0].layout, &sides[1].layout);
	while (layout_diff_next(&diff, &range))
		add_range(p, &range);
	table_print(&p->table, p->out);
	table_release(&p->table);
}

static void print_sums(const struct comparing *p)
{
	struct table table;

	table_init(&table, "lrr");
	table_cell(&table, "in all");
	table_cell(&table, "ranges");
	table_cell(&table, "size");
	for (int i = 0; i < VERDICT_COUNT; i++) {
		if (!p->sums[i].ranges)
			continue;
		table_cell(&table, verdict_name(p, (enum verdict)i));
		table_count_cell(&table, p->sums[i].ranges);
		table_size_cell(&table, p->sums[i].bytes);
	}
	table_print(&table, p->out);
	table_release(&table);
}

static void print_copies(struct comparing *p)
{
	for (int i = 0; i < 2 && p->forked; i++) {
		struct copy_counts n = copies_of(p, i, 0, UINT64_MAX);

		text_printf(p->out, "  %s (%s) since the fork: %" PRIu64
			    " page%s copied, %" PRIu64 " reused", p->names[i],
			    i == p->compare->parent ? "parent" : "child", n.copied,
			    n.copied == 1 ? "" : "s", n.reused);
		if (n.untold)
			text_printf(p->out, ", %" PRIu64 " copied or reused", n.untold);
		text_char(p->out, '\n');
	}
	if (!p->forked)
		text_str(p->out, "  neither is the other's child: no pages to copy\n");
}

static bool is_of_fork(const struct compare *c)
{
	return c->copies.fork && c->forked[0] == c->sides[0].layout.actor.serial &&
	       c->forked[1] == c->sides[1].layout.actor.serial;
}

void compare_print(struct text *out, const struct layout_page *page, struct compare *c)
{
	struct comparing p = { .out = out, .page = page, .compare = c,
			       .forked = is_of_fork(c) };

	name_sides(&p);
	layout_put_title(out, page, &c->sides[0].layout);
	text_str(out, "\nbeside ");
	layout_put_title(out, page, &c->sides[1].layout);
	text_char(out, '\n');
	print_ranges(&p);
	print_sums(&p);
	print_copies(&p);
}
