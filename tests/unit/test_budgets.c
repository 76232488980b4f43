/* Runs held to budgets: made-up observations, the crossings told, and the verdicts. */
#include "../support/check.h"

#include <stdio.h>
#include <string.h>

#include "pfa/report/budgets.h"

#define SECOND 1000000000ULL
#define ORIGIN (5 * SECOND)

static const struct region libc_data = { "libc.so.6", ".data", "libc.so.6 .data" };
static const struct region heap = { "[heap]", "", "[heap]" };

/* A run of one budget or alert. */
struct held {
	struct budget budget;
	struct budgets *budgets;
	char told[512]; /* "FIGURE@MILLISECOND[/SERIAL] ..." */
};

static void note_alert(void *context, const struct alert *alert)
{
	struct held *h = context;
	size_t used = strlen(h->told);

	assert_ptr_equal(alert->budget, &h->budget);
	used += (size_t)snprintf(h->told + used, sizeof(h->told) - used, "%s%ju@%ju",
				 used ? " " : "", (uintmax_t)alert->figure,
				 (uintmax_t)(alert->time_ns - ORIGIN) / 1000000);
	if (alert->actor)
		snprintf(h->told + used, sizeof(h->told) - used, "/%u",
			 alert->actor->serial);
}

static void begin(struct held *h, const char *text, bool alert)
{
	struct pfa_error err;

	h->told[0] = '\0';
	if (budget_parse(&h->budget, text, alert, &err))
		fail_msg("%s", err.text);
	h->budgets = budgets_new(&h->budget, 1, (struct alert_sink){ note_alert, h });
	budgets_set_origin(h->budgets, ORIGIN);
}

static void fault_in(struct held *h, enum fault_type type, const struct region *region,
		     uint64_t ms, uint64_t latency_ns)
{
	const struct fault fault = { .type = type, .region = region,
				     .time_ns = ORIGIN + ms * 1000000,
				     .latency_ns = latency_ns };

	budgets_fault(h->budgets, &fault);
}

static void fault(struct held *h, uint64_t ms)
{
	fault_in(h, FAULT_MINOR, &heap, ms, 1000);
}

static void life_ends(struct held *h, uint32_t serial, uint64_t ms, uint64_t vma_peak)
{
	const struct totals totals = { .vma_peak = vma_peak };
	const struct process_facts facts = { .actor = { .serial = serial },
					     .ended_ns = ORIGIN + ms * 1000000,
					     .totals = &totals };

	budgets_process(h->budgets, &facts);
}

static void change(struct held *h, uint32_t serial, uint64_t ms, uint64_t vmas)
{
	const struct change change = { .actor = { .serial = serial },
				       .time_ns = ORIGIN + ms * 1000000,
				       .vma_count = vmas };

	budgets_change(h->budgets, &change);
}

static struct budget_result finish(struct held *h, uint64_t ms)
{
	const struct run_facts facts = { .end_ns = ORIGIN + ms * 1000000 };

	budgets_finish(h->budgets, &facts);
	assert_string_equal(budgets_partial(h->budgets), "");
	return budgets_result(h->budgets, 0);
}

static void check_told(struct held *h, const char *told)
{
	assert_string_equal(h->told, told);
	budgets_free(h->budgets);
}

/* ---- --fail-if ---- */

/* 2 major of 4 and 6 us; 1 minor of 1 us, 1 COW of 3 us in libc's data; 1 invalid. */
static void some_faults(struct held *h)
{
	fault_in(h, FAULT_MAJOR, &heap, 1, 4000);
	fault_in(h, FAULT_MAJOR, &libc_data, 2, 6000);
	fault_in(h, FAULT_MINOR, &heap, 3, 1000);
	fault_in(h, FAULT_COW, &libc_data, 4, 3000);
	fault_in(h, FAULT_INVALID, &heap, 5, LATENCY_UNKNOWN);
}

static void figures_of_faults(void **state)
{
	static const struct {
		const char *text;
		uint64_t figure;
		bool failed;
	} rows[] = {
		{ "major>2", 2, false }, { "major>=2", 2, true },
		{ "minor>0", 1, true }, { "cow>0", 1, true }, { "invalid>0", 1, true },
		{ "faults>4", 5, true }, { "faults<5", 5, false },
		{ "major@libc*>1", 1, false }, { "major@libc*>0", 1, true },
		{ "faults@*.data>1", 2, true }, { "faults@libc.so.6>2", 2, false },
		{ "faults@nothing>0", 0, false }, { "faults@nothing<1", 0, true },
		{ "fault_time>14us", 14000, false }, { "fault_time>=14us", 14000, true },
		{ "fault_time@libc*>8us", 9000, true },
		{ "max_latency>5us", 6000, true }, { "max_latency@[[]heap]>5us", 4000, false },
		{ "faults/s>4", 5, true }, { "fault_time/s>15us", 14000, false },
		{ "lost>0", 0, false }, { "leaked>0", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct budget_result result;
		struct held h;

		begin(&h, rows[i].text, false);
		some_faults(&h);
		result = finish(&h, 900);
		assert_null(result.unjudged);
		assert_true(result.has_figure);
		if (result.figure != rows[i].figure || result.failed != rows[i].failed)
			fail_msg("%s: %ju, %s", rows[i].text, (uintmax_t)result.figure,
				 result.failed ? "failed" : "held");
		check_told(&h, ""); /* a budget is no alert */
	}
}

static void percentile_is_within_its_error(void **state)
{
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "p99_latency>10us", false);
	for (unsigned i = 0; i < 1000; i++)
		fault_in(&h, FAULT_MINOR, &heap, i, i < 989 ? 1000 : 20000);
	result = finish(&h, 2000);
	assert_in_range(result.figure, 20000, 20000 + 20000 / 64);
	assert_true(result.failed);
	check_told(&h, "");
}

static void what_cannot_be_judged_has_not_been_held(void **state)
{
	static const struct {
		const char *text;
		bool faults; /* that completed, with an unknown latency */
		const char *why; /* NULL: it can be */
	} rows[] = {
		{ "p99_latency>1s", true, "no latency is known" },
		{ "max_latency>1s", true, "no latency is known" },
		{ "fault_time>1s", true, "no latency is known" },
		{ "max_latency@libc*>1s", true, NULL }, /* none there */
		{ "max_latency>1s", false, NULL },
		{ "max_latency<1s", false, "there was no fault" },
		{ "faults>9", true, NULL },
		{ "faults/s>9", true, NULL },
		{ "faults/s<1", true, "the run was shorter than a second" },
		{ "vmas>1", true, "no process was seen" },
		{ "rss>1", true, "no process's memory was read" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct budget_result result;
		struct pfa_error err;
		struct held h;

		begin(&h, rows[i].text, false);
		if (rows[i].faults)
			fault_in(&h, FAULT_MINOR, &heap, 1, LATENCY_UNKNOWN);
		result = finish(&h, 999);
		assert_int_equal(result.failed, rows[i].why != NULL);
		assert_int_equal(budgets_conclude(h.budgets, &err),
				 rows[i].why ? PFA_E_BUDGET : PFA_OK);
		if (rows[i].why) {
			assert_string_equal(result.unjudged, rows[i].why);
			assert_non_null(strstr(err.text, rows[i].why));
		}
		check_told(&h, "");
	}
}

static void rate_is_that_of_the_busiest_second(void **state)
{
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "faults/s>6", false);
	for (unsigned i = 0; i < 6; i++)
		fault(&h, 200 + i); /* six, and after a second */
	for (unsigned i = 0; i < 7; i++)
		fault(&h, 1300 + 50 * i);
	result = finish(&h, 5000);
	assert_int_equal(result.figure, 7);
	assert_true(result.failed);
	check_told(&h, "");
}

static void least_rate_is_that_of_the_quietest_second(void **state)
{
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "faults/s<5", false);
	for (unsigned i = 0; i < 300; i++)
		fault(&h, 10 * i); /* a hundred a second */
	result = finish(&h, 3000);
	assert_int_equal(result.figure, 100);
	assert_false(result.failed);
	check_told(&h, "");
	begin(&h, "faults/s<5", false);
	for (unsigned i = 0; i < 300; i++)
		fault(&h, 10 * i);
	result = finish(&h, 4000); /* a second more, with nothing in it */
	assert_int_equal(result.figure, 0);
	assert_true(result.failed);
	check_told(&h, "");
}

static void size_is_that_of_the_largest_process(void **state)
{
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "vmas>40", false);
	change(&h, 1, 10, 30);
	change(&h, 2, 20, 40);
	change(&h, 1, 30, 25);
	life_ends(&h, 1, 40, 30);
	result = finish(&h, 50);
	assert_int_equal(result.figure, 40);
	assert_false(result.failed);
	check_told(&h, "");
}

static void losses_are_counted(void **state)
{
	const struct loss loss = { .count = 7, .time_ns = ORIGIN + 1 };
	const struct loss gap = { .count = 0, .time_ns = ORIGIN + 2 };
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "lost>7", false);
	budgets_loss(h.budgets, &loss);
	budgets_loss(h.budgets, &gap); /* one at least */
	result = finish(&h, 1);
	assert_int_equal(result.figure, 8);
	assert_true(result.failed);
	check_told(&h, "");
}

static void leaked_is_what_the_processes_own_calls_left(void **state)
{
	static const struct mapping pieces[] = {
		{ .start = 0, .end = 0x1000, .origin = { .kind = ORIGIN_mmap, .maker = 2 } },
		{ .start = 0x2000, .end = 0x5000,
		  .origin = { .kind = ORIGIN_brk, .maker = 2 } },
		{ .start = 0x6000, .end = 0x7000,
		  .origin = { .kind = ORIGIN_mmap, .maker = 1 } }, /* its parent's */
		{ .start = 0x8000, .end = 0x9000,
		  .origin = { .kind = ORIGIN_exec, .maker = 2 } },
	};
	const struct layout layout = { .actor = { .serial = 2 }, .pieces = pieces,
				       .piece_count = COUNT_OF(pieces) };
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "leaked>16K", false);
	assert_true(budgets_want_layouts(h.budgets));
	budgets_layout(h.budgets, &layout);
	budgets_layout(h.budgets, &layout);
	result = finish(&h, 1);
	assert_int_equal(result.figure, 2 * 0x4000);
	assert_true(result.failed);
	check_told(&h, "");
	begin(&h, "mapped>16K", false);
	assert_false(budgets_want_layouts(h.budgets));
	budgets_free(h.budgets);
}

static void partial_result_is_said_beside_the_verdict(void **state)
{
	const struct run_facts facts = { .lost = 12, .gaps = 1, .corrupt = 1 };
	struct pfa_error err;
	struct held h;

	(void)state;
	begin(&h, "faults>=1", false);
	fault(&h, 1);
	budgets_note_partial(h.budgets, "the file was cut");
	budgets_finish(h.budgets, &facts);
	assert_string_equal(budgets_partial(h.budgets), "the file was cut, 12 records were "
			    "lost, a CPU came online 1 times, damaged records were skipped");
	assert_int_equal(budgets_conclude(h.budgets, &err), PFA_E_BUDGET);
	assert_string_equal(err.text, "not within budget: faults>=1 (1); the result is "
			    "partial: the file was cut, 12 records were lost, a CPU came "
			    "online 1 times, damaged records were skipped");
	check_told(&h, "");
}

/* ---- --alert ---- */

static void total_is_told_when_it_is_crossed_and_not_again(void **state)
{
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "faults>2", true);
	for (unsigned i = 1; i <= 6; i++)
		fault(&h, i);
	result = finish(&h, 10);
	assert_int_equal(result.crossings, 1);
	assert_int_equal(result.first_ns, ORIGIN + 3000000);
	assert_int_equal(result.figure, 6);
	assert_false(result.failed);
	check_told(&h, "3@3");
}

/* The limit is 8: only from 6 on down is the next crossing one. */
static void rate_has_to_ease_before_it_crosses_again(void **state)
{
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "faults/s>8", true);
	for (unsigned i = 0; i < 9; i++)
		fault(&h, 110 * i); /* crosses at 880; 8 are left at 1000, and 9 again */
	fault(&h, 1010);
	fault(&h, 1110);
	for (unsigned i = 0; i < 9; i++)
		fault(&h, 3000 + 10 * i); /* after a silence: crosses at 3080 */
	result = finish(&h, 4000);
	assert_int_equal(result.crossings, 2);
	assert_int_equal(result.last_ns, ORIGIN + 3080 * 1000000ULL);
	check_told(&h, "9@880 9@3080");
}

static void rate_that_drops_is_told_while_nothing_happens(void **state)
{
	struct held h;

	(void)state;
	begin(&h, "faults/s<8", true);
	for (unsigned i = 0; i < 200; i++)
		fault(&h, 10 * i);
	assert_string_equal(h.told, "");
	budgets_time(h.budgets, ORIGIN + 2890 * 1000000ULL);
	assert_string_equal(h.told, "");
	budgets_time(h.budgets, ORIGIN + 3000 * 1000000ULL);
	assert_string_equal(h.told, "0@3000");
	for (unsigned i = 0; i < 9; i++)
		fault(&h, 3000 + i); /* nine: not enough by a quarter */
	budgets_time(h.budgets, ORIGIN + 5000 * 1000000ULL);
	assert_string_equal(h.told, "0@3000");
	for (unsigned i = 0; i < 10; i++)
		fault(&h, 5000 + i);
	(void)finish(&h, 6500);
	check_told(&h, "0@3000 0@6100");
}

static void processes_cross_each_on_its_own(void **state)
{
	struct held h;

	(void)state;
	begin(&h, "vmas>=30", true);
	change(&h, 1, 1, 29);
	change(&h, 1, 2, 30);
	change(&h, 2, 3, 35);
	change(&h, 1, 4, 31);
	change(&h, 1, 5, 29);
	change(&h, 1, 6, 40);
	life_ends(&h, 1, 7, 40);
	life_ends(&h, 2, 8, 35);
	life_ends(&h, 3, 9, 50); /* as many from the start */
	(void)finish(&h, 10);
	check_told(&h, "30@2/1 35@3/2 40@6/1 50@9/3");
}

static void percentile_is_told_of_a_hundred_faults(void **state)
{
	struct held h;

	(void)state;
	begin(&h, "p99_latency>10us", true);
	for (unsigned i = 0; i < 250; i++) /* one in a hundred is not enough */
		fault_in(&h, FAULT_MINOR, &heap, i, i % 100 == 99 ? 63 * 1024 : 1000);
	assert_string_equal(h.told, "");
	fault_in(&h, FAULT_MINOR, &heap, 251, 63 * 1024);
	(void)finish(&h, 300);
	check_told(&h, "64512@251");
}

/* ---- readings of memory ---- */

static void read_memory(struct held *h, enum sample_reason reason, uint64_t ms,
			uint64_t rss, uint64_t rss_peak)
{
	const struct memory_sample sample = { .actor = { .serial = 4 }, .reason = reason,
					      .time_ns = ORIGIN + ms * 1000000,
					      .anon_bytes = rss, .rss_peak_bytes = rss_peak,
					      .heap_bytes = 70, .stack_bytes = 80 };

	budgets_memory(h->budgets, &sample);
}

/* Over the limit at 2, between the readings at 6 and 8, and after the last. */
static void read_for_a_while(struct held *h)
{
	read_memory(h, SAMPLE_exec, 1, 50, 50);
	read_memory(h, SAMPLE_interval, 2, 120, 125);
	read_memory(h, SAMPLE_interval, 4, 130, 130);
	read_memory(h, SAMPLE_interval, 6, 90, 130);
	read_memory(h, SAMPLE_interval, 8, 100, 300);
	read_memory(h, SAMPLE_exit, 9, 0, 400);
	life_ends(h, 4, 9, 0);
}

static void what_was_resident_crosses_where_it_was_read(void **state)
{
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "rss>100", true);
	read_for_a_while(&h);
	result = finish(&h, 10);
	assert_int_equal(result.figure, 400);
	check_told(&h, "120@2/4");
	begin(&h, "rss>100", true);
	read_memory(&h, SAMPLE_interval, 1, 50, 150); /* it is less by now */
	read_memory(&h, SAMPLE_interval, 2, 60, 150);
	read_memory(&h, SAMPLE_interval, 3, 110, 150);
	read_memory(&h, SAMPLE_end, 4, 110, 150);
	life_ends(&h, 4, 4, 0);
	(void)finish(&h, 10);
	check_told(&h, "150@1/4 110@3/4");
}

static void resident_at_most_is_what_the_kernel_says(void **state)
{
	struct budget_result result;
	struct held h;

	(void)state;
	begin(&h, "rss>=400", false);
	read_for_a_while(&h);
	result = finish(&h, 10);
	assert_int_equal(result.figure, 400);
	assert_true(result.failed);
	check_told(&h, "");
}

static void end_that_nobody_saw_is_said_beside_the_verdict(void **state)
{
	const struct run_facts facts = { .ended = true };
	struct held h;

	(void)state;
	begin(&h, "rss>400", false);
	read_memory(&h, SAMPLE_interval, 1, 50, 150);
	life_ends(&h, 4, 2, 0);
	budgets_finish(h.budgets, &facts);
	assert_string_equal(budgets_partial(h.budgets), "the rss of some processes may have "
			    "been more: nobody saw their end in time");
	assert_false(budgets_result(h.budgets, 0).failed);
	check_told(&h, "");
}

/* By changes, by readings (it was there when the trace began), at the end. */
static void heap_and_stack_are_those_of_the_model(void **state)
{
	static const struct totals totals = { .heap_peak_bytes = 500,
					      .stack_peak_bytes = 600 };
	static const struct process_facts facts = { .actor = { .serial = 4 },
						    .ended_ns = ORIGIN + 5000000,
						    .totals = &totals };
	static const struct {
		const char *text, *told;
		uint64_t figure;
	} rows[] = {
		{ "heap>69", "70@2/4", 500 }, { "heap>70", "71@3/4", 500 },
		{ "heap>71", "500@5/4", 500 }, { "stack>80", "81@3/4", 600 },
		{ "stack>600", "", 600 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct change change = { .actor = { .serial = 4 },
					       .time_ns = ORIGIN + 3000000,
					       .heap_bytes = 71, .stack_bytes = 81 };
		struct held h;

		begin(&h, rows[i].text, true);
		read_memory(&h, SAMPLE_interval, 2, 0, 0);
		budgets_change(h.budgets, &change);
		budgets_process(h.budgets, &facts);
		assert_int_equal(finish(&h, 10).figure, rows[i].figure);
		check_told(&h, rows[i].told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_of_faults),
		cmocka_unit_test(percentile_is_within_its_error),
		cmocka_unit_test(what_cannot_be_judged_has_not_been_held),
		cmocka_unit_test(rate_is_that_of_the_busiest_second),
		cmocka_unit_test(least_rate_is_that_of_the_quietest_second),
		cmocka_unit_test(size_is_that_of_the_largest_process),
		cmocka_unit_test(losses_are_counted),
		cmocka_unit_test(leaked_is_what_the_processes_own_calls_left),
		cmocka_unit_test(partial_result_is_said_beside_the_verdict),
		cmocka_unit_test(total_is_told_when_it_is_crossed_and_not_again),
		cmocka_unit_test(rate_has_to_ease_before_it_crosses_again),
		cmocka_unit_test(rate_that_drops_is_told_while_nothing_happens),
		cmocka_unit_test(processes_cross_each_on_its_own),
		cmocka_unit_test(percentile_is_told_of_a_hundred_faults),
		cmocka_unit_test(what_was_resident_crosses_where_it_was_read),
		cmocka_unit_test(resident_at_most_is_what_the_kernel_says),
		cmocka_unit_test(end_that_nobody_saw_is_said_beside_the_verdict),
		cmocka_unit_test(heap_and_stack_are_those_of_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
