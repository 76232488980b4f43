#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "rows.h"
#include "setting.h"

/* A place: "%s" of a member of the setting, and a name for people. */
struct place {
	const char *name, *of_build, *for_people;
	size_t member; /* where of_build is NULL: a char * of the setting */
};

static const struct place places[] = {
	{ "{pfa}", "/pfa", "pfa", 0 },
	{ "{demos}", "/demos", "", 0 },
	{ "{programs}", "/tests/bench/programs", "", 0 },
	{ "{dir}", NULL, "", offsetof(struct setting, dir) },
	{ "{out}", NULL, "FILE", offsetof(struct setting, out) },
	{ "{ring}", NULL, "RING", offsetof(struct setting, ring) },
	{ "{events}", NULL, "EVENTS", offsetof(struct setting, events) },
	{ NULL, NULL, NULL, 0 },
};

static const struct place *place_at(const char *text)
{
	for (const struct place *place = places; place->name; place++)
		if (!strncmp(text, place->name, strlen(place->name)))
			return place;
	return NULL;
}

static void put_place(struct text *text, const struct place *place,
		      const struct setting *setting)
{
	const char *value;

	if (!setting) {
		text_str(text, place->for_people);
		return;
	}
	if (place->of_build) {
		text_printf(text, "%s%s", setting->build, place->of_build);
		return;
	}
	value = *(char *const *)((const char *)setting + place->member);
	text_str(text, value ? value : "");
}

/* `setting` NULL: for people. A directory that is left out takes its / along. */
static void expand(struct text *text, const char *pattern, size_t length,
		   const struct setting *setting)
{
	const char *end = pattern + length;

	while (pattern < end) {
		const struct place *place = place_at(pattern);

		if (!place) {
			text_char(text, *pattern++);
			continue;
		}
		put_place(text, place, setting);
		pattern += strlen(place->name);
		if (!setting && !*place->for_people)
			pattern++;
	}
}

static void add_word(struct command *command, char *word)
{
	command->words = pfa_grow(command->words, command->count,
				  &command->capacity, sizeof(char *));
	command->words[command->count++] = word;
}

void command_init(struct command *command, const struct setting *setting,
		  const char *pattern)
{
	*command = (struct command){ 0 };
	while (*pattern) {
		size_t length = strcspn(pattern, " ");
		struct text word;

		text_init(&word);
		expand(&word, pattern, length, setting);
		text_cstr(&word);
		add_word(command, word.bytes);
		pattern += length + (pattern[length] == ' ');
	}
	add_word(command, NULL);
	if (command->count > 2 && *command->words[command->count - 2] == '>') {
		char **last = &command->words[command->count - 2];

		command->stdout_path = *last + 1;
		/* The word moves behind the end that exec sees. */
		command->words[command->count - 1] = *last;
		*last = NULL;
	}
}

void command_release(struct command *command)
{
	for (size_t i = 0; i < command->count; i++)
		free(command->words[i]);
	free(command->words);
}

void command_describe(struct text *text, const char *pattern)
{
	size_t length = strlen(PERF_RECORD);

	if (!strncmp(pattern, PERF_RECORD, length) && pattern[length]) {
		text_str(text, "perf record ... ");
		pattern += length;
	}
	expand(text, pattern, strlen(pattern), NULL);
}

static bool is_on_path(const char *name, size_t length)
{
	const char *path = getenv("PATH");
	bool found = false;

	while (path && !found) {
		size_t dir = strcspn(path, ":");
		struct text file;

		text_init(&file);
		text_bytes(&file, path, dir);
		text_char(&file, '/');
		text_bytes(&file, name, length);
		found = access(text_cstr(&file), X_OK) == 0;
		text_release(&file);
		path = path[dir] ? path + dir + 1 : NULL;
	}
	return found;
}

bool command_is_installed(const char *pattern)
{
	return *pattern == '{' || is_on_path(pattern, strcspn(pattern, " "));
}
