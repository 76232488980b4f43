/* Of what two events tell twice, one counts. */
#include "../support/check.h"

#include <stdbool.h>

#include "pfa/decode/evlist.h"
#include "pfa/source/dedupe.h"
#include "pfa/source/stamp.h"

enum { MINOR_A = 11, MINOR_B, MAJOR_A = 21, MAJOR_B, OTHER_A = 31, OTHER_B };

static const struct {
	uint32_t type;
	uint64_t config, first_id;
} events[] = {
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN, MINOR_A },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ, MAJOR_A },
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY, OTHER_A },
};

struct world {
	struct evlist *list; /* three events with two ids each */
	struct dedupe *dedupe;
	uint64_t time_ns; /* goes on with each record, unless it is held */
};

static int world_new(void **state)
{
	static struct world w;

	w = (struct world){ .list = evlist_new(), .dedupe = dedupe_new() };
	for (size_t i = 0; i < COUNT_OF(events); i++) {
		const struct perf_event_attr attr = { .type = events[i].type,
						      .config = events[i].config };
		struct evsel *evsel = evlist_add(w.list, &attr, "event");

		evlist_add_id(w.list, evsel, events[i].first_id);
		evlist_add_id(w.list, evsel, events[i].first_id + 1);
	}
	assert_int_equal(evlist_resolve(w.list, NULL, NULL), PFA_OK);
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	dedupe_free(w->dedupe);
	dedupe_free(NULL);
	evlist_free(w->list);
	return 0;
}

static bool is_copy_at(struct world *w, uint64_t id, uint32_t tid, uint32_t cpu,
		       uint64_t time_ns)
{
	const struct stamp stamp = { .id = id, .pid = 100, .tid = tid,
				     .time_ns = time_ns };

	return dedupe_is_copy(w->dedupe, cpu, evlist_by_id(w->list, id), &stamp);
}

static bool is_copy(struct world *w, uint64_t id, uint32_t tid, uint32_t cpu)
{
	return is_copy_at(w, id, tid, cpu, ++w->time_ns);
}

static void id_seen_first_counts_of_an_event_thread_and_cpu(void **state)
{
	struct world *w = *state;

	assert_false(is_copy(w, MINOR_A, 100, 0));
	assert_true(is_copy(w, MINOR_B, 100, 0));
	assert_false(is_copy(w, MINOR_A, 100, 0));
	assert_false(is_copy(w, MINOR_B, 101, 0)); /* another thread */
	assert_true(is_copy(w, MINOR_A, 101, 0));
	assert_false(is_copy(w, MINOR_B, 100, 1)); /* another cpu */
	assert_false(is_copy(w, MAJOR_B, 100, 0)); /* another event */
	assert_true(is_copy(w, MAJOR_A, 100, 0));
}

/* Two records of one id, and which of them are copies. */
static const struct {
	const char *what;
	uint64_t id;
	uint32_t tids[2], cpus[2];
	uint64_t times[2];
	bool second_is_copy;
} pairs[] = {
	{ "minor faults at one time", MINOR_A, { 100, 100 }, { 0, 0 }, { 5, 5 }, true },
	{ "major faults at one time", MAJOR_A, { 100, 100 }, { 0, 0 }, { 5, 5 }, true },
	{ "minor faults", MINOR_A, { 100, 100 }, { 0, 0 }, { 5, 6 }, false },
	{ "minor faults, the clock steps back", MINOR_A, { 100, 100 }, { 0, 0 },
	  { 6, 5 }, false },
	{ "of two threads", MINOR_A, { 100, 101 }, { 0, 0 }, { 5, 5 }, false },
	{ "on two cpus", MINOR_A, { 100, 100 }, { 0, 1 }, { 5, 5 }, false },
	{ "others at one time", OTHER_A, { 100, 100 }, { 0, 0 }, { 5, 5 }, false },
};

/* Software events may share a sample, and then one id. */
static void faults_of_one_time_are_one_fault(void **state)
{
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct world *w = *state;
		bool second;

		assert_false(is_copy_at(w, pairs[i].id, pairs[i].tids[0],
					pairs[i].cpus[0], pairs[i].times[0]));
		second = is_copy_at(w, pairs[i].id, pairs[i].tids[1], pairs[i].cpus[1],
				    pairs[i].times[1]);
		if (second != pairs[i].second_is_copy)
			fail_msg("%s", pairs[i].what);
		world_end(state);
		world_new(state);
	}
}

static void copies_of_one_time_are_all_copies(void **state)
{
	struct world *w = *state;

	assert_false(is_copy_at(w, MINOR_A, 100, 0, 5));
	assert_true(is_copy_at(w, MINOR_A, 100, 0, 5));
	assert_true(is_copy_at(w, MINOR_A, 100, 0, 5));
	assert_true(is_copy_at(w, MINOR_B, 100, 0, 5));
	assert_false(is_copy_at(w, MINOR_A, 100, 0, 6));
}

/* The id that counts may be the one whose time came from the other's sample. */
static void time_of_a_copy_counts_too(void **state)
{
	struct world *w = *state;

	assert_false(is_copy_at(w, MINOR_A, 100, 0, 5));
	assert_true(is_copy_at(w, MINOR_B, 100, 0, 7));
	assert_true(is_copy_at(w, MINOR_A, 100, 0, 7));
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(id_seen_first_counts_of_an_event_thread_and_cpu),
		in_world(faults_of_one_time_are_one_fault),
		in_world(copies_of_one_time_are_all_copies),
		in_world(time_of_a_copy_counts_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
