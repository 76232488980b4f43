/* What lies at the address of a fault. */
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
#include "pfa/symbol/module.h"

struct symbol_key {
	const struct backing *image;
	uint64_t tls, start;
};

struct touched_symbol {
	struct symbol_key key;
	const char *name; /* interned, as is */
	const char *text; /* of a table */
	UT_hash_handle hh;
};

void touched_release(struct naming *n)
{
	struct touched_symbol *symbol, *next;

	HASH_ITER(hh, n->touched, symbol, next) {
		HASH_DEL(n->touched, symbol);
		free(symbol);
	}
}

/* ---- places in a file's image ---- */

static const struct touched_symbol *symbol_of(struct naming *n, const struct fault *f,
					      const struct symbol *found)
{
	const struct symbol_key key = { f->image, f->tls, found->start };
	struct touched_symbol *symbol;

	HASH_FIND(hh, n->touched, &key, sizeof(key), symbol);
	if (symbol)
		return symbol;
	symbol = pfa_alloc(sizeof(*symbol));
	symbol->key = key;
	symbol->name = intern_text(n->strings, found->name);
	symbol->text = naming_in_object(n, found->name, f->image->label);
	HASH_ADD(hh, n->touched, key, sizeof(symbol->key), symbol);
	return symbol;
}

static bool find_symbol(struct module *module, const struct fault *f,
			struct symbol *found)
{
	if (f->tls)
		return module_tls_object(module, f->image_addr, found);
	return module_object(module, f->image_addr, found) ||
	       module_function(module, f->image_addr, found);
}

static PFA_RARE struct touched_range range_of(struct naming *n, const struct fault *f)
{
	struct module *module = naming_module(n, f->image);
	struct touched_range range = { .image = f->image, .tls = f->tls,
				       .start = f->image_addr,
				       .end = f->image_addr + 1 };
	struct symbol found;

	if (!module || !find_symbol(module, f, &found))
		return range;
	range.symbol = symbol_of(n, f, &found);
	range.start = found.start;
	if (found.start + found.size > range.end)
		range.end = found.start + found.size;
	return range;
}

/* A large array is touched page after page. */
static const struct touched_symbol *symbol_at(struct naming *n, const struct fault *f)
{
	struct touched_range *recent =
		&n->recent_touched[(uintptr_t)f->image / 16 % TOUCHED_RECENT];

	if (recent->image != f->image || recent->tls != f->tls ||
	    f->image_addr < recent->start || f->image_addr >= recent->end)
		*recent = range_of(n, f);
	return recent->symbol;
}

/* ---- memory that something made ---- */

/* NULL: nobody whose name tells anything. */
static const struct function_name *maker_of(struct naming *n, const struct origin *o)
{
	const struct code_name *maker =
		o ? naming_maker(n, o->stack, o->code, o->time_ns) : NULL;

	if (!maker || !maker->function->known || maker->function->go_between)
		return NULL;
	return maker->function;
}

/* In memory that a thread's creator mapped for it; the region tells of others. */
static bool is_on_stack(const struct fault *f)
{
	return f->stack_serial && strcmp(f->region->object, "[stack]") != 0;
}

const char *naming_touched(struct naming *n, const struct fault *f)
{
	static const char stacks[] = "stacks of threads";
	const struct touched_symbol *symbol = f->image ? symbol_at(n, f) : NULL;
	const struct function_name *maker;

	if (f->image)
		return symbol ? symbol->text : NULL;
	if (is_on_stack(f))
		return stacks;
	maker = maker_of(n, f->origin);
	return maker ? maker->memory : NULL;
}

static void put_offset(struct text *out, uint64_t offset)
{
	if (!offset)
		return;
	text_char(out, '+');
	text_hex(out, offset);
}

static bool put_made(struct naming *n, const struct fault *f, struct text *out)
{
	const struct function_name *maker = maker_of(n, f->origin);

	if (!maker)
		return false;
	text_escaped(out, maker->name);
	if (maker->name[strlen(maker->name) - 1] != ')')
		text_str(out, "()");
	put_offset(out, f->origin_offset);
	return true;
}

static bool put_symbol(struct naming *n, const struct fault *f, struct text *out)
{
	const struct touched_symbol *symbol = symbol_at(n, f);

	if (!symbol)
		return false;
	text_escaped(out, symbol->name);
	put_offset(out, f->image_addr - symbol->key.start);
	return true;
}

bool naming_put_touched(struct naming *n, const struct fault *f, bool fixed_ts,
			struct text *out)
{
	if (f->image)
		return put_symbol(n, f, out);
	if (is_on_stack(f)) {
		text_printf(out, "stack of %s%u", fixed_ts ? "T" : "",
			    fixed_ts ? f->stack_serial : f->stack_tid);
		return true;
	}
	return put_made(n, f, out);
}
