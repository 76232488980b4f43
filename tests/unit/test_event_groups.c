/* Which groups of events are wanted, and what is said of those that are not there. */
#include "../support/check.h"

#include "pfa/base/text.h"
#include "pfa/source/event_groups.h"

enum {
	ENTRIES = 1 << GROUP_ENTRIES,
	CALLS = 1 << GROUP_CALLS,
	TASKS = 1 << GROUP_TASKS,
	KERNEL = 1 << GROUP_KERNEL,
};

static const struct {
	const char *list;
	unsigned wanted;
} lists[] = {
	{ "faults", 0 },
	{ "entries", ENTRIES },
	{ "calls", CALLS },
	{ "tasks", TASKS },
	{ "kernel", KERNEL },
	{ "faults,faults", 0 },
	{ "faults,kernel", KERNEL },
	{ "kernel,tasks,calls,entries", GROUPS_ALL },
	{ "calls,calls", CALLS }, /* once is enough */
	{ "-calls", GROUPS_ALL & ~CALLS },
	{ "-calls,-kernel", ENTRIES | TASKS },
	{ "-tasks,-tasks", GROUPS_ALL & ~TASKS },
	{ "-entries,-calls,-tasks,-kernel", 0 },
};

static void groups_are_named_to_have_or_to_leave_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		unsigned wanted = 4711;

		if (!event_groups_parse(lists[i].list, &wanted))
			fail_msg("%s is refused", lists[i].list);
		if (wanted != lists[i].wanted)
			fail_msg("%s is %#x", lists[i].list, wanted);
	}
}

static const char *const wrong[] = {
	"", ",", "-", "--", "calls,", ",calls", "calls,,tasks", "-calls,", "-,-calls",
	"all", "none", "call", "callsx", "Calls", " calls", "calls ", "calls;tasks",
	"-faults", /* they are always there */
	"-calls,-faults", "--calls", "calls,-kernel", "-calls,kernel", "-calls,faults",
	"!calls", "+calls",
};

static void unknown_or_mixed_names_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		unsigned wanted;

		if (event_groups_parse(wrong[i], &wanted))
			fail_msg("'%s' is taken for %#x", wrong[i], wanted);
	}
}

/* ---- notices ---- */

#define UNWANTED "note: left out by --events: no "
#define FORBIDDEN "note: not privileged (see PRIVILEGE in pfa(1)): no "
#define NO_TRACEFS "note: tracefs cannot be read (see PRIVILEGE in pfa(1)): no "
#define NOT_IN_KERNEL "note: this kernel has no such tracepoints: no "

static const struct {
	struct event_groups groups;
	const char *notices;
} notices[] = {
	{ { { 0 } }, "" },
	{ { { [GROUP_CALLS] = GROUP_UNWANTED } }, UNWANTED "munmap, mremap, madvise\n" },
	{ { { [GROUP_ENTRIES] = GROUP_UNWANTED, [GROUP_KERNEL] = GROUP_UNWANTED } },
	  UNWANTED "COW, kind, access, latency, kernel-mode faults, physical "
		   "addresses\n" },
	{ { { [GROUP_ENTRIES] = GROUP_FORBIDDEN, [GROUP_TASKS] = GROUP_FORBIDDEN,
	      [GROUP_KERNEL] = GROUP_FORBIDDEN } },
	  FORBIDDEN "COW, kind, access, latency, telling vfork from fork, kernel-mode "
		    "faults, physical addresses\n" },
	{ { { [GROUP_ENTRIES] = GROUP_NO_TRACEFS, [GROUP_CALLS] = GROUP_NO_TRACEFS,
	      [GROUP_TASKS] = GROUP_NO_TRACEFS } },
	  NO_TRACEFS "COW, kind, access, latency, munmap, mremap, madvise, telling "
		     "vfork from fork\n" },
	{ { { GROUP_UNWANTED, GROUP_NOT_IN_KERNEL, GROUP_NO_TRACEFS, GROUP_FORBIDDEN } },
	  UNWANTED "COW, kind, access, latency\n"
	  FORBIDDEN "kernel-mode faults, physical addresses\n"
	  NO_TRACEFS "telling vfork from fork\n"
	  NOT_IN_KERNEL "munmap, mremap, madvise\n" },
};

static void each_reason_has_one_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(notices); i++) {
		struct text out;

		text_init(&out);
		event_groups_print_missing(&notices[i].groups, &out);
		assert_string_equal(text_cstr(&out), notices[i].notices);
		text_release(&out);
	}
}

/* Whatever the privilege: what nobody asked for is left out, not forbidden. */
static void what_is_unwanted_is_not_asked_for(void **state)
{
	struct event_groups groups;
	int tracefs = 4711;

	(void)state;
	event_groups_settle(&groups, 0, false, &tracefs);
	assert_int_equal(tracefs, -1);
	for (int i = 0; i < GROUP_COUNT; i++)
		assert_int_equal(groups.absence[i], GROUP_UNWANTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_named_to_have_or_to_leave_out),
		cmocka_unit_test(unknown_or_mixed_names_are_refused),
		cmocka_unit_test(each_reason_has_one_line),
		cmocka_unit_test(what_is_unwanted_is_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
