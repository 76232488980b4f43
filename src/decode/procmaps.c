#include "pfa/decode/procmaps.h"

#include <string.h>
#include <sys/mman.h>

struct scan {
	const char *at, *end;
	bool bad;
};

static uint64_t number(struct scan *s, unsigned base)
{
	const char *begin = s->at;
	uint64_t value = 0;

	for (; s->at < s->end && s->at - begin < 20; s->at++) {
		char c = *s->at;
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (base == 16 && c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a') + 10;
		else
			break;
		value = value * base + digit;
	}
	if (s->at == begin)
		s->bad = true;
	return value;
}

static void expect(struct scan *s, char c)
{
	if (s->at < s->end && *s->at == c)
		s->at++;
	else
		s->bad = true;
}

static uint32_t permission(struct scan *s, char letter, uint32_t bit)
{
	if (s->at >= s->end || (*s->at != letter && *s->at != '-')) {
		s->bad = true;
		return 0;
	}
	return *s->at++ == letter ? bit : 0;
}

static bool sharing(struct scan *s)
{
	if (s->at >= s->end || (*s->at != 's' && *s->at != 'p')) {
		s->bad = true;
		return false;
	}
	return *s->at++ == 's';
}

/* The kernel writes a newline in a path as \012. */
static bool copy_path(struct scan *s, char *path)
{
	size_t n = 0;

	while (s->at < s->end) {
		char c = *s->at;

		if (n == PROCMAPS_PATH_MAX - 1)
			return false;
		if (s->end - s->at >= 4 && !memcmp(s->at, "\\012", 4)) {
			c = '\n';
			s->at += 3;
		}
		path[n++] = c;
		s->at++;
	}
	path[n] = '\0';
	return true;
}

bool procmaps_parse_line(const char *line, size_t length, struct procmap *map)
{
	struct scan s = { .at = line, .end = line + length };

	map->start = number(&s, 16);
	expect(&s, '-');
	map->end = number(&s, 16);
	expect(&s, ' ');
	map->prot = permission(&s, 'r', PROT_READ);
	map->prot |= permission(&s, 'w', PROT_WRITE);
	map->prot |= permission(&s, 'x', PROT_EXEC);
	map->shared = sharing(&s);
	expect(&s, ' ');
	map->pgoff_bytes = number(&s, 16);
	expect(&s, ' ');
	map->dev_major = (uint32_t)number(&s, 16);
	expect(&s, ':');
	map->dev_minor = (uint32_t)number(&s, 16);
	expect(&s, ' ');
	map->inode = number(&s, 10);
	while (s.at < s.end && *s.at == ' ')
		s.at++;
	return !s.bad && map->start < map->end && copy_path(&s, map->path);
}

bool procmaps_next(const char **text, const char *end, struct procmap *map)
{
	while (*text < end) {
		const char *line = *text;
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *past = newline ? newline : end;

		*text = newline ? newline + 1 : end;
		if (procmaps_parse_line(line, (size_t)(past - line), map) &&
		    !(map->start >> 63))
			return true;
	}
	return false;
}

/* prctl(2) gives names to private and to shared anonymous memory. */
const char *procmaps_name(const struct procmap *map)
{
	if (!map->path[0] || !strncmp(map->path, "[anon:", 6))
		return "//anon";
	if (!strncmp(map->path, "[anon_shmem:", 12))
		return "/dev/zero (deleted)";
	return map->path;
}
