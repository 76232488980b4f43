/* Options of what is written when the run is over: what they set, and what they refuse. */
#include "parsed.h"

static void results_have_files_of_their_own(void **state)
{
	struct parsed p;
	const struct options *o =
		parse_well(&p, "pfa --folded=f --folded-weight=time --folded-leaf=touched "
			       "--folded-inline --order-file=o --object=lib* "
			       "--prefetch-list=p --first-touch x");

	(void)state;
	assert_string_equal(o->results[RESULT_FOLDED], "f");
	assert_string_equal(o->results[RESULT_ORDER], "o");
	assert_string_equal(o->results[RESULT_PREFETCH], "p");
	assert_string_equal(o->view.object, "lib*");
	assert_int_equal(o->view.folded.weight, FOLDED_time);
	assert_int_equal(o->view.folded.leaf, FOLDED_LEAF_touched);
	assert_true(o->view.folded.inlined);
	assert_true(o->view.first_touch);
	options_release(&p.options);
}

#define WITH_FOLDED "--folded-weight, --folded-leaf and --folded-inline go with " \
		    "--folded=FILE"

static const struct {
	const char *line, *message; /* NULL: none */
} rows[] = {
	{ "pfa report --folded=- -o x --order-file=y", NULL },
	{ "pfa report --first-touch --folded=x --csv=y", NULL },
	{ "pfa report --folded=-", "--folded=- would mix with the stream on standard "
				   "output: add -o FILE" },
	{ "pfa --csv=- --prefetch-list=- -o x true",
	  "--prefetch-list=- would mix with another export on standard output: give one "
	  "of them a file" },
	{ "pfa --folded-weight=time x", WITH_FOLDED },
	{ "pfa --folded-leaf=region x", WITH_FOLDED },
	{ "pfa report --folded-inline", WITH_FOLDED },
	{ "pfa --folded=x --folded-weight=pages x",
	  "unknown --folded-weight value 'pages' (known: count, time, bytes)" },
	{ "pfa --folded=x --folded-leaf=page x",
	  "unknown --folded-leaf value 'page' (known: none, region, kind, touched)" },
	{ "pfa --object=libc* --first-touch x",
	  "--object goes with --order-file=FILE: it says whose functions are wanted" },
	{ "pfa --first-touch --leaks x",
	  "--maps, --compare, --leaks and --first-touch exclude each other: each is "
	  "printed instead of all else" },
	{ "pfa report -s --first-touch",
	  "-s prints the summary only, and --maps, --compare, --leaks and --first-touch "
	  "print none" },
	{ "pfa --first-touch --alert=major>1 x",
	  "--alert goes into the stream, and --maps, --compare, --leaks and "
	  "--first-touch print none" },
	{ "pfa record --folded=x true",
	  "unknown option --folded=x (see pfa record --help)" },
};

static void what_does_not_go_together_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct parsed p;

		parse(&p, rows[i].line);
		assert_int_equal(p.status, rows[i].message ? PFA_E_USAGE : PFA_OK);
		if (rows[i].message)
			assert_string_equal(p.err.text, rows[i].message);
		options_release(&p.options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_have_files_of_their_own),
		cmocka_unit_test(what_does_not_go_together_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
