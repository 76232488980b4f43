#include "pfa/report/process_tree.h"

#include <stdio.h>
#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/report/census.h"
#include "pfa/report/format.h"
#include "pfa/report/table.h"
#include "pfa/report/view.h"

/* A thread that is printed. */
struct leaf {
	const struct census_thread *thread;
	struct leaf *next; /* of the same process */
};

struct branch {
	const struct census_process *process;
	struct branch *parent; /* NULL: none is known */
	size_t rank; /* the first of it and its descendants in the order of faults */
	struct branch *first, *next; /* child and sibling, of those that are printed */
	struct leaf *leaves;
	size_t leaf_count;
};

struct tree {
	const struct view *view;
	uint64_t origin_ns;
	bool times; /* some latencies are known */
	struct branch *branches; /* by serial: parents before their children */
	size_t count;
	struct branch *first;
	size_t printed; /* branches of processes that were not idle */
	struct leaf *leaves;
	struct table table;
};

/* ---- growing ---- */

static int compare_serials(const void *a, const void *b)
{
	const uint32_t x = ((const struct branch *)a)->process->serial;
	const uint32_t y = ((const struct branch *)b)->process->serial;

	return (x > y) - (x < y);
}

static struct branch *branch_of(const struct tree *t, uint32_t serial)
{
	const struct census_process process = { .serial = serial };
	const struct branch key = { .process = &process };

	return bsearch(&key, t->branches, t->count, sizeof(key), compare_serials);
}

static void make_branches(struct tree *t, const struct census_process **list, size_t count)
{
	t->branches = pfa_alloc(count * sizeof(*t->branches));
	t->count = count;
	for (size_t i = 0; i < count; i++) {
		t->branches[i].process = list[i];
		t->branches[i].rank = SIZE_MAX;
		t->times |= list[i]->counts.timed && !t->view->fixed_ts;
	}
	qsort(t->branches, count, sizeof(*t->branches), compare_serials);
	for (size_t i = 0; i < count; i++)
		t->branches[i].parent = branch_of(t, t->branches[i].process->parent);
}

/* A process has the rank of its first descendant: so it is printed if one of them is. */
static void rank(struct tree *t, const struct census_process **list)
{
	size_t next = 0;

	for (size_t i = 0; i < t->count; i++) {
		struct branch *b = branch_of(t, list[i]->serial);

		if (census_is_idle(list[i]))
			continue;
		for (; b && b->rank == SIZE_MAX; b = b->parent)
			b->rank = next;
		next++;
	}
}

static int compare_ranks(const void *a, const void *b)
{
	const struct branch *x = *(struct branch *const *)a;
	const struct branch *y = *(struct branch *const *)b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return compare_serials(x, y);
}

/* From the last to the first, each becomes the first of its siblings. */
static void link_printed(struct tree *t)
{
	struct branch **order = pfa_alloc(t->count * sizeof(struct branch *));
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		if (t->branches[i].rank < t->view->top)
			order[n++] = &t->branches[i];
	qsort(order, n, sizeof(struct branch *), compare_ranks);
	while (n--) {
		struct branch *b = order[n];
		struct branch **first = b->parent ? &b->parent->first : &t->first;

		b->next = *first;
		*first = b;
		t->printed += !census_is_idle(b->process);
	}
	free(order);
}

/* One thread alone would say what its process says. */
static bool wants_leaves(const struct branch *b)
{
	return b && b->process->thread_count > 1;
}

static void link_leaves(struct tree *t, const struct census *census)
{
	size_t count, n = 0;
	const struct census_thread **list = census_threads(census, &count);

	t->leaves = pfa_alloc(count * sizeof(*t->leaves));
	for (size_t i = 0; i < count && n < t->view->top; i++) {
		const struct branch *b = branch_of(t, list[i]->process->serial);

		if (wants_leaves(b) && b->rank < t->view->top)
			t->leaves[n++].thread = list[i];
	}
	while (n--) {
		struct leaf *leaf = &t->leaves[n];
		struct branch *b = branch_of(t, leaf->thread->process->serial);

		leaf->next = b->leaves;
		b->leaves = leaf;
		b->leaf_count++;
	}
	free(list);
}

static void grow(struct tree *t, const struct census *census)
{
	size_t count;
	const struct census_process **list = census_processes(census, &count);

	make_branches(t, list, count);
	rank(t, list);
	link_printed(t);
	link_leaves(t, census);
	free(list);
}

static void tree_release(struct tree *t)
{
	free(t->leaves);
	free(t->branches);
}

/* ---- cells ---- */

static void indent(struct text *name, size_t depth)
{
	enum { DEEPEST = 16 };

	text_spaces(name, 2 * (depth < DEEPEST ? depth : DEEPEST));
}

static void put_names(struct text *name, const struct census_process *p)
{
	for (size_t i = 0; i < p->before_count; i++) {
		text_escaped(name, p->before[i]);
		text_str(name, !i && p->names_left_out ? " -> ... -> " : " -> ");
	}
	text_escaped(name, p->actor.process_comm);
}

static void add_process_name(struct tree *t, const struct census_process *p, size_t depth)
{
	struct text name;

	text_init(&name);
	indent(&name, depth);
	put_task_name(&name, t->view, 'P', p->serial, p->actor.pid);
	text_char(&name, ' ');
	put_names(&name, p);
	if (p->shared_space)
		text_str(&name, " (in its parent's memory)");
	table_cell(&t->table, text_cstr(&name));
	text_release(&name);
}

static void add_life_times(struct tree *t, const struct census_process *p)
{
	if (p->existed)
		table_cell(&t->table, "before");
	else if (p->born_ns)
		table_time_cell(&t->table, p->born_ns > t->origin_ns ?
						   p->born_ns - t->origin_ns : 0);
	else
		table_cell(&t->table, "-");
	if (p->born_ns && p->ended_ns >= p->born_ns)
		table_time_cell(&t->table, p->ended_ns - p->born_ns);
	else
		table_cell(&t->table, "-");
}

static void add_end(struct tree *t, const struct census_process *p)
{
	struct text end;

	text_init(&end);
	if (p->ending == ENDED_STATUS)
		text_printf(&end, "status %d", p->status);
	else if (p->ending == ENDED_SIGNAL)
		put_signal_name(&end, p->status);
	else
		text_str(&end, p->ending == ENDED_KILLED ? "killed" :
			       p->ended			 ? "ended" :
							   "runs on");
	table_cell(&t->table, text_cstr(&end));
	text_release(&end);
}

static void add_counts(struct tree *t, const struct counts *c)
{
	table_count_cell(&t->table, c->faults);
	for (int type = 0; type < FAULT_TYPE_COUNT; type++)
		table_count_cell(&t->table, c->by_type[type]);
	if (!t->times)
		return;
	if (c->timed)
		table_time_cell(&t->table, c->time_ns);
	else
		table_cell(&t->table, "-");
}

static void add_space(struct tree *t, const struct census_process *p)
{
	if (!p->told) {
		for (int i = 0; i < 3; i++)
			table_cell(&t->table, "-");
		return;
	}
	table_count_cell(&t->table, totals_all_changes(&p->totals));
	table_count_cell(&t->table, p->totals.vma_peak);
	table_size_cell(&t->table, p->totals.size_peak_bytes);
}

/* ---- rows ---- */

static void add_header(struct tree *t)
{
	static const char *const types[] = { "faults", "major", "minor", "cow", "invalid" };

	table_cell(&t->table, "process");
	if (!t->view->fixed_ts) {
		table_cell(&t->table, "start");
		table_cell(&t->table, "lifetime");
	}
	table_cell(&t->table, "end");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		table_cell(&t->table, types[i]);
	if (t->times)
		table_cell(&t->table, "time");
	table_cell(&t->table, "changes");
	table_cell(&t->table, "VMAs peak");
	table_cell(&t->table, "mapped peak");
}

static void add_process(struct tree *t, const struct census_process *p, size_t depth)
{
	add_process_name(t, p, depth);
	if (!t->view->fixed_ts)
		add_life_times(t, p);
	add_end(t, p);
	add_counts(t, &p->counts);
	add_space(t, p);
}

static void add_empty(struct tree *t, size_t cells)
{
	while (cells--)
		table_cell(&t->table, "");
}

static void add_leaf(struct tree *t, const struct leaf *leaf, size_t depth)
{
	struct text name;

	text_init(&name);
	indent(&name, depth);
	text_str(&name, "thread ");
	view_put_thread(&name, t->view, &leaf->thread->actor);
	table_cell(&t->table, text_cstr(&name));
	text_release(&name);
	add_empty(t, t->view->fixed_ts ? 1 : 3);
	add_counts(t, &leaf->thread->counts);
	add_empty(t, 3);
}

static const char *plural(size_t count, const char *ending)
{
	return count == 1 ? "" : ending;
}

static void add_leaves(struct tree *t, const struct branch *b, size_t depth)
{
	size_t left = b->process->thread_count - b->leaf_count;
	struct text more;

	for (const struct leaf *leaf = b->leaves; leaf; leaf = leaf->next)
		add_leaf(t, leaf, depth);
	if (!wants_leaves(b) || !left)
		return;
	text_init(&more);
	indent(&more, depth);
	text_printf(&more, "... %zu more thread%s", left, plural(left, "s"));
	table_cell(&t->table, text_cstr(&more));
	text_release(&more);
	add_empty(t, t->table.columns - 1);
}

/* Down to the first child, or on to the next of kin; depth by depth. */
static const struct branch *next_branch(const struct branch *b, size_t *depth)
{
	if (b->first) {
		++*depth;
		return b->first;
	}
	for (; b && !b->next; b = b->parent)
		--*depth;
	return b ? b->next : NULL;
}

static void add_rows(struct tree *t)
{
	size_t depth = 0;

	for (const struct branch *b = t->first; b; b = next_branch(b, &depth)) {
		add_process(t, b->process, depth);
		add_leaves(t, b, depth + 1);
	}
}

/* ---- the table ---- */

static void print_left(struct text *out, size_t left, size_t all)
{
	if (left)
		text_printf(out, "  ... %zu more process%s (--top=%zu shows them)\n", left,
			    plural(left, "es"), all);
}

void process_tree_print(struct text *out, const struct view *view,
			const struct census *census, uint64_t origin_ns)
{
	struct tree t = { .view = view, .origin_ns = origin_ns };

	grow(&t, census);
	if (t.printed) {
		text_str(out, "\nProcesses\n");
		table_init(&t.table, view->fixed_ts ? "llrrrrrrrr" :
				     t.times	    ? "lrrlrrrrrrrrr" :
						      "lrrlrrrrrrrr");
		add_header(&t);
		add_rows(&t);
		table_print(&t.table, out);
		table_release(&t.table);
		print_left(out, census->process_count - t.printed, census->process_count);
	}
	tree_release(&t);
}
