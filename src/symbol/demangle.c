#include "pfa/symbol/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/base/text.h"

/*
 * A name of 200 bytes can stand for one of 2^60: each level may say "the last twice".
 * libiberty would print it all.
 */
enum {
	DEMANGLED_MAX = 16 * 1024,
	SYMBOL_MAX = 16 * 1024, /* what is longer is cut */
};

struct output {
	struct text text;
	jmp_buf enough;
};

/*
 * Out of the middle of libiberty: these two of its functions keep everything on the
 * stack (but for what v0's punycode takes, some bytes in a hostile name).
 */
static void take(const char *bytes, size_t length, void *opaque)
{
	struct output *output = opaque;

	if (output->text.length + length > DEMANGLED_MAX)
		longjmp(output->enough, 1);
	text_bytes(&output->text, bytes, length);
}

static bool demangled(const char *symbol, struct output *output)
{
	if (setjmp(output->enough))
		return false;
	if (rust_demangle_callback(symbol, DMGL_NO_OPTS, take, output))
		return true;
	text_clear(&output->text);
	return cplus_demangle_v3_callback(symbol, DMGL_NO_OPTS, take, output);
}

static bool is_mangled(const char *symbol)
{
	return symbol[0] == '_' && (symbol[1] == 'Z' || symbol[1] == 'R');
}

static const char *intern_printable(struct intern *names, struct text *text)
{
	size_t i;

	for (i = 0; i < text->length; i++)
		if ((unsigned char)text->bytes[i] < ' ' || text->bytes[i] == 0x7f)
			text->bytes[i] = '?';
	return intern_text(names, text_cstr(text));
}

static void append_demangled(const char *symbol, struct text *out)
{
	struct output output;

	text_init(&output.text);
	if (is_mangled(symbol) && demangled(symbol, &output))
		text_bytes(out, output.text.bytes, output.text.length);
	else
		text_str(out, symbol);
	text_release(&output.text);
}

const char *demangle(struct intern *names, const char *symbol)
{
	size_t length = strnlen(symbol, SYMBOL_MAX);
	const char *version = length ? memchr(symbol + 1, '@', length - 1) : NULL;
	const char *name = symbol;
	struct text text;

	if (version || symbol[length])
		name = intern_bytes(names, symbol,
				    version ? (size_t)(version - symbol) : length);
	text_init(&text);
	append_demangled(name, &text);
	if (version && !strcmp(version, "@plt"))
		text_str(&text, version);
	name = intern_printable(names, &text);
	text_release(&text);
	return name;
}

const char *printable(struct intern *names, const char *text)
{
	struct text copy;
	const char *name;

	text_init(&copy);
	text_bytes(&copy, text, strnlen(text, SYMBOL_MAX));
	name = intern_printable(names, &copy);
	text_release(&copy);
	return name;
}
