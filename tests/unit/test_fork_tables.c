/* "Copied after fork", to the letter. */
#include "../support/check.h"
#include "../support/nameless.h"

#include "pfa/report/fork_tables.h"
#include "pfa/report/forks.h"
#include "pfa/report/view.h"

static const struct region anon = { "anon", "", "anon" };
static const struct region data = { "demo", ".data", "demo .data" };
static const struct code writer = { .object = "demo", .addr = 0x1234,
				   .text = "demo+0x1234" };
static const struct code other = { .object = "libc.so.6", .addr = 0x20,
				   .text = "libc.so.6+0x20" };

static void born(struct forks *f, uint32_t fork)
{
	const struct life life = {
		.kind = LIFE_FORK, .fork = fork, .time_ns = fork * 1000000000ULL,
		.actor = { .pid = 4321, .serial = 1, .comm = "io", .process_comm = "demo" },
		.child = { .pid = 4321 + fork, .serial = 1 + fork, .comm = "io",
			   .process_comm = "de\nmo" },
	};

	forks_life(f, &life);
}

static void add(struct forks *f, uint32_t fork, bool child_side, const char *kind,
		const struct region *region, const struct code *code, uint64_t latency_ns)
{
	const struct fault fault = {
		.type = FAULT_COW, .kind = kind, .fork = fork, .child_side = child_side,
		.region = region, .code = code, .kernel = !code, .page_size_bytes = 4096,
		.latency_ns = latency_ns,
	};

	forks_fault(f, &fault);
}

static void check(const struct forks *f, const struct view *view, const char *wanted)
{
	struct text out;

	text_init(&out);
	fork_tables_print(&out, view, nameless, f, 500000000);
	assert_string_equal(text_cstr(&out), wanted);
	text_release(&out);
}

static void nothing_is_printed_of_forks_that_copied_nothing(void **state)
{
	const struct view view = view_default();
	struct forks f;

	(void)state;
	forks_init(&f, view.top);
	check(&f, &view, "");
	born(&f, 1);
	check(&f, &view, "");
	forks_release(&f);
}

static void fill(struct forks *f)
{
	forks_init(f, 20);
	born(f, 1);
	for (int i = 0; i < 300; i++)
		add(f, 1, false, "cow-copy", &anon, &writer, 2000);
	add(f, 1, false, "cow-reuse", &data, &writer, 800);
	add(f, 1, true, "cow-copy", &anon, NULL, 3000);
	add(f, 1, true, "cow-copy", &data, &other, LATENCY_UNKNOWN);
}

static void fork_has_its_sides_and_places(void **state)
{
	struct view view = view_default();
	struct forks f;

	(void)state;
	fill(&f);
	check(&f, &view,
	      "\nCopied after fork\n"
	      "  4321 demo -> 4322 de\\x0amo at 500.0ms\n"
	      "    parent copied 300 pages (1.2M), reused 1, in 600.8us\n"
	      "    child copied 2 pages (8.0K), reused 0, in 3.0us\n"
	      "  side    region      code            copied  bytes  reused     time\n"
	      "  parent  anon        demo+0x1234        300   1.2M       0  600.0us\n"
	      "  child   anon        (kernel)             1   4.0K       0    3.0us\n"
	      "  child   demo .data  libc.so.6+0x20       1   4.0K       0        -\n"
	      "  parent  demo .data  demo+0x1234          0     0B       1    800ns\n");
	view.fixed_ts = true;
	check(&f, &view,
	      "\nCopied after fork\n"
	      "  P1 demo -> P2 de\\x0amo\n"
	      "    parent copied 300 pages (1.2M), reused 1\n"
	      "    child copied 2 pages (8.0K), reused 0\n"
	      "  side    region      code            copied  bytes  reused\n"
	      "  parent  anon        demo+0x1234        300   1.2M       0\n"
	      "  child   anon        (kernel)             1   4.0K       0\n"
	      "  child   demo .data  libc.so.6+0x20       1   4.0K       0\n"
	      "  parent  demo .data  demo+0x1234          0     0B       1\n");
	forks_release(&f);
}

/* As an ordinary user sees it who may not read physical addresses. */
static void unknown_frames_are_told_as_such(void **state)
{
	const struct view view = view_default();
	struct forks f;

	(void)state;
	forks_init(&f, view.top);
	born(&f, 1);
	add(&f, 1, true, "cow", &anon, &writer, 2000);
	check(&f, &view,
	      "\nCopied after fork\n"
	      "  4321 demo -> 4322 de\\x0amo at 500.0ms\n"
	      "    parent copied 0 pages (0B), reused 0\n"
	      "    child copied 0 pages (0B), reused 0, one or the other 1, in 2.0us\n"
	      "  side   region  code         copied  bytes  reused  either   time\n"
	      "  child  anon    demo+0x1234       0     0B       0       1  2.0us\n");
	forks_release(&f);
}

static void rows_are_shared_by_the_forks(void **state)
{
	struct view view = view_default();
	struct forks f;

	(void)state;
	view.fixed_ts = true;
	view.top = 2;
	fill(&f);
	born(&f, 2);
	born(&f, 3);
	add(&f, 2, true, "cow-copy", &data, &other, 1);
	add(&f, 3, true, "cow-copy", &data, &other, 1);
	check(&f, &view,
	      "\nCopied after fork\n"
	      "  P1 demo -> P2 de\\x0amo\n"
	      "    parent copied 300 pages (1.2M), reused 1\n"
	      "    child copied 2 pages (8.0K), reused 0\n"
	      "  side    region  code         copied  bytes  reused\n"
	      "  parent  anon    demo+0x1234     300   1.2M       0\n"
	      "  ... 3 more places\n"
	      "  P1 demo -> P3 de\\x0amo\n"
	      "    parent copied 0 pages (0B), reused 0\n"
	      "    child copied 1 pages (4.0K), reused 0\n"
	      "  side   region      code            copied  bytes  reused\n"
	      "  child  demo .data  libc.so.6+0x20       1   4.0K       0\n"
	      "  ... 1 more forks (--top=3 shows them)\n");
	forks_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_printed_of_forks_that_copied_nothing),
		cmocka_unit_test(fork_has_its_sides_and_places),
		cmocka_unit_test(unknown_frames_are_told_as_such),
		cmocka_unit_test(rows_are_shared_by_the_forks),
	};

	return cmocka_run_group_tests(tests, nameless_setup, nameless_teardown);
}
