/* The command line: every option, and what is left to the program. */
#include "parsed.h"

#include <stdio.h>

#include "pfa/report/budget_text.h"
#include "pfa/report/format.h"
#include "pfa/source/event_groups.h"

/* ---- what to trace ---- */

static void program_is_all_from_its_name_on(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa -s ls -l --top=5 -p 3");

	(void)state;
	assert_int_equal(o->command, COMMAND_TRACE);
	assert_true(o->view.summary_only);
	assert_ptr_equal(o->program, p.argv + 2);
	assert_string_equal(o->program[0], "ls");
	assert_string_equal(o->program[1], "-l");
	assert_string_equal(o->program[2], "--top=5");
	assert_null(o->program[5]);
	assert_int_equal(o->pid_count, 0);
	assert_int_equal(o->view.top, 20);
	options_release(o);
}

static void two_dashes_end_our_options(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa -- record -o x");

	(void)state;
	assert_int_equal(o->command, COMMAND_TRACE);
	assert_string_equal(o->program[0], "record");
	assert_string_equal(o->program[1], "-o");
	assert_null(o->output);
	options_release(o);
	o = parse_well(&p, "pfa --csv=a -- -x --help");
	assert_string_equal(o->program[0], "-x");
	assert_false(o->help);
	options_release(o);
}

static void budgets_add_up_in_their_order(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa --fail-if=major>1 --alert faults/s>2 "
				       "--fail-if=lost>3 true");

	(void)state;
	assert_int_equal(o->view.budget_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(o->view.budgets[i].limit, i + 1);
	assert_false(o->view.budgets[0].alert);
	assert_true(o->view.budgets[1].alert);
	options_release(o);
}

static const struct {
	const char *line;
	size_t count;
	pid_t pids[4];
} pids[] = {
	{ "pfa -p 1", 1, { 1 } },
	{ "pfa -p4321", 1, { 4321 } },
	{ "pfa --pid=5,6,7", 3, { 5, 6, 7 } },
	{ "pfa --pid 5 -p 6,7 -p 8", 4, { 5, 6, 7, 8 } },
	{ "pfa -p 5,6,5 -p 6", 2, { 5, 6 } }, /* once is enough */
	{ "pfa -p 2147483647", 1, { 2147483647 } },
	{ "pfa -sp 9", 1, { 9 } },
	{ "pfa record -o x -p 3", 1, { 3 } },
};

static void pids_add_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		struct parsed p;
		struct options *o = parse_well(&p, pids[i].line);

		assert_int_equal(o->pid_count, pids[i].count);
		for (size_t k = 0; k < pids[i].count; k++)
			assert_int_equal(o->pids[k], pids[i].pids[k]);
		assert_null(o->program);
		options_release(o);
	}
}

static const struct {
	const char *line;
	bool machine;
	const char *cgroup, *program;
} scopes[] = {
	{ "pfa -a", true, NULL, NULL },
	{ "pfa --all", true, NULL, NULL },
	{ "pfa -as sleep 1", true, NULL, "sleep" },
	{ "pfa -a -- -x", true, NULL, "-x" },
	{ "pfa ls -a", false, NULL, "ls" },
	{ "pfa record -a", true, NULL, NULL },
	{ "pfa --cgroup=/sys/fs/cgroup/a.slice", false, "/sys/fs/cgroup/a.slice", NULL },
	{ "pfa --cgroup a.slice/b sleep 1", false, "a.slice/b", "sleep" },
	{ "pfa --cgroup=a --cgroup=b", false, "b", NULL },
	{ "pfa record --cgroup=/ -o x -- make", false, "/", "make" },
};

static void machine_or_control_group_needs_no_program_but_may_have_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(scopes); i++) {
		struct parsed p;
		struct options *o = parse_well(&p, scopes[i].line);

		assert_int_equal(o->machine, scopes[i].machine);
		assert_int_equal(!o->cgroup, !scopes[i].cgroup);
		if (o->cgroup)
			assert_string_equal(o->cgroup, scopes[i].cgroup);
		assert_int_equal(!o->program, !scopes[i].program);
		if (o->program)
			assert_string_equal(o->program[0], scopes[i].program);
		options_release(o);
	}
}

/* ---- each option ---- */

static void defaults_are_those_of_the_help(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa true");

	(void)state;
	assert_string_equal(o->input, "pfa.data");
	assert_null(o->output);
	assert_null(o->capture);
	assert_null(o->exports[0]);
	assert_false(o->machine);
	assert_null(o->cgroup);
	assert_int_equal(o->event_groups, GROUPS_ALL);
	assert_false(o->no_follow);
	assert_false(o->verify);
	assert_int_equal(o->rss_interval_ns, 100000000);
	assert_int_equal(o->buffer_bytes, 0);
	assert_int_equal(o->duration_ns, 0);
	assert_int_equal(o->max_faults, 0);
	assert_int_equal(o->color, COLOR_AUTO);
	assert_int_equal(o->view.show, SHOW_FAULTS);
	assert_int_equal(o->view.top, 20);
	assert_false(o->view.fixed_ts);
	assert_false(o->view.summary_only);
	assert_ptr_equal(o->cmdline, p.argv);
	options_release(o);
}

static void files_are_taken_as_they_are(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa -o out.txt --csv=a,b.csv --capture c.data x");

	(void)state;
	assert_string_equal(o->output, "out.txt");
	assert_string_equal(o->capture, "c.data");
	for (size_t i = 0; export_formats[i]; i++)
		if (export_formats[i] == &csv_format)
			assert_string_equal(o->exports[i], "a,b.csv");
		else
			assert_null(o->exports[i]);
	options_release(o);
	o = parse_well(&p, "pfa report -i - --output=-");
	assert_string_equal(o->input, "-");
	assert_string_equal(o->output, "-");
	options_release(o);
}

static void view_options_shape_the_view(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa --summary --fixed-ts --show=vma,life "
				       "--fields=ip,cpu --type=MAJOR,cow --kind=page-in "
				       "--region=libc* --min-latency=50us --top=3 x");

	(void)state;
	assert_true(o->view.summary_only);
	assert_true(o->view.fixed_ts);
	assert_int_equal(o->view.show, SHOW_VMA | SHOW_LIFE);
	assert_int_equal(o->view.fields, 1 << FIELD_ip | 1 << FIELD_cpu);
	assert_int_equal(o->view.types, 1 << FAULT_MAJOR | 1 << FAULT_COW);
	assert_string_equal(o->view.kinds, "page-in");
	assert_string_equal(o->view.region, "libc*");
	assert_int_equal(o->view.min_latency_ns, 50000);
	assert_int_equal(o->view.top, 3);
	options_release(o);
}

static void layouts_are_asked_for_with_moment_and_processes(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa report --maps --at=1.25 --pid=P2,4321");

	(void)state;
	assert_true(o->view.maps);
	assert_true(o->view.has_at);
	assert_int_equal(o->view.at_ns, 1250000000);
	assert_string_equal(o->view.processes, "P2,4321");
	assert_int_equal(o->pid_count, 0);
	options_release(o);
	o = parse_well(&p, "pfa --leaks --at=0 --pid=4321"); /* there it attaches */
	assert_true(o->view.leaks);
	assert_true(o->view.has_at);
	assert_null(o->view.processes);
	assert_int_equal(o->pid_count, 1);
	options_release(o);
	o = parse_well(&p, "pfa --compare=P1,P2 --at=80us x");
	assert_string_equal(o->view.compare, "P1,P2");
	assert_int_equal(o->view.at_ns, 80000);
	options_release(o);
}

static void limits_are_read_with_their_units(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa --no-follow --buffer=1.5M --duration=2.5 "
				       "--verify --max-faults=1000 --rss-interval=20ms x");

	(void)state;
	assert_true(o->no_follow);
	assert_true(o->verify);
	assert_int_equal(o->buffer_bytes, 1572864);
	assert_int_equal(o->duration_ns, 2500000000);
	assert_int_equal(o->max_faults, 1000);
	assert_int_equal(o->rss_interval_ns, 20000000);
	options_release(o);
}

static void events_are_chosen_in_groups(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa --events=faults,calls x");

	(void)state;
	assert_int_equal(o->event_groups, 1 << GROUP_CALLS);
	options_release(o);
	o = parse_well(&p, "pfa record --events=calls --events=-calls,-kernel x");
	assert_int_equal(o->event_groups, 1 << GROUP_ENTRIES | 1 << GROUP_TASKS);
	options_release(o);
}

static const struct {
	const char *line;
	enum color_choice color;
} colors[] = {
	{ "pfa --color=auto x", COLOR_AUTO },
	{ "pfa --color=always x", COLOR_ALWAYS },
	{ "pfa --color never x", COLOR_NEVER },
	{ "pfa --color=always --color=never x", COLOR_NEVER },
};

static void last_colour_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(colors); i++) {
		struct parsed p;
		struct options *o = parse_well(&p, colors[i].line);

		assert_int_equal(o->color, colors[i].color);
		options_release(o);
	}
}

/* ---- commands ---- */

static void first_word_may_be_a_command(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa record -o x.data ./prog -o y");

	(void)state;
	assert_int_equal(o->command, COMMAND_RECORD);
	assert_string_equal(o->output, "x.data");
	assert_string_equal(o->program[0], "./prog");
	assert_string_equal(o->program[1], "-o");
	options_release(o);
	o = parse_well(&p, "pfa record true");
	assert_string_equal(o->output, "pfa.data");
	options_release(o);
	o = parse_well(&p, "pfa report --input=x.data -s");
	assert_int_equal(o->command, COMMAND_REPORT);
	assert_string_equal(o->input, "x.data");
	options_release(o);
	o = parse_well(&p, "pfa report");
	assert_string_equal(o->input, "pfa.data");
	options_release(o);
	o = parse_well(&p, "pfa records"); /* a program of that name */
	assert_int_equal(o->command, COMMAND_TRACE);
	options_release(o);
}

static const struct {
	const char *line;
	enum command command;
	bool help, version;
} asked[] = {
	{ "pfa -h", COMMAND_TRACE, true, false },
	{ "pfa --help --top=nonsense", COMMAND_TRACE, true, false },
	{ "pfa record --help", COMMAND_RECORD, true, false },
	{ "pfa report -h prog", COMMAND_REPORT, true, false },
	{ "pfa -V", COMMAND_TRACE, false, true },
	{ "pfa record --version", COMMAND_RECORD, false, true },
};

static void help_and_version_need_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(asked); i++) {
		struct parsed p;
		struct options *o = parse_well(&p, asked[i].line);

		assert_int_equal(o->command, asked[i].command);
		assert_int_equal(o->help, asked[i].help);
		assert_int_equal(o->version, asked[i].version);
		options_release(o);
	}
}

/* ---- map ---- */

static void map_has_options_of_its_own(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa map -p 5,6 --tree --pages=1000-3000 --each "
					   "--top=3 --region=anon --sort=rss --csv=x");

	(void)state;
	assert_int_equal(o->command, COMMAND_MAP);
	assert_int_equal(o->pid_count, 2);
	assert_true(o->tree && o->map.pages && o->map.each);
	assert_int_equal(o->map.from, 0x1000);
	assert_int_equal(o->map.to, 0x3000);
	assert_int_equal(o->map.top, 3);
	assert_string_equal(o->map.region, "anon");
	options_release(o);
	o = parse_well(&p, "pfa map -p 5 --pages");
	assert_true(o->map.pages);
	assert_int_equal(o->map.to, UINT64_MAX);
	assert_true(o->map.top == SIZE_MAX);
	options_release(o);
}

static void top_shows_frames_of_a_second_unless_told_otherwise(void **state)
{
	struct parsed p;
	struct options *o = parse_well(&p, "pfa top -p 5");

	(void)state;
	assert_int_equal(o->command, COMMAND_TOP);
	assert_true(view_has_frames(&o->view));
	assert_int_equal(o->view.interval_ns, 1000000000);
	assert_int_equal(o->view.frames, 0);
	options_release(o);
	o = parse_well(&p, "pfa top --interval=50ms --batch=3 -o x -- ls --batch=4");
	assert_int_equal(o->view.interval_ns, 50000000);
	assert_int_equal(o->view.frames, 3);
	assert_string_equal(o->output, "x");
	assert_string_equal(o->program[1], "--batch=4");
	options_release(o);
	o = parse_well(&p, "pfa -- top");
	assert_false(view_has_frames(&o->view));
	options_release(o);
}

/* ---- help ---- */

static void read_help(char *text, size_t size, enum command command)
{
	FILE *f = fmemopen(text, size, "w");

	assert_non_null(f);
	options_print_help(f, command);
	fclose(f);
}

static void help_lists_the_options_of_its_command(void **state)
{
	static const struct {
		enum command command;
		const char *has, *has_not;
	} rows[] = {
		{ COMMAND_TRACE, "\n  -p, --pid=PID[,PID...]     attach to running processes\n",
		  "--input" },
		{ COMMAND_TRACE, "\n      --top=N                rows of each table [20]\n",
		  "the capture to write [pfa.data]\n" },
		{ COMMAND_TRACE, "\n  -a, --all ", "--input" },
		{ COMMAND_TRACE, "\n      --cgroup=PATH ", "--input" },
		{ COMMAND_TRACE, "\n      --events=LIST ", "--input" },
		{ COMMAND_RECORD, "\n  -a, --all ", "--csv" },
		{ COMMAND_REPORT, "\n  -i, --input=FILE ", "--all" },
		{ COMMAND_REPORT, "\n  -i, --input=FILE ", "--cgroup" },
		{ COMMAND_REPORT, "\n  -i, --input=FILE ", "--events" },
		{ COMMAND_RECORD, "\n  -o, --output=FILE          the capture to write [pfa.data]\n",
		  "--csv" },
		{ COMMAND_REPORT, "\n  -i, --input=FILE           the capture to read",
		  "-p, --pid" },
	};
	char text[8192];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		read_help(text, sizeof(text), rows[i].command);
		assert_non_null(strstr(text, rows[i].has));
		assert_null(strstr(text, rows[i].has_not));
		assert_int_equal(strncmp(text, "Usage: pfa ", 11), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_is_all_from_its_name_on),
		cmocka_unit_test(two_dashes_end_our_options),
		cmocka_unit_test(pids_add_up),
		cmocka_unit_test(budgets_add_up_in_their_order),
		cmocka_unit_test(machine_or_control_group_needs_no_program_but_may_have_one),
		cmocka_unit_test(defaults_are_those_of_the_help),
		cmocka_unit_test(files_are_taken_as_they_are),
		cmocka_unit_test(view_options_shape_the_view),
		cmocka_unit_test(layouts_are_asked_for_with_moment_and_processes),
		cmocka_unit_test(limits_are_read_with_their_units),
		cmocka_unit_test(events_are_chosen_in_groups),
		cmocka_unit_test(last_colour_counts),
		cmocka_unit_test(first_word_may_be_a_command),
		cmocka_unit_test(help_and_version_need_nothing_else),
		cmocka_unit_test(top_shows_frames_of_a_second_unless_told_otherwise),
		cmocka_unit_test(map_has_options_of_its_own),
		cmocka_unit_test(help_lists_the_options_of_its_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
