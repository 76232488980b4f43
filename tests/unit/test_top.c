/* The state of pfa top: what is in which frame, since the start, and whose it is. */
#include "../support/top_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "pfa/report/budgets.h"

static uint64_t faults_in(const struct top_window *w, enum top_table table,
			  const void *key)
{
	const struct top_row *row = top_window_find(w, table, (uintptr_t)key);

	return row ? row->counts.faults : 0;
}

/* ---- frames ---- */

static void frame_is_what_happened_in_its_interval(void **state)
{
	struct top *top = top_begin(0);

	(void)state;
	assert_int_equal(pass(top, 0), 0);
	faults(top, 0, 3, FAULT_MINOR, &heap, 1000);
	faults(top, 999, 2, FAULT_MAJOR, &heap, 5000);
	assert_int_equal(top->frames, 0);
	faults(top, 1000, 7, FAULT_MINOR, &heap, 1000); /* the next one's */
	assert_int_equal(top->frames, 1);
	assert_int_equal(top->last.all.faults, 5);
	assert_int_equal(top->last.all.by_type[FAULT_MAJOR], 2);
	assert_int_equal(top->last.shown.time_ns, 13000);
	assert_int_equal(top->last.start_ns, 0);
	assert_int_equal(top->last.end_ns, SECOND);
	assert_int_equal(faults_in(&top->last, TOP_REGIONS, heap.text), 5);
	assert_int_equal(top->sum.faults, 5);
	assert_int_equal(pass(top, 2000), 1);
	assert_int_equal(top->last.all.faults, 7);
	assert_int_equal(top->sum.faults, 12);
	assert_int_equal(faults_in(&top->whole, TOP_REGIONS, heap.text), 12);
	top_end(top);
}

static void silence_has_frames_too(void **state)
{
	struct top *top = top_begin(0);

	(void)state;
	faults(top, 100, 3, FAULT_MINOR, &heap, 1000);
	assert_int_equal(pass(top, 5500), 5);
	assert_int_equal(top->last.all.faults, 0);
	assert_int_equal(top->sum.faults, 3);
	top_end(top);
}

static void last_frame_is_as_long_as_there_was_time(void **state)
{
	const struct run_facts facts = { .end_ns = AT_MS(1250) };
	struct top *top = top_begin(0);

	(void)state;
	faults(top, 1100, 3, FAULT_MINOR, &heap, 1000);
	top->paused = true;
	assert_true(top_finish(top, &facts));
	assert_true(top->over);
	assert_int_equal(top->number, 2);
	assert_int_equal(top->last.all.faults, 3);
	assert_int_equal(top->last.end_ns - top->last.start_ns, SECOND / 4);
	top_end(top);
}

static void after_as_many_frames_as_wanted_nothing_counts(void **state)
{
	const struct run_facts facts = { .end_ns = AT_MS(9000) };
	struct top *top = top_begin(2);

	(void)state;
	faults(top, 100, 3, FAULT_MINOR, &heap, 1000);
	assert_int_equal(pass(top, 1999), 1);
	assert_false(top_is_full(top));
	faults(top, 5000, 3, FAULT_MINOR, &heap, 1000);
	assert_true(top_is_full(top));
	assert_int_equal(top->sum.faults, 3);
	assert_false(top_finish(top, &facts));
	assert_int_equal(top->frames, 2);
	top_end(top);
}

static void paused_the_frame_stays_and_counting_goes_on(void **state)
{
	struct top *top = top_begin(0);

	(void)state;
	faults(top, 100, 1, FAULT_MINOR, &heap, 1000);
	pass(top, 1000);
	top->paused = true;
	faults(top, 1100, 2, FAULT_MINOR, &heap, 1000);
	assert_int_equal(pass(top, 2000), 1);
	assert_int_equal(top->number, 1);
	assert_int_equal(top->last.all.faults, 1);
	assert_int_equal(top->sum.faults, 1);
	top->paused = false;
	faults(top, 2100, 4, FAULT_MINOR, &heap, 1000);
	pass(top, 3000);
	assert_int_equal(top->last.all.faults, 4);
	assert_int_equal(top->sum.faults, 7);
	assert_int_equal(faults_in(&top->whole, TOP_REGIONS, heap.text), 7);
	top_end(top);
}

static void losses_are_of_their_frame_and_at_least_one(void **state)
{
	const struct loss some = { .count = 12 }, unknown = { .count = 0 };
	struct top *top = top_begin(0);

	(void)state;
	top_loss(top, &some);
	pass(top, 1000);
	assert_int_equal(top->last.lost, 12);
	top_loss(top, &unknown);
	pass(top, 2000);
	assert_int_equal(top->last.lost, 1);
	assert_int_equal(top->sum_lost, 13);
	top_end(top);
}

/* ---- filters ---- */

static void filter_holds_from_the_next_frame_on(void **state)
{
	struct top *top = top_begin(0);

	(void)state;
	faults(top, 100, 1, FAULT_MINOR, &heap, 1000);
	snprintf(top->wanted.region, sizeof(top->wanted.region), "libc*");
	faults(top, 200, 2, FAULT_MINOR, &heap, 1000);
	faults(top, 1100, 4, FAULT_MINOR, &heap, 1000);
	assert_int_equal(top->last.shown.faults, 3); /* the first frame: all of it */
	faults(top, 1200, 5, FAULT_COW, &libc_data, 2000);
	pass(top, 2000);
	assert_int_equal(top->last.all.faults, 9);
	assert_int_equal(top->last.shown.faults, 5);
	assert_int_equal(faults_in(&top->last, TOP_REGIONS, heap.text), 0);
	assert_int_equal(faults_in(&top->whole, TOP_REGIONS, libc_data.text), 5);
	assert_int_equal(faults_in(&top->whole, TOP_REGIONS, heap.text), 0);
	assert_int_equal(top->whole.start_ns, SECOND);
	assert_int_equal(quantile_value(&top->whole.most), 2000);
	assert_int_equal(top->sum.faults, 12);
	top->wanted = (struct top_filter){ .types = 1U << FAULT_COW };
	pass(top, 3000);
	faults(top, 3100, 2, FAULT_MINOR, &libc_data, 1000);
	faults(top, 3200, 3, FAULT_COW, &heap, 1000);
	pass(top, 4000);
	assert_int_equal(top->last.shown.faults, 3);
	top_end(top);
}

/* ---- processes ---- */

static void check_order(const struct top *top, bool by_time, const char *serials)
{
	char got[64] = "";
	size_t count;
	const struct top_process **list = top_processes(top, &top->last, by_time, &count);

	for (size_t i = 0; i < count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u",
			 i ? " " : "", list[i]->serial);
	assert_string_equal(got, serials);
	free(list);
}

static void note_memory(struct top *top, uint32_t serial, uint64_t anon_bytes,
			enum sample_reason reason)
{
	const struct memory_sample sample = {
		.actor = actor_of(serial), .reason = reason, .anon_bytes = anon_bytes,
		.file_bytes = 100, .swap_bytes = 7, .size_bytes = 1000,
	};

	top_memory(top, &sample);
}

static void processes_come_by_faults_then_memory(void **state)
{
	struct top *top = top_begin(0);

	(void)state;
	note_memory(top, 5, 400, SAMPLE_interval);
	note_memory(top, 4, 500, SAMPLE_interval);
	note_memory(top, 3, 400, SAMPLE_interval);
	faults(top, 100, 2, FAULT_MINOR, &heap, 1000); /* 1 */
	faults(top, 200, 1, FAULT_MINOR, &libc_data, 9000); /* 2 */
	pass(top, 1000);
	check_order(top, false, "1 2 4 3 5");
	check_order(top, true, "2 1 4 3 5");
	top_end(top);
}

static void memory_is_the_last_that_was_told(void **state)
{
	struct top *top = top_begin(0);
	const struct change change = { .actor = actor_of(1), .mapped_bytes = 4096 };
	const struct top_process **list;
	size_t count;

	(void)state;
	top_change(top, &change);
	list = top_processes(top, &top->last, false, &count);
	assert_int_equal(count, 1);
	assert_int_equal(list[0]->size_bytes, 4096);
	assert_false(list[0]->has_memory);
	note_memory(top, 1, 400, SAMPLE_interval);
	note_memory(top, 1, 300, SAMPLE_interval);
	note_memory(top, 1, 0, SAMPLE_exit); /* of its peaks */
	assert_true(list[0]->has_memory);
	assert_int_equal(list[0]->rss_bytes, 400);
	assert_int_equal(list[0]->swap_bytes, 7);
	assert_int_equal(list[0]->size_bytes, 1000);
	free(list);
	top_end(top);
}

static void ended_it_is_shown_once(void **state)
{
	const struct process_facts ended = { .actor = actor_of(1), .ended = true };
	const struct process_facts living = { .actor = actor_of(2) };
	struct top *top = top_begin(0);

	(void)state;
	faults(top, 100, 1, FAULT_MINOR, &heap, 1000);
	faults(top, 200, 1, FAULT_MINOR, &libc_data, 1000);
	top_process(top, &ended);
	top_process(top, &living);
	pass(top, 1000);
	check_order(top, false, "1 2");
	assert_int_equal(top->ended, 1);
	pass(top, 2000);
	check_order(top, false, "2");
	top_end(top);
}

/* ---- bounds, alerts ---- */

static void more_rows_than_there_may_be_are_others(void **state)
{
	static struct region many[TOP_ROWS_MAX + 10];
	static char names[TOP_ROWS_MAX + 10][16];
	struct top *top = top_begin(0);
	const struct top_row **rows;
	size_t count;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(many); i++) {
		snprintf(names[i], sizeof(names[i]), "r%zu", i);
		many[i] = (struct region){ names[i], "", names[i] };
		faults(top, 100, 1, FAULT_MINOR, &many[i], 1000);
	}
	pass(top, 1000);
	rows = top_window_sorted(&top->last, TOP_REGIONS, false, &count);
	assert_int_equal(count, TOP_ROWS_MAX + 1);
	assert_string_equal(rows[0]->name, "(others)");
	assert_int_equal(rows[0]->counts.faults, 10);
	assert_string_equal(rows[1]->name, "r0");
	assert_string_equal(rows[2]->name, "r1");
	assert_string_equal(rows[3]->name, "r10");
	free(rows);
	assert_int_equal(faults_in(&top->whole, TOP_REGIONS, NULL), 10);
	top_end(top);
}

static void latest_alerts_are_kept(void **state)
{
	struct top *top = top_begin(0);
	struct alert alert = { 0 };

	(void)state;
	for (uint64_t i = 1; i <= TOP_ALERTS_MAX + 2; i++) {
		alert.figure = i;
		alert.time_ns = AT_MS(i);
		top_alert(top, &alert);
	}
	assert_int_equal(top->alert_count, TOP_ALERTS_MAX);
	assert_int_equal(top->alerts[0].figure, TOP_ALERTS_MAX + 2);
	assert_int_equal(top->alerts[0].since_ns, (TOP_ALERTS_MAX + 2) * 1000000);
	assert_int_equal(top->alerts[TOP_ALERTS_MAX - 1].figure, 3);
	top_end(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_is_what_happened_in_its_interval),
		cmocka_unit_test(silence_has_frames_too),
		cmocka_unit_test(last_frame_is_as_long_as_there_was_time),
		cmocka_unit_test(after_as_many_frames_as_wanted_nothing_counts),
		cmocka_unit_test(paused_the_frame_stays_and_counting_goes_on),
		cmocka_unit_test(losses_are_of_their_frame_and_at_least_one),
		cmocka_unit_test(filter_holds_from_the_next_frame_on),
		cmocka_unit_test(processes_come_by_faults_then_memory),
		cmocka_unit_test(memory_is_the_last_that_was_told),
		cmocka_unit_test(ended_it_is_shown_once),
		cmocka_unit_test(more_rows_than_there_may_be_are_others),
		cmocka_unit_test(latest_alerts_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
