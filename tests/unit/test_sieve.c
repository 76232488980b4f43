/* What passes from the rings, and as what; and who is found there beforehand. */
#include "../support/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/followed.h"
#include "pfa/source/ring.h"
#include "pfa/source/rings.h"
#include "pfa/source/sieve.h"
#include "pfa/source/stamp.h"
#include "task_records.h"

enum {
	RING_BYTES = 4096, RINGS = 3,
	MINOR_A = 21, MINOR_B, MAJOR_A = 31, MAJOR_B, NOTE_A = 41, NOTE_B,
	FOREIGN = 999,
	/* Above any pid_max: nobody has these numbers. */
	TARGET = 5000000, CHILD, GRANDCHILD, STRANGER, STRANGERS_CHILD,
};

/* Two ids each: of the event opened first, and of one opened later or inherited. */
static const struct {
	uint64_t config, fields, first_id;
} events[] = {
	{ PERF_COUNT_SW_DUMMY, 0, SIDEBAND_ID },
	{ PERF_COUNT_SW_PAGE_FAULTS_MIN, PERF_SAMPLE_ADDR | PERF_SAMPLE_DATA_PAGE_SIZE,
	  MINOR_A },
	{ PERF_COUNT_SW_PAGE_FAULTS_MAJ,
	  PERF_SAMPLE_ADDR | PERF_SAMPLE_DATA_PAGE_SIZE | PERF_SAMPLE_PERIOD, MAJOR_A },
	{ PERF_COUNT_SW_BPF_OUTPUT, PERF_SAMPLE_RAW, NOTE_A },
};

struct world {
	struct evlist *list;
	struct ring ring_list[RINGS];
	struct rings rings;
	struct sieve sieve;
	struct record_bytes bytes;
	uint32_t met;
};

static void ring_new(struct ring *ring, uint32_t cpu)
{
	*ring = (struct ring){ .fd = -1, .cpu = cpu, .size_bytes = RING_BYTES };
	ring->page = pfa_alloc(sizeof(*ring->page));
	ring->data = pfa_alloc(RING_BYTES);
	ring->scratch = pfa_alloc(1 << 16);
}

static int world_new(void **state)
{
	struct world *w = pfa_alloc(sizeof(*w));

	w->list = evlist_new();
	for (size_t i = 0; i < COUNT_OF(events); i++) {
		const struct perf_event_attr attr = {
			.type = PERF_TYPE_SOFTWARE, .config = events[i].config,
			.sample_type = BASE_FIELDS | events[i].fields,
			.sample_id_all = 1,
		};
		struct evsel *evsel = evlist_add(w->list, &attr, "event");

		evlist_add_id(w->list, evsel, events[i].first_id);
		evlist_add_id(w->list, evsel, events[i].first_id + 1);
	}
	assert_int_equal(evlist_resolve(w->list, NULL, NULL), PFA_OK);
	for (uint32_t i = 0; i < RINGS; i++)
		ring_new(&w->ring_list[i], i);
	w->rings = (struct rings){ w->ring_list, RINGS };
	w->sieve = (struct sieve){ .list = w->list, .own_pid = (uint32_t)getpid(),
				   .followed = followed_new(FOLLOW_CHILDREN) };
	followed_add(w->sieve.followed, TARGET);
	*state = w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < RINGS; i++) {
		free(w->ring_list[i].page);
		free(w->ring_list[i].data);
		free(w->ring_list[i].scratch);
	}
	followed_free(w->sieve.followed);
	evlist_free(w->list);
	free(w);
	return 0;
}

/* ---- passing ---- */

/* A sample of the shape of the event with that index, under any id. */
static const struct perf_event_header *lay_sample(struct world *w, size_t shape,
						  uint64_t id, uint32_t pid,
						  uint64_t time_ns)
{
	const struct sample_values v = { .id = id, .pid = pid, .tid = pid,
					 .time_ns = time_ns, .addr = 0x1234000 };

	return record_sample(&w->bytes, 0, &w->list->evsels[shape]->attr, &v);
}

enum shape { SIDEBAND, MINOR, MAJOR, NOTE };

static const struct perf_event_header *pass_on_ring(struct world *w, size_t ring,
						    const struct perf_event_header *record)
{
	return sieve_pass(&w->sieve, &w->ring_list[ring], record, &w->met);
}

static const struct perf_event_header *pass(struct world *w,
					    const struct perf_event_header *record)
{
	return pass_on_ring(w, 0, record);
}

static const struct perf_event_header *pass_sample(struct world *w, enum shape shape,
						   uint64_t id, uint32_t pid,
						   uint64_t time_ns)
{
	return pass(w, lay_sample(w, shape, id, pid, time_ns));
}

/* It passed as it was, and nothing of it was copied. */
static void check_untouched(struct world *w, const struct perf_event_header *record)
{
	const struct perf_event_header *passed;
	struct record_bytes before = w->bytes;

	passed = pass(w, record);
	assert_ptr_equal(passed, record);
	assert_memory_equal(before.bytes, w->bytes.bytes, before.used);
}

/*
 * It passed with this id and time, and with all else that it had; and the ring, which
 * cannot be written to, is as it was.
 */
static void check_restamped(struct world *w, const struct perf_event_header *record,
			    uint64_t id, uint64_t time_ns)
{
	const struct perf_event_header *passed;
	struct record_bytes wanted = w->bytes, before = w->bytes;
	const struct stamp stamp = { .id = id, .time_ns = time_ns };

	passed = pass(w, record);
	assert_non_null(passed);
	assert_ptr_not_equal(passed, record);
	assert_memory_equal(before.bytes, w->bytes.bytes, before.used);
	stamp_set((void *)wanted.bytes, &stamp);
	assert_memory_equal(passed, wanted.bytes, wanted.used);
	assert_int_equal(w->ring_list[0].last_ns, time_ns);
}

static void our_own_records_pass_as_they_are(void **state)
{
	struct world *w = *state;
	uint64_t time_ns = 1000;

	check_untouched(w, lay_sample(w, MINOR, MINOR_A, TARGET, ++time_ns));
	check_untouched(w, lay_sample(w, MINOR, MINOR_B, TARGET, ++time_ns));
	check_untouched(w, lay_sample(w, MAJOR, MAJOR_B, TARGET, ++time_ns));
	check_untouched(w, lay_sample(w, NOTE, NOTE_B, TARGET, ++time_ns));
	check_untouched(w, lay_other(&w->bytes, PERF_RECORD_COMM,
				     (struct task){ TARGET, TARGET }));
	/* Not all that the kernel chose is of somebody we have heard of. */
	check_untouched(w, lay_sample(w, MINOR, MINOR_A, STRANGER, ++time_ns));
	check_untouched(w, lay_sample(w, MINOR, MINOR_A, (uint32_t)getpid(), ++time_ns));
	assert_int_equal(w->sieve.minor + w->sieve.major, 0);
	assert_int_equal(w->met, 0);
}

/* ---- another tool's id ---- */

static void foreign_id_becomes_ours_by_the_size_of_the_record(void **state)
{
	struct world *w = *state;

	w->ring_list[0].last_ns = 1000;
	check_restamped(w, lay_sample(w, MINOR, FOREIGN, TARGET, 1000), MINOR_A, 1000);
	check_restamped(w, lay_sample(w, MAJOR, FOREIGN, TARGET, 2000), MAJOR_A, 2000);
	check_restamped(w, lay_sample(w, MINOR, UINT64_MAX, TARGET, 3000), MINOR_A, 3000);
	check_restamped(w, lay_sample(w, MINOR, 0, TARGET, 4000), MINOR_A, 4000);
}

static void ask_for_chains(struct evsel *evsel)
{
	evsel->attr.sample_type |= PERF_SAMPLE_CALLCHAIN;
	evsel->sample = sample_layout_of(&evsel->attr);
}

/* A major fault's period looks like a minor one's chain of one word. */
static void foreign_id_becomes_ours_with_call_chains_of_any_length(void **state)
{
	struct world *w = *state;
	struct sample_values v = { .id = FOREIGN, .pid = TARGET, .tid = TARGET };

	ask_for_chains(w->list->evsels[MINOR]);
	ask_for_chains(w->list->evsels[MAJOR]);
	for (v.no_frames = 0; v.no_frames < 2; v.no_frames++) {
		v.time_ns += 1000;
		check_restamped(w, record_sample(&w->bytes, 0,
						 &w->list->evsels[MINOR]->attr, &v),
				MINOR_A, v.time_ns);
		v.time_ns += 1000;
		check_restamped(w, record_sample(&w->bytes, 0,
						 &w->list->evsels[MAJOR]->attr, &v),
				MAJOR_A, v.time_ns);
	}
}

static void foreign_id_of_another_size_is_not_for_us(void **state)
{
	struct world *w = *state;

	w->ring_list[0].last_ns = 1000;
	check_untouched(w, lay_sample(w, SIDEBAND, FOREIGN, TARGET, 2000));
	check_untouched(w, lay_sample(w, NOTE, FOREIGN, TARGET, 10));
	/* As large as a minor fault, but no sample. */
	record_begin(&w->bytes, PERF_RECORD_COMM, 0);
	record_put(&w->bytes, "0123456789abcdef", 16);
	record_tail(&w->bytes, &base_attr, &(struct sample_values){ .id = FOREIGN });
	record_u64(&w->bytes, FOREIGN);
	check_untouched(w, record_end(&w->bytes));
	/* Too short for an id. */
	record_begin(&w->bytes, PERF_RECORD_SAMPLE, 0);
	record_u64(&w->bytes, FOREIGN);
	check_untouched(w, record_end(&w->bytes));
}

static void time_of_another_clock_is_replaced_by_the_last_one(void **state)
{
	static const uint64_t wrong[] = { 0, 1, 4999, 6001, UINT64_MAX };
	struct world *w = *state;
	const struct sample_values after = { .id = NOTE_A, .time_ns = 6000 };
	struct record_bytes r;

	w->ring_list[0].next = record_sample(&r, 0, &w->list->evsels[NOTE]->attr, &after);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		w->sieve.doubt = 0;
		pass_sample(w, MINOR, MINOR_A, TARGET, 5000);
		check_restamped(w, lay_sample(w, MAJOR, FOREIGN, TARGET, wrong[i]),
				MAJOR_A, 5000);
		check_restamped(w, lay_sample(w, MINOR, FOREIGN, TARGET, wrong[i]),
				MINOR_A, 5000);
	}
}

/* By chance it may lie where ours would. */
static void clock_that_was_wrong_is_not_believed_for_a_while(void **state)
{
	struct world *w = *state;
	uint64_t time_ns = 6000;

	pass_sample(w, NOTE, NOTE_A, TARGET, 5000);
	check_restamped(w, lay_sample(w, MINOR, FOREIGN, TARGET, 5001), MINOR_A, 5001);
	check_restamped(w, lay_sample(w, MINOR, FOREIGN, TARGET, 4000), MINOR_A, 5001);
	check_restamped(w, lay_sample(w, MINOR, FOREIGN, TARGET, 5002), MINOR_A, 5001);
	while (w->sieve.doubt && time_ns < 6100)
		pass_sample(w, MINOR, MINOR_A, TARGET, ++time_ns);
	assert_int_equal(w->sieve.doubt, 0);
	check_untouched(w, lay_sample(w, MINOR, MINOR_A, TARGET, 7000));
}

/* The other tool asked for no id: ours stands, beside its clock's time. */
static void own_id_does_not_vouch_for_the_time(void **state)
{
	struct world *w = *state;

	pass_sample(w, NOTE, NOTE_A, TARGET, 5000);
	check_restamped(w, lay_sample(w, MINOR, MINOR_B, TARGET, 4000), MINOR_B, 5000);
	check_restamped(w, lay_sample(w, MAJOR, MAJOR_B, TARGET, UINT64_MAX), MAJOR_B,
			5000);
}

/* The last one of its own ring: rings are read one after the other. */
static void each_ring_has_its_own_last_time(void **state)
{
	const struct perf_event_header *passed;
	struct world *w = *state;

	pass_on_ring(w, 0, lay_sample(w, MINOR, MINOR_A, TARGET, 9000));
	pass_on_ring(w, 1, lay_sample(w, MINOR, MINOR_A, TARGET, 5000));
	passed = pass_on_ring(w, 1, lay_sample(w, MINOR, FOREIGN, TARGET, 6000));
	assert_int_equal(stamp_of(passed).time_ns, 6000);
	passed = pass_on_ring(w, 0, lay_sample(w, MINOR, FOREIGN, TARGET, 6000));
	assert_int_equal(stamp_of(passed).time_ns, 9000);
}

/* A record in two parts was put together in the scratch already. */
static void record_in_scratch_is_restamped_there(void **state)
{
	struct world *w = *state;
	struct ring *ring = &w->ring_list[0];
	const struct perf_event_header *record, *passed;

	ring->last_ns = 1000;
	record = lay_sample(w, MINOR, FOREIGN, TARGET, 2000);
	memcpy(ring->scratch, record, record_size(record));
	passed = pass(w, (const void *)ring->scratch);
	assert_ptr_equal(passed, ring->scratch);
	assert_int_equal(stamp_of(passed).id, MINOR_A);
	assert_int_equal(stamp_of(passed).time_ns, 2000);
}

/* ---- ids that came late ---- */

static void ids_that_came_late_become_the_first_of_their_event(void **state)
{
	struct world *w = *state;

	w->sieve.first_ids = true;
	check_restamped(w, lay_sample(w, MINOR, MINOR_B, TARGET, 2000), MINOR_A, 2000);
	check_restamped(w, lay_sample(w, MAJOR, MAJOR_B, TARGET, 2001), MAJOR_A, 2001);
	check_restamped(w, lay_sample(w, NOTE, NOTE_B, TARGET, 2002), NOTE_A, 2002);
	check_untouched(w, lay_sample(w, MINOR, MINOR_A, TARGET, 2003));
	check_restamped(w, lay_sample(w, MINOR, FOREIGN, TARGET, 2004), MINOR_A, 2004);
	check_untouched(w, lay_exit(&w->bytes, (struct task){ TARGET, TARGET }));
	check_untouched(w, lay_sample(w, NOTE, FOREIGN, TARGET, 2005));
}

/* ---- copies ---- */

static void copies_are_held_back_and_counted(void **state)
{
	struct world *w = *state;

	w->sieve.twice = true;
	assert_non_null(pass_sample(w, MINOR, MINOR_A, TARGET, 1000));
	assert_null(pass_sample(w, MINOR, MINOR_B, TARGET, 1001));
	assert_non_null(pass_sample(w, MINOR, MINOR_A, TARGET, 1002));
	assert_null(pass_sample(w, MINOR, MINOR_A, TARGET, 1002));
	assert_null(pass_sample(w, MINOR, MINOR_B, TARGET, 1003));
	assert_int_equal(w->sieve.minor, 3);
	assert_int_equal(w->sieve.major, 0);
	assert_non_null(pass_sample(w, MAJOR, MAJOR_B, TARGET, 1003));
	assert_null(pass_sample(w, MAJOR, MAJOR_A, TARGET, 1003));
	assert_int_equal(w->sieve.major, 1);
	assert_non_null(pass_sample(w, NOTE, NOTE_A, TARGET, 1004));
	assert_null(pass_sample(w, NOTE, NOTE_B, TARGET, 1004));
	assert_int_equal(w->sieve.minor, 3); /* no faults */
	assert_int_equal(w->sieve.major, 1);
}

/* A thread's number comes again, in a thread that inherits from another one. */
static void another_id_of_the_same_number_later_is_no_copy(void **state)
{
	struct world *w = *state;

	w->sieve.twice = true;
	assert_non_null(pass_sample(w, MINOR, MINOR_A, TARGET, 1000));
	assert_non_null(pass(w, lay_exit(&w->bytes, (struct task){ TARGET, TARGET })));
	assert_non_null(pass_sample(w, MINOR, MINOR_B, TARGET, 2000));
	assert_non_null(pass_sample(w, MINOR, MINOR_B, TARGET, 3000));
	assert_non_null(pass_on_ring(w, 1, lay_sample(w, MINOR, MINOR_A, TARGET, 3000)));
	assert_int_equal(w->sieve.minor, 0);
}

/* What bears another tool's id is a copy just the same. */
static void copies_under_a_foreign_id_are_held_back(void **state)
{
	struct world *w = *state;

	w->sieve.twice = true;
	pass_sample(w, NOTE, NOTE_A, TARGET, 1000);
	assert_non_null(pass_sample(w, MINOR, FOREIGN, TARGET, 1001));
	assert_null(pass_sample(w, MINOR, FOREIGN, TARGET, 1001));
	assert_int_equal(w->sieve.minor, 1);
}

static void losses_are_counted_and_never_held_back(void **state)
{
	const struct sample_values v = { .id = MINOR_A, .pid = STRANGER, .tid = STRANGER,
					 .time_ns = 1000 };
	struct world *w = *state;

	w->sieve.twice = true;
	w->sieve.cpu_wide = true;
	for (uint64_t times = 1; times <= 3; times++) {
		record_begin(&w->bytes, PERF_RECORD_LOST, 0);
		record_u64(&w->bytes, MINOR_A);
		record_u64(&w->bytes, 7);
		record_tail(&w->bytes, &base_attr, &v);
		assert_non_null(pass(w, record_end(&w->bytes)));
		assert_int_equal(w->ring_list[0].lost, 7 * times);
	}
	assert_int_equal(w->ring_list[1].lost, 0);
}

/* ---- events on whole CPUs ---- */

static void use_rule(struct world *w, enum follow_rule rule)
{
	followed_free(w->sieve.followed);
	w->sieve.followed = followed_new(rule);
	followed_add(w->sieve.followed, TARGET);
}

static const struct {
	enum follow_rule rule;
	uint32_t pid; /* 0: ourselves */
	bool passes, met;
} wide[] = {
	{ FOLLOW_CHILDREN, TARGET, true, false },
	{ FOLLOW_CHILDREN, STRANGER, false, false },
	{ FOLLOW_CHILDREN, 0, false, false },
	{ FOLLOW_NAMED, TARGET, true, false },
	{ FOLLOW_NAMED, STRANGER, false, false },
	{ FOLLOW_MEMBERS, TARGET, true, false },
	{ FOLLOW_MEMBERS, STRANGER, true, true },
	{ FOLLOW_MEMBERS, 0, false, false },
	{ FOLLOW_RECORDED, TARGET, true, false },
	{ FOLLOW_RECORDED, STRANGER, true, false },
	{ FOLLOW_RECORDED, 0, false, false },
};

static void strangers_and_ourselves_are_held_back_from_whole_cpus(void **state)
{
	struct world *w = *state;

	w->sieve.cpu_wide = true;
	for (size_t i = 0; i < COUNT_OF(wide); i++) {
		uint32_t pid = wide[i].pid ? wide[i].pid : (uint32_t)getpid();

		w->sieve.minor = w->sieve.major = 0;
		use_rule(w, wide[i].rule);
		assert_int_equal(!pass_sample(w, MINOR, MINOR_A, pid, 1000 + i),
				 !wide[i].passes);
		assert_int_equal(w->met, wide[i].met ? pid : 0);
		/* Foreign ids are ours before they are asked whose they are. */
		assert_int_equal(!pass_sample(w, MAJOR, FOREIGN, pid, 1000 + i),
				 !wide[i].passes);
		assert_int_equal(w->met, 0);
		assert_int_equal(w->sieve.minor, !wide[i].passes);
		assert_int_equal(w->sieve.major, !wide[i].passes);
	}
}

/* Only faults are in the kernel's counters. */
static void other_records_that_are_held_back_are_not_counted(void **state)
{
	struct world *w = *state;
	const struct task stranger = { STRANGER, STRANGER };

	w->sieve.cpu_wide = true;
	assert_null(pass(w, lay_other(&w->bytes, PERF_RECORD_COMM, stranger)));
	assert_null(pass(w, lay_exit(&w->bytes, stranger)));
	assert_null(pass_sample(w, NOTE, NOTE_A, STRANGER, 1000));
	assert_null(pass_sample(w, NOTE, FOREIGN, STRANGER, 1000));
	assert_int_equal(w->sieve.minor + w->sieve.major, 0);
}

/* ---- looking ahead ---- */

static void write_to(struct ring *ring, const struct perf_event_header *record)
{
	uint64_t head = ring->page->data_head;

	for (size_t i = 0; i < record_size(record); i++)
		ring->data[head++ % RING_BYTES] = ((const unsigned char *)record)[i];
	ring->page->data_head = head;
}

static void write_fork_at(struct world *w, size_t ring, uint64_t time_ns, uint32_t parent,
			  uint32_t child)
{
	const struct stamp stamp = { .id = SIDEBAND_ID, .time_ns = time_ns };
	struct record_bytes r;
	const struct perf_event_header *fork =
		lay_fork(&r, (struct task){ parent, parent }, (struct task){ child, child });

	stamp_set((struct perf_event_header *)fork, &stamp);
	write_to(&w->ring_list[ring], fork);
}

static void write_fork(struct world *w, size_t ring, uint32_t parent, uint32_t child)
{
	write_fork_at(w, ring, 1000, parent, child);
}

static void check_nothing_was_drained(const struct world *w)
{
	for (size_t i = 0; i < RINGS; i++)
		assert_int_equal(w->ring_list[i].page->data_tail, 0);
}

static void child_born_on_a_ring_drained_later_is_known(void **state)
{
	struct world *w = *state;

	w->sieve.cpu_wide = true;
	write_to(&w->ring_list[0], lay_sample(w, MINOR, MINOR_A, CHILD, 2000));
	write_to(&w->ring_list[2], lay_sample(w, MINOR, MINOR_A, STRANGER, 900));
	write_fork(w, 2, TARGET, CHILD);
	assert_null(pass_sample(w, MINOR, MINOR_A, CHILD, 2000));
	sieve_look_ahead(&w->sieve, &w->rings);
	check_nothing_was_drained(w);
	assert_true(followed_has(w->sieve.followed, CHILD));
	assert_non_null(pass_sample(w, MINOR, MINOR_A, CHILD, 2000));
	assert_null(pass_sample(w, MINOR, MINOR_A, STRANGER, 900));
}

/* Its birth is found before its parent's, which lies in a later ring. */
static void grandchild_found_before_its_parent_is_known(void **state)
{
	struct world *w = *state;

	write_fork_at(w, 0, 3000, GRANDCHILD, GRANDCHILD + 100);
	write_fork_at(w, 1, 2000, CHILD, GRANDCHILD);
	write_fork_at(w, 2, 1000, TARGET, CHILD);
	write_fork_at(w, 1, 1000, STRANGER, STRANGERS_CHILD);
	sieve_look_ahead(&w->sieve, &w->rings);
	assert_true(followed_has(w->sieve.followed, CHILD));
	assert_true(followed_has(w->sieve.followed, GRANDCHILD));
	assert_true(followed_has(w->sieve.followed, GRANDCHILD + 100));
	assert_false(followed_has(w->sieve.followed, STRANGERS_CHILD));
	check_nothing_was_drained(w);
}

/* It looks at what was not drained yet, ends or damage notwithstanding. */
static void look_ahead_sees_what_was_not_drained(void **state)
{
	struct world *w = *state;
	const struct perf_event_header damaged = { .type = PERF_RECORD_FORK, .size = 4 };
	struct ring *ring = &w->ring_list[0];

	write_fork(w, 0, TARGET, STRANGER); /* seen long ago */
	ring->page->data_tail = ring->looked = ring->page->data_head;
	write_to(ring, lay_exit(&w->bytes, (struct task){ TARGET, TARGET }));
	write_fork(w, 0, TARGET, CHILD);
	memcpy(ring->data + ring->page->data_head, &damaged, sizeof(damaged));
	ring->page->data_head += sizeof(damaged);
	write_fork(w, 0, TARGET, STRANGERS_CHILD); /* nobody can read that */
	write_fork_at(w, 1, 2000, CHILD, GRANDCHILD);
	sieve_look_ahead(&w->sieve, &w->rings);
	assert_false(followed_has(w->sieve.followed, STRANGER));
	assert_true(followed_has(w->sieve.followed, TARGET));
	assert_true(followed_has(w->sieve.followed, CHILD));
	assert_false(followed_has(w->sieve.followed, STRANGERS_CHILD));
	assert_true(followed_has(w->sieve.followed, GRANDCHILD));
}

static void fork_that_wraps_around_is_found(void **state)
{
	struct world *w = *state;
	struct ring *ring = &w->ring_list[1];

	ring->page->data_head = ring->page->data_tail = 3 * RING_BYTES - 24;
	ring->looked = ring->page->data_tail;
	write_fork(w, 1, TARGET, CHILD);
	sieve_look_ahead(&w->sieve, &w->rings);
	assert_true(followed_has(w->sieve.followed, CHILD));
	assert_int_equal(ring->page->data_tail, 3 * RING_BYTES - 24);
}

#define TESTS(X)                                                   \
	X(our_own_records_pass_as_they_are)                        \
	X(foreign_id_becomes_ours_by_the_size_of_the_record)       \
	X(foreign_id_of_another_size_is_not_for_us)                \
	X(foreign_id_becomes_ours_with_call_chains_of_any_length)  \
	X(time_of_another_clock_is_replaced_by_the_last_one)       \
	X(clock_that_was_wrong_is_not_believed_for_a_while)        \
	X(own_id_does_not_vouch_for_the_time)                      \
	X(each_ring_has_its_own_last_time)                         \
	X(record_in_scratch_is_restamped_there)                    \
	X(ids_that_came_late_become_the_first_of_their_event)      \
	X(copies_are_held_back_and_counted)                        \
	X(another_id_of_the_same_number_later_is_no_copy)          \
	X(copies_under_a_foreign_id_are_held_back)                 \
	X(losses_are_counted_and_never_held_back)                  \
	X(strangers_and_ourselves_are_held_back_from_whole_cpus)   \
	X(other_records_that_are_held_back_are_not_counted)        \
	X(child_born_on_a_ring_drained_later_is_known)             \
	X(grandchild_found_before_its_parent_is_known)             \
	X(look_ahead_sees_what_was_not_drained)                    \
	X(fork_that_wraps_around_is_found)

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test_setup_teardown(name, world_new, world_end),
		TESTS(X)
#undef X
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
