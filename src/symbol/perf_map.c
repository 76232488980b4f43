#include "pfa/symbol/perf_map.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "pfa/symbol/jit_code.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A number, some write 0x before it, and the blank behind it. NULL: it is none. */
static const char *read_number(const char *at, const char *end, uint64_t *value)
{
	const char *begin;

	if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
		at += 2;
	begin = at;
	for (*value = 0; at < end && hex_digit(*at) >= 0; at++)
		*value = *value << 4 | (uint64_t)hex_digit(*at);
	return at > begin && at - begin <= 16 && at < end && *at == ' ' ? at + 1 : NULL;
}

static void read_line(struct jit_code *code, const char *at, const char *end)
{
	uint64_t start, size;

	at = read_number(at, end, &start);
	if (at)
		at = read_number(at, end, &size);
	if (at && at < end)
		jit_code_add(code, start, size, 0, at, (size_t)(end - at));
}

size_t perf_map_read(struct jit_code *code, const char *text, size_t length)
{
	const char *at = text, *end = text + length, *newline;

	for (; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
		read_line(code, at, newline);
	return (size_t)(at - text);
}
