/* From the observer to the tables of the summary: what passes the filters. */
#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/report/report.h"

static const struct region anon = { "anon", "", "anon" };
static const struct region heap = { "[heap]", "", "[heap]" };
static const struct code writer = { .object = "demo", .addr = 0x400,
				   .text = "demo+0x400" };
static const struct giver dontneed = { REFAULT_DONTNEED, "madvise(dontneed)", &writer,
				       "anon" };

static struct fault fault_in(const struct region *region)
{
	return (struct fault){ .actor = { .serial = 1, .comm = "demo",
					  .process_comm = "demo" },
			       .region = region, .code = &writer, .kind = "zero-fill",
			       .type = FAULT_MINOR, .latency_ns = LATENCY_UNKNOWN };
}

/* A fork; a copy and a page that came back, of three, in each region. */
static void observe(const struct observer *o)
{
	const struct region *const regions[] = { &anon, &heap };
	const struct life fork = { .kind = LIFE_FORK, .fork = 1,
				   .actor = { .serial = 1, .process_comm = "demo" },
				   .child = { .serial = 2, .process_comm = "demo" } };
	const struct change give = { .kind = CHANGE_ADVISE, .giver = &dontneed,
				     .pages_given = 3, .region = &heap };

	o->life(o->context, &fork);
	o->change(o->context, &give);
	for (size_t i = 0; i < COUNT_OF(regions); i++) {
		struct fault fault = fault_in(regions[i]);

		fault.giver = &dontneed;
		o->fault(o->context, &fault);
		fault = fault_in(regions[i]);
		fault.kind = "cow-copy";
		fault.type = FAULT_COW;
		fault.fork = 1;
		o->fault(o->context, &fault);
	}
}

/* All that a report with this view printed; the caller frees. */
static char *printed(const struct view *view)
{
	char path[] = "/tmp/pfa-report-XXXXXX", *text = calloc(1, 8192);
	const struct report_paths paths = { .stream = path };
	const struct run_facts facts = { 0 };
	int fd = mkstemp(path);
	struct report *report;
	struct observer observer;
	struct pfa_error err;

	assert_true(fd >= 0);
	assert_int_equal(report_open(&report, view, &paths, NULL, &err), PFA_OK);
	observer = report_observer(report);
	observe(&observer);
	assert_int_equal(report_close(report, &facts, &err), PFA_OK);
	assert_in_range(read(fd, text, 8191), 1, 8190);
	close(fd);
	unlink(path);
	return text;
}

static void check_end(const struct view *view, const char *wanted)
{
	char *text = printed(view);
	const char *found = strstr(text, "\nCopied after fork\n");

	assert_string_equal(found ? found : "", wanted);
	free(text);
}

static struct view fixed_view(void)
{
	struct view view = view_default();

	view.fixed_ts = true;
	return view;
}

static void forks_and_refaults_are_in_the_summary(void **state)
{
	const struct view view = fixed_view();

	(void)state;
	check_end(&view,
		  "\nCopied after fork\n"
		  "  P1 demo -> P2 demo\n"
		  "    parent copied 2 pages (8.0K), reused 0\n"
		  "    child copied 0 pages (0B), reused 0\n"
		  "  side    region  code        copied  bytes  reused\n"
		  "  parent  [heap]  demo+0x400       1   4.0K       0\n"
		  "  parent  anon    demo+0x400       1   4.0K       0\n"
		  "\nGiven back and touched again\n"
		  "  call               code        object  calls  given  refaults  pages"
		  "  share\n"
		  "  madvise(dontneed)  demo+0x400  anon        1      3         2      2"
		  "  66.7%\n"
		  "\nTouched again, by code\n"
		  "  touched by  given by           code        object  refaults  pages\n"
		  "  demo+0x400  madvise(dontneed)  demo+0x400  anon           2      2\n");
}

/* What was given is not filtered: the share is that of all that was given. */
static void filters_choose_the_faults_in_them(void **state)
{
	struct view view = fixed_view();

	(void)state;
	view.region = "anon";
	check_end(&view,
		  "\nCopied after fork\n"
		  "  P1 demo -> P2 demo\n"
		  "    parent copied 1 pages (4.0K), reused 0\n"
		  "    child copied 0 pages (0B), reused 0\n"
		  "  side    region  code        copied  bytes  reused\n"
		  "  parent  anon    demo+0x400       1   4.0K       0\n"
		  "\nGiven back and touched again\n"
		  "  call               code        object  calls  given  refaults  pages"
		  "  share\n"
		  "  madvise(dontneed)  demo+0x400  anon        1      3         1      1"
		  "  33.3%\n"
		  "\nTouched again, by code\n"
		  "  touched by  given by           code        object  refaults  pages\n"
		  "  demo+0x400  madvise(dontneed)  demo+0x400  anon           1      1\n");
	view.region = "nowhere";
	check_end(&view, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forks_and_refaults_are_in_the_summary),
		cmocka_unit_test(filters_choose_the_faults_in_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
