/* Beginning and end of a fault become one observation; so do those that failed. */
#include "../support/check.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

#include "../support/events.h"
#include "../support/layout.h"
#include "pfa/base/intern.h"
#include "pfa/model/backing.h"
#include "pfa/model/calls.h"
#include "pfa/model/classify.h"
#include "pfa/model/mm.h"
#include "pfa/model/names.h"
#include "pfa/model/pages.h"
#include "pfa/model/pairing.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"

static const struct who one = { 100, 101 };

/*
 * A thread in a space of one mapping of each kind, a stack at the end:
 *
 *     10-20 rw-p anon   20-28 rw-p libc.so+2   28-30 r--p libc.so
 *     30-38 rw-s memfd:x   7f0-800 rw-p [stack]
 */
struct world {
	struct intern *strings;
	struct names names;
	struct tasks *tasks;
	struct thread *thread;
	struct mm *mm;
	struct fault fault; /* told last */
};

static void map(struct world *w, struct event e)
{
	struct change change;

	assert_false(calls_mmap(w->thread, &e, &w->names, &change));
}

static int world_new(void **state)
{
	static struct world w;

	w = (struct world){ .strings = intern_new() };
	names_init(&w.names, w.strings);
	w.tasks = tasks_new(w.strings);
	w.thread = tasks_thread(w.tasks, one.pid, one.tid);
	w.mm = w.thread->process->mm;
	map(&w, ev_mmap(1, one, PAGE(0x10), PAGE(0x20), "rw-p", "//anon"));
	map(&w, ev_map_file(1, one, PAGE(0x20), PAGE(0x28), "rw-p", PAGE(2), 7,
			    "/lib/libc.so"));
	map(&w, ev_map_file(1, one, PAGE(0x28), PAGE(0x30), "r--p", 0, 7,
			    "/lib/libc.so"));
	map(&w, ev_mmap(1, one, PAGE(0x30), PAGE(0x38), "rw-s", "/memfd:x (deleted)"));
	map(&w, ev_mmap(1, one, PAGE(0x7f0), PAGE(0x800), "rw-p", "[stack]"));
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	tasks_free(w->tasks);
	names_release(&w->names);
	intern_free(w->strings);
	return 0;
}

static void begin(struct world *w, struct event e)
{
	pairing_begin(w->thread, &w->names, &e);
}

static void end(struct world *w, struct event e)
{
	pairing_end(w->thread, &w->names, &e, true, &w->fault);
}

static void check_fault(const struct world *w, const char *wanted)
{
	const struct fault *f = &w->fault;
	char found[200];

	snprintf(found, sizeof(found), "%s %s %s %s%s%s", fault_type_name(f->type),
		 f->kind, f->region->text, fault_access_name(f->access),
		 f->refault ? " after " : "", refault_name(f->refault));
	assert_string_equal(found, wanted);
}

/* ---- faults that completed ---- */

static void pair_is_one_fault_with_its_latency(void **state)
{
	struct world *w = *state;
	struct event e = ev_fault_end(1650, one, PAGE(0x25) + 8, PAGE(0x777));

	e.cpu = 3;
	begin(w, ev_fault_begin(1000, one, PAGE(0x25) + 8, 0));
	assert_true(w->thread->fault.active);
	end(w, e);
	assert_false(w->thread->fault.active);
	check_fault(w, "MINOR map libc.so r");
	assert_int_equal(w->fault.latency_ns, 650);
	assert_int_equal(w->fault.time_ns, 1650);
	assert_int_equal(w->fault.cpu, 3);
	assert_int_equal(w->fault.addr, PAGE(0x25) + 8);
	assert_int_equal(w->fault.ip, 0x401000);
	assert_int_equal(w->fault.page_size_bytes, 4096);
	assert_int_equal(w->fault.phys, PAGE(0x777));
	assert_true(w->fault.has_phys);
	assert_true(w->fault.in_file);
	assert_int_equal(w->fault.file_offset_bytes, PAGE(7) + 8);
	assert_false(w->fault.kernel);
	assert_int_equal(w->fault.actor.pid, 100);
	assert_int_equal(w->fault.actor.tid, 101);
}

static void kernel_mode_is_of_the_beginning(void **state)
{
	struct world *w = *state;

	begin(w, ev_kernel_fault_begin(1000, one, PAGE(0x10), FAULT_WRITE));
	end(w, ev_fault_end(1100, one, PAGE(0x10), PAGE(0x777)));
	check_fault(w, "MINOR zero-fill anon w");
	assert_true(w->fault.kernel);
	assert_false(w->fault.in_file);
}

/* Shared memory is no file, though it has offsets like one. */
static void who_made_memory_is_told_of_all_but_files(void **state)
{
	static const struct { uint64_t page; bool told; } rows[] = {
		{ 0x12, true }, { 0x22, false }, { 0x29, false }, { 0x32, true },
		{ 0x7f2, true },
	};
	const struct origin made = { .kind = ORIGIN_mmap, .maker = 7 };
	struct world *w = *state;

	w->mm->pieces = space_new();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		mm_made(w->mm, PAGE(rows[i].page - 1), PAGE(rows[i].page + 1), &made);
		begin(w, ev_fault_begin(1000, one, PAGE(rows[i].page) + 8, 0));
		end(w, ev_fault_end(1100, one, PAGE(rows[i].page) + 8, PAGE(0x777)));
		assert_int_equal(w->fault.origin != NULL, rows[i].told);
		if (rows[i].told) {
			assert_int_equal(w->fault.origin->maker, 7);
			assert_int_equal(w->fault.origin_offset, PAGE(1) + 8);
		}
	}
}

static const struct {
	uint64_t page;
	uint32_t error_code;
	bool major;
	const char *fault;
} completed[] = {
	{ 0x10, 0, false, "MINOR zero-read anon r" },
	{ 0x10, FAULT_WRITE, false, "MINOR zero-fill anon w" },
	{ 0x10, FAULT_EXEC, false, "MINOR zero-read anon x" },
	{ 0x10, FAULT_WRITE, true, "MAJOR swap-in anon w" },
	{ 0x10, FAULT_WRITE | FAULT_PRESENT, false, "COW cow anon w" },
	{ 0x20, FAULT_WRITE, false, "COW cow-file libc.so w" },
	{ 0x20, FAULT_WRITE, true, "MAJOR page-in-copy libc.so w" },
	{ 0x28, 0, true, "MAJOR page-in libc.so r" },
	{ 0x30, 0, false, "MINOR shmem memfd:x r" },
	{ 0x30, FAULT_WRITE | FAULT_PRESENT, false, "MINOR write-notify memfd:x w" },
	{ 0x7ef, FAULT_WRITE, false, "MINOR stack-grow [stack] w" },
	{ 0x7f0, FAULT_WRITE, false, "MINOR zero-fill [stack] w" },
	{ 0x28, FAULT_PRESENT, false, "MINOR spurious libc.so r" },
};

static void error_code_and_mapping_give_the_kind(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(completed); i++) {
		const uint64_t addr = PAGE(completed[i].page);

		pages_forget(w->mm->pages, 0, UINT64_MAX);
		begin(w, ev_fault_begin(1000, one, addr, completed[i].error_code));
		end(w, completed[i].major ? ev_major_end(2000, one, addr, PAGE(0x777))
					  : ev_fault_end(2000, one, addr, PAGE(0x777)));
		check_fault(w, completed[i].fault);
	}
}

/* The stack's own record comes between the fault's two. */
static void stack_that_grew_meanwhile_is_a_stack_grow(void **state)
{
	struct world *w = *state;
	struct change change;
	const struct event e = ev_mmap(1500, one, PAGE(0x7e8), PAGE(0x800), "rw-p",
				       "[stack]");

	begin(w, ev_fault_begin(1000, one, PAGE(0x7e8), FAULT_WRITE));
	assert_true(calls_mmap(w->thread, &e, &w->names, &change));
	end(w, ev_fault_end(2000, one, PAGE(0x7e8), PAGE(0x777)));
	check_fault(w, "MINOR stack-grow [stack] w");
	assert_int_equal(w->fault.latency_ns, 1000);
}

static void completion_in_memory_never_heard_of_is_unknown(void **state)
{
	struct world *w = *state;

	begin(w, ev_fault_begin(1000, one, PAGE(0x900), FAULT_WRITE));
	end(w, ev_fault_end(2000, one, PAGE(0x900), PAGE(0x777)));
	assert_string_equal(w->fault.region->text, "unknown");
}

/* ---- what a page was before ---- */

static void touch(struct world *w, uint64_t page, uint32_t error_code, uint64_t frame)
{
	begin(w, ev_fault_begin(1000, one, PAGE(page), error_code));
	end(w, ev_fault_end(1100, one, PAGE(page), PAGE(frame)));
}

static void read_then_write_copies_the_zero_page(void **state)
{
	struct world *w = *state;

	touch(w, 0x10, 0, 0);
	check_fault(w, "MINOR zero-read anon r");
	touch(w, 0x10, FAULT_WRITE | FAULT_PRESENT, 0x777);
	check_fault(w, "COW cow-zero anon w");
}

static void frame_tells_a_reuse_from_a_copy(void **state)
{
	struct world *w = *state;

	touch(w, 0x10, FAULT_WRITE, 0x777);
	touch(w, 0x10, FAULT_WRITE | FAULT_PRESENT, 0x777);
	check_fault(w, "COW cow-reuse anon w");
	touch(w, 0x10, FAULT_WRITE | FAULT_PRESENT, 0x888);
	check_fault(w, "COW cow-copy anon w");
}

static void huge_page_counts_for_all_its_pages(void **state)
{
	struct world *w = *state;
	struct event e = ev_fault_end(1100, one, PAGE(0x13), PAGE(0x813));

	e.end.page_size = 0x200000;
	begin(w, ev_fault_begin(1000, one, PAGE(0x13), FAULT_WRITE));
	end(w, e);
	assert_int_equal(w->fault.page_size_bytes, 0x200000);
	touch(w, 0x15, FAULT_WRITE | FAULT_PRESENT, 0x815);
	check_fault(w, "COW cow-reuse anon w");
}

static void page_served_by_another_thread_is_spurious(void **state)
{
	struct world *w = *state;

	begin(w, ev_fault_begin(1000, one, PAGE(0x10), FAULT_WRITE));
	pages_set_mapped(w->mm->pages, PAGE(0x10), 4096, PAGE(0x777), false); /* its fault */
	end(w, ev_fault_end(1100, one, PAGE(0x10), PAGE(0x777)));
	check_fault(w, "MINOR spurious anon w");
}

static const struct {
	uint64_t page;
	enum page_state given_back;
	uint32_t error_code;
	bool major;
	const char *fault;
} refaults[] = {
	{ 0x10, PAGE_DONTNEED, FAULT_WRITE, false, "MINOR zero-fill anon w after dontneed" },
	{ 0x10, PAGE_FREE, FAULT_WRITE, false, "MINOR zero-fill anon w after free" },
	{ 0x10, PAGE_PAGEOUT, 0, true, "MAJOR swap-in anon r after swap" },
	{ 0x10, PAGE_PAGEOUT, 0, false, "MINOR swap-cache anon r after swap" },
	{ 0x10, PAGE_MAPPED, 0, true, "MAJOR swap-in anon r after swap" },
	{ 0x10, PAGE_FREE, FAULT_WRITE | FAULT_PRESENT, false, "COW cow anon w" },
	{ 0x28, PAGE_DONTNEED, 0, false, "MINOR map libc.so r after dontneed" },
	{ 0x28, PAGE_MAPPED, 0, false, "MINOR map libc.so r" }, /* reclaimed: no news */
	{ 0x30, PAGE_MAPPED, 0, false, "MINOR shmem memfd:x r" },
	{ 0x30, PAGE_MAPPED, 0, true, "MAJOR swap-in memfd:x r after swap" },
};

static void page_given_back_and_touched_again_says_so(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(refaults); i++) {
		const uint64_t addr = PAGE(refaults[i].page);

		pages_set_mapped(w->mm->pages, addr, 4096, PAGE(0x777), false);
		if (refaults[i].given_back != PAGE_MAPPED)
			pages_give_back(w->mm->pages, addr, addr + 4096,
					refaults[i].given_back, 0);
		begin(w, ev_fault_begin(1000, one, addr, refaults[i].error_code));
		end(w, refaults[i].major ? ev_major_end(2000, one, addr, PAGE(0x888))
					 : ev_fault_end(2000, one, addr, PAGE(0x888)));
		check_fault(w, refaults[i].fault);
	}
}

/* ---- an end without its beginning ---- */

static void end_alone_tells_what_it_can(void **state)
{
	struct world *w = *state;

	end(w, ev_fault_end(2000, one, PAGE(0x25), PAGE(0x777)));
	check_fault(w, "MINOR unknown libc.so ");
	assert_ptr_equal(w->fault.kind, fault_kind_unknown);
	assert_true(w->fault.latency_ns == LATENCY_UNKNOWN);
	assert_int_equal(w->fault.file_offset_bytes, PAGE(7));
	end(w, ev_major_end(2000, one, PAGE(0x25), PAGE(0x777)));
	check_fault(w, "MAJOR page-in libc.so ");
}

static void end_of_another_address_is_not_of_this_beginning(void **state)
{
	struct world *w = *state;

	begin(w, ev_fault_begin(1000, one, PAGE(0x10), FAULT_WRITE));
	end(w, ev_fault_end(2000, one, PAGE(0x25), PAGE(0x777)));
	check_fault(w, "MINOR unknown libc.so ");
	assert_true(w->fault.latency_ns == LATENCY_UNKNOWN);
	assert_int_equal(w->fault.addr, PAGE(0x25));
}

static void end_without_an_address_is_of_the_beginning(void **state)
{
	struct world *w = *state;
	struct event e = ev_fault_end(2000, one, 0, 0);

	e.end.has_addr = e.end.has_phys = false;
	begin(w, ev_fault_begin(1000, one, PAGE(0x10), FAULT_WRITE));
	end(w, e);
	check_fault(w, "MINOR zero-fill anon w");
	assert_int_equal(w->fault.addr, PAGE(0x10));
	assert_int_equal(w->fault.latency_ns, 1000);
}

/* ---- signals ---- */

static const struct {
	int signal, code;
	uint64_t page;
	const char *fault; /* NULL: the signal is not of the fault */
} signals[] = {
	{ SIGSEGV, SEGV_MAPERR, 0x900, "INVALID unmapped unmapped w" },
	{ SIGSEGV, SEGV_MAPERR, 0x10, "INVALID unmapped anon w" },
	{ SIGSEGV, SEGV_ACCERR, 0x28, "INVALID protection libc.so w" },
	{ SIGSEGV, 4 /* SEGV_PKUERR */, 0x10, "INVALID protection anon w" },
	{ SIGBUS, BUS_ADRERR, 0x30, "INVALID bus memfd:x w" },
	{ SIGBUS, 4 /* BUS_MCEERR_AR */, 0x10, "INVALID bus anon w" },
	{ SIGSEGV, SI_USER, 0x10, NULL },   /* kill(2) */
	{ SIGSEGV, SI_TKILL, 0x10, NULL },
	{ SIGSEGV, SI_QUEUE, 0x10, NULL },
	{ SIGSEGV, SI_KERNEL, 0x10, NULL }, /* a general protection fault */
};

static void signals_code_tells_why_it_failed(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(signals); i++) {
		const struct event e = ev_signal(1300, one, signals[i].signal,
						 signals[i].code);
		enum pairing_result result;

		begin(w, ev_fault_begin(1000, one, PAGE(signals[i].page), FAULT_WRITE));
		result = pairing_signal(w->thread, &w->names, &e, &w->fault);
		assert_int_equal(w->thread->fault.active, signals[i].fault == NULL);
		if (!signals[i].fault) {
			assert_int_equal(result, PAIRING_NOTHING);
			continue;
		}
		assert_int_equal(result, PAIRING_FAULT);
		check_fault(w, signals[i].fault);
		assert_int_equal(w->fault.time_ns, 1300);
		assert_true(w->fault.latency_ns == LATENCY_UNKNOWN);
	}
}

/* The tid in the event is that of the first PID namespace. */
static void signal_ends_the_fault_of_the_thread_that_raised_it(void **state)
{
	struct world *w = *state;
	struct event e = ev_signal(1300, one, SIGSEGV, SEGV_MAPERR);

	e.signal.target = 4711;
	begin(w, ev_fault_begin(1000, one, PAGE(0x900), FAULT_WRITE));
	assert_int_equal(pairing_signal(w->thread, &w->names, &e, &w->fault),
			 PAIRING_FAULT);
	assert_false(w->thread->fault.active);
}

static void signal_without_a_fault_is_nothing(void **state)
{
	struct world *w = *state;
	const struct event e = ev_signal(1300, one, SIGSEGV, SEGV_MAPERR);

	assert_int_equal(pairing_signal(w->thread, &w->names, &e, &w->fault),
			 PAIRING_NOTHING);
}

/* ---- beginnings that were given up ---- */

static const struct {
	const char *what;
	uint64_t page;
	uint32_t error_code;
	bool kernel, signals_seen;
	enum pairing_result result;
	const char *fault;
} given_up[] = {
	{ "a signal interrupted it", 0x10, FAULT_WRITE, false, true, PAIRING_RETRIED, NULL },
	{ "no signals: it failed", 0x10, FAULT_WRITE, false, false, PAIRING_FAULT,
	  "INVALID bus anon w" },
	{ "nothing mapped, signals missed", 0x900, FAULT_WRITE, false, true, PAIRING_FAULT,
	  "INVALID unmapped unmapped w" },
	{ "write to read-only, signals missed", 0x28, FAULT_WRITE, false, true,
	  PAIRING_FAULT, "INVALID protection libc.so w" },
	{ "exec of data", 0x10, FAULT_EXEC, false, false, PAIRING_FAULT,
	  "INVALID protection anon x" },
	{ "system call with a bad pointer: EFAULT", 0x900, 0, true, true, PAIRING_FAULT,
	  "INVALID unmapped unmapped r" },
	{ "system call writes to read-only memory", 0x28, FAULT_WRITE, true, true,
	  PAIRING_FAULT, "INVALID protection libc.so w" },
	{ "kernel tried with faults disabled", 0x10, 0, true, true, PAIRING_RETRIED, NULL },
	{ "kernel tried, signals not traced", 0x10, FAULT_WRITE, true, false,
	  PAIRING_RETRIED, NULL },
	{ "below the stack", 0x7ef, FAULT_WRITE, false, true, PAIRING_RETRIED, NULL },
};

static void fault_that_never_ended_failed_or_comes_again(void **state)
{
	struct world *w = *state;
	const struct event next = ev_exit(1500, one);

	for (size_t i = 0; i < COUNT_OF(given_up); i++) {
		const uint64_t addr = PAGE(given_up[i].page);
		const uint32_t code = given_up[i].error_code;

		begin(w, given_up[i].kernel ? ev_kernel_fault_begin(1000, one, addr, code)
					    : ev_fault_begin(1000, one, addr, code));
		assert_int_equal(pairing_give_up(w->thread, &w->names, &next,
						 given_up[i].signals_seen, &w->fault),
				 given_up[i].result);
		assert_false(w->thread->fault.active);
		if (!given_up[i].fault)
			continue;
		check_fault(w, given_up[i].fault);
		assert_int_equal(w->fault.kernel, given_up[i].kernel);
		assert_int_equal(w->fault.time_ns, 1500);
	}
}

static void nothing_open_is_nothing_to_give_up(void **state)
{
	struct world *w = *state;
	const struct event next = ev_exit(1500, one);

	assert_int_equal(pairing_give_up(w->thread, &w->names, &next, true, &w->fault),
			 PAIRING_NOTHING);
}

static void failed_fault_leaves_the_page_as_it_was(void **state)
{
	struct world *w = *state;
	const struct event e = ev_signal(1300, one, SIGSEGV, SEGV_ACCERR);

	begin(w, ev_fault_begin(1000, one, PAGE(0x28), FAULT_WRITE));
	assert_int_equal(pairing_signal(w->thread, &w->names, &e, &w->fault),
			 PAIRING_FAULT);
	assert_int_equal(pages_get(w->mm->pages, PAGE(0x28)).state, PAGE_UNSEEN);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(pair_is_one_fault_with_its_latency),
		in_world(kernel_mode_is_of_the_beginning),
		in_world(who_made_memory_is_told_of_all_but_files),
		in_world(error_code_and_mapping_give_the_kind),
		in_world(stack_that_grew_meanwhile_is_a_stack_grow),
		in_world(completion_in_memory_never_heard_of_is_unknown),
		in_world(read_then_write_copies_the_zero_page),
		in_world(frame_tells_a_reuse_from_a_copy),
		in_world(huge_page_counts_for_all_its_pages),
		in_world(page_served_by_another_thread_is_spurious),
		in_world(page_given_back_and_touched_again_says_so),
		in_world(end_alone_tells_what_it_can),
		in_world(end_of_another_address_is_not_of_this_beginning),
		in_world(end_without_an_address_is_of_the_beginning),
		in_world(signals_code_tells_why_it_failed),
		in_world(signal_ends_the_fault_of_the_thread_that_raised_it),
		in_world(signal_without_a_fault_is_nothing),
		in_world(fault_that_never_ended_failed_or_comes_again),
		in_world(nothing_open_is_nothing_to_give_up),
		in_world(failed_fault_leaves_the_page_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
