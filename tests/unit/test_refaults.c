/* "Given back and touched again": counted, in order, and printed to the letter. */
#include "../support/check.h"
#include "../support/nameless.h"

#include <stdlib.h>

#include "pfa/report/refault_tables.h"
#include "pfa/report/refaults.h"
#include "pfa/report/view.h"

static const struct code trim = { .object = "libc.so.6", .addr = 0x100,
				   .text = "libc.so.6+0x100" };
static const struct code purge = { .object = "demo", .addr = 0x200,
				   .text = "demo+0x200" };
static const struct code reader = { .object = "demo", .addr = 0x300,
				   .text = "demo+0x300" };
static const struct code writer = { .object = "demo", .addr = 0x400,
				   .text = "demo+0x400" };

static const struct giver dontneed = { REFAULT_DONTNEED, "madvise(dontneed)", &purge,
				       "anon" };
static const struct giver brk_ = { REFAULT_UNMAP, "brk", &trim, "[heap]" };
static const struct giver unmap = { REFAULT_UNMAP, "munmap", &trim, "anon" };
static const struct giver reclaim = { REFAULT_SWAP, "reclaim", NULL, "anon" };

static void gives(struct refaults *r, const struct giver *giver, uint64_t pages)
{
	const struct change change = { .kind = CHANGE_ADVISE, .giver = giver,
				       .pages_given = pages };

	refaults_change(r, &change);
}

static void touches(struct refaults *r, const struct giver *giver,
		    const struct code *code, uint64_t page_size_bytes,
		    uint64_t latency_ns)
{
	const struct fault fault = {
		.giver = giver, .code = code, .kernel = !code, .latency_ns = latency_ns,
		.page_size_bytes = page_size_bytes, .refault = giver ? giver->how : 0,
	};

	refaults_fault(r, &fault);
}

static void check(const struct refaults *r, const struct view *view, const char *wanted)
{
	struct text out;

	text_init(&out);
	refault_tables_print(&out, view, nameless, r);
	assert_string_equal(text_cstr(&out), wanted);
	text_release(&out);
}

static void what_stays_away_is_not_printed(void **state)
{
	const struct view view = view_default();
	struct refaults r;

	(void)state;
	refaults_init(&r);
	check(&r, &view, "");
	gives(&r, &dontneed, 100);
	gives(&r, NULL, 0);
	touches(&r, NULL, NULL, 4096, 100);
	check(&r, &view, "");
	refaults_release(&r);
}

static void fill(struct refaults *r)
{
	refaults_init(r);
	gives(r, &dontneed, 600);
	gives(r, &dontneed, 424);
	gives(r, &unmap, 3);
	gives(r, &brk_, 9);
	touches(r, &dontneed, &writer, 2 << 20, 90000);
	touches(r, &dontneed, &writer, 4096, 1000);
	touches(r, &dontneed, &reader, 0, 500);
	touches(r, &dontneed, NULL, 4096, LATENCY_UNKNOWN);
	touches(r, &unmap, &writer, 4096, 2000);
	touches(r, &reclaim, &writer, 4096, LATENCY_UNKNOWN);
}

static void givers_and_takers_are_named(void **state)
{
	struct view view = view_default();
	struct refaults r;

	(void)state;
	fill(&r);
	check(&r, &view,
	      "\nGiven back and touched again\n"
	      "  call               code             object  calls  given  refaults  pages  share    time     max\n"
	      "  madvise(dontneed)  demo+0x200       anon        2   1024         4    515  50.3%  91.5us  90.0us\n"
	      "  munmap             libc.so.6+0x100  anon        1      3         1      1  33.3%   2.0us   2.0us\n"
	      "  reclaim            -                anon        -      -         1      1      -       -       -\n"
	      "\nTouched again, by code\n"
	      "  touched by  given by           code             object  refaults  pages    time     max\n"
	      "  demo+0x400  madvise(dontneed)  demo+0x200       anon           2    513  91.0us  90.0us\n"
	      "  (kernel)    madvise(dontneed)  demo+0x200       anon           1      1       -       -\n"
	      "  demo+0x300  madvise(dontneed)  demo+0x200       anon           1      1   500ns   500ns\n"
	      "  demo+0x400  munmap             libc.so.6+0x100  anon           1      1   2.0us   2.0us\n"
	      "  demo+0x400  reclaim            -                anon           1      1       -       -\n");
	view.fixed_ts = true;
	view.top = 2;
	check(&r, &view,
	      "\nGiven back and touched again\n"
	      "  call               code             object  calls  given  refaults  pages  share\n"
	      "  madvise(dontneed)  demo+0x200       anon        2   1024         4    515  50.3%\n"
	      "  munmap             libc.so.6+0x100  anon        1      3         1      1  33.3%\n"
	      "  ... 1 more (--top=3 shows them)\n"
	      "\nTouched again, by code\n"
	      "  touched by  given by           code        object  refaults  pages\n"
	      "  demo+0x400  madvise(dontneed)  demo+0x200  anon           2    513\n"
	      "  (kernel)    madvise(dontneed)  demo+0x200  anon           1      1\n"
	      "  ... 3 more (--top=5 shows them)\n");
	refaults_release(&r);
}

/* Files of one name in two directories: two givers, one row. */
static void givers_of_the_same_name_are_one(void **state)
{
	const struct giver other = dontneed;
	struct gift *gifts;
	struct taking *takings;
	struct refaults r;
	size_t count;

	(void)state;
	refaults_init(&r);
	gives(&r, &dontneed, 1);
	gives(&r, &other, 2);
	touches(&r, &dontneed, &writer, 4096, 1);
	touches(&r, &other, &writer, 4096, 1);
	gifts = refaults_gifts(&r, nameless, &count);
	assert_int_equal(count, 1);
	assert_int_equal(gifts[0].calls, 2);
	assert_int_equal(gifts[0].pages, 3);
	assert_int_equal(gifts[0].counts.faults, 2);
	takings = refaults_takings(&r, nameless, &count);
	assert_int_equal(count, 1);
	assert_int_equal(takings[0].counts.faults, 2);
	free(takings);
	free(gifts);
	refaults_release(&r);
}

/* Each differs from the next in one thing only. */
static void order_is_by_faults_then_bytes_then_name(void **state)
{
	static const struct code low = { .object = "demo", .addr = 1, .text = "demo+0x1" };
	static const struct giver givers[] = {
		{ REFAULT_UNMAP, "munmap", &trim, "anon" }, /* two faults */
		{ REFAULT_UNMAP, "munmap", &purge, "anon" }, /* a large page */
		{ REFAULT_UNMAP, "brk", &trim, "anon" },
		{ REFAULT_UNMAP, "munmap", NULL, "anon" },
		{ REFAULT_UNMAP, "munmap", &low, "[heap]" },
		{ REFAULT_UNMAP, "munmap", &low, "anon" },
	};
	struct refaults r;
	struct gift *gifts;
	struct taking *takings;
	size_t count;

	(void)state;
	refaults_init(&r);
	for (size_t i = COUNT_OF(givers); i-- > 0;)
		touches(&r, &givers[i], &writer, i == 1 ? 2 << 20 : 4096, 1);
	touches(&r, &givers[0], &writer, 4096, 1);
	gifts = refaults_gifts(&r, nameless, &count);
	assert_int_equal(count, COUNT_OF(givers));
	for (size_t i = 0; i < count; i++)
		assert_ptr_equal(gifts[i].giver, &givers[i]);
	free(gifts);
	takings = refaults_takings(&r, nameless, &count);
	assert_int_equal(count, COUNT_OF(givers));
	for (size_t i = 0; i < count; i++)
		assert_ptr_equal(takings[i].giver, &givers[i]);
	free(takings);
	refaults_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_away_is_not_printed),
		cmocka_unit_test(givers_and_takers_are_named),
		cmocka_unit_test(givers_of_the_same_name_are_one),
		cmocka_unit_test(order_is_by_faults_then_bytes_then_name),
	};

	return cmocka_run_group_tests(tests, nameless_setup, nameless_teardown);
}
