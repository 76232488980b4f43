#include "pfa/symbol/symbols.h"

#include <stdlib.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/symbol/jit.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/module_key.h"

struct entry {
	UT_hash_handle hh;
	struct module_id id;
	struct module *module;
	char key[];
};

/* Of what, and why: two strings. */
struct remark {
	UT_hash_handle hh; /* in order of appearance */
	const char *why;
	bool told;
	char what[];
};

/* A process that has code in no file. */
struct maker {
	UT_hash_handle hh;
	uint32_t pid;
	struct jit *jit;  /* NULL: it has told of none yet */
	uint64_t asked;   /* so often since */
};

struct symbols {
	struct symbols_options options;
	struct maker *makers;
	struct entry *entries;
	struct text key; /* of the module in question */
	struct remark *remarks;
	struct text text; /* all of them */
};

struct symbols *symbols_new(const struct symbols_options *options)
{
	struct symbols *symbols = pfa_alloc(sizeof(*symbols));

	symbols->options = *options;
	text_init(&symbols->key);
	text_init(&symbols->text);
	return symbols;
}

void symbols_free(struct symbols *symbols)
{
	struct entry *entry, *next;
	struct maker *maker, *next_maker;
	struct remark *remark, *following;

	if (!symbols)
		return;
	HASH_ITER(hh, symbols->entries, entry, next) {
		HASH_DEL(symbols->entries, entry);
		module_free(entry->module);
		free(entry);
	}
	HASH_ITER(hh, symbols->makers, maker, next_maker) {
		HASH_DEL(symbols->makers, maker);
		jit_free(maker->jit);
		free(maker);
	}
	HASH_ITER(hh, symbols->remarks, remark, following) {
		HASH_DEL(symbols->remarks, remark);
		free(remark);
	}
	text_release(&symbols->key);
	text_release(&symbols->text);
	free(symbols);
}

struct module *symbols_module(struct symbols *s, const struct module_id *id)
{
	struct entry *entry;

	module_key(id, &s->key);
	HASH_FIND(hh, s->entries, s->key.bytes, s->key.length, entry);
	if (entry) {
		if (!entry->id.layout)
			entry->id.layout = id->layout; /* noted since */
		return entry->module;
	}
	entry = pfa_alloc(sizeof(*entry) + s->key.length);
	entry->id = *id;
	entry->module = module_new(s, &s->options, &entry->id);
	memcpy(entry->key, s->key.bytes, s->key.length);
	HASH_ADD_KEYPTR(hh, s->entries, entry->key, s->key.length, entry);
	return entry->module;
}

static struct maker *maker_of(struct symbols *s, uint32_t pid)
{
	struct maker *maker;

	HASH_FIND(hh, s->makers, &pid, sizeof(pid), maker);
	if (maker)
		return maker;
	maker = pfa_alloc(sizeof(*maker));
	maker->pid = pid;
	HASH_ADD(hh, s->makers, pid, sizeof(pid), maker);
	return maker;
}

/* It may begin to tell at any time: it is asked again, less and less often. */
struct jit *symbols_jit(struct symbols *s, uint32_t pid)
{
	struct maker *maker = maker_of(s, pid);
	uint64_t asked = maker->asked;

	if (!maker->jit && !(asked & (asked - 1)))
		maker->jit = jit_open(pid, s->options.symfs);
	maker->asked++;
	return maker->jit;
}

void symbols_remark(struct symbols *s, const char *what, const char *why)
{
	const size_t what_length = strlen(what) + 1, length = what_length + strlen(why) + 1;
	struct remark *remark = pfa_alloc(sizeof(*remark) + length), *same;

	memcpy(remark->what, what, what_length);
	memcpy(remark->what + what_length, why, length - what_length);
	remark->why = remark->what + what_length;
	HASH_FIND(hh, s->remarks, remark->what, length, same);
	if (same)
		free(remark);
	else
		HASH_ADD_KEYPTR(hh, s->remarks, remark->what, length, remark);
}

/* The line of all that have the same reason as the first of them. */
static void put_remarks(struct text *out, struct remark *first)
{
	enum { NAMED = 4 };
	size_t count = 0;

	for (struct remark *r = first; r; r = r->hh.next) {
		if (r->told || strcmp(r->why, first->why) != 0)
			continue;
		r->told = true;
		if (++count > NAMED)
			continue;
		if (count > 1)
			text_str(out, ", ");
		text_escaped(out, r->what);
	}
	if (count > NAMED)
		text_printf(out, " and %zu more", count - NAMED);
	text_printf(out, ": %s\n", first->why);
}

const char *symbols_remarks(struct symbols *s)
{
	struct remark *remark;

	text_clear(&s->text);
	for (remark = s->remarks; remark; remark = remark->hh.next)
		remark->told = false;
	for (remark = s->remarks; remark; remark = remark->hh.next)
		if (!remark->told)
			put_remarks(&s->text, remark);
	return text_cstr(&s->text);
}
