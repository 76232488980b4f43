/* Notes on the memory of processes, as the model tells them. */
#include "../support/check.h"

#include "../support/events.h"
#include "pfa/base/intern.h"
#include "pfa/model/model.h"

#define SIZES " size=3000 anon=1 file=20 shmem=300 swap=4 tables=5"

static const struct who demo = { 100, 100 };

struct world {
	struct intern *strings;
	struct model *model;
	struct memory_sample last;
	size_t told;
	struct totals totals; /* of the process, told at the end */
};

static void on_fault(void *context, const struct fault *fault)
{
	(void)context, (void)fault;
}

static void on_change(void *context, const struct change *change)
{
	(void)context, (void)change;
}

static void on_life(void *context, const struct life *life)
{
	(void)context, (void)life;
}

static void on_memory(void *context, const struct memory_sample *sample)
{
	struct world *w = context;

	w->last = *sample;
	w->told++;
}

static void on_process(void *context, const struct process_facts *facts)
{
	struct world *w = context;

	w->totals = *facts->totals;
}

static void feed(struct world *w, struct event e)
{
	model_feed(w->model, &e);
}

static void note(struct world *w, uint64_t time_ns, const char *text)
{
	feed(w, ev_note(time_ns, demo.pid, text));
}

/* A program since 1000, with a stack of four pages and a heap of two. */
static int world_new(void **state)
{
	const struct model_abilities all = { .begins = true, .signals = true,
					     .clones = true };
	static struct world w;
	const struct observer observer = { .context = &w, .fault = on_fault,
					   .change = on_change, .life = on_life,
					   .process = on_process,
					   .memory = on_memory };

	w = (struct world){ .strings = intern_new() };
	w.model = model_new(w.strings, &all, &observer);
	feed(&w, ev_exec_comm(1000, demo, "demo"));
	feed(&w, ev_mmap(1001, demo, 0x7000, 0xb000, "rw-p", "[stack]"));
	feed(&w, ev_mmap(1002, demo, 0x2000, 0x4000, "rw-p", "[heap]"));
	feed(&w, ev_exec(1003, demo, "/bin/demo"));
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	model_free(w->model);
	intern_free(w->strings);
	return 0;
}

static void note_becomes_a_sample(void **state)
{
	struct world *w = *state;
	const struct memory_sample *s = &w->last;

	note(w, 2000, "memory when=interval begin=1900 peak=4000 hwm=500" SIZES);
	assert_int_equal(w->told, 1);
	assert_int_equal(s->actor.pid, demo.pid);
	assert_int_equal(s->time_ns, 2000);
	assert_int_equal(s->reason, SAMPLE_interval);
	assert_int_equal(s->size_peak_bytes, 4000);
	assert_int_equal(s->rss_peak_bytes, 500);
	assert_int_equal(s->size_bytes, 3000);
	assert_int_equal(memory_rss_bytes(s), 321);
	assert_int_equal(s->swap_bytes, 4);
	assert_int_equal(s->table_bytes, 5);
	assert_int_equal(s->stack_bytes, 0x4000);
	assert_int_equal(s->heap_bytes, 0x2000);
}

static void peaks_come_alone_at_exit(void **state)
{
	struct world *w = *state;

	note(w, 2000, "memory when=exit begin=2000 peak=4000 hwm=500");
	assert_int_equal(w->told, 1);
	assert_int_equal(w->last.reason, SAMPLE_exit);
	assert_int_equal(w->last.rss_peak_bytes, 500);
	assert_int_equal(w->last.size_bytes, 0);
}

static void half_a_note_is_passed_over(void **state)
{
	static const char *const notes[] = {
		"memory ", "memory when=interval begin=1900 peak=4000 hwm=500",
		"memory when=interval begin=1900 peak=4000 hwm=500 size=3000",
		"memory when=noon begin=1900 peak=4000 hwm=500" SIZES,
		"memory when=exit begin=2000 peak=4000",
		"memory when=exit begin=2000 peak=4000 hwm=500" SIZES,
		"memory when=interval begin=x peak=4000 hwm=500" SIZES,
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(notes); i++)
		note(w, 2000, notes[i]);
	assert_int_equal(w->told, 0);
}

/* It may have been read of the program before. */
static void reading_across_an_exec_is_nobodys(void **state)
{
	struct world *w = *state;

	note(w, 2000, "memory when=interval begin=999 peak=4000 hwm=500" SIZES);
	assert_int_equal(w->told, 0);
	feed(w, ev_exec_comm(3000, demo, "other"));
	note(w, 3100, "memory when=interval begin=3050 peak=4000 hwm=500" SIZES);
	assert_int_equal(w->told, 0);
	feed(w, ev_exec(3200, demo, "/bin/other"));
	note(w, 3300, "memory when=interval begin=3250 peak=4000 hwm=500" SIZES);
	assert_int_equal(w->told, 1);
	assert_int_equal(w->last.stack_bytes, 0);
}

static void unknown_process_is_not_made_up(void **state)
{
	struct world *w = *state;

	feed(w, ev_note(2000, 4711, "memory when=exit begin=2000 peak=4000 hwm=500"));
	assert_int_equal(w->told, 0);
}

static void peaks_of_heap_and_stack_are_of_the_program(void **state)
{
	struct world *w = *state;

	feed(w, ev_mmap(2000, demo, 0x2000, 0x6000, "rw-p", "[heap]"));
	feed(w, ev_call_begin(2100, demo, MM_CALL_brk, 0x3000));
	feed(w, ev_call_end(2200, demo, MM_CALL_brk, 0x3000));
	note(w, 2300, "memory when=exit begin=2300 peak=4000 hwm=500");
	assert_int_equal(w->last.heap_bytes, 0x1000);
	feed(w, ev_exec_comm(3000, demo, "other"));
	feed(w, ev_mmap(3001, demo, 0x8000, 0xb000, "rw-p", "[stack]"));
	feed(w, ev_exec(3002, demo, "/bin/other"));
	feed(w, ev_exit(4000, demo));
	assert_int_equal(w->totals.heap_peak_bytes, 0);
	assert_int_equal(w->totals.stack_peak_bytes, 0x3000);
}

static void peaks_stay_when_memory_shrinks(void **state)
{
	struct world *w = *state;

	feed(w, ev_mmap(2000, demo, 0x2000, 0x6000, "rw-p", "[heap]"));
	feed(w, ev_call_begin(2100, demo, MM_CALL_brk, 0x3000));
	feed(w, ev_call_end(2200, demo, MM_CALL_brk, 0x3000));
	feed(w, ev_exit(4000, demo));
	assert_int_equal(w->totals.heap_peak_bytes, 0x4000);
	assert_int_equal(w->totals.stack_peak_bytes, 0x4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_new, world_end)
		TEST(note_becomes_a_sample),
		TEST(peaks_come_alone_at_exit),
		TEST(half_a_note_is_passed_over),
		TEST(reading_across_an_exec_is_nobodys),
		TEST(unknown_process_is_not_made_up),
		TEST(peaks_of_heap_and_stack_are_of_the_program),
		TEST(peaks_stay_when_memory_shrinks),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
