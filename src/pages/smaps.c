#include "pfa/pages/smaps.h"

#include <ctype.h>
#include <string.h>

#include "pfa/decode/procmaps.h"

static const struct {
	const char *name;
	size_t offset;
} values[] = {
#define X(name, kernel) { kernel, offsetof(struct smaps, name) },
	SMAPS_VALUES(X)
#undef X
};

enum { VALUES = sizeof(values) / sizeof(values[0]) };

static uint64_t *value_at(struct smaps *smaps, size_t i)
{
	return (uint64_t *)((char *)smaps + values[i].offset);
}

static uint64_t number_in(const char *at, const char *end)
{
	uint64_t value = 0;

	while (at < end && *at == ' ')
		at++;
	for (; at < end && isdigit((unsigned char)*at); at++)
		value = value * 10 + (uint64_t)(*at - '0');
	return value;
}

static void take_line(struct smaps *smaps, const char *line, const char *end)
{
	const char *colon = memchr(line, ':', (size_t)(end - line));
	size_t length = colon ? (size_t)(colon - line) : 0;

	if (length == 7 && !memcmp(line, "VmFlags", 7)) {
		smaps->flags = colon + 1 + (colon + 1 < end && colon[1] == ' ');
		smaps->flags_length = (size_t)(end - smaps->flags);
		return;
	}
	for (size_t i = 0; i < VALUES && length; i++)
		if (strlen(values[i].name) == length &&
		    !memcmp(line, values[i].name, length))
			*value_at(smaps, i) = number_in(colon + 1, end);
}

/* A line of a VMA begins with a hexadecimal digit, in lower case; a value's does not. */
bool smaps_next(const char **at, const char *end, struct procmap *map,
		struct smaps *smaps)
{
	*smaps = (struct smaps){ .flags = "" };
	if (!procmaps_next(at, end, map))
		return false;
	while (*at < end && isupper((unsigned char)**at)) {
		const char *line = *at;
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		take_line(smaps, line, newline ? newline : end);
		*at = newline ? newline + 1 : end;
	}
	return true;
}

void smaps_add(struct smaps *sum, const struct smaps *smaps)
{
#define X(name, kernel) sum->name += smaps->name;
	SMAPS_VALUES(X)
#undef X
	sum->page = 0;
}

bool smaps_has_flag(const struct smaps *smaps, const char *flag)
{
	for (size_t i = 0; i + 2 <= smaps->flags_length; i += 3)
		if (!memcmp(smaps->flags + i, flag, 2))
			return true;
	return false;
}
