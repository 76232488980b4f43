#include "pfa/base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *suffix;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{ "", 1 },          { "B", 1 },         { "K", 1ULL << 10 },
	{ "M", 1ULL << 20 }, { "G", 1ULL << 30 }, { "T", 1ULL << 40 },
	{ NULL, 0 },
};

static const struct unit time_units[] = {
	{ "", 1000000000 },  { "ns", 1 },         { "us", 1000 },
	{ "ms", 1000000 },   { "s", 1000000000 }, { "m", 60000000000 },
	{ "h", 3600000000000 }, { NULL, 0 },
};

static bool parse(const char *text, const struct unit *units, uint64_t *value)
{
	char *end;
	double number;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	number = strtod(text, &end);
	if (errno || !isfinite(number))
		return false;
	for (; units->suffix; units++) {
		if (strcasecmp(end, units->suffix) != 0)
			continue;
		number *= (double)units->factor;
		if (number >= 9.2e18)
			return false;
		*value = (uint64_t)(number + 0.5);
		return true;
	}
	return false;
}

bool units_parse_size(const char *text, uint64_t *size_bytes)
{
	return parse(text, size_units, size_bytes);
}

bool units_parse_time(const char *text, uint64_t *time_ns)
{
	return parse(text, time_units, time_ns);
}

bool units_parse_count(const char *text, uint64_t *count)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*count = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

/* One decimal, rounded half up; the caller picked the unit. */
static const char *tenths(char buf[UNITS_MAX], uint64_t value, uint64_t unit,
			  const char *suffix)
{
	uint64_t whole = value / unit;
	uint64_t tenth = (value % unit * 10 + unit / 2) / unit;

	if (tenth == 10) {
		whole++;
		tenth = 0;
	}
	snprintf(buf, UNITS_MAX, "%llu.%llu%s", (unsigned long long)whole,
		 (unsigned long long)tenth, suffix);
	return buf;
}

const char *units_size(char buf[UNITS_MAX], uint64_t size_bytes)
{
	static const char *const suffix[] = { "K", "M", "G", "T", "P" };
	uint64_t unit = 1024;
	int i = 0;

	if (size_bytes < 1024) {
		snprintf(buf, UNITS_MAX, "%lluB",
			 (unsigned long long)size_bytes);
		return buf;
	}
	while (i < 4 && size_bytes / unit >= 1024) {
		unit *= 1024;
		i++;
	}
	return tenths(buf, size_bytes, unit, suffix[i]);
}

const char *units_time(char buf[UNITS_MAX], uint64_t time_ns)
{
	if (time_ns < 1000) {
		snprintf(buf, UNITS_MAX, "%lluns", (unsigned long long)time_ns);
		return buf;
	}
	if (time_ns < 1000000)
		return tenths(buf, time_ns, 1000, "us");
	if (time_ns < 1000000000)
		return tenths(buf, time_ns, 1000000, "ms");
	return tenths(buf, time_ns, 1000000000, "s");
}
