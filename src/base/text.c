#include "pfa/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/digits.h"
#include "pfa/base/mem.h"

void text_init(struct text *t)
{
	*t = (struct text){ 0 };
}

void text_release(struct text *t)
{
	free(t->bytes);
	text_init(t);
}

void text_clear(struct text *t)
{
	t->length = 0;
}

void text_grow(struct text *t, size_t more)
{
	size_t want = t->capacity ? t->capacity * 2 : 256;

	while (want < t->length + more)
		want *= 2;
	t->bytes = pfa_realloc(t->bytes, want);
	t->capacity = want;
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n > 0) {
		vsnprintf(text_room(t, (size_t)n + 1), (size_t)n + 1, fmt, again);
		t->length += (size_t)n;
	}
	va_end(again);
}

void text_dec_padded(struct text *t, uint64_t value, unsigned digits)
{
	char buf[2 * DIGITS_MAX], *end = buf + DIGITS_MAX;
	char *at = digits_before(end, value);

	while (end - at < (ptrdiff_t)digits && at > buf)
		*--at = '0';
	/* More than they are: a copy of a fixed size takes no call. */
	memcpy(text_room(t, DIGITS_MAX), at, DIGITS_MAX);
	t->length += (size_t)(end - at);
}

void text_dec(struct text *t, uint64_t value)
{
	text_dec_padded(t, value, 1);
}

void text_hex(struct text *t, uint64_t value)
{
	unsigned digits = (67 - (unsigned)__builtin_clzll(value | 1)) / 4;
	char *at = text_room(t, 2 + digits);

	t->length += 2 + digits;
	*at++ = '0';
	*at++ = 'x';
	for (; digits; value >>= 4)
		at[--digits] = "0123456789abcdef"[value & 15];
}

void text_spaces(struct text *t, size_t count)
{
	if (!count)
		return;
	memset(text_room(t, count), ' ', count);
	t->length += count;
}

void text_escaped(struct text *t, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f)
			text_printf(t, "\\x%02x", c);
		else
			text_char(t, *s);
	}
}

const char *text_cstr(struct text *t)
{
	*text_room(t, 1) = '\0';
	return t->bytes;
}
