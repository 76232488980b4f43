/* Options of what is written when the run is over: what they set, and what they refuse. */
#include "../support/check.h"

#include <string.h>

#include "pfa/options.h"

enum { ARGS_MAX = 16 };

struct parsed {
	char line[256];
	char *argv[ARGS_MAX + 1];
	struct options options;
	struct pfa_error err;
};

/* Words with one space between them. The options point into *p. */
static enum pfa_status parse(struct parsed *p, const char *line)
{
	int argc = 0;
	char *at = p->line;

	assert_true(strlen(line) < sizeof(p->line));
	memcpy(p->line, line, strlen(line) + 1);
	while (at) {
		assert_true(argc < ARGS_MAX);
		p->argv[argc++] = strsep(&at, " ");
	}
	p->argv[argc] = NULL;
	return options_parse(&p->options, argc, p->argv, &p->err);
}

static void results_have_files_of_their_own(void **state)
{
	struct parsed p;
	const struct options *o = &p.options;

	(void)state;
	if (parse(&p, "pfa --folded=f --folded-weight=time --folded-leaf=touched "
		      "--folded-inline --order-file=o --object=lib* --prefetch-list=p "
		      "--first-touch x"))
		fail_msg("%s", p.err.text);
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
		enum pfa_status status = parse(&p, rows[i].line);

		assert_int_equal(status, rows[i].message ? PFA_E_USAGE : PFA_OK);
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
