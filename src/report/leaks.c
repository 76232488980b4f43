#include "pfa/report/leaks.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/base/units.h"
#include "pfa/model/observation.h"
#include "pfa/report/layout_text.h"
#include "pfa/report/naming.h"
#include "pfa/report/table.h"
#include "pfa/report/view.h"

/* Pieces that the same function made in the same way. */
struct kept {
	enum origin_kind kind;
	const char *caller;
	uint64_t count, bytes, touched_bytes;
	uint64_t first_ns, last_ns; /* made */
};

struct leaks {
	struct text *out;
	const struct layout_page *page;
	const struct layout *layout;
};

/* ---- which pieces ---- */

static bool is_call(enum origin_kind kind)
{
	return kind == ORIGIN_mmap || kind == ORIGIN_brk || kind == ORIGIN_mremap ||
	       kind == ORIGIN_shmat;
}

static bool is_kept(const struct layout *layout, const struct mapping *piece)
{
	return is_call(piece->origin.kind) &&
	       piece->origin.maker == layout->actor.serial;
}

uint64_t leaks_bytes(const struct layout *layout)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < layout->piece_count; i++)
		if (is_kept(layout, &layout->pieces[i]))
			bytes += layout->pieces[i].end - layout->pieces[i].start;
	return bytes;
}

static struct kept kept_of(const struct leaks *l, const struct mapping *piece)
{
	const struct origin *origin = &piece->origin;
	const struct code_name *maker = naming_maker(l->page->naming, origin->stack,
						     origin->code, origin->time_ns);

	return (struct kept){
		.kind = origin->kind,
		.caller = maker ? maker->function->text : "unknown",
		.count = 1,
		.bytes = piece->end - piece->start,
		.touched_bytes = piece->touched_bytes,
		.first_ns = origin->time_ns,
		.last_ns = origin->time_ns,
	};
}

/* ---- grouping ---- */

static int compare_makers(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	int order = strcmp(x->caller, y->caller);

	return order ? order : (x->kind > y->kind) - (x->kind < y->kind);
}

static int compare_sizes(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return compare_makers(a, b);
}

static void add(struct kept *group, const struct kept *k)
{
	group->count += k->count;
	group->bytes += k->bytes;
	group->touched_bytes += k->touched_bytes;
	if (k->first_ns < group->first_ns)
		group->first_ns = k->first_ns;
	if (k->last_ns > group->last_ns)
		group->last_ns = k->last_ns;
}

/* Of a sorted list, in place; returns how many groups there are. */
static size_t join_equal(struct kept *list, size_t count)
{
	size_t groups = 0;

	for (size_t i = 0; i < count; i++)
		if (groups && !compare_makers(&list[groups - 1], &list[i]))
			add(&list[groups - 1], &list[i]);
		else
			list[groups++] = list[i];
	return groups;
}

/* Largest first. The caller frees it. */
static struct kept *groups_of(const struct leaks *l, bool touched, size_t *count)
{
	struct kept *list = pfa_alloc((l->layout->piece_count + 1) * sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < l->layout->piece_count; i++) {
		const struct mapping *piece = &l->layout->pieces[i];

		if (is_kept(l->layout, piece) && touched == (piece->touched_bytes > 0))
			list[n++] = kept_of(l, piece);
	}
	qsort(list, n, sizeof(*list), compare_makers);
	n = join_equal(list, n);
	qsort(list, n, sizeof(*list), compare_sizes);
	*count = n;
	return list;
}

/* ---- tables ---- */

static void add_ages(const struct leaks *l, struct table *t, const struct kept *k)
{
	if (l->page->view->fixed_ts)
		return;
	table_time_cell(t, l->layout->time_ns - k->first_ns);
	table_time_cell(t, l->layout->time_ns - k->last_ns);
}

static void add_group(const struct leaks *l, struct table *t, const struct kept *k,
		      const char *call, const char *caller)
{
	table_cell(t, call);
	table_count_cell(t, k->count);
	table_size_cell(t, k->bytes);
	table_size_cell(t, k->touched_bytes);
	add_ages(l, t, k);
	table_cell(t, caller);
}

static void add_header(const struct leaks *l, struct table *t)
{
	static const char *const names[] = { "call", "pieces", "size", "touched" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		table_cell(t, names[i]);
	if (!l->page->view->fixed_ts) {
		table_cell(t, "oldest");
		table_cell(t, "youngest");
	}
	table_cell(t, "called from");
}

static void print_groups(const struct leaks *l, const struct kept *groups, size_t count)
{
	size_t top = l->page->view->top, shown = count < top ? count : top;
	struct kept total = groups[0];
	struct table table;

	table_init(&table, l->page->view->fixed_ts ? "lrrrl" : "lrrrrrl");
	add_header(l, &table);
	for (size_t i = 0; i < shown; i++)
		add_group(l, &table, &groups[i], origin_kind_name(groups[i].kind),
			  groups[i].caller);
	for (size_t i = 1; i < count; i++)
		add(&total, &groups[i]);
	add_group(l, &table, &total, "total", "");
	table_print(&table, l->out);
	if (shown < count)
		text_printf(l->out, "  ... %zu more (--top=%zu shows them)\n",
			    count - shown, count);
	table_release(&table);
}

static bool print_table(const struct leaks *l, bool touched)
{
	size_t count;
	struct kept *groups = groups_of(l, touched, &count);

	if (count) {
		text_str(l->out, touched ? "  Touched and kept\n" :
					   "  Reserved, never touched\n");
		print_groups(l, groups, count);
	}
	free(groups);
	return count;
}

/* ---- the rest ---- */

enum { LEFT_PARENTS = ORIGIN_KIND_COUNT, LEFT_COUNT };

static void sum_left_out(const struct leaks *l, uint64_t bytes[LEFT_COUNT])
{
	for (size_t i = 0; i < l->layout->piece_count; i++) {
		const struct mapping *piece = &l->layout->pieces[i];
		const struct origin *origin = &piece->origin;
		bool parents = origin->kind != ORIGIN_before &&
			       origin->maker != l->layout->actor.serial;

		if (!is_kept(l->layout, piece))
			bytes[parents ? LEFT_PARENTS : (int)origin->kind] +=
				piece->end - piece->start;
	}
}

static void print_left_out(const struct leaks *l)
{
	uint64_t bytes[LEFT_COUNT] = { 0 };
	const char *between = "  left out: ";
	char size[UNITS_MAX];

	sum_left_out(l, bytes);
	for (int i = 0; i < LEFT_COUNT; i++) {
		if (!bytes[i])
			continue;
		text_printf(l->out, "%s%s %s", between,
			    i == LEFT_PARENTS ? "from its parent" :
						origin_kind_name((enum origin_kind)i),
			    units_size(size, bytes[i]));
		between = ", ";
	}
	if (*between == ',')
		text_char(l->out, '\n');
}

void leaks_print(struct text *out, const struct layout_page *page,
		 const struct layout *layout)
{
	const struct leaks l = { out, page, layout };
	bool touched, reserved;

	layout_put_title(out, page, layout);
	text_str(out, ": mapped while traced, and still there\n");
	touched = print_table(&l, true);
	reserved = print_table(&l, false);
	if (!touched && !reserved)
		text_str(out, "  nothing\n");
	print_left_out(&l);
}
