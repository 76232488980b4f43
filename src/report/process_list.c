#include "pfa/report/process_list.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "pfa/model/observation.h"

enum { DIGITS_MAX = 10 };

static bool is_number(const char *text, size_t length)
{
	if (!length || length > DIGITS_MAX || *text == '0')
		return false;
	while (length--)
		if (!isdigit((unsigned char)*text++))
			return false;
	return true;
}

static bool is_serial(const char *name)
{
	return *name == 'P' || *name == 'p';
}

bool process_list_valid(const char *list)
{
	for (size_t i = 0; i < process_list_count(list); i++) {
		size_t length;
		const char *name = process_list_name(list, i, &length);

		if (!is_number(name + is_serial(name), length - is_serial(name)))
			return false;
	}
	return true;
}

bool process_list_is_pair(const char *list)
{
	size_t first, second;
	const char *a, *b;

	if (!process_list_valid(list) || process_list_count(list) != 2)
		return false;
	a = process_list_name(list, 0, &first);
	b = process_list_name(list, 1, &second);
	return first != second || strncasecmp(a, b, first) != 0;
}

size_t process_list_count(const char *list)
{
	size_t count = 1;

	for (; *list; list++)
		count += *list == ',';
	return count;
}

const char *process_list_name(const char *list, size_t place, size_t *length)
{
	while (place--)
		list = strchr(list, ',') + 1;
	*length = strcspn(list, ",");
	return list;
}

static bool names(const char *name, size_t length, const struct actor *actor)
{
	bool serial = is_serial(name);
	char number[DIGITS_MAX + 1];
	int digits = snprintf(number, sizeof(number), "%u",
			      serial ? actor->serial : actor->pid);

	return length == (size_t)digits + serial &&
	       !memcmp(name + serial, number, (size_t)digits);
}

bool process_list_names(const char *list, size_t place, const struct actor *actor)
{
	size_t length;
	const char *name = process_list_name(list, place, &length);

	return names(name, length, actor);
}

int process_list_find(const char *list, const struct actor *actor)
{
	for (size_t i = 0; i < process_list_count(list); i++)
		if (process_list_names(list, i, actor))
			return (int)i;
	return -1;
}
