/*
 * Faults are labelled by the layout of their instant: with the mapping that
 * /proc/PID/maps shows, at the offset of the file that it shows, and never as
 * `unknown`, whatever a program does to its layout.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"

/* ---- a program that says what is mapped ---- */

enum { MAPS_MAX = 8192 };

struct mapped {
	uint64_t start, end, pgoff;
	char path[128]; /* as in the file */
};

static size_t read_maps(struct mapped *maps, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t count = 0;
	char line[512];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		struct mapped *m = &maps[count++];

		assert_in_range(count, 1, MAPS_MAX);
		m->path[0] = '\0';
		assert_true(sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64
				   " %*s %*s %127[^\n]", &m->start, &m->end, &m->pgoff,
				   m->path) >= 3);
	}
	fclose(file);
	return count;
}

static const struct mapped *find_mapped(const struct mapped *maps, size_t count,
					uint64_t addr)
{
	for (size_t i = 0; i < count; i++)
		if (addr >= maps[i].start && addr < maps[i].end)
			return &maps[i];
	fail_msg("%#jx is in no line of maps", (uintmax_t)addr);
	return NULL;
}

static const struct csv_row *last_fault_at(const struct csv *csv, uint64_t addr)
{
	for (size_t i = csv->count; i-- > 0;)
		if (csv_is_fault(&csv->rows[i]) && csv->rows[i].addr == addr)
			return &csv->rows[i];
	fail_msg("no fault at %#jx was seen", (uintmax_t)addr);
	return NULL;
}

/* What pfa calls the kernel's special names; NULL: a file. */
static const char *special_label(const char *path)
{
	static const char *const labels[][2] = {
		{ "[heap]", "[heap]" },
		{ "[stack]", "[stack]" },
		{ "/memfd:of-mapper (deleted)", "memfd:of-mapper" },
		{ "/dev/zero (deleted)", "shared-anon" },
		{ "/SYSV00000000 (deleted)", "SYSV00000000" },
	};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (!strcmp(path, labels[i][0]))
			return labels[i][1];
	return NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_bss_of_neighbour(const struct csv_row *row, const struct mapped *maps,
				const struct mapped *m)
{
	/* mprotect may have cut it. */
	while (m > maps && m[-1].end == m->start && !m[-1].path[0])
		m--;
	return !strcmp(row->section, ".bss") && m > maps && m[-1].end == m->start &&
	       !strcmp(row->region, base_name(m[-1].path));
}

static void check_label(const struct csv_row *row, const struct mapped *maps,
			const struct mapped *m)
{
	const char *special = special_label(m->path);
	bool fits;

	if (!m->path[0])
		fits = !strcmp(row->region, "anon") ||
		       is_bss_of_neighbour(row, maps, m);
	else if (special)
		fits = !strcmp(row->region, special);
	else
		fits = !strcmp(row->region, base_name(m->path));
	if (!fits)
		fail_msg("in \"%s\": %s", m->path, csv_describe(row));
	if (m->path[0] == '/' && row->offset != row->addr - m->start + m->pgoff)
		fail_msg("offset %#jx in %s: %s", (uintmax_t)row->offset, m->path,
			 csv_describe(row));
}

static void labels_are_those_of_the_maps(void **state)
{
	static struct mapped maps[MAPS_MAX];
	size_t count, checked = 0;
	struct csv csv;
	struct run run;
	uint64_t addr;
	FILE *touched;

	(void)state;
	run_quietly(&run, "%s -s -o %s --csv=%s -- %s/mapper %s %s", pfa(),
		    work_path("summary"), work_path("csv"), live_programs(),
		    work_path("maps"), work_path("touched"));
	run_release(&run);
	csv_read(&csv, work_path("csv"));
	count = read_maps(maps, work_path("maps"));
	touched = fopen(work_path("touched"), "re");
	assert_non_null(touched);
	while (fscanf(touched, "%" SCNx64, &addr) == 1) {
		check_label(last_fault_at(&csv, addr), maps,
			    find_mapped(maps, count, addr));
		checked++;
	}
	fclose(touched);
	print_message("%zu mappings, %zu touched\n", count, checked);
	assert_true(checked > 100);
	csv_release(&csv);
}

/* ---- programs nobody here wrote ---- */

static void no_fault_is_unknown_in(const char *program)
{
	struct run run;
	struct csv csv;

	run_command(&run, "%s -s --csv=%s -o %s -- %s", pfa(), work_path("csv"),
		    work_path("summary"), program);
	assert_run_status(&run, 0);
	run_release(&run);
	csv_read(&csv, work_path("csv"));
	assert_true(csv_count_type(&csv, "MINOR") > 0);
	for (size_t i = 0; i < csv.count; i++) {
		const struct csv_row *row = &csv.rows[i];

		if (!csv_is_completed(row))
			continue;
		if (!strcmp(row->region, "unknown") ||
		    !strcmp(row->region, "unmapped") || !row->region[0] ||
		    !strcmp(row->kind, "unknown"))
			fail_msg("%s", csv_describe(row));
	}
	csv_release(&csv);
}

static void no_fault_is_unknown_in_python_with_threads(void **state)
{
	char command[512];

	(void)state;
	snprintf(command, sizeof(command), "%s -c \"import ssl, json, sqlite3, threading; "
		 "t = [threading.Thread(target=lambda: bytearray(1 << 22)) "
		 "for _ in range(8)]; [x.start() for x in t]; [x.join() for x in t]\"",
		 python());
	no_fault_is_unknown_in(command);
}

static void no_fault_is_unknown_in_gcc(void **state)
{
	char command[512];

	(void)state;
	need_programs("gcc");
	snprintf(command, sizeof(command), "sh -c 'cd %s && echo \"int main(void) "
		 "{ return 0; }\" >x.c && gcc -O2 -g x.c'", work_path("."));
	no_fault_is_unknown_in(command);
}

static void no_fault_is_unknown_in_git(void **state)
{
	char command[512];

	(void)state;
	need_programs("git");
	snprintf(command, sizeof(command), "sh -c 'cd %s && rm -rf a b && "
		 "git init -q a && git clone -q a b 2>/dev/null'", work_path("."));
	no_fault_is_unknown_in(command);
}

static void no_fault_is_unknown_in_node(void **state)
{
	(void)state;
	need_programs("node");
	no_fault_is_unknown_in("node -e \"let a = []; for (let i = 0; i < 1e6; i++) "
			       "a.push({ i })\"");
}

static void no_fault_is_unknown_in_java(void **state)
{
	(void)state;
	need_programs("java");
	no_fault_is_unknown_in("java -version");
}

#define TESTS(X)                                      \
	X(labels_are_those_of_the_maps)               \
	X(no_fault_is_unknown_in_python_with_threads) \
	X(no_fault_is_unknown_in_gcc)                 \
	X(no_fault_is_unknown_in_git)                 \
	X(no_fault_is_unknown_in_node)                \
	X(no_fault_is_unknown_in_java)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_teardown(name, run_kill_all),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
