/*
 * Code that Node.js makes has the names that its perf map and its jitdump file tell;
 * they are found from outside the namespaces of the process.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "pfa/symbol/jit.h"
#include "pfa/symbol/module.h"

enum { ARRAYS = 30, ELEMENTS = 200000, PAGES = ARRAYS * (ELEMENTS / 512) };

/* fill() becomes machine code, and most of its faults are in that. */
static const char program[] =
	"function fill(a) { for (let i = 0; i < a.length; i++) a[i] = i * 0.5; }\n"
	"for (let k = 0; k < %d; k++) fill(new Float64Array(%d));\n";

static void trace_node(struct csv *csv, const char *options)
{
	struct run run;
	FILE *file;

	need_programs("node");
	file = fopen(work_path("fill.js"), "we");
	assert_non_null(file);
	fprintf(file, program, ARRAYS, ELEMENTS);
	fclose(file);
	run_command(&run, "env -C %s %s --summary --csv=x.csv -- node %s fill.js",
		    work_path("."), pfa(), options);
	assert_run_status(&run, 0);
	run_release(&run);
	csv_read(csv, work_path("x.csv"));
}

/* What the last line of the map says of the address; "" nothing. */
static const char *line_about(const char *path, uint64_t addr)
{
	static char name[1024];
	char line[1200], of_line[1024];
	FILE *file = fopen(path, "re");
	uint64_t start, size;

	assert_non_null(file);
	name[0] = '\0';
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%" SCNx64 " %" SCNx64 " %1023[^\n]", &start, &size,
			   of_line) == 3 && addr >= start && addr < start + size)
			snprintf(name, sizeof(name), "%s", of_line);
	fclose(file);
	return name;
}

/* Faults whose code has a name with these words. */
static size_t count_named(const struct csv *csv, struct jit *jit, const char *name)
{
	struct symbol symbol;
	size_t count = 0;

	for (size_t i = 0; i < csv->count; i++)
		count += csv_is_fault(&csv->rows[i]) &&
			 jit_function(jit, csv->rows[i].ip, UINT64_MAX, &symbol) &&
			 strstr(symbol.name, name);
	return count;
}

static void check_against_map(const struct csv *csv, struct jit *jit, const char *map)
{
	uint64_t last = 0;

	for (size_t i = 0; i < csv->count; i++) {
		const struct csv_row *row = &csv->rows[i];
		struct symbol symbol;

		if (!csv_is_fault(row) || row->ip == last)
			continue;
		last = row->ip;
		if (jit_function(jit, row->ip, UINT64_MAX, &symbol))
			assert_string_equal(symbol.name, line_about(map, row->ip));
		else
			assert_string_equal(line_about(map, row->ip), "");
	}
}

static void faults_in_code_of_node_have_names_of_its_map(void **state)
{
	struct csv csv;
	struct jit *jit;
	char map[64];

	(void)state;
	trace_node(&csv, "--perf-basic-prof");
	snprintf(map, sizeof(map), "/tmp/perf-%u.map", csv.rows[0].pid);
	jit = jit_open(csv.rows[0].pid, NULL);
	assert_non_null(jit);
	check_against_map(&csv, jit, map);
	assert_in_range(count_named(&csv, jit, "fill"), PAGES / 2, PAGES * 2);
	unlink(map);
	jit_free(jit);
	csv_release(&csv);
}

static void faults_in_code_of_node_have_names_of_its_dump(void **state)
{
	struct csv csv;
	struct jit *jit;

	(void)state;
	trace_node(&csv, "--perf-prof");
	jit = jit_open(csv.rows[0].pid, work_path("."));
	assert_non_null(jit);
	assert_in_range(count_named(&csv, jit, "fill"), PAGES / 2, PAGES * 2);
	jit_free(jit);
	csv_release(&csv);
}

static uint32_t child_of(pid_t pid)
{
	char path[64];
	uint32_t child = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%" SCNu32, &child), 1);
	fclose(file);
	return child;
}

/* Its /tmp is another, and there its number is 1; both are gone before the question. */
static void map_in_other_namespaces_is_kept_open(void **state)
{
	struct symbol symbol;
	struct jit *jit;
	struct run run;

	(void)state;
	run_start(&run, "unshare -pmf --propagation unchanged sh -c 'mount -t tmpfs none "
		  "/tmp; echo 1000 10 inside >/tmp/perf-$$.map; echo ready; sleep 60; :'");
	run_await_out(&run, "ready");
	jit = jit_open(child_of(run.pid), NULL);
	run_release(&run);
	assert_non_null(jit);
	assert_true(jit_function(jit, 0x1008, 1, &symbol));
	assert_string_equal(symbol.name, "inside");
	jit_free(jit);
}

#define live(test) cmocka_unit_test_teardown(test, run_kill_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		live(faults_in_code_of_node_have_names_of_its_map),
		live(faults_in_code_of_node_have_names_of_its_dump),
		live(map_in_other_namespaces_is_kept_open),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
