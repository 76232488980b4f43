/*
 * A growing buffer of output text: what the reporters format into.
 *
 * Embedded in its owner: text_init() / text_release(). `bytes` is not
 * NUL-terminated except by text_cstr(). The number writers exist because the
 * stream prints millions of lines; everything else may use text_printf().
 */
#ifndef PFA_BASE_TEXT_H
#define PFA_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pfa/base/status.h"

struct text {
	char *bytes;
	size_t length;
	size_t capacity;
};

void text_init(struct text *t);
void text_release(struct text *t);
void text_clear(struct text *t);

/* Capacity for `more` bytes. */
void text_grow(struct text *t, size_t more);

/* Where the next `more` bytes go: whoever writes them adds them to the length. */
static inline char *text_room(struct text *t, size_t more)
{
	if (more > t->capacity - t->length)
		text_grow(t, more);
	return t->bytes + t->length;
}

static inline void text_char(struct text *t, char c)
{
	*text_room(t, 1) = c;
	t->length++;
}

static inline void text_bytes(struct text *t, const char *bytes, size_t length)
{
	if (!length)
		return;
	memcpy(text_room(t, length), bytes, length);
	t->length += length;
}

static inline void text_str(struct text *t, const char *s)
{
	text_bytes(t, s, strlen(s));
}

void text_printf(struct text *t, const char *fmt, ...) PFA_PRINTF(2, 3);
void text_dec(struct text *t, uint64_t value);
void text_dec_padded(struct text *t, uint64_t value, unsigned digits);
void text_hex(struct text *t, uint64_t value); /* with 0x */
void text_spaces(struct text *t, size_t count);
/* Outside bytes for a terminal or a line format: control bytes as \xNN. */
void text_escaped(struct text *t, const char *s);

/* NUL-terminates; borrowed until the next change. */
const char *text_cstr(struct text *t);

#endif
