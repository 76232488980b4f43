/*
 * Two threads of one process, for tests of the system calls that change its address
 * space: each event that is fed is a little later than the one before.
 */
#ifndef TESTS_UNIT_CALLS_WORLD_H
#define TESTS_UNIT_CALLS_WORLD_H

#include "../support/check.h"

#include <linux/mman.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "../support/events.h"
#include "../support/layout.h"
#include "pfa/base/intern.h"
#include "pfa/model/backing.h"
#include "pfa/model/calls.h"
#include "pfa/model/mm.h"
#include "pfa/model/names.h"
#include "pfa/model/pages.h"
#include "pfa/model/tasks.h"

static const struct who one = { 100, 100 }, two = { 100, 101 };

/* Nothing is mapped. */
struct world {
	struct intern *strings;
	struct names names;
	struct tasks *tasks;
	struct mm *mm;
	uint64_t now_ns;
	struct change change; /* told last */
};

static inline int world_new(void **state)
{
	static struct world w;

	w = (struct world){ .strings = intern_new(), .now_ns = 1000 };
	names_init(&w.names, w.strings);
	w.tasks = tasks_new(w.strings);
	w.mm = tasks_thread(w.tasks, one.pid, one.tid)->process->mm;
	(void)tasks_thread(w.tasks, two.pid, two.tid);
	*state = &w;
	return 0;
}

static inline int world_end(void **state)
{
	struct world *w = *state;

	tasks_free(w->tasks);
	names_release(&w->names);
	intern_free(w->strings);
	return 0;
}

static inline struct thread *thread_of(struct world *w, struct who who)
{
	return tasks_thread(w->tasks, who.pid, who.tid);
}

static inline void begin_args(struct world *w, struct who who, enum mm_call call,
			      const uint64_t args[MM_CALL_ARGS])
{
	const struct event e = ev_call_begin_args(++w->now_ns, who, call, args);

	calls_begin(thread_of(w, who), &w->names, &e);
}

#define begin(w, who, call, ...) \
	begin_args(w, who, call, (const uint64_t[MM_CALL_ARGS]){ __VA_ARGS__ })

static inline bool end(struct world *w, struct who who, enum mm_call call, uint64_t result)
{
	const struct event e = ev_call_end(++w->now_ns, who, call, (int64_t)result);

	return calls_end(thread_of(w, who), &e, &w->names, &w->change);
}

#define run(w, call, result, ...) \
	(begin(w, one, call, __VA_ARGS__), end(w, one, call, result))

static inline bool record(struct world *w, struct who who, uint64_t first, uint64_t past,
			  const char *perms, const char *name)
{
	const struct event e = ev_mmap(++w->now_ns, who, PAGE(first), PAGE(past), perms,
				       name);

	return calls_mmap(thread_of(w, who), &e, &w->names, &w->change);
}

static inline bool record_file(struct world *w, struct who who, uint64_t first, uint64_t past,
			       const char *perms, uint64_t offset_pages)
{
	const struct event e = ev_map_file(++w->now_ns, who, PAGE(first), PAGE(past),
					   perms, PAGE(offset_pages), 4711,
					   "/lib/libc.so");

	return calls_mmap(thread_of(w, who), &e, &w->names, &w->change);
}

static inline void record_part(struct world *w, struct who who, uint64_t first, uint64_t past,
			       const char *perms, uint64_t offset_pages, const char *name)
{
	const struct event e = ev_map_file(++w->now_ns, who, PAGE(first), PAGE(past),
					   perms, PAGE(offset_pages), 0, name);

	assert_false(calls_mmap(thread_of(w, who), &e, &w->names, &w->change));
}

/* Every page of a range has been touched. Its frame is its number and 0x1000. */
static inline void touch(struct world *w, uint64_t first, uint64_t past)
{
	for (uint64_t n = first; n < past; n++)
		pages_set_mapped(w->mm->pages, PAGE(n), 4096, PAGE(n + 0x1000), true);
}

/* PAGE_UNSEEN: nothing is known of what is mapped there now, if anything is. */
static inline void check_page(const struct world *w, uint64_t n, enum page_state state,
			      uint32_t frame)
{
	const struct page page = pages_get(w->mm->pages, PAGE(n));

	assert_int_equal(page.state == PAGE_UNMAPPED ? PAGE_UNSEEN : page.state, state);
	assert_int_equal(page.frame, frame);
}

static inline void check_layout(const struct world *w, const char *wanted)
{
	assert_string_equal(layout_text(w->mm->space), wanted);
}

static inline void check_change(const struct world *w, enum change_kind kind, uint64_t first,
				uint64_t past)
{
	assert_string_equal(change_kind_name(w->change.kind), change_kind_name(kind));
	assert_int_equal(w->change.start, PAGE(first));
	assert_int_equal(w->change.end, PAGE(past));
}

static inline void check_old_range(const struct world *w, uint64_t first, uint64_t past)
{
	assert_int_equal(w->change.old_start, PAGE(first));
	assert_int_equal(w->change.old_end, PAGE(past));
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

#endif
