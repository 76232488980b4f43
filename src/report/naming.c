#include "pfa/report/naming.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/base/text.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/report/naming_state.h"
#include "pfa/symbol/jit.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/symbols.h"

struct function_key {
	const char *name, *object; /* interned here */
};

struct function_entry {
	struct function_key key;
	struct function_name function;
	UT_hash_handle hh;
};

struct code_key {
	const struct code *code;
	uint64_t use;
	const struct function_name *made; /* of what a process made for itself; else NULL */
};

struct code_entry {
	struct code_name name; /* first: what was given out is found again */
	struct code_key key;
	UT_hash_handle hh;
};

struct naming *naming_new(struct symbols *symbols)
{
	struct naming *n = pfa_alloc(sizeof(*n));

	n->symbols = symbols;
	n->strings = intern_new();
	return n;
}

void naming_free(struct naming *n)
{
	struct function_entry *function, *next_function;
	struct code_entry *code, *next_code;

	if (!n)
		return;
	HASH_ITER(hh, n->codes, code, next_code) {
		HASH_DEL(n->codes, code);
		free(code);
	}
	HASH_ITER(hh, n->functions, function, next_function) {
		HASH_DEL(n->functions, function);
		free(function);
	}
	makers_release(n);
	touched_release(n);
	intern_free(n->strings);
	free(n);
}

struct module *naming_module(struct naming *n, const struct backing *backing)
{
	struct module_id id;

	if (!n->symbols || !backing)
		return NULL;
	id = backing_module_id(backing);
	return symbols_module(n->symbols, &id);
}

/* ---- functions ---- */

const char *naming_in_object(struct naming *n, const char *name, const char *object)
{
	const char *interned;
	struct text text;

	text_init(&text);
	text_escaped(&text, name);
	if (*object) {
		text_str(&text, " (");
		text_escaped(&text, object);
		text_char(&text, ')');
	}
	interned = intern_text(n->strings, text_cstr(&text));
	text_release(&text);
	return interned;
}

static const char *word_of(struct naming *n, const char *name)
{
	const bool quoted = strchr(name, ' ');
	const char *interned;
	struct text text;

	text_init(&text);
	if (quoted)
		text_char(&text, '"');
	text_escaped(&text, name);
	if (quoted)
		text_char(&text, '"');
	interned = intern_text(n->strings, text_cstr(&text));
	text_release(&text);
	return interned;
}

static const char *memory_of(struct naming *n, const char *function)
{
	const char *interned;
	struct text text;

	text_init(&text);
	text_printf(&text, "memory of %s", function);
	interned = intern_text(n->strings, text_cstr(&text));
	text_release(&text);
	return interned;
}

static const struct function_name *function_of(struct naming *n, const char *name,
					       const char *object, bool known)
{
	const struct function_key key = { intern_text(n->strings, name),
					  intern_text(n->strings, object) };
	struct function_entry *entry;

	HASH_FIND(hh, n->functions, &key, sizeof(key), entry);
	if (entry)
		return &entry->function;
	entry = pfa_alloc(sizeof(*entry));
	entry->key = key;
	entry->function = (struct function_name){
		.name = key.name, .word = word_of(n, name), .object = key.object,
		.known = known,
		.text = naming_in_object(n, name, known ? object : ""),
		.go_between = known && is_go_between(name),
	};
	entry->function.memory = memory_of(n, entry->function.text);
	HASH_ADD(hh, n->functions, key, sizeof(entry->key), entry);
	return &entry->function;
}

static const struct function_name *unknown(struct naming *n, const struct code *code)
{
	return function_of(n, code->text, code->object ? code->object : "", false);
}

/* ---- code in files, and the kernel's: once ---- */

static uint64_t addr_of(const struct code *code, enum code_use use)
{
	/* The call may be the last instruction of its function: what follows is not it. */
	return code->addr - (use == CODE_CALLER && code->addr);
}

static struct code_name look_up(struct naming *n, const struct code *code,
				enum code_use use)
{
	struct module *module = naming_module(n, code->backing);
	struct symbol symbol;

	if (code->function)
		return (struct code_name){
			.function = function_of(n, code->function, code->object, true),
			.offset = code->addr,
		};
	if (!module || !module_function(module, addr_of(code, use), &symbol))
		return (struct code_name){ .function = unknown(n, code) };
	return (struct code_name){
		.function = function_of(n, symbol.name, code->object, true),
		.offset = code->addr - symbol.start,
	};
}

static struct code_entry *find(struct naming *n, const struct code_key *key)
{
	struct code_entry *entry;

	HASH_FIND(hh, n->codes, key, sizeof(*key), entry);
	return entry;
}

static PFA_RARE struct code_entry *add(struct naming *n, const struct code_key *key,
				       const struct code_name *name)
{
	struct code_entry *entry = pfa_alloc(sizeof(*entry));

	entry->key = *key;
	entry->name = *name;
	HASH_ADD(hh, n->codes, key, sizeof(entry->key), entry);
	return entry;
}

/* ---- code in no file: as it is at that time ---- */

static struct code_name look_up_made(struct naming *n, const struct code *code,
				     enum code_use use, uint64_t time_ns)
{
	struct jit *jit = n->symbols && code->pid ? symbols_jit(n->symbols, code->pid)
						  : NULL;
	struct symbol symbol;

	if (!jit || !jit_function(jit, addr_of(code, use), time_ns, &symbol))
		return (struct code_name){ .function = unknown(n, code) };
	return (struct code_name){
		.function = function_of(n, symbol.name, "[jit]", true),
		.offset = code->addr - symbol.start,
	};
}

static struct code_entry *entry_of(struct naming *n, const struct code *code,
				   enum code_use use, uint64_t time_ns)
{
	struct code_key key = { code, use, NULL };
	struct code_entry *entry;
	struct code_name name;

	if (code->object) {
		entry = find(n, &key);
		if (entry)
			return entry;
		name = look_up(n, code, use);
	} else {
		name = look_up_made(n, code, use, time_ns);
		key.made = name.function;
		entry = find(n, &key);
		if (entry)
			return entry;
	}
	return add(n, &key, &name);
}

/* Few places take most of the faults. */
static const struct code_name *recent_name(struct naming *n, const struct code *code)
{
	struct code_entry **recent =
		&n->recent_codes[code->number % CODE_RECENT];

	if (!*recent || (*recent)->key.code != code)
		*recent = entry_of(n, code, CODE_ITSELF, 0);
	return &(*recent)->name;
}

const struct code_name *naming_code(struct naming *n, const struct code *code,
				    enum code_use use, uint64_t time_ns)
{
	if (code->object && use == CODE_ITSELF)
		return recent_name(n, code);
	return &entry_of(n, code, use, time_ns)->name;
}

const char *naming_text(struct naming *n, const struct code *code, const char *without)
{
	return code ? naming_code(n, code, CODE_ITSELF, UINT64_MAX)->function->text
		    : without;
}

/* ---- lines ---- */

const struct code_name *naming_lines(struct naming *n, const struct code *code,
				     enum code_use use, uint64_t time_ns)
{
	struct code_name *name = &entry_of(n, code, use, time_ns)->name;
	struct module *module;

	if (name->lines_known)
		return name;
	name->lines_known = true;
	module = naming_module(n, code->backing);
	if (module)
		name->line_count = module_lines(module, addr_of(code, use), &name->lines);
	return name;
}

static void put_line(const struct source_frame *frame, bool with_function,
		     struct text *out)
{
	const char *slash = frame->file ? strrchr(frame->file, '/') : NULL;

	if (with_function && frame->function) {
		text_escaped(out, frame->function);
		text_char(out, '@');
	}
	text_escaped(out, slash ? slash + 1 : frame->file ? frame->file : "?");
	if (!frame->line)
		return;
	text_char(out, ':');
	text_dec(out, frame->line);
}

void naming_put_lines(const struct code_name *name, struct text *out)
{
	for (size_t i = 0; i < name->line_count; i++) {
		if (i)
			text_char(out, '<');
		put_line(&name->lines[i], name->line_count > 1, out);
	}
}

const char *naming_line_text(struct naming *n, const struct code_name *name)
{
	const struct source_frame *frame = &name->lines[0];
	const char *function = frame->function ? frame->function : name->function->name;
	const char *interned;
	struct text text;

	text_init(&text);
	put_line(frame, false, &text);
	interned = naming_in_object(n, text_cstr(&text), function);
	text_release(&text);
	return interned;
}
