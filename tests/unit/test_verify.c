/* Layouts read from /proc against the model: when they are compared, what differs. */
#include "../support/check.h"

#include <stdio.h>
#include <string.h>

#include "../support/events.h"
#include "../support/layout.h"
#include "../support/watch.h"
#include "pfa/base/intern.h"
#include "pfa/base/text.h"
#include "pfa/model/model.h"
#include "pfa/model/space.h"

static const struct who shell = { 100, 100 }, helper = { 100, 101 };

struct world {
	struct intern *strings;
	struct model *model;
	struct watch watch;
};

static void feed(struct world *w, struct event e)
{
	model_feed(w->model, &e);
}

static const char demo[] = "10000-12000 r-xp 00001000 08:01 5 /bin/demo\n";
static const char heap[] = "20000-24000 rw-p 00000000 00:00 0 [heap]\n";
static const char shared[] = "30000-34000 rw-s 00002000 00:01 77 /memfd:m (deleted)\n";
#define LAYOUT "10-12 r-xp demo+1, 20-24 rw-p [heap], 30-34 rw-s memfd:m+2"

/* A program that has begun to run at 1000, and its layout as above. */
static void begin_program(struct world *w)
{
	struct event code = ev_map_file(10, shell, PAGE(0x10), PAGE(0x12), "r-xp",
					PAGE(1), 5, "/bin/demo");
	struct event memfd = ev_map_file(12, shell, PAGE(0x30), PAGE(0x34), "rw-s",
					 PAGE(2), 77, "/memfd:m (deleted)");

	code.mmap.dev_major = 8;
	code.mmap.dev_minor = memfd.mmap.dev_minor = 1;
	code.mmap.generation = 4; /* maps does not tell it */
	feed(w, ev_exec_comm(5, shell, "demo"));
	feed(w, code);
	feed(w, ev_mmap(11, shell, PAGE(0x20), PAGE(0x24), "rw-p", "[heap]"));
	feed(w, memfd);
	feed(w, ev_exec(1000, shell, "/bin/demo"));
	w->watch.used = 0;
	w->watch.told[0] = '\0';
}

static int world_new(void **state)
{
	const struct model_abilities all = { .begins = true, .signals = true,
					     .clones = true };
	static struct world w;
	const struct observer observer = watch_observer(&w.watch);

	w = (struct world){ .strings = intern_new() };
	w.model = model_new(w.strings, &all, &observer);
	begin_program(&w);
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

static void part(struct world *w, uint64_t begin_ns, uint64_t end_ns, unsigned part,
		 unsigned of, const char *maps)
{
	struct text note;

	text_init(&note);
	text_printf(&note, "maps begin=%ju part=%u of=%u\n%s", (uintmax_t)begin_ns, part,
		    of, maps);
	feed(w, ev_note(end_ns, shell.pid, text_cstr(&note)));
	text_release(&note);
}

static void reading(struct world *w, uint64_t begin_ns, uint64_t end_ns,
		    const char *first, const char *second, const char *third)
{
	char maps[4096];

	snprintf(maps, sizeof(maps), "%s%s%s", first, second, third);
	part(w, begin_ns, end_ns, 1, 1, maps);
}

static void check_counts(const struct world *w, uint64_t compared, uint64_t unquiet,
			 uint64_t drifts)
{
	const struct run_facts *f = model_facts(w->model);

	assert_int_equal(f->compared, compared);
	assert_int_equal(f->unquiet, unquiet);
	assert_int_equal(f->drifts, drifts);
}

static void check_layout(const struct world *w, const char *wanted)
{
	assert_string_equal(layout_text(model_space(w->model, shell.pid)), wanted);
}

/* ---- comparing ---- */

static void same_layout_is_no_drift(void **state)
{
	struct world *w = *state;

	assert_false(model_facts(w->model)->verified);
	reading(w, 2000, 2100, demo, heap, shared);
	assert_true(model_facts(w->model)->verified);
	check_counts(w, 1, 0, 0);
	check_told(&w->watch, "");
	check_layout(w, LAYOUT);
}

static const struct {
	const char *what, *demo, *heap, *shared;
} alike[] = {
	{ "cut by madvise", demo, "20000-21000 rw-p 00000000 00:00 0 [heap]\n"
	  "21000-24000 rw-p 00000000 00:00 0 [heap]\n", shared },
	{ "a file, cut", "10000-11000 r-xp 00001000 08:01 5 /bin/demo\n"
	  "11000-12000 r-xp 00002000 08:01 5 /bin/demo\n", heap, shared },
	{ "renamed", "10000-12000 r-xp 00001000 08:01 5 /bin/other\n", heap, shared },
	{ "deleted", "10000-12000 r-xp 00001000 08:01 5 /bin/demo (deleted)\n", heap,
	  shared },
	{ "named by prctl", demo, "20000-24000 rw-p 00000000 00:00 0 [anon:arena]\n",
	  "30000-34000 rw-s 00002000 00:01 77 [anon_shmem:pool]\n" },
	{ "without its place's name", demo, "20000-24000 rw-p 00000000 00:00 0 \n",
	  shared },
	{ "with [vsyscall]", demo, heap, "30000-34000 rw-s 00002000 00:01 77 /x\n"
	  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n" },
};

static void what_the_kernel_tells_otherwise_is_no_drift(void **state)
{
	for (size_t i = 0; i < COUNT_OF(alike); i++) {
		struct world *w = *state;

		reading(w, 2000, 2100, alike[i].demo, alike[i].heap, alike[i].shared);
		if (model_facts(w->model)->drifts)
			fail_msg("%s: %s", alike[i].what, w->watch.told);
		check_counts(w, 1, 0, 0);
		check_layout(w, LAYOUT);
		world_end(state);
		world_new(state);
	}
}

static const struct {
	const char *demo, *heap, *shared; /* as maps has it */
	unsigned ranges;
	const char *told, *layout;
} unlike[] = {
	{ demo, "", shared, 1, "20-24 rw-p [heap], mapped nothing, of 1",
	  "10-12 r-xp demo+1, 30-34 rw-s memfd:m+2" },
	{ demo, "20000-26000 rw-p 00000000 00:00 0 [heap]\n", shared, 1,
	  "24-26 nothing, mapped rw-p [heap], of 1",
	  "10-12 r-xp demo+1, 20-26 rw-p [heap], 30-34 rw-s memfd:m+2" },
	{ demo, "21000-24000 rw-p 00000000 00:00 0 [heap]\n", shared, 1,
	  "20-21 rw-p [heap], mapped nothing, of 1",
	  "10-12 r-xp demo+1, 21-24 rw-p [heap], 30-34 rw-s memfd:m+2" },
	{ demo, "20000-21000 rw-p 00000000 00:00 0 \n23000-24000 rw-p 00000000 00:00 0 \n",
	  shared, 1, "21-23 rw-p [heap], mapped nothing, of 1",
	  "10-12 r-xp demo+1, 20-21 rw-p [heap], 23-24 rw-p [heap], 30-34 rw-s memfd:m+2" },
	{ demo, "20000-24000 r--p 00000000 00:00 0 [heap]\n", shared, 1,
	  "20-24 rw-p [heap], mapped r--p [heap], of 1",
	  "10-12 r-xp demo+1, 20-24 r--p [heap], 30-34 rw-s memfd:m+2" },
	{ demo, heap, "30000-34000 rw-p 00002000 00:01 77 /memfd:m (deleted)\n", 1,
	  "30-34 rw-s memfd:m at 0x2000 of 0:1/77, "
	  "mapped rw-p memfd:m at 0x2000 of 0:1/77, of 1",
	  "10-12 r-xp demo+1, 20-24 rw-p [heap], 30-34 rw-p memfd:m+2" },
	{ demo, heap, "30000-34000 rw-s 00003000 00:01 77 /memfd:m (deleted)\n", 1,
	  "30-34 rw-s memfd:m at 0x2000 of 0:1/77, "
	  "mapped rw-s memfd:m at 0x3000 of 0:1/77, of 1",
	  "10-12 r-xp demo+1, 20-24 rw-p [heap], 30-34 rw-s memfd:m+3" },
	{ "10000-12000 r-xp 00001000 08:01 6 /bin/demo\n", heap, shared, 1,
	  "10-12 r-xp demo at 0x1000 of 8:1/5, mapped r-xp demo at 0x1000 of 8:1/6, of 1",
	  LAYOUT },
	{ "10000-12000 r-xp 00001000 08:02 5 /bin/demo\n", heap, shared, 1,
	  "10-12 r-xp demo at 0x1000 of 8:1/5, mapped r-xp demo at 0x1000 of 8:2/5, of 1",
	  LAYOUT },
	{ demo, "20000-24000 rw-p 00000000 00:00 0 [vvar]\n", shared, 1,
	  "20-24 rw-p [heap], mapped rw-p [vvar], of 1",
	  "10-12 r-xp demo+1, 20-24 rw-p [vvar], 30-34 rw-s memfd:m+2" },
	{ "10000-11000 r-xp 00001000 08:01 5 /bin/demo\n"
	  "11000-12000 rwxp 00002000 08:01 5 /bin/demo\n",
	  "", "30000-34000 rw-s 00002000 00:01 77 /x\n40000-41000 ---p 00000000 00:00 0\n",
	  3, "11-12 r-xp demo at 0x2000 of 8:1/5, mapped rwxp demo at 0x2000 of 8:1/5, of 3",
	  "10-11 r-xp demo+1, 11-12 rwxp demo+2, 30-34 rw-s memfd:m+2, 40-41 ---p anon" },
	/* One range as long as what each has is of one piece. */
	{ demo, "20000-22000 r--p 00000000 00:00 0\n22000-24000 r--p 00000000 00:00 0\n"
	  "24000-28000 r--p 00000000 00:00 0\n", shared, 2,
	  "20-24 rw-p [heap], mapped r--p anon, of 2",
	  "10-12 r-xp demo+1, 20-24 r--p [heap], 24-28 r--p anon, "
	  "30-34 rw-s memfd:m+2" },
};

static void what_differs_is_told_and_put_right(void **state)
{
	for (size_t i = 0; i < COUNT_OF(unlike); i++) {
		struct world *w = *state;
		char told[512];

		reading(w, 2000, 2100, unlike[i].demo, unlike[i].heap, unlike[i].shared);
		snprintf(told, sizeof(told), "P1 DRIFT %s\n", unlike[i].told);
		check_told(&w->watch, told);
		check_counts(w, 1, 0, unlike[i].ranges);
		check_layout(w, unlike[i].layout);
		reading(w, 3000, 3100, unlike[i].demo, unlike[i].heap, unlike[i].shared);
		check_told(&w->watch, "");
		check_counts(w, 2, 0, unlike[i].ranges);
		world_end(state);
		world_new(state);
	}
}

static void first_drift_is_kept(void **state)
{
	struct world *w = *state;
	const struct run_facts *f = model_facts(w->model);

	reading(w, 2000, 2100, demo, "", shared);
	reading(w, 3000, 3100, demo, heap, shared);
	assert_int_equal(f->drifts, 2);
	assert_int_equal(f->first_drift.start, PAGE(0x20));
	assert_int_equal(f->first_drift.end, PAGE(0x24));
	assert_int_equal(f->first_drift.time_ns, 2100);
	assert_int_equal(f->first_drift.actor.pid, 100);
	assert_int_equal(f->first_drift.actor.thread_serial, 1);
	assert_string_equal(f->first_drift.mapped, "nothing");
}

/* Its labels and its history go on. */
static void repair_keeps_what_was_known_of_a_file(void **state)
{
	static const char object[] = "object 8:1 5/4 9 /bin/demo\n"
				     "segment 0x0 0x0 0x4000 0x4000 r-x\n"
				     "section 0x1000 0x1000 .text\n";
	struct world *w = *state;

	feed(w, ev_note(1500, shell.pid, object));
	reading(w, 2000, 2100, "10000-12000 rwxp 00001000 08:01 5 /bin/demo\n", heap,
		shared);
	w->watch.used = 0;
	feed(w, ev_fault_begin(3000, shell, PAGE(0x10), FAULT_EXEC));
	feed(w, ev_fault_end(3500, shell, PAGE(0x10), PAGE(0x777)));
	check_told(&w->watch, "P1.T1 MINOR map demo .text x +500\n");
}

/* ---- quiet points ---- */

static void change_while_it_was_read_is_unquiet(void **state)
{
	struct world *w = *state;

	feed(w, ev_mmap(2050, shell, PAGE(0x40), PAGE(0x41), "rw-p", "//anon"));
	reading(w, 2000, 2100, demo, heap, shared);
	reading(w, 2050, 2100, demo, heap, shared); /* in the same instant */
	check_counts(w, 0, 2, 0);
	reading(w, 2051, 2100, demo, heap, shared);
	check_counts(w, 1, 2, 1);
}

static void call_under_way_is_unquiet(void **state)
{
	struct world *w = *state;

	feed(w, ev_call_begin(1900, helper, MM_CALL_munmap, PAGE(0x20), PAGE(4)));
	reading(w, 2000, 2100, demo, "", shared);
	check_counts(w, 0, 1, 0);
	feed(w, ev_call_end(2200, helper, MM_CALL_munmap, 0));
	reading(w, 2150, 2250, demo, "", shared);
	check_counts(w, 0, 2, 0);
	reading(w, 2300, 2400, demo, "", shared);
	check_counts(w, 1, 2, 0);
}

static void fault_that_may_grow_a_stack_is_unquiet(void **state)
{
	struct world *w = *state;

	feed(w, ev_fault_begin(1900, helper, PAGE(0x20), FAULT_WRITE));
	reading(w, 2000, 2100, demo, heap, shared); /* in a VMA: it changes nothing */
	check_counts(w, 1, 0, 0);
	feed(w, ev_fault_end(2200, helper, PAGE(0x20), PAGE(0x777)));
	feed(w, ev_fault_begin(2300, helper, PAGE(0x1f), FAULT_WRITE));
	reading(w, 2400, 2500, demo, heap, shared);
	check_counts(w, 1, 1, 0);
}

static void exec_is_unquiet_from_its_start_to_its_end(void **state)
{
	static const char arguments[] = "fe000-ff000 rw-p 00000000 00:00 0 \n";
	struct world *w = *state;

	reading(w, 2000, 2100, arguments, "", ""); /* its first sign comes after that */
	check_counts(w, 0, 1, 0);
	feed(w, ev_exec_comm(2200, shell, "next"));
	reading(w, 2300, 2400, demo, heap, "");
	check_counts(w, 0, 2, 0);
	feed(w, ev_mmap(2500, shell, PAGE(0x10), PAGE(0x11), "r-xp", "//anon"));
	feed(w, ev_exec(2600, shell, "/bin/next"));
	reading(w, 2550, 2700, demo, heap, "");
	check_counts(w, 0, 3, 0);
	reading(w, 2800, 2900, "10000-11000 r-xp 00000000 00:00 0\n",
		"ff000-100000 r-xp 00000000 00:00 0 [vdso]\n", "");
	check_counts(w, 1, 3, 1);
}

static void child_is_compared_from_its_fork_on(void **state)
{
	const struct who child = { 200, 200 };
	struct world *w = *state;
	struct event note;

	feed(w, ev_fork(2000, shell, child));
	feed(w, ev_task_new(2001, shell, 200, 0));
	check_told(&w->watch, "P1.T1 FORK P2.T2 process\n");
	note = ev_note(3000, 200, "maps begin=1999 part=1 of=1\n10000-11000 r--p 0 0:0 0\n"
				  "20000-21000 r--p 0 0:0 0\n");
	feed(w, note);
	check_counts(w, 0, 1, 0);
	note.note.bytes = "maps begin=2001 part=1 of=1\n10000-11000 r--p 0 0:0 0\n"
			  "20000-21000 r--p 0 0:0 0\n";
	feed(w, note);
	assert_int_equal(model_facts(w->model)->compared, 1);
	assert_int_equal(model_facts(w->model)->first_drift.actor.serial, 2);
	check_layout(w, LAYOUT); /* its parent's is its own */
}

static void process_that_has_ended_is_not_compared(void **state)
{
	struct world *w = *state;

	feed(w, ev_exit(1500, shell));
	reading(w, 1400, 2100, demo, heap, shared);
	check_counts(w, 0, 0, 0);
	assert_null(model_space(w->model, shell.pid));
}

/* ---- losses ---- */

static void after_a_loss_it_is_put_right_without_a_word(void **state)
{
	struct world *w = *state;

	feed(w, ev_lost(1500, 7));
	reading(w, 2000, 2100, demo, "", shared);
	check_told(&w->watch, "LOST 7\n");
	check_counts(w, 1, 0, 0);
	check_layout(w, "10-12 r-xp demo+1, 30-34 rw-s memfd:m+2");
	reading(w, 3000, 3100, demo, heap, shared); /* from now on it is sure */
	check_counts(w, 2, 0, 1);
}

static void process_whose_start_was_not_seen_is_taken_as_it_is(void **state)
{
	const struct who stranger = { 300, 300 };
	struct world *w = *state;

	feed(w, ev_comm(1500, stranger, "stranger"));
	feed(w, ev_note(2100, 300, "maps begin=2000 part=1 of=1\n10000-11000 r--p 0 0:0 0\n"
				   "20000-21000 r--p 0 0:0 0\n"));
	check_counts(w, 1, 0, 0);
	assert_string_equal(layout_text(model_space(w->model, 300)),
			    "10-11 r--p anon, 20-21 r--p anon");
}

/* ---- parts ---- */

static void parts_are_put_together_wherever_they_were_cut(void **state)
{
	char maps[512], first[512] = "";

	snprintf(maps, sizeof(maps), "%s%s%s", demo, heap, shared);
	for (size_t cut = 0; cut <= strlen(maps); cut++) {
		struct world *w = *state;

		memcpy(first, maps, cut);
		part(w, 2000, 2100, 1, 2, first);
		check_counts(w, 0, 0, 0);
		part(w, 2000, 2100, 2, 2, maps + cut);
		check_counts(w, 1, 0, 0);
		world_end(state);
		world_new(state);
	}
}

struct piece {
	uint64_t begin_ns, end_ns;
	unsigned part, of;
};

static const struct piece damaged[][3] = {
	{ { 2000, 2100, 2, 2 } },			   /* without the first */
	{ { 2000, 2100, 1, 3 }, { 2000, 2100, 3, 3 } },	   /* without the second */
	{ { 2000, 2100, 1, 2 } },			   /* without the last */
	{ { 2000, 2100, 1, 2 }, { 2000, 2200, 2, 2 } },	   /* of two readings */
	{ { 2000, 2100, 1, 2 }, { 2050, 2100, 2, 2 } },
	{ { 2000, 2100, 1, 3 }, { 2000, 2100, 2, 2 } },
	{ { 2000, 2100, 1, 3 }, { 2000, 2100, 3, 3 }, { 2000, 2100, 2, 3 } },
	{ { 2000, 2100, 0, 1 } }, { { 2000, 2100, 1, 0 } }, { { 2000, 2100, 2, 1 } },
};

static void reading_of_which_a_part_is_missing_is_dropped(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(damaged); i++)
		for (size_t k = 0; k < 3 && damaged[i][k].end_ns; k++)
			part(w, damaged[i][k].begin_ns, damaged[i][k].end_ns,
			     damaged[i][k].part, damaged[i][k].of, "");
	check_counts(w, 0, 0, 0);
	reading(w, 3000, 3100, demo, heap, shared);
	check_counts(w, 1, 0, 0);
}

static void parts_of_two_processes_are_not_mixed(void **state)
{
	struct world *w = *state;

	part(w, 2000, 2100, 1, 2, demo);
	feed(w, ev_note(2100, 200, "maps begin=2000 part=2 of=2\n"));
	part(w, 2000, 2100, 2, 2, heap);
	check_counts(w, 0, 0, 0);
}

static const char *const malformed[] = {
	"maps ", "maps begin=", "maps begin=2000", "maps begin=2000 part=1",
	"maps begin=2000 part=1 of=", "maps begin=2000 part=1 of=1",
	"maps begin=2000 part=1 of=1 \n", "maps begin=2000 part=1 of=1x\n",
	"maps begin=2000 part=1 of=1\n", "maps begin=2000 part=1 of=1\nnonsense\n",
};

static void note_that_is_no_reading_is_passed_over(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(malformed); i++)
		feed(w, ev_note(2100, shell.pid, malformed[i]));
	check_counts(w, 0, 0, 0);
	check_layout(w, LAYOUT);
}

static void start_tells_that_layouts_are_verified(void **state)
{
	struct world *w = *state;

	feed(w, ev_note(10, 0, "start mode=launch privilege=full swap=0"));
	assert_false(model_facts(w->model)->verified);
	feed(w, ev_note(10, 0, "start mode=launch privilege=full swap=0 verify=1"));
	assert_true(model_facts(w->model)->verified);
}

#define TESTS(X)                                               \
	X(same_layout_is_no_drift)                             \
	X(what_the_kernel_tells_otherwise_is_no_drift)         \
	X(what_differs_is_told_and_put_right)                  \
	X(first_drift_is_kept)                                 \
	X(repair_keeps_what_was_known_of_a_file)               \
	X(change_while_it_was_read_is_unquiet)                 \
	X(call_under_way_is_unquiet)                           \
	X(fault_that_may_grow_a_stack_is_unquiet)              \
	X(exec_is_unquiet_from_its_start_to_its_end)           \
	X(child_is_compared_from_its_fork_on)                  \
	X(process_that_has_ended_is_not_compared)              \
	X(after_a_loss_it_is_put_right_without_a_word)         \
	X(process_whose_start_was_not_seen_is_taken_as_it_is)  \
	X(parts_are_put_together_wherever_they_were_cut)       \
	X(reading_of_which_a_part_is_missing_is_dropped)       \
	X(parts_of_two_processes_are_not_mixed)                \
	X(note_that_is_no_reading_is_passed_over)              \
	X(start_tells_that_layouts_are_verified)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_setup_teardown(name, world_new, world_end),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
