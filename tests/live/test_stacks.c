/*
 * Call stacks from end to end: recorded by the kernel, unwound, named, and written; beside
 * a debugger's at the same instruction, and perf's of the same capture.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/live.h"
#include "../support/run.h"

enum { NAMES_MAX = 4096 };

/* What all functions of nested.c have in common is that nm knows them. */
static bool is_of_program(const char *nm, const char *name)
{
	char line[128];

	snprintf(line, sizeof(line), " T %s\n", name);
	return strstr(nm, line) && strcmp(name, "_start") != 0;
}

static void add_name(char *names, const char *name, size_t length)
{
	const size_t used = strlen(names);

	assert_true(used + length + 2 < NAMES_MAX);
	snprintf(names + used, NAMES_MAX - used, "%s%.*s", used ? " " : "", (int)length,
		 name);
}

/* The program's own frames at touch(), the innermost first, as gdb has them. */
static void names_of_gdb(char *names, const char *program)
{
	struct run run;
	char *line, *rest;

	names[0] = '\0';
	run_command(&run, "gdb --batch -nx -ex 'set debuginfod enabled off' -ex 'break touch' "
		    "-ex 'run >/dev/null' -ex bt %s/%s 2>&1", live_programs(), program);
	for (line = strtok_r(run.out, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		const char *name = strstr(line, " in ");

		/* Of an inlined one only DWARF knows. */
		if (line[0] != '#' || !strstr(line, "nested.c:") ||
		    strstr(line, "inlined ("))
			continue;
		name = name ? name + 4 : line + strspn(line, "#0123456789 ");
		add_name(names, name, strcspn(name, " "));
	}
	run_release(&run);
}

/* The same from a folded line, which begins with the outermost. */
static void names_of_folded(char *names, char *line, const char *nm)
{
	char *frame;

	names[0] = '\0';
	*strrchr(line, ' ') = '\0';
	while ((frame = strrchr(line, ';'))) {
		*frame++ = '\0';
		if (is_of_program(nm, frame))
			add_name(names, frame, strlen(frame));
	}
}

static void trace_nested(struct run *run, const char *program, const char *how,
			 const char *options)
{
	run_quietly(run, "%s -s -o /dev/null --call-graph=%s --folded=%s %s -- %s/%s", pfa(),
		    how, work_path("folded"), options, live_programs(), program);
}

static char *line_of_touch(struct run *cat)
{
	char *line, *rest;

	run_quietly(cat, "cat %s", work_path("folded"));
	for (line = strtok_r(cat->out, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (strstr(line, ";touch "))
			return line;
	fail_msg("no stack ends in touch");
	return NULL;
}

static void compare_with_gdb(const char *program, const char *how)
{
	static char ours[NAMES_MAX], gdbs[NAMES_MAX];
	struct run nm, run, cat;

	need_programs("gdb nm");
	run_quietly(&nm, "nm %s/%s", live_programs(), program);
	trace_nested(&run, program, how, "");
	names_of_folded(ours, line_of_touch(&cat), nm.out);
	names_of_gdb(gdbs, program);
	assert_true(strlen(gdbs) > 100);
	assert_string_equal(ours, gdbs);
	run_release(&nm);
	run_release(&run);
	run_release(&cat);
}

static void unwound_stack_is_that_of_gdb(void **state)
{
	(void)state;
	compare_with_gdb("nested", "dwarf");
}

static void stack_by_frame_pointers_is_that_of_gdb(void **state)
{
	(void)state;
	compare_with_gdb("nested_fp", "fp");
}

/* The copy ends somewhere in the middle: what is there is right, and said to be cut. */
static void small_copy_cuts_the_stack(void **state)
{
	static char ours[NAMES_MAX];
	struct run nm, run, cat;
	const char *line;

	(void)state;
	need_programs("nm");
	run_quietly(&nm, "nm %s/nested", live_programs());
	trace_nested(&run, "nested", "dwarf,256", "");
	line = line_of_touch(&cat);
	assert_true(strstr(line, ";[cut];"));
	names_of_folded(ours, (char *)line, nm.out);
	assert_true(!strncmp(ours, "touch saves room_on_stack", 25));
	assert_null(strstr(ours, "main"));
	run_release(&nm);
	run_release(&run);
	run_release(&cat);
}

/* An access that fails has no completion: its stack is that of the signal. */
static void access_that_fails_has_a_stack(void **state)
{
	struct run run, cat;

	(void)state;
	run_command(&run, "%s -s -o /dev/null --call-graph=dwarf --type=INVALID --folded=%s "
		    "-- %s/segv_bus", pfa(), work_path("folded"), demos());
	assert_run_status(&run, 0);
	run_quietly(&cat, "cat %s", work_path("folded"));
	assert_says(cat.out, ";main;");
	run_release(&run);
	run_release(&cat);
}

/* Each stack of the capture has as many frames as perf makes of it. */
static const char compare_counts[] =
	"import re, sys\n"
	"def perf_depths(text):\n"
	"    depths, inside = [], False\n"
	"    for line in text.split('\\n'):\n"
	"        if line.startswith('\\t') and inside:\n"
	"            depths[-1] += 1\n"
	"        elif line.strip():\n"
	"            inside = 'minor-faults' in line\n"
	"            depths += [0] if inside else []\n"
	"    return depths\n"
	"ours = [int(l) for l in open(sys.argv[1])]\n"
	"perfs = perf_depths(open(sys.argv[2]).read())\n"
	"same = sum(a == b for a, b in zip(ours, perfs))\n"
	"print(len(ours), len(perfs), same)\n"
	"sys.exit(len(ours) != len(perfs) or same < 0.95 * len(ours))\n";

/*
 * perf unwinds each stack by libdw. It does not go on where there is no table, and gives up
 * where ours follows a frame pointer: of one stack in twenty it may differ.
 */
static void stacks_are_as_deep_as_those_of_perf(void **state)
{
	struct run run;

	(void)state;
	need_programs("perf python3 awk");
	run_quietly(&run, "%s record -o %s --call-graph=dwarf -- %s/nested", pfa(),
		    work_path("nested.data"), live_programs());
	run_release(&run);
	run_command(&run, "%s report -i %s -o /dev/null --type=MINOR,COW --csv=%s", pfa(),
		    work_path("nested.data"), work_path("nested.csv"));
	run_release(&run);
	run_command(&run, "%s - %s >%s <<'EOF'\n"
		    "import csv, sys\n"
		    "for row in csv.DictReader(open(sys.argv[1])):\n"
		    "    if row['event'] == 'fault':\n"
		    "        f = row['frames']\n"
		    "        print(sum(n not in ('', '...') for n in f.split(';')))\n"
		    "EOF\n", python(), work_path("nested.csv"), work_path("ours"));
	assert_run_status(&run, 0);
	run_release(&run);
	run_command(&run, "perf script --no-inline -F comm,event,ip,sym -i %s >%s 2>/dev/null",
		    work_path("nested.data"), work_path("perfs"));
	run_release(&run);
	run_command(&run, "%s - %s %s <<'EOF'\n%s\nEOF\n", python(), work_path("ours"),
		    work_path("perfs"), compare_counts);
	print_message("stacks of pfa, of perf, equally deep: %s", run.out);
	assert_run_status(&run, 0);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(unwound_stack_is_that_of_gdb, run_kill_all),
		cmocka_unit_test_teardown(stack_by_frame_pointers_is_that_of_gdb, run_kill_all),
		cmocka_unit_test_teardown(small_copy_cuts_the_stack, run_kill_all),
		cmocka_unit_test_teardown(access_that_fails_has_a_stack, run_kill_all),
		cmocka_unit_test_teardown(stacks_are_as_deep_as_those_of_perf, run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
