/* The tables of changes, to the letter. */
#include "../support/check.h"

#include "census_world.h"
#include "pfa/report/spaces.h"
#include "pfa/report/tally.h"
#include "pfa/report/view.h"

static void check_spaces(const struct view *view, const struct census *census,
			 const char *wanted)
{
	static const struct run_facts facts = {
		.vmas = 24, .vmas_peak = 48, .space_bytes = 3 << 20,
		.space_bytes_peak = 5 << 20,
	};
	struct text out;

	text_init(&out);
	spaces_print(&out, view, census, &facts);
	assert_string_equal(text_cstr(&out), wanted);
	text_release(&out);
}

/* `scale` times the smallest. */
static void work(struct census *census, struct actor actor, uint64_t scale)
{
	const struct totals totals = {
		.records = 10 * scale, .failed = scale,
		.changes = { [CHANGE_MMAP_ADD] = 2 * scale, [CHANGE_ADVISE] = scale },
		.vma_count = 20, .vma_peak = 24, .size_bytes = 1 << 20,
		.size_peak_bytes = 2 << 20, .mapped_bytes = 4096 * scale,
		.unmapped_bytes = 2048 * scale,
	};

	ends_with(census, actor, (struct process_facts){ .totals = &totals },
		  ENDED_STATUS, 0);
}

static void nothing_changed_is_nothing_printed(void **state)
{
	const struct view view = view_default();
	struct census census;

	(void)state;
	census_init(&census, 20);
	check_spaces(&view, &census, "");
	ends(&census, actor_of(1, 1, "demo"));
	check_spaces(&view, &census, "");
	census_release(&census);
}

static void one_space_is_all(void **state)
{
	const struct view view = view_default();
	struct census census;

	(void)state;
	census_init(&census, 20);
	work(&census, actor_of(1, 1, "demo"), 1);
	check_spaces(&view, &census,
		"\nAddress spaces\n"
		"  process    records  changes  failed  VMAs  VMAs peak  mapped  "
		"mapped peak  made  removed\n"
		"  4001 demo       10        3       1    20         24    1.0M  "
		"       2.0M  4.0K     2.0K\n");
	census_release(&census);
}

static void several_are_summed_and_most_records_come_first(void **state)
{
	struct view view = view_default();
	struct census census;

	(void)state;
	view.fixed_ts = true;
	view.top = 2;
	census_init(&census, 20);
	work(&census, actor_of(1, 1, "a"), 1);
	work(&census, actor_of(2, 2, "b"), 3);
	work(&census, actor_of(3, 3, "c"), 1);
	ends(&census, actor_of(4, 4, "none"));
	check_spaces(&view, &census,
		"\nAddress spaces\n"
		"  process   records  changes  failed  VMAs  VMAs peak  mapped  "
		"mapped peak   made  removed\n"
		"  P2 b           30        9       3    20         24    1.0M  "
		"       2.0M  12.0K     6.0K\n"
		"  P1 a           10        3       1    20         24    1.0M  "
		"       2.0M   4.0K     2.0K\n"
		"  together       50       15       5    24         48    3.0M  "
		"       5.0M  20.0K    10.0K\n"
		"  ... 1 more (--top=3 shows them)\n");
	census_release(&census);
}

static void kinds_that_were_seen_have_a_row(void **state)
{
	static const struct change changes[] = {
		{ .kind = CHANGE_PERM_CHANGE, .start = 0x1000, .end = 0x2000 },
		{ .kind = CHANGE_MMAP_ADD, .start = 0x1000, .end = 0x4000,
		  .made_bytes = 0x3000, .removed_bytes = 0x1000 },
	};
	struct tally tally;
	struct text out;

	(void)state;
	tally_init(&tally);
	text_init(&out);
	spaces_print_kinds(&out, &tally);
	assert_int_equal(out.length, 0);
	for (size_t i = 0; i < COUNT_OF(changes); i++)
		tally_change(&tally, &changes[i]);
	spaces_print_kinds(&out, &tally);
	assert_string_equal(text_cstr(&out),
		"\nChanges by kind\n"
		"  kind         changes  bytes   made  removed\n"
		"  MMAP_ADD           1  12.0K  12.0K     4.0K\n"
		"  PERM_CHANGE        1   4.0K     0B       0B\n");
	text_release(&out);
	tally_release(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changed_is_nothing_printed),
		cmocka_unit_test(one_space_is_all),
		cmocka_unit_test(several_are_summed_and_most_records_come_first),
		cmocka_unit_test(kinds_that_were_seen_have_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
