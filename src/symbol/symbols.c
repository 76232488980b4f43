#include "pfa/symbol/symbols.h"

#include <stdlib.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/module_key.h"

struct entry {
	UT_hash_handle hh;
	struct module_id id;
	struct module *module;
	char key[];
};

struct remark {
	UT_hash_handle hh;
	char line[];
};

struct symbols {
	struct symbols_options options;
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
	struct remark *remark, *following;

	if (!symbols)
		return;
	HASH_ITER(hh, symbols->entries, entry, next) {
		HASH_DEL(symbols->entries, entry);
		module_free(entry->module);
		free(entry);
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

/* Code made at run time has no names yet. */
struct jit *symbols_jit(struct symbols *symbols, uint32_t pid)
{
	(void)symbols;
	(void)pid;
	return NULL;
}

void symbols_remark(struct symbols *s, const char *what, const char *why)
{
	struct remark *remark;
	struct text line;

	text_init(&line);
	text_escaped(&line, what);
	text_str(&line, ": ");
	text_str(&line, why);
	text_char(&line, '\n');
	HASH_FIND(hh, s->remarks, line.bytes, line.length, remark);
	if (!remark) {
		remark = pfa_alloc(sizeof(*remark) + line.length);
		memcpy(remark->line, line.bytes, line.length);
		HASH_ADD_KEYPTR(hh, s->remarks, remark->line, line.length, remark);
		text_bytes(&s->text, line.bytes, line.length);
	}
	text_release(&line);
}

const char *symbols_remarks(struct symbols *symbols)
{
	return text_cstr(&symbols->text);
}
