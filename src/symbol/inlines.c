#include "pfa/symbol/inlines.h"

#include <dwarf.h>
#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/demangle.h"
#include "pfa/symbol/dies.h"
#include "pfa/symbol/intervals.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/source_path.h"

enum {
	NONE = UINT32_MAX,
	/* A broken file can give each of its entries the same long list of ranges. */
	RANGES_MAX = 1 << 22,
};

/* A function, or a call that was inlined. */
struct node {
	Dwarf_Die die;
	uint32_t parent; /* the node around it; NONE: a function of its own */
	const char *name;
	struct { const char *file; uint32_t line; } call; /* with the name */
	bool named;
};

struct inlines {
	Dwarf_Die unit;
	struct intern *names;
	struct node *nodes;
	size_t count, capacity;
	struct intervals ranges;
};

/* Which node the entries of each level are in, while the unit is scanned. */
struct levels {
	struct inlines *inlines;
	uint32_t *nodes; /* by level */
	size_t count, capacity;
};

/* Adds the ranges of the node to come; false: it has no code. */
static bool add_ranges(struct inlines *s, Dwarf_Die *die, unsigned level)
{
	Dwarf_Addr base, start, end;
	ptrdiff_t at = 0;
	size_t before = s->ranges.count;

	while (s->ranges.count < RANGES_MAX &&
	       (at = dwarf_ranges(die, at, &base, &start, &end)) > 0)
		intervals_add(&s->ranges, &(struct interval){
			.start = start, .end = end,
			.value = (uint32_t)s->count, .rank = level });
	return s->ranges.count > before;
}

static void put_level(struct levels *levels, unsigned level, uint32_t node)
{
	while (levels->count <= level) {
		levels->nodes = pfa_grow(levels->nodes, levels->count, &levels->capacity,
					 sizeof(*levels->nodes));
		levels->nodes[levels->count++] = NONE;
	}
	levels->nodes[level] = node;
}

static bool visit(void *context, Dwarf_Die *die, int tag, unsigned level)
{
	struct levels *levels = context;
	struct inlines *s = levels->inlines;
	uint32_t around = levels->nodes[level - 1], node = around;
	bool inlined = tag == DW_TAG_inlined_subroutine;

	if ((inlined || tag == DW_TAG_subprogram) && add_ranges(s, die, level)) {
		s->nodes = pfa_grow(s->nodes, s->count, &s->capacity, sizeof(*s->nodes));
		s->nodes[s->count] = (struct node){
			.die = *die, .parent = inlined ? around : NONE };
		node = (uint32_t)s->count++;
	}
	put_level(levels, level, node);
	return s->ranges.count < RANGES_MAX;
}

struct inlines *inlines_new(Dwarf_Die *unit, struct intern *names)
{
	struct inlines *s = pfa_alloc(sizeof(*s));
	struct levels levels = { .inlines = s };

	*s = (struct inlines){ .unit = *unit, .names = names };
	put_level(&levels, 0, NONE);
	dies_scan(unit, visit, &levels);
	intervals_settle(&s->ranges);
	free(levels.nodes);
	return s;
}

void inlines_free(struct inlines *s)
{
	if (!s)
		return;
	intervals_release(&s->ranges);
	free(s->nodes);
	free(s);
}

/* ---- what a node is called ---- */

static const char *name_of(Dwarf_Die *die)
{
	static const unsigned attributes[] = {
		DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name,
	};
	Dwarf_Attribute attribute;
	size_t i;

	for (i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		const char *name = dwarf_formstring(
			dwarf_attr_integrate(die, attributes[i], &attribute));

		if (name && *name)
			return name;
	}
	return NULL;
}

static bool number_of(Dwarf_Die *die, unsigned name, Dwarf_Word *value)
{
	Dwarf_Attribute attribute;

	return dwarf_formudata(dwarf_attr(die, name, &attribute), value) == 0;
}

static const char *call_file(struct inlines *s, Dwarf_Die *die)
{
	const char *name;
	Dwarf_Files *files;
	Dwarf_Word index;
	Dwarf_Half version;
	size_t count;

	if (!number_of(die, DW_AT_call_file, &index) ||
	    dwarf_getsrcfiles(&s->unit, &files, &count) != 0 || index >= count ||
	    dwarf_cu_info(s->unit.cu, &version, NULL, NULL, NULL, NULL, NULL, NULL) != 0)
		return NULL;
	/* Until DWARF 4 file 0 is none, since then the unit's own. */
	if (!index && version < 5)
		return NULL;
	name = dwarf_filesrc(files, index, NULL, NULL);
	return name ? source_path(&s->unit, name, s->names) : NULL;
}

static struct node *named(struct inlines *s, uint32_t index)
{
	struct node *node = &s->nodes[index];
	Dwarf_Word line;
	const char *name;

	if (node->named)
		return node;
	name = name_of(&node->die);
	node->name = name ? demangle(s->names, name) : NULL;
	node->call.file = call_file(s, &node->die);
	if (number_of(&node->die, DW_AT_call_line, &line) && line <= INT32_MAX)
		node->call.line = (uint32_t)line;
	node->named = true;
	return node;
}

size_t inlines_frames(struct inlines *s, uint64_t addr, struct source_frame *frames,
		      size_t max)
{
	uint32_t index = intervals_find(&s->ranges, addr);
	const struct node *before = NULL;
	size_t count = 0;

	while (index != NONE && count < max) {
		const struct node *node = named(s, index);

		frames[count++] = (struct source_frame){
			.function = node->name,
			.file = before ? before->call.file : NULL,
			.line = before ? before->call.line : 0 };
		before = node;
		index = node->parent;
	}
	return count;
}
