#include "pfa/report/folded.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/outfile.h"
#include "pfa/model/observation.h"
#include "pfa/report/naming.h"
#include "pfa/symbol/module.h"

/* All are interned pointers. */
struct folded_key {
	const char *comm;
	const struct stack *stack; /* NULL: `code` is all that is known */
	const struct code *code;
	const char *leaf;
};

struct folded_entry {
	struct folded_key key;
	uint64_t first_ns; /* code made at run time may be replaced later */
	uint64_t weight;
	UT_hash_handle hh;
};

struct folded {
	const struct folded_options *options;
	struct naming *naming;
	struct folded_entry *entries;
};

/* One line; of different stacks it may be the same. */
struct folded_line {
	char *frames;
	uint64_t weight;
};

struct folded *folded_new(const struct folded_options *options, struct naming *naming)
{
	struct folded *f = pfa_alloc(sizeof(*f));

	f->options = options;
	f->naming = naming;
	return f;
}

void folded_free(struct folded *f)
{
	struct folded_entry *entry, *next;

	if (!f)
		return;
	HASH_ITER(hh, f->entries, entry, next) {
		HASH_DEL(f->entries, entry);
		free(entry);
	}
	free(f);
}

/* ---- counting ---- */

/* A fault that failed mapped no page, and has no end to be timed by. */
static uint64_t weight_of(const struct folded *f, const struct fault *fault)
{
	switch (f->options->weight) {
	case FOLDED_time:
		return fault->latency_ns == LATENCY_UNKNOWN ? 0 : fault->latency_ns;
	case FOLDED_bytes:
		return fault->type == FAULT_INVALID ? 0 : fault_size_bytes(fault);
	case FOLDED_count:
		break;
	}
	return 1;
}

static const char *leaf_of(const struct folded *f, const struct fault *fault)
{
	const char *touched;

	switch (f->options->leaf) {
	case FOLDED_LEAF_none:
		break;
	case FOLDED_LEAF_region:
		return fault->region->text;
	case FOLDED_LEAF_kind:
		return fault->kind;
	case FOLDED_LEAF_touched:
		touched = naming_touched(f->naming, fault);
		return touched ? touched : fault->region->text;
	}
	return NULL;
}

void folded_fault(struct folded *f, const struct fault *fault)
{
	const struct stack *stack = fault->stack && fault->stack->count ? fault->stack
									: NULL;
	const struct folded_key key = {
		.comm = fault->actor.comm,
		.stack = stack,
		.code = stack ? NULL : fault->code,
		.leaf = leaf_of(f, fault),
	};
	struct folded_entry *entry;

	HASH_FIND(hh, f->entries, &key, sizeof(key), entry);
	if (!entry) {
		entry = pfa_alloc(sizeof(*entry));
		entry->key = key;
		entry->first_ns = fault->time_ns;
		HASH_ADD(hh, f->entries, key, sizeof(key), entry);
	}
	entry->weight += weight_of(f, fault);
}

/* ---- frames ---- */

/* flamegraph.pl takes a number before the weight for a second one, hence the blanks. */
static void put_harmless(struct text *out, const char *name)
{
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c == ';')
			text_char(out, ':');
		else if (c <= ' ' || c == 0x7f)
			text_char(out, '_');
		else
			text_char(out, *name);
	}
}

static void put_frame(struct text *out, const char *name)
{
	text_char(out, ';');
	put_harmless(out, name);
}

static void put_object(struct text *out, const char *object)
{
	if (*object == '[') {
		put_frame(out, object);
		return;
	}
	text_str(out, ";[");
	put_harmless(out, *object ? object : "unknown");
	text_char(out, ']');
}

static void put_function(struct text *out, const struct function_name *function)
{
	if (function->known)
		put_frame(out, function->name);
	else
		put_object(out, function->object);
}

static void put_code(const struct folded *f, struct text *out, const struct code *code,
		     enum code_use use, uint64_t time_ns)
{
	const struct code_name *name =
		f->options->inlined ? naming_lines(f->naming, code, use, time_ns)
				    : naming_code(f->naming, code, use, time_ns);

	put_function(out, name->function);
	/* The last is the function itself. */
	for (size_t i = f->options->inlined ? name->line_count : 0; i-- > 1;)
		put_frame(out, name->lines[i - 1].function ? name->lines[i - 1].function
							   : "[inlined]");
}

static void put_stack(const struct folded *f, struct text *out,
		      const struct folded_entry *entry)
{
	const struct stack *stack = entry->key.stack;

	if (stack->cut)
		text_str(out, ";[cut]");
	for (uint32_t i = stack->count; i-- > 0;)
		put_code(f, out, stack->frames[i], i ? CODE_CALLER : CODE_ITSELF,
			 entry->first_ns);
}

static char *frames_of(const struct folded *f, const struct folded_entry *entry)
{
	const struct folded_key *key = &entry->key;
	struct text text;

	text_init(&text);
	put_harmless(&text, *key->comm ? key->comm : "[unknown]");
	if (key->stack)
		put_stack(f, &text, entry);
	else if (key->code)
		put_code(f, &text, key->code, CODE_ITSELF, entry->first_ns);
	else
		put_object(&text, "");
	if (key->leaf)
		put_frame(&text, key->leaf);
	text_char(&text, '\0');
	return text.bytes;
}

/* ---- lines ---- */

static int compare_lines(const void *a, const void *b)
{
	const struct folded_line *x = a, *y = b;

	return strcmp(x->frames, y->frames);
}

/* In order, what weighs nothing left out. The caller frees both. */
static struct folded_line *lines_of(const struct folded *f, size_t *count)
{
	struct folded_line *lines = pfa_alloc(HASH_COUNT(f->entries) * sizeof(*lines));
	struct folded_entry *entry, *next;
	size_t n = 0;

	HASH_ITER(hh, f->entries, entry, next)
		if (entry->weight)
			lines[n++] = (struct folded_line){ frames_of(f, entry),
							   entry->weight };
	qsort(lines, n, sizeof(*lines), compare_lines);
	*count = n;
	return lines;
}

void folded_print(const struct folded *f, struct outfile *out)
{
	size_t count;
	struct folded_line *lines = lines_of(f, &count);
	uint64_t weight = 0;

	for (size_t i = 0; i < count; i++) {
		weight += lines[i].weight;
		if (i + 1 < count && !compare_lines(&lines[i], &lines[i + 1]))
			continue;
		text_str(&out->text, lines[i].frames);
		text_char(&out->text, ' ');
		text_dec(&out->text, weight);
		text_char(&out->text, '\n');
		outfile_push(out);
		weight = 0;
	}
	for (size_t i = 0; i < count; i++)
		free(lines[i].frames);
	free(lines);
}
