/*
 * What is written when the run is over (folded stacks, order files, prefetch lists), in
 * the form that its readers want, and against what the CSV, nm and the files tell.
 */
#include "../support/live.h"
#include "../support/run.h"

/* ---- folded stacks ---- */

static void every_line_is_one_that_flame_graphs_are_drawn_from(void **state)
{
	static const char *const rows[] = {
		"--call-graph=none",
		"--call-graph=fp",
		"--call-graph=fp --folded-leaf=region --folded-weight=bytes",
		"--call-graph=dwarf --folded-leaf=touched --folded-weight=time",
		"--call-graph=fp --folded-leaf=kind --folded-inline",
	};
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_quietly(&run, "%s -o %s --folded=%s %s -- sh -c '%s/mixed >%s'",
			    pfa(), work_path("stream"), work_path("folded"), rows[i],
			    demos(), work_path("said"));
		run_release(&run);
		run_quietly(&run, "grep -c ';.* ' %s", work_path("folded"));
		assert_string_not_equal(run.out, "1\n");
		run_release(&run);
		run_quietly(&run, "perl -ne 'print unless /^[^; ]+(;[^; ]+)+ [1-9]\\d*$/' "
			    "%s", work_path("folded"));
		assert_string_equal(run.out, "");
		run_release(&run);
		run_quietly(&run, "sed 's/ [0-9]*$//' %s | LC_ALL=C sort -c -u",
			    work_path("folded"));
		run_release(&run);
	}
}

static void weights_add_up_to_what_the_events_say(void **state)
{
	static const struct {
		const char *weight, *sum;
	} rows[] = {
		{ "count", "1" },
		{ "time", "$latency_ns" },
		{ "bytes", "$page_size" },
	};
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_quietly(&run, "%s --call-graph=fp --folded=%s --folded-weight=%s "
			    "--type=MAJOR,MINOR,COW -o %s --csv=%s -- %s/mixed >%s", pfa(),
			    work_path("folded"), rows[i].weight, work_path("stream"),
			    work_path("csv"), demos(), work_path("said"));
		run_release(&run);
		run_quietly(&run, "awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) { "
			    "if ($i == \"latency_ns\") latency_ns = i; "
			    "if ($i == \"page_size\") page_size = i } } "
			    "NR > 1 { sum += %s } END { printf \"%%d\\n\", sum }' %s "
			    ">%s && awk '{ sum += $NF } END { printf \"%%d\\n\", sum }' "
			    "%s | diff %s -", rows[i].sum, work_path("csv"),
			    work_path("sum"), work_path("folded"), work_path("sum"));
		run_release(&run);
	}
}

static void capture_gives_what_the_live_run_gave(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, "%s --capture=%s --call-graph=fp --folded=%s --first-touch "
		    "--prefetch-list=%s --order-file=%s -o %s -- %s/starter", pfa(),
		    work_path("data"), work_path("folded"), work_path("prefetch"),
		    work_path("order"), work_path("list"), live_programs());
	run_release(&run);
	run_quietly(&run, "%s report -i %s --folded=%s.2 --first-touch "
		    "--prefetch-list=%s.2 --order-file=%s.2 -o %s.2", pfa(),
		    work_path("data"), work_path("folded"), work_path("prefetch"),
		    work_path("order"), work_path("list"));
	run_release(&run);
	run_quietly(&run, "sh -c 'cd %s && for f in folded prefetch order list; do "
		    "test -s $f && cmp $f $f.2 || exit 1; done'", work_path("."));
	run_release(&run);
}

static void a_result_that_cannot_be_written_is_told(void **state)
{
	static const char *const options[] = { "folded", "prefetch-list", "order-file" };
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		run_command(&run, "%s -o %s --%s=/dev/full -- %s/starter", pfa(),
			    work_path("stream"), options[i], live_programs());
		assert_error_line(&run, 1, "/dev/full: No space left on device; the "
				  "output ends there");
		run_release(&run);
		run_quietly(&run, "grep -c ^Summary: %s", work_path("stream"));
		run_release(&run);
		run_command(&run, "%s --%s=/nowhere/x -- true", pfa(), options[i]);
		assert_error_line(&run, 1, "cannot write /nowhere/x");
		run_release(&run);
	}
}

/* ---- first touch ---- */

/* By another way: the first of the CSV's rows of each page of an object. */
static void pages_are_those_of_the_events(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, "%s --first-touch -o %s --csv=%s -- ls -l /etc >%s", pfa(),
		    work_path("list"), work_path("csv"), work_path("said"));
	run_release(&run);
	run_quietly(&run, "perl -F, -lane 'if ($. == 1) { @at{@F} = 0..$#F; next } "
		    "$page = hex($F[$at{offset}]) / 4096 | 0; "
		    "print \"$F[$at{kind}] $F[$at{region}] $page\" "
		    "if $F[$at{offset}] && $F[$at{type}] ne \"INVALID\" && "
		    "!$seen{$F[$at{region}]}{$page}++' %s >%s", work_path("csv"),
		    work_path("wanted"));
	run_release(&run);
	run_quietly(&run, "perl -lane 'print \"$F[3] $F[4] \", hex($F[6]) / 4096 "
		    "if $F[6] =~ /^0x/' %s | diff %s - && wc -l <%s",
		    work_path("list"), work_path("wanted"), work_path("wanted"));
	assert_string_not_equal(run.out, "0\n");
	run_release(&run);
}

static void ranges_lie_in_their_files(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, "%s -s -o %s --prefetch-list=%s -- ls -l /etc >%s", pfa(),
		    work_path("stream"), work_path("prefetch"), work_path("said"));
	run_release(&run);
	run_quietly(&run, "perl -F\\\\t -lane '$pages = ((-s $F[0]) + 4095) / 4096 | 0; "
		    "print if $F[1] %% 4096 || $F[2] %% 4096 || !$F[2] || "
		    "$F[1] + $F[2] > $pages * 4096' %s", work_path("prefetch"));
	assert_string_equal(run.out, "");
	run_release(&run);
	run_quietly(&run, "grep -c libc.so.6 %s", work_path("prefetch"));
	run_release(&run);
}

/*
 * A copy of it, written page by page: of a file that was written in larger pieces the
 * page cache has large folios, and one fault may map all of one.
 */
static void order_of_starter(const char *more)
{
	struct run run;

	run_quietly(&run, "sh -c 'dd if=%s/starter of=%s bs=4k status=none && chmod 755 "
		    "%s'", live_programs(), work_path("starter"), work_path("starter"));
	run_release(&run);
	run_quietly(&run, "%s -s -o %s --order-file=%s %s -- %s", pfa(),
		    work_path("stream"), work_path("order"), more, work_path("starter"));
	run_release(&run);
}

/* What was called is known to have run, in this order; of the rest that is not known. */
static void functions_are_in_the_order_of_their_calls(void **state)
{
	struct run run;

	(void)state;
	order_of_starter("");
	run_quietly(&run, "sed '/may have run/,$d' %s | grep called_", work_path("order"));
	assert_string_equal(run.out, "called_first\ncalled_second\ncalled_last\n");
	run_release(&run);
}

static void names_are_those_of_nm(void **state)
{
	struct run run;

	(void)state;
	order_of_starter("");
	run_quietly(&run, "nm %s/starter | awk '{ print $NF }' | LC_ALL=C sort -u >%s",
		    live_programs(), work_path("names"));
	run_release(&run);
	run_quietly(&run, "grep -v '^#' %s | LC_ALL=C sort | uniq -d | diff - /dev/null",
		    work_path("order"));
	run_release(&run);
	run_quietly(&run, "grep -v '^#' %s | LC_ALL=C sort | LC_ALL=C comm -23 - %s | "
		    "diff - /dev/null", work_path("order"), work_path("names"));
	run_release(&run);
}

static void another_object_can_be_asked_for(void **state)
{
	struct run run;

	(void)state;
	order_of_starter("--object='libc.so*'");
	run_quietly(&run, "grep -cv '^#' %s", work_path("order"));
	run_release(&run);
	run_command(&run, "%s -s -o %s --order-file=%s --object=nothing -- true", pfa(),
		    work_path("stream"), work_path("order"));
	assert_error_line(&run, 2, "--order-file: no code of nothing took a fault");
	run_release(&run);
}

/* Those of the C library's start files are in no section of their own. */
static void linker_takes_the_order(void **state)
{
	struct run run;

	(void)state;
	need_programs("gcc ld.lld");
	order_of_starter("");
	run_quietly(&run, "gcc -O2 -ffunction-sections -fuse-ld=lld "
		    "-Wl,--symbol-ordering-file=%s -Wl,--fatal-warnings -o %s "
		    "tests/live/starter.c", work_path("order"), work_path("ordered"));
	run_release(&run);
	run_quietly(&run, "nm -n %s | grep -o 'called_.*'", work_path("ordered"));
	assert_string_equal(run.out, "called_first\ncalled_second\ncalled_last\n"
				     "called_never\n");
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			every_line_is_one_that_flame_graphs_are_drawn_from, run_kill_all),
		cmocka_unit_test_teardown(weights_add_up_to_what_the_events_say,
					  run_kill_all),
		cmocka_unit_test_teardown(capture_gives_what_the_live_run_gave,
					  run_kill_all),
		cmocka_unit_test_teardown(a_result_that_cannot_be_written_is_told,
					  run_kill_all),
		cmocka_unit_test_teardown(pages_are_those_of_the_events, run_kill_all),
		cmocka_unit_test_teardown(ranges_lie_in_their_files, run_kill_all),
		cmocka_unit_test_teardown(functions_are_in_the_order_of_their_calls,
					  run_kill_all),
		cmocka_unit_test_teardown(names_are_those_of_nm, run_kill_all),
		cmocka_unit_test_teardown(another_object_can_be_asked_for, run_kill_all),
		cmocka_unit_test_teardown(linker_takes_the_order, run_kill_all),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
