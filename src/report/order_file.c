#include "pfa/report/order_file.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/outfile.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/report/naming.h"
#include "pfa/symbol/module.h"

enum { PAGE_BYTES = 4096 };

/* Code, or a stack of it, or a page: seen before. */
struct seen_key {
	const void *what; /* interned; a page: its file */
	uint64_t addr; /* of a page, in the file's own terms; else 0 */
};

struct seen {
	struct seen_key key;
	UT_hash_handle hh;
};

/* Code that ran, or a page of code that was fetched. */
struct place {
	const struct backing *file;
	uint64_t addr;
};

struct places {
	struct place *list;
	size_t count, capacity;
};

struct order_file {
	const char *object; /* a glob; NULL: the executable */
	const struct backing *executable; /* NULL: no exec yet */
	struct naming *naming;
	struct seen *seen;
	struct places ran, fetched;
};

struct order_file *order_file_new(const char *object, struct naming *naming)
{
	struct order_file *o = pfa_alloc(sizeof(*o));

	o->object = object;
	o->naming = naming;
	return o;
}

void order_file_free(struct order_file *o)
{
	struct seen *seen, *next;

	if (!o)
		return;
	HASH_ITER(hh, o->seen, seen, next) {
		HASH_DEL(o->seen, seen);
		free(seen);
	}
	free(o->ran.list);
	free(o->fetched.list);
	free(o);
}

/* ---- collecting ---- */

static bool is_new(struct order_file *o, const void *what, uint64_t addr)
{
	const struct seen_key key = { what, addr };
	struct seen *seen;

	HASH_FIND(hh, o->seen, &key, sizeof(key), seen);
	if (seen)
		return false;
	seen = pfa_alloc(sizeof(*seen));
	seen->key = key;
	HASH_ADD(hh, o->seen, key, sizeof(key), seen);
	return true;
}

static void add_place(struct places *places, const struct backing *file, uint64_t addr)
{
	places->list = pfa_grow(places->list, places->count, &places->capacity,
				sizeof(*places->list));
	places->list[places->count++] = (struct place){ file, addr };
}

/* A return address may be the first one behind its function. */
static void add_code(struct order_file *o, const struct code *code, bool caller)
{
	if (code && code->backing && is_new(o, code, 0))
		add_place(&o->ran, code->backing, code->addr - (caller && code->addr));
}

void order_file_fault(struct order_file *o, const struct fault *fault)
{
	const struct stack *stack = fault->stack;
	uint64_t page = fault->image_addr & ~(uint64_t)(PAGE_BYTES - 1);

	if (stack && is_new(o, stack, 0))
		for (uint32_t i = stack->count; i-- > 0;) /* who was called first */
			add_code(o, stack->frames[i], i > 0);
	add_code(o, fault->code, false);
	if (fault->access == ACCESS_EXEC && fault->image && !fault->tls &&
	    fault->type != FAULT_INVALID && is_new(o, fault->image, page))
		add_place(&o->fetched, fault->image, page);
}

void order_file_life(struct order_file *o, const struct life *life)
{
	if (life->kind == LIFE_EXEC_REBUILD && !o->executable)
		o->executable = life->executable;
}

/* ---- writing ---- */

/* A name that was written: the key, which is the module's. */
struct written {
	UT_hash_handle hh;
};

struct writing {
	const struct order_file *order;
	struct outfile *out;
	struct written *written;
	size_t nameless; /* pieces of code in no known function */
};

static bool is_wanted(const struct order_file *o, const struct backing *file)
{
	return o->object ? !fnmatch(o->object, file->label, 0) : file == o->executable;
}

/* Without its version ("memcpy@@GLIBC_2.14"). Stubs are the linker's own. */
static void write_name(struct writing *w, const char *name)
{
	size_t length = strcspn(name, "@");
	struct written *written;

	HASH_FIND(hh, w->written, name, length, written);
	if (written || !strcmp(name + length, "@plt"))
		return;
	written = pfa_alloc(sizeof(*written));
	HASH_ADD_KEYPTR(hh, w->written, name, length, written);
	text_bytes(&w->out->text, name, length);
	text_char(&w->out->text, '\n');
	outfile_push(w->out);
}

static size_t write_ran(struct writing *w)
{
	const struct order_file *o = w->order;
	size_t found = 0;

	for (size_t i = 0; i < o->ran.count; i++) {
		const struct place *place = &o->ran.list[i];
		struct module *module;
		const char *name;

		if (!is_wanted(o, place->file))
			continue;
		found++;
		module = naming_module(o->naming, place->file);
		name = module ? module_linkage_name(module, place->addr) : NULL;
		if (name)
			write_name(w, name);
		else
			w->nameless++;
	}
	return found;
}

/* Also what begins on the page before, or ends on the next one. */
static void write_page(struct writing *w, const struct place *page)
{
	struct module *module = naming_module(w->order->naming, page->file);
	uint64_t addr = page->addr, past = page->addr + PAGE_BYTES;

	while (module && addr < past) {
		struct symbol symbol = { .size = 0 };

		if (module_function(module, addr, &symbol))
			write_name(w, module_linkage_name(module, addr));
		addr = symbol.start + symbol.size > addr ? symbol.start + symbol.size
							 : addr + 1;
	}
}

static size_t write_fetched(struct writing *w)
{
	const struct order_file *o = w->order;
	size_t found = 0;

	text_str(&w->out->text, "# On pages of code that were fetched: may have run\n");
	for (size_t i = 0; i < o->fetched.count; i++)
		if (is_wanted(o, o->fetched.list[i].file)) {
			write_page(w, &o->fetched.list[i]);
			found++;
		}
	return found;
}

static void writing_release(struct writing *w)
{
	struct written *written, *next;

	HASH_ITER(hh, w->written, written, next) {
		HASH_DEL(w->written, written);
		free(written);
	}
}

static enum pfa_status conclude(const struct writing *w, size_t found,
				struct pfa_error *err)
{
	const char *object = w->order->object ? w->order->object
					      : w->order->executable->label;

	if (!found)
		return pfa_fail(err, PFA_E_TARGET, "--order-file: no code of %s took a "
				"fault (see --first-touch for what did)", object);
	if (!w->written)
		return pfa_fail(err, PFA_E_TARGET, "--order-file: %s has no symbols "
				"(is it stripped?)", object);
	return PFA_OK;
}

enum pfa_status order_file_print(const struct order_file *o, struct outfile *out,
				 struct pfa_error *err)
{
	struct writing w = { .order = o, .out = out };
	enum pfa_status status;
	size_t found;

	if (!o->object && !o->executable)
		return pfa_fail(err, PFA_E_TARGET, "--order-file: no exec was seen: name "
				"the object with --object=GLOB");
	text_str(&out->text, "# Known to have run, in order of their first fault\n");
	found = write_ran(&w);
	if (w.nameless)
		text_printf(&out->text, "# %zu places in no known function\n",
			    w.nameless);
	found += write_fetched(&w);
	status = conclude(&w, found, err);
	writing_release(&w);
	return status;
}
