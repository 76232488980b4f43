#include "pfa/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static char *reserve(struct text *t, size_t more)
{
	if (t->length + more > t->capacity) {
		size_t want = t->capacity ? t->capacity * 2 : 256;

		while (want < t->length + more)
			want *= 2;
		t->bytes = pfa_realloc(t->bytes, want);
		t->capacity = want;
	}
	return t->bytes + t->length;
}

void text_char(struct text *t, char c)
{
	*reserve(t, 1) = c;
	t->length++;
}

void text_bytes(struct text *t, const char *bytes, size_t length)
{
	if (!length)
		return;
	memcpy(reserve(t, length), bytes, length);
	t->length += length;
}

void text_str(struct text *t, const char *s)
{
	text_bytes(t, s, strlen(s));
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
		vsnprintf(reserve(t, (size_t)n + 1), (size_t)n + 1, fmt, again);
		t->length += (size_t)n;
	}
	va_end(again);
}

void text_dec_padded(struct text *t, uint64_t value, unsigned digits)
{
	char buf[20];
	unsigned i = sizeof(buf);

	do {
		buf[--i] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (sizeof(buf) - i < digits && i > 0)
		buf[--i] = '0';
	text_bytes(t, buf + i, sizeof(buf) - i);
}

void text_dec(struct text *t, uint64_t value)
{
	text_dec_padded(t, value, 1);
}

void text_hex(struct text *t, uint64_t value)
{
	char buf[18];
	unsigned i = sizeof(buf);

	do {
		buf[--i] = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	buf[--i] = 'x';
	buf[--i] = '0';
	text_bytes(t, buf + i, sizeof(buf) - i);
}

void text_spaces(struct text *t, size_t count)
{
	if (!count)
		return;
	memset(reserve(t, count), ' ', count);
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
	*reserve(t, 1) = '\0';
	return t->bytes;
}
