/* Records pass from one thread to another: all of them, once, in order. */
#include "../support/check.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../support/record_bytes.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/keeper.h"
#include "pfa/decode/record.h"
#include "pfa/relay.h"

enum { EVENT_ID = 7, FIELDS = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
			      PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_ADDR };

/* The far side: it may be held, and says when it has had enough. */
struct world {
	struct evlist *list;
	struct relay *relay;
	uint64_t taken, rounds, last_limit;
	uint64_t enough; /* rounds; 0: never */
	bool in_order;
	sem_t may_go_on;
	bool held;
	atomic_int tid; /* of the far side's thread */
};

static void take(void *context, const struct record *record)
{
	struct world *w = context;

	atomic_store(&w->tid, gettid());
	if (w->held) {
		sem_wait(&w->may_go_on);
		w->held = false;
	}
	w->taken++;
	w->in_order = w->in_order && record->time_ns == w->taken && record->evsel;
	keeper_release(relay_keeper(w->relay), record->header);
}

static bool end_round(void *context, uint64_t limit_ns)
{
	struct world *w = context;

	w->rounds++;
	w->last_limit = limit_ns;
	return !w->enough || w->rounds < w->enough;
}

static int world_new(void **state)
{
	static struct world w;
	const struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS_MIN,
		.sample_type = FIELDS, .sample_id_all = 1,
	};
	const struct relay_far far = { &w, take, end_round };
	struct pfa_error err;

	w = (struct world){ .in_order = true };
	sem_init(&w.may_go_on, 0, 0);
	w.list = evlist_new();
	evlist_add_id(w.list, evlist_add(w.list, &attr, "minor-faults"), EVENT_ID);
	assert_int_equal(evlist_resolve(w.list, NULL, &err), PFA_OK);
	assert_int_equal(relay_open(&w.relay, w.list, &far, -1, &err), PFA_OK);
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	relay_free(w->relay);
	evlist_free(w->list);
	sem_destroy(&w->may_go_on);
	return 0;
}

static void put(struct world *w, uint64_t time_ns)
{
	const struct consumer *near = relay_consumer(w->relay);
	const struct sample_values v = { .id = EVENT_ID, .time_ns = time_ns };
	struct record_bytes r;

	near->sink.put(near->sink.context,
		       record_sample(&r, 0, &w->list->evsels[0]->attr, &v));
	memset(&r, 0xee, sizeof(r)); /* it does not last */
}

static bool round_at(struct world *w, uint64_t limit_ns)
{
	struct consumer *near = relay_consumer(w->relay);

	return near->round(near, limit_ns, 0);
}

static void all_records_come_out_once_in_order(void **state)
{
	enum { RECORDS = 200000, OF_A_ROUND = 777 };
	struct world *w = *state;

	for (uint64_t i = 1; i <= RECORDS; i++) {
		put(w, i);
		if (!(i % OF_A_ROUND))
			assert_true(round_at(w, i));
	}
	relay_end(w->relay);
	assert_int_equal(w->taken, RECORDS);
	assert_int_equal(w->rounds, RECORDS / OF_A_ROUND);
	assert_int_equal(w->last_limit, RECORDS / OF_A_ROUND * OF_A_ROUND);
	assert_true(w->in_order);
}

/* The near side goes on while the far one is held up. */
static void far_side_that_waits_holds_nobody_up(void **state)
{
	enum { ROUNDS = 100, OF_A_ROUND = 100 };
	struct world *w = *state;

	w->held = true;
	for (uint64_t i = 1; i <= ROUNDS * OF_A_ROUND; i++) {
		put(w, i);
		if (!(i % OF_A_ROUND))
			assert_true(round_at(w, i));
	}
	assert_int_equal(w->taken, 0);
	sem_post(&w->may_go_on);
	relay_end(w->relay);
	assert_int_equal(w->taken, ROUNDS * OF_A_ROUND);
	assert_int_equal(w->rounds, ROUNDS);
	assert_true(w->in_order);
}

/* Time passes: where nothing waits to be taken, a round without records is told. */
static void rounds_without_records_are_told_but_not_piled_up(void **state)
{
	struct world *w = *state;

	w->held = true;
	put(w, 1);
	assert_true(round_at(w, 1));
	put(w, 2);
	assert_true(round_at(w, 2));
	for (uint64_t i = 3; i < 1000; i++)
		assert_true(round_at(w, i));
	sem_post(&w->may_go_on);
	relay_end(w->relay);
	assert_int_equal(w->taken, 2);
	assert_in_range(w->rounds, 2, 4);
}

static void far_side_that_has_enough_ends_it(void **state)
{
	struct world *w = *state;
	uint64_t rounds = 0;

	w->enough = 3;
	while (round_at(w, ++rounds))
		assert_true(rounds < 100000000);
	relay_end(w->relay);
	assert_int_equal(w->rounds, 3);
}

/* ---- priorities ---- */

/* A record as large as they may be. */
static void put_large(struct world *w)
{
	static _Alignas(8) struct {
		struct perf_event_header header;
		char bytes[65520];
	} large = { { .type = PERF_RECORD_AUX, .size = 65528 }, { 0 } };
	const struct consumer *near = relay_consumer(w->relay);

	near->sink.put(near->sink.context, &large.header);
}

static int far_nice(const struct world *w)
{
	return getpriority(PRIO_PROCESS, (id_t)w->tid);
}

/* To be able to is a privilege. */
static void far_side_gives_way_until_too_much_waits(void **state)
{
	enum { HALF_OF_ALL = 128 << 20 };
	struct world *w = *state;
	int usual = getpriority(PRIO_PROCESS, 0);
	bool able = !setpriority(PRIO_PROCESS, 0, -5);

	w->held = true;
	put(w, 1);
	assert_true(round_at(w, 1));
	while (!atomic_load(&w->tid))
		usleep(100);
	put(w, 2);
	assert_true(round_at(w, 2));
	assert_int_equal(far_nice(w), able && usual < 10 ? 10 : usual);
	for (size_t bytes = 0; bytes <= HALF_OF_ALL; bytes += 65528)
		put_large(w);
	assert_true(round_at(w, 3));
	assert_int_equal(far_nice(w), usual);
	sem_post(&w->may_go_on);
	relay_end(w->relay);
	(void)!setpriority(PRIO_PROCESS, 0, usual);
}

static void nothing_passed_is_nothing_taken(void **state)
{
	struct world *w = *state;

	relay_end(w->relay);
	assert_int_equal(w->taken, 0);
	assert_int_equal(w->rounds, 0);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(all_records_come_out_once_in_order),
		in_world(far_side_that_waits_holds_nobody_up),
		in_world(rounds_without_records_are_told_but_not_piled_up),
		in_world(far_side_that_has_enough_ends_it),
		in_world(nothing_passed_is_nothing_taken),
		in_world(far_side_gives_way_until_too_much_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
