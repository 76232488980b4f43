#include "pfa/report/name_fields.h"

#include <string.h>

#include "pfa/base/text.h"
#include "pfa/base/units.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/report/format.h"
#include "pfa/report/naming.h"
#include "pfa/report/view.h"
#include "pfa/symbol/build_id.h"
#include "pfa/symbol/elf_layout.h"

/* Names in C++ and of threads' stacks have blanks. */
static void quote(struct text *out, size_t start)
{
	size_t length = out->length - start;

	if (!memchr(out->bytes + start, ' ', length))
		return;
	text_char(out, '"');
	memmove(out->bytes + start + 1, out->bytes + start, length);
	out->bytes[start] = '"';
	text_char(out, '"');
}

static void put_word(struct text *out, const char *key, const char *word)
{
	text_str(out, key);
	text_str(out, word);
}

void put_stack(struct text *out, struct naming *naming, const struct stack *stack,
	       uint64_t time_ns)
{
	const char *between = "";

	if (stack->cut) {
		text_str(out, "...");
		between = ";";
	}
	for (uint32_t i = stack->count; i; i--) {
		const struct code_name *name =
			naming_code(naming, stack->frames[i - 1],
				    i > 1 ? CODE_CALLER : CODE_ITSELF, time_ns);

		text_str(out, between);
		text_escaped(out, name->function->name);
		between = ";";
	}
}

static void put_stack_key(struct text *out, const struct line *line,
			  const struct stack *stack, uint64_t time_ns)
{
	size_t start;

	if (!stack || !view_has_field(line->view, FIELD_stack))
		return;
	text_str(out, " stack=");
	start = out->length;
	put_stack(out, line->naming, stack, time_ns);
	quote(out, start);
}

const struct build_id *code_build_id(const struct code *code)
{
	const struct elf_layout *layout = code && code->backing ? code->backing->layout
								 : NULL;

	return layout && layout->build_id.length ? &layout->build_id : NULL;
}

static void put_code_keys(struct text *out, const struct line *line,
			  const struct code *code, uint64_t time_ns)
{
	const struct code_name *name;
	char id[BUILD_ID_TEXT_MAX];
	size_t start;

	if (!code)
		return;
	if (view_has_field(line->view, FIELD_code)) {
		text_str(out, " code=");
		start = out->length;
		text_str(out, code->text);
		quote(out, start);
	}
	if (code_build_id(code) && view_has_field(line->view, FIELD_build_id))
		put_word(out, " build_id=", build_id_text(code_build_id(code), id));
	if (!view_has_field(line->view, FIELD_line))
		return;
	name = naming_lines(line->naming, code, CODE_ITSELF, time_ns);
	if (!name->line_count)
		return;
	text_str(out, " line=");
	start = out->length;
	naming_put_lines(name, out);
	quote(out, start);
}

static void put_by(struct text *out, const struct line *line,
		   const struct code_name *name)
{
	if (name && name->function->known && view_has_field(line->view, FIELD_by))
		put_word(out, " by=", name->function->word);
}

/* ---- faults ---- */

/* What could not be fetched is what is named already. */
static void put_at(struct text *out, const struct line *line, const struct fault *f)
{
	const size_t before = out->length;
	size_t start;

	if (!view_has_field(line->view, FIELD_at) ||
	    (f->ip == f->addr && !line->view->fields_chosen))
		return;
	text_str(out, " at=");
	start = out->length;
	if (naming_put_touched(line->naming, f, line->view->fixed_ts, out))
		quote(out, start);
	else
		out->length = before;
}

/* In an ELF file's own terms; of other files the whole path and the offset. */
static void put_object(struct text *out, const struct line *line, const struct fault *f)
{
	const bool in_image = f->image && !f->tls;
	size_t start;

	if (!view_has_field(line->view, FIELD_object) || (!in_image && !f->backing))
		return;
	text_str(out, " object=");
	start = out->length;
	text_escaped(out, in_image ? f->region->object : f->backing->name);
	text_char(out, '+');
	text_hex(out, in_image ? f->image_addr : f->file_offset_bytes);
	quote(out, start);
}

static void put_origin(struct text *out, const struct line *line, const struct fault *f)
{
	const struct origin *o = f->origin;
	const struct code_name *maker;
	char age[UNITS_MAX];

	if (!o)
		return;
	maker = naming_maker(line->naming, o->stack, o->code, o->time_ns);
	if (maker && view_has_field(line->view, FIELD_maker))
		put_word(out, " maker=", maker->function->word);
	if (o->kind == ORIGIN_before || f->time_ns < o->time_ns ||
	    !view_has_field(line->view, FIELD_age))
		return;
	text_str(out, " age=");
	text_str(out, units_time(age, f->time_ns - o->time_ns));
}

void put_fault_names(struct text *out, const struct line *line, const struct fault *f)
{
	if (f->code && view_has_field(line->view, FIELD_by))
		put_by(out, line, naming_code(line->naming, f->code, CODE_ITSELF,
					      f->time_ns));
	if (f->kernel && f->stack && f->stack->call &&
	    view_has_field(line->view, FIELD_call))
		put_word(out, " call=", f->stack->call);
	put_at(out, line, f);
	put_code_keys(out, line, f->code, f->time_ns);
	put_object(out, line, f);
	put_origin(out, line, f);
	put_stack_key(out, line, f->stack, f->time_ns);
}

/* ---- changes ---- */

void put_change_names(struct text *out, const struct line *line, const struct change *c)
{
	const struct code_name *maker =
		naming_maker(line->naming, c->stack, c->code, c->time_ns);

	if (maker && !maker->function->go_between)
		put_by(out, line, maker);
	put_code_keys(out, line, c->code, c->time_ns);
	put_stack_key(out, line, c->stack, c->time_ns);
}
