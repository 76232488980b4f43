#include "golden.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pfa/base/mem.h"
#include "pfa/base/text.h"

/* ---- files ---- */

static void make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			fail_msg("%s: %s", path, strerror(errno));
		*slash = '/';
	}
}

const char *golden_actual_path(char path[GOLDEN_PATH_MAX], const char *name)
{
	const char *build = getenv("PFA_BUILD");

	snprintf(path, GOLDEN_PATH_MAX, "%s/golden/%s", build ? build : "build", name);
	make_directories(path);
	return path;
}

static void write_file(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "we");

	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file))
		fail_msg("%s: %s", path, strerror(errno));
}

void golden_write_actual(const char *name, const char *text, size_t length)
{
	char path[GOLDEN_PATH_MAX];

	write_file(golden_actual_path(path, name), text, length);
}

/* A file that is not there is empty, and says so. */
static bool read_file(const char *path, struct text *text)
{
	FILE *file = fopen(path, "re");
	char chunk[4096];
	size_t n;

	if (!file)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		text_bytes(text, chunk, n);
	fclose(file);
	return true;
}

static void print_difference(const char *golden, const char *actual)
{
	char command[2 * GOLDEN_PATH_MAX + 64], *line = NULL;
	size_t size = 0;
	FILE *diff;

	snprintf(command, sizeof(command), "diff -uN '%s' '%s'", golden, actual);
	diff = popen(command, "re");
	while (diff && getline(&line, &size, diff) > 0)
		print_message("%s", line);
	free(line);
	if (diff)
		pclose(diff);
}

bool golden_matches(const char *name)
{
	char golden[GOLDEN_PATH_MAX], actual[GOLDEN_PATH_MAX];
	struct text want, got;
	bool same;

	snprintf(golden, sizeof(golden), "golden/%s", name);
	text_init(&want);
	text_init(&got);
	if (!read_file(golden_actual_path(actual, name), &got))
		fail_msg("%s: %s", actual, strerror(errno));
	same = read_file(golden, &want) && want.length == got.length &&
	       (!got.length || !memcmp(want.bytes, got.bytes, got.length));
	if (!same && getenv("PFA_GOLDEN_UPDATE")) {
		write_file(golden, got.bytes, got.length);
		same = true;
	} else if (!same) {
		print_difference(golden, actual);
	}
	text_release(&want);
	text_release(&got);
	return same;
}

/* ---- tests from files ---- */

struct names {
	char **list;
	size_t count, capacity;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names before the suffix, sorted. */
static struct names find_names(const char *directory, const char *suffix)
{
	struct names names = { 0 };
	struct dirent *entry;
	DIR *dir = opendir(directory);

	while (dir && (entry = readdir(dir))) {
		size_t length = strlen(entry->d_name), tail = strlen(suffix);

		if (length <= tail || strcmp(entry->d_name + length - tail, suffix) != 0)
			continue;
		names.list = pfa_grow(names.list, names.count, &names.capacity,
				      sizeof(*names.list));
		names.list[names.count] = pfa_strdup(entry->d_name);
		names.list[names.count++][length - tail] = '\0';
	}
	if (dir)
		closedir(dir);
	if (names.count)
		qsort(names.list, names.count, sizeof(*names.list), compare_names);
	return names;
}

static char *test_name(const char *prefix, const char *name)
{
	size_t size = strlen(prefix) + strlen(name) + 2;
	char *both = pfa_alloc(size);

	snprintf(both, size, "%s_%s", prefix, name);
	return both;
}

int golden_run(const char *directory, const char *suffix, const char *prefix,
	       void (*test)(void **state))
{
	struct names names = find_names(directory, suffix);
	struct CMUnitTest *tests = pfa_alloc((names.count + 1) * sizeof(*tests));
	int result;

	if (!names.count) {
		fprintf(stderr, "%s: no *%s (run from the top of the source)\n",
			directory, suffix);
		return 1;
	}
	for (size_t i = 0; i < names.count; i++)
		tests[i] = (struct CMUnitTest){
			.name = test_name(prefix, names.list[i]),
			.test_func = test,
			.initial_state = names.list[i],
		};
	result = _cmocka_run_group_tests(prefix, tests, names.count, NULL, NULL);
	for (size_t i = 0; i < names.count; i++) {
		free((char *)tests[i].name);
		free(names.list[i]);
	}
	free(names.list);
	free(tests);
	return result;
}
