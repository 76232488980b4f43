#include "pfa/report/by_name.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/model/observation.h"
#include "pfa/report/counts.h"
#include "pfa/report/group_table.h"
#include "pfa/report/naming.h"
#include "pfa/report/tally.h"
#include "pfa/report/view.h"

struct by_entry {
	struct group group;
	uintptr_t key; /* an interned pointer */
	bool known; /* it has a name */
	const struct code *code; /* BY_CODE */
	uint64_t time_ns;        /* likewise: of the first fault */
	UT_hash_handle hh;
};

void by_name_init(struct by_name *by, struct naming *naming)
{
	*by = (struct by_name){ .naming = naming };
}

void by_name_release(struct by_name *by)
{
	struct by_entry *entry, *next;

	for (int what = 0; what < BY_COUNT; what++) {
		HASH_ITER(hh, by->entries[what], entry, next) {
			HASH_DEL(by->entries[what], entry);
			free(entry);
		}
	}
}

/* ---- counting ---- */

static PFA_RARE struct by_entry *add(struct by_name *by, enum by_name_what what,
				     const void *name)
{
	const uintptr_t key = (uintptr_t)name;
	struct by_entry *entry;

	HASH_FIND(hh, by->entries[what], &key, sizeof(key), entry);
	if (entry)
		return entry;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = key;
	HASH_ADD(hh, by->entries[what], key, sizeof(entry->key), entry);
	return entry;
}

static struct by_entry *entry_of(struct by_name *by, enum by_name_what what,
				 const void *name)
{
	struct by_entry **recent = &by->recent[what][(uintptr_t)name / 16 % BY_RECENT];

	if (!*recent || (*recent)->key != (uintptr_t)name)
		*recent = add(by, what, name);
	return *recent;
}

static struct by_entry *entry_of_code(struct by_name *by, const struct code *code)
{
	struct by_entry **recent = &by->recent_code[code->number % BY_RECENT_CODE];

	if (!*recent || (*recent)->code != code)
		*recent = add(by, BY_CODE, code);
	return *recent;
}

static void count_code(struct by_name *by, const struct fault *f)
{
	struct by_entry *entry;

	if (!f->code)
		return;
	entry = entry_of_code(by, f->code);
	if (!entry->code) {
		entry->code = f->code;
		entry->time_ns = f->time_ns;
		if (!f->code->object) /* while its process lives (symbol/jit.h) */
			naming_code(by->naming, f->code, CODE_ITSELF, f->time_ns);
	}
	counts_add(&entry->group.counts, f);
}

static void count_touched(struct by_name *by, const struct fault *f)
{
	const char *touched = naming_touched(by->naming, f);
	struct by_entry *entry = entry_of(by, BY_TOUCHED,
					  touched ? touched : f->region->text);

	/* That it is some thread's stack is no name yet. */
	entry->known = touched && (f->image || !f->stack_serial);
	entry->group.name = touched ? touched : f->region->text;
	counts_add(&entry->group.counts, f);
}

static void count_maker(struct by_name *by, const struct fault *f)
{
	const struct origin *o = f->origin;
	const struct code_name *maker;
	struct by_entry *entry;

	maker = o ? naming_maker(by->naming, o->stack, o->code, o->time_ns) : NULL;
	if (!maker)
		return;
	entry = entry_of(by, BY_MAKER, maker->function);
	entry->known = maker->function->known && !maker->function->go_between;
	entry->group.name = maker->function->text;
	counts_add(&entry->group.counts, f);
}

void by_name_fault(struct by_name *by, const struct fault *f)
{
	counts_add(&by->total, f);
	count_code(by, f);
	count_touched(by, f);
	count_maker(by, f);
}

/* ---- groups of the same name ---- */

struct named {
	struct group *list;
	size_t count;
	bool known; /* one of them at least */
};

static int compare_names(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void join_equal(struct named *named)
{
	size_t groups = 0;

	qsort(named->list, named->count, sizeof(*named->list), compare_names);
	for (size_t i = 0; i < named->count; i++)
		if (groups && !compare_names(&named->list[groups - 1], &named->list[i]))
			counts_join(&named->list[groups - 1].counts,
				    &named->list[i].counts);
		else
			named->list[groups++] = named->list[i];
	named->count = groups;
}

/* What an entry is called, and whether by a name. */
typedef const char *name_entry(const struct by_name *by, const struct by_entry *entry,
			       bool *known);

static const char *own_name(const struct by_name *by, const struct by_entry *entry,
			    bool *known)
{
	(void)by;
	*known = entry->known;
	return entry->group.name;
}

static const char *function_name(const struct by_name *by, const struct by_entry *entry,
				 bool *known)
{
	const struct code_name *name = naming_code(by->naming, entry->code, CODE_ITSELF,
						   entry->time_ns);

	*known = name->function->known;
	return name->function->text;
}

static bool is_worth_a_line(const struct by_name *by, const struct by_entry *entry)
{
	enum { PART = 100 };
	const struct counts *c = &entry->group.counts;

	return c->faults * PART >= by->total.faults ||
	       (c->time_ns && c->time_ns * PART >= by->total.time_ns);
}

static const char *line_name(const struct by_name *by, const struct by_entry *entry,
			     bool *known)
{
	const struct code_name *name;

	if (!is_worth_a_line(by, entry)) {
		const char *function = function_name(by, entry, known);

		*known = false;
		return function;
	}
	name = naming_lines(by->naming, entry->code, CODE_ITSELF, entry->time_ns);

	*known = name->line_count;
	return *known ? naming_line_text(by->naming, name) : name->function->text;
}

static struct named named_of(const struct by_name *by, enum by_name_what what,
			     name_entry *name)
{
	struct named named = {
		.list = pfa_alloc(HASH_COUNT(by->entries[what]) * sizeof(*named.list)),
	};
	const struct by_entry *entry;

	for (entry = by->entries[what]; entry; entry = entry->hh.next) {
		struct group *group = &named.list[named.count++];
		bool known;

		*group = entry->group;
		group->name = name(by, entry, &known);
		named.known |= known;
	}
	join_equal(&named);
	return named;
}

/* ---- tables ---- */

static const struct group **sorted(const struct named *named, bool by_time)
{
	const struct group **list = pfa_alloc(named->count * sizeof(*list));

	for (size_t i = 0; i < named->count; i++)
		list[i] = &named->list[i];
	groups_sort(list, named->count, by_time);
	return list;
}

struct name_table {
	enum by_name_what what;
	name_entry *name;
	const char *title, *column;
};

static void print_table(struct text *out, const struct view *view,
			const struct by_name *by, const struct name_table *table)
{
	const struct group_table about = {
		table->title, table->column, !view->fixed_ts && by->total.timed, NULL,
	};
	struct named named = named_of(by, table->what, table->name);
	const struct group **list = sorted(&named, view->sort_by_time);

	if (named.known)
		group_table_print(out, view, &about, list, named.count);
	free(list);
	free(named.list);
}

void by_name_print(struct text *out, const struct view *view, const struct by_name *by)
{
	static const struct name_table tables[] = {
		{ BY_CODE, function_name, "Faults by function", "function" },
		{ BY_TOUCHED, own_name, "Faults by what was touched", "touched" },
		{ BY_MAKER, own_name, "Faults by who asked for the memory", "asked for by" },
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		print_table(out, view, by, &tables[i]);
}

void by_name_print_lines(struct text *out, const struct view *view,
			 const struct by_name *by)
{
	static const struct name_table lines = { BY_CODE, line_name, "Faults by line",
						 "line" };

	print_table(out, view, by, &lines);
}
