/*
 * Loads from outside bytes: unaligned, and bounded by a cursor.
 *
 * A cursor that has run past its end stays `bad`, returns zeros and NULLs, and is
 * asked once at the end of a parse.
 */
#ifndef PFA_BASE_BYTES_H
#define PFA_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t load_u16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t load_u32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t load_u64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

struct cursor {
	const unsigned char *at;
	size_t left;
	bool bad;
};

static inline struct cursor cursor_of(const void *bytes, size_t length)
{
	return (struct cursor){ .at = bytes, .left = length };
}

/* The next `length` bytes, or NULL when there are fewer. */
static inline const void *cursor_take(struct cursor *c, size_t length)
{
	const void *taken = c->at;

	if (c->bad || length > c->left) {
		c->bad = true;
		return NULL;
	}
	c->at += length;
	c->left -= length;
	return taken;
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	const void *p = cursor_take(c, 4);

	return p ? load_u32(p) : 0;
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	const void *p = cursor_take(c, 8);

	return p ? load_u64(p) : 0;
}

/* A NUL-terminated string inside the bytes; NULL when none ends there. */
static inline const char *cursor_string(struct cursor *c)
{
	const void *end = c->bad ? NULL : memchr(c->at, '\0', c->left);

	if (!end) {
		c->bad = true;
		return NULL;
	}
	return cursor_take(c, (size_t)((const unsigned char *)end - c->at) + 1);
}

#endif
