#include "pfa/base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/digits.h"

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
	/* strtod takes hexadecimal and exponents too: we don't. */
	if (errno || !isfinite(number) || end != text + strspn(text, "0123456789."))
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

/* At the end of `buf`: the number is written before it. */
static char *put_suffix(char buf[UNITS_MAX], const char *suffix)
{
	size_t size = strlen(suffix) + 1;

	return memcpy(buf + UNITS_MAX - size, suffix, size);
}

struct scale {
	uint64_t unit;
	const char *suffix;
};

/*
 * One decimal, rounded half up, in the first unit in which the rounded value stays
 * below the next one: 1023.97K is 1.0M.
 */
static const char *scaled(char buf[UNITS_MAX], uint64_t value,
			  const struct scale *scales)
{
	uint64_t whole, tenth;
	char *at;

	for (;; scales++) {
		uint64_t unit = scales->unit;

		whole = value / unit;
		tenth = (value % unit * 10 + unit / 2) / unit;
		if (tenth == 10) {
			whole++;
			tenth = 0;
		}
		if (!scales[1].unit || whole < scales[1].unit / unit)
			break;
	}
	at = put_suffix(buf, scales->suffix);
	*--at = (char)('0' + tenth);
	*--at = '.';
	return digits_before(at, whole);
}

const char *units_size(char buf[UNITS_MAX], uint64_t size_bytes)
{
	static const struct scale scales[] = {
		{ 1ULL << 10, "K" }, { 1ULL << 20, "M" }, { 1ULL << 30, "G" },
		{ 1ULL << 40, "T" }, { 1ULL << 50, "P" }, { 0, NULL },
	};

	if (size_bytes >= 1024)
		return scaled(buf, size_bytes, scales);
	return digits_before(put_suffix(buf, "B"), size_bytes);
}

const char *units_time(char buf[UNITS_MAX], uint64_t time_ns)
{
	static const struct scale scales[] = {
		{ 1000, "us" }, { 1000000, "ms" }, { 1000000000, "s" }, { 0, NULL },
	};

	if (time_ns >= 1000)
		return scaled(buf, time_ns, scales);
	return digits_before(put_suffix(buf, "ns"), time_ns);
}
