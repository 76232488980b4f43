/* Our own layout read from /proc, as notes. */
#include "../support/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pfa/base/text.h"
#include "pfa/decode/procmaps.h"
#include "pfa/source/compose.h"
#include "pfa/source/followed.h"
#include "pfa/source/maps_text.h"
#include "pfa/source/reread.h"

/* What came of the notes: the text put together again. */
struct world {
	struct followed *followed;
	struct record_sink sink;
	struct composer composer;
	struct text text;
	size_t notes, of;
	uint64_t begin_ns;
};

/* The payload follows id, ip, pid and tid, time, cpu, and its length. */
static void take(void *context, const struct perf_event_header *header)
{
	const char *payload = (const char *)header + 8 + 5 * 8 + 4;
	struct world *w = context;
	size_t part;
	int at = 0;

	assert_int_equal(sscanf(payload, "maps begin=%" SCNu64 " part=%zu of=%zu%n",
				&w->begin_ns, &part, &w->of, &at), 3);
	assert_int_equal(payload[at], '\n');
	assert_int_equal(part, w->notes % w->of + 1);
	w->notes++;
	text_str(&w->text, payload + at + 1);
}

static int world_new(void **state)
{
	static struct world w;

	w = (struct world){ .followed = followed_new(FOLLOW_NAMED) };
	w.sink = (struct record_sink){ take, &w };
	w.composer.sink = &w.sink;
	text_init(&w.text);
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	followed_free(w->followed);
	text_release(&w->text);
	return 0;
}

static bool shows(const struct text *text, uint64_t addr)
{
	const char *at = text->bytes, *end = at + text->length;
	struct procmap map;

	while (procmaps_next(&at, end, &map))
		if (map.start <= addr && addr < map.end)
			return true;
	return false;
}

static void layout_comes_in_as_many_parts_as_it_needs(void **state)
{
	enum { PIECES = 3000 };
	char *m = mmap(NULL, PIECES * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct world *w = *state;
	uint64_t before = compose_now_ns();

	for (int i = 0; i < PIECES; i += 2)
		assert_int_equal(mprotect(m + i * 4096, 4096, PROT_NONE), 0);
	followed_add(w->followed, getpid());
	reread_all(w->followed, &w->composer);
	assert_in_range(w->notes, 2, 20);
	assert_int_equal(w->notes, w->of);
	assert_in_range(w->begin_ns, before, compose_now_ns());
	assert_true(shows(&w->text, (uintptr_t)m));
	assert_true(shows(&w->text, (uintptr_t)m + (PIECES - 1) * 4096));
	assert_true(shows(&w->text, (uintptr_t)&w));
	munmap(m, PIECES * 4096);
}

static void processes_have_their_turns_at_intervals(void **state)
{
	struct world *w = *state;
	struct reread reread = { .turn_ns = 0 };

	followed_add(w->followed, getpid());
	reread_some(&reread, w->followed, &w->composer);
	assert_int_equal(w->notes, w->of);
	for (int i = 0; i < 100; i++)
		reread_some(&reread, w->followed, &w->composer);
	assert_int_equal(w->notes, w->of); /* not yet again */
	usleep(60000);
	reread_some(&reread, w->followed, &w->composer);
	assert_int_equal(w->notes, 2 * w->of);
	reread_release(&reread);
}

static void nothing_is_told_of_who_has_ended(void **state)
{
	struct world *w = *state;
	struct text text;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	followed_add(w->followed, pid);
	reread_all(w->followed, &w->composer);
	assert_int_equal(w->notes, 0);
	text_init(&text);
	assert_true(maps_text_read(pid, &text)); /* a zombie has none */
	assert_int_equal(text.length, 0);
	waitpid(pid, NULL, 0);
	assert_false(maps_text_read(pid, &text));
	reread_all(w->followed, &w->composer);
	assert_int_equal(w->notes, 0);
	text_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(layout_comes_in_as_many_parts_as_it_needs,
						world_new, world_end),
		cmocka_unit_test_setup_teardown(processes_have_their_turns_at_intervals,
						world_new, world_end),
		cmocka_unit_test_setup_teardown(nothing_is_told_of_who_has_ended,
						world_new, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
