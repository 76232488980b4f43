/* Of what two events tell twice, one counts. */
#include "../support/check.h"

#include <stdbool.h>

#include "../support/record_bytes.h"
#include "pfa/decode/evlist.h"
#include "pfa/source/dedupe.h"

enum { FIELDS = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
		PERF_SAMPLE_TIME | PERF_SAMPLE_CPU };

struct world {
	struct evlist *list; /* two events with two ids each: 11, 12 and 21, 22 */
	struct dedupe *dedupe;
};

static int world_new(void **state)
{
	static struct world w;
	const struct perf_event_attr attr = { .sample_type = FIELDS,
					      .sample_id_all = 1 };

	w.list = evlist_new();
	for (uint64_t id = 11; id < 30; id += 10) {
		struct evsel *evsel = evlist_add(w.list, &attr, "event");

		evlist_add_id(w.list, evsel, id);
		evlist_add_id(w.list, evsel, id + 1);
	}
	w.dedupe = dedupe_new(w.list);
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

static bool sample_is_copy(struct world *w, uint64_t id, uint32_t tid, uint32_t cpu)
{
	const struct sample_values v = { .id = id, .pid = 100, .tid = tid, .cpu = cpu };
	struct record_bytes r;

	return dedupe_is_copy(w->dedupe, cpu,
			      record_sample(&r, 0, &w->list->evsels[0]->attr, &v));
}

static bool other_is_copy(struct world *w, uint32_t type, uint64_t id, uint32_t tid)
{
	const struct sample_values v = { .id = id, .pid = 100, .tid = tid };
	struct record_bytes r;

	record_begin(&r, type, 0);
	record_u64(&r, 0);
	record_tail(&r, &w->list->evsels[0]->attr, &v);
	return dedupe_is_copy(w->dedupe, 0, record_end(&r));
}

static void id_seen_first_counts_of_an_event_thread_and_cpu(void **state)
{
	struct world *w = *state;

	assert_false(sample_is_copy(w, 11, 100, 0));
	assert_true(sample_is_copy(w, 12, 100, 0));
	assert_false(sample_is_copy(w, 11, 100, 0));
	assert_false(sample_is_copy(w, 12, 101, 0)); /* another thread */
	assert_true(sample_is_copy(w, 11, 101, 0));
	assert_false(sample_is_copy(w, 12, 100, 1)); /* another cpu */
	assert_false(sample_is_copy(w, 22, 100, 0)); /* another event */
	assert_true(sample_is_copy(w, 21, 100, 0));
}

static void other_records_are_known_by_their_tails(void **state)
{
	struct world *w = *state;

	assert_false(other_is_copy(w, PERF_RECORD_COMM, 11, 100));
	assert_true(other_is_copy(w, PERF_RECORD_COMM, 12, 100));
	assert_false(other_is_copy(w, PERF_RECORD_COMM, 12, 101));
}

static void losses_and_unknown_records_are_never_copies(void **state)
{
	struct world *w = *state;
	struct record_bytes r;

	assert_false(other_is_copy(w, PERF_RECORD_LOST, 11, 100));
	assert_false(other_is_copy(w, PERF_RECORD_LOST, 12, 100));
	assert_false(sample_is_copy(w, 99, 100, 0));
	for (int i = 0; i < 2; i++) {
		record_begin(&r, PERF_RECORD_COMM, 0); /* too short for a tail */
		assert_false(dedupe_is_copy(w->dedupe, 0, record_end(&r)));
	}
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(id_seen_first_counts_of_an_event_thread_and_cpu),
		in_world(other_records_are_known_by_their_tails),
		in_world(losses_and_unknown_records_are_never_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
