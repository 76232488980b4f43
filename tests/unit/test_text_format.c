/* The stream, line by line: what is printed for each kind of observation. */
#include "../support/check.h"
#include "../support/nameless.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "pfa/model/classify.h"
#include "pfa/report/format.h"
#include "pfa/report/view.h"

enum { RW = PROT_READ | PROT_WRITE, ALL = (1 << FIELD_COUNT) - 1 };

static const struct region libc_text = { "libc.so.6", ".text", "libc.so.6 .text" };
static const struct region anon = { "anon", "", "anon" };

static const struct fault some_fault = {
	.actor = { .pid = 4321, .tid = 4322, .serial = 2, .thread_serial = 3,
		   .comm = "wor ker\n" },
	.cpu = 5,
	.time_ns = 1001234567,
	.latency_ns = 12400000,
	.addr = 0x7f2c7b100000,
	.ip = 0x401234,
	.page_size_bytes = 4096,
	.phys = 0x87654000,
	.has_phys = true,
	.in_file = true,
	.file_offset_bytes = 0x2000,
	.kernel = true,
	.type = FAULT_MAJOR,
	.kind = "page-in",
	.access = ACCESS_READ,
	.refault = REFAULT_DONTNEED,
	.region = &libc_text,
};

static const struct change some_change = {
	.actor = { .pid = 4321, .tid = 4322, .serial = 2, .thread_serial = 3,
		   .comm = "worker" },
	.time_ns = 1001234567,
	.kind = CHANGE_MMAP_ADD,
	.start = 0x7f2c7b000000,
	.end = 0x7f2c7b100000,
	.prot = RW,
	.region = &anon,
};

static const struct life some_life = {
	.actor = { .pid = 4321, .tid = 4322, .serial = 2, .thread_serial = 3,
		   .comm = "worker" },
	.child = { .pid = 4400, .tid = 4400, .serial = 4, .thread_serial = 6,
		   .comm = "worker" },
	.time_ns = 1001234567,
	.kind = LIFE_FORK,
};

/* The run began at 1 s; this is its 1,042nd event. */
static struct line line_of(const struct view *view)
{
	return (struct line){ .view = view, .naming = nameless, .number = 1042,
			      .origin_ns = 1000000000 };
}

static void check_text(struct text *out, const char *wanted)
{
	assert_string_equal(text_cstr(out), wanted);
	text_release(out);
}

static void check_fault(const struct view *view, bool several, const struct fault *f,
			const char *wanted)
{
	struct line line = line_of(view);
	struct text out;

	line.several = several;
	text_init(&out);
	text_format.fault(&out, &line, f);
	check_text(&out, wanted);
}

static void check_change(const struct view *view, const struct change *c,
			 const char *wanted)
{
	const struct line line = line_of(view);
	struct text out;

	text_init(&out);
	text_format.change(&out, &line, c);
	check_text(&out, wanted);
}

static void check_life(const struct view *view, const struct life *l,
		       const char *wanted)
{
	const struct line line = line_of(view);
	struct text out;

	text_init(&out);
	text_format.life(&out, &line, l);
	check_text(&out, wanted);
}

/* ---- faults ---- */

static void fault_line_has_the_default_keys(void **state)
{
	const struct view view = view_default();

	(void)state;
	check_fault(&view, false, &some_fault,
		    "[000000.001234] MAJOR 0x7f2c7b100000 libc.so.6 .text 12.4ms "
		    "kind=page-in mode=kernel refault=dontneed\n");
}

static void fault_line_has_all_keys_in_their_order(void **state)
{
	struct view view = view_default();

	(void)state;
	view.fields = ALL;
	check_fault(&view, false, &some_fault,
		    "[000000.001234] MAJOR 0x7f2c7b100000 libc.so.6 .text 12.4ms "
		    "pid=4321 tid=4322 comm=wor ker\\x0a cpu=5 kind=page-in mode=kernel "
		    "access=r refault=dontneed offset=0x2000 ip=0x401234 page_size=4.0K "
		    "phys=0x87654000\n");
}

static void fault_line_leaves_out_what_is_not_known(void **state)
{
	const struct fault fault = { .time_ns = 1001234567,
				     .latency_ns = LATENCY_UNKNOWN,
				     .addr = 0x1000, .type = FAULT_MINOR,
				     .kind = fault_kind_unknown, .region = &anon,
				     .actor = { .comm = "demo" } };
	struct view view = view_default();

	(void)state;
	check_fault(&view, false, &fault, "[000000.001234] MINOR 0x1000 anon\n");
	view.fields = ALL;
	check_fault(&view, false, &fault,
		    "[000000.001234] MINOR 0x1000 anon pid=0 tid=0 comm=demo cpu=0 "
		    "ip=0x0\n");
}

static void fault_line_without_keys_is_short(void **state)
{
	struct view view = view_default();

	(void)state;
	view.fields = 0;
	check_fault(&view, false, &some_fault,
		    "[000000.001234] MAJOR 0x7f2c7b100000 libc.so.6 .text\n");
}

static void several_processes_are_named(void **state)
{
	struct view view = view_default();

	(void)state;
	view.fields = 1 << FIELD_kind;
	check_fault(&view, true, &some_fault, "[000000.001234] MAJOR 0x7f2c7b100000 "
		    "libc.so.6 .text pid=4321 kind=page-in\n");
}

static void fixed_clock_counts_lines_and_names_by_appearance(void **state)
{
	struct view view = view_default();

	(void)state;
	view.fixed_ts = true;
	check_fault(&view, true, &some_fault,
		    "[000001.042] MAJOR 0x7f2c7b100000 libc.so.6 .text pid=P2 "
		    "kind=page-in mode=kernel refault=dontneed\n");
	view.fields = 1 << FIELD_latency | 1 << FIELD_tid;
	view.fields_chosen = true; /* asked for: it is printed */
	check_fault(&view, false, &some_fault,
		    "[000001.042] MAJOR 0x7f2c7b100000 libc.so.6 .text 12.4ms tid=T3\n");
}

static const struct {
	uint64_t time_ns;
	const char *stamp;
} stamps[] = {
	{ 0, "[000000.000000]" }, /* before the run began */
	{ 1000000000, "[000000.000000]" },
	{ 1000000999, "[000000.000000]" },
	{ 1000001000, "[000000.000001]" },
	{ 2000000000, "[000001.000000]" },
	{ 1000000000 + 1234567ULL * 1000000000, "[1234567.000000]" },
};

static void time_is_microseconds_since_the_start(void **state)
{
	struct view view = view_default();

	(void)state;
	view.fields = 0;
	for (size_t i = 0; i < COUNT_OF(stamps); i++) {
		struct line line = line_of(&view);
		struct loss loss = { .time_ns = stamps[i].time_ns, .count = 1 };
		struct text out, wanted;

		text_init(&out);
		text_init(&wanted);
		text_format.loss(&out, &line, &loss);
		text_printf(&wanted, "%s LOST 1 cpu=0\n", stamps[i].stamp);
		check_text(&out, text_cstr(&wanted));
		text_release(&wanted);
	}
}

static void type_is_coloured_if_asked_for(void **state)
{
	struct view view = view_default();
	struct fault minor = some_fault;

	(void)state;
	view.color = true;
	view.fields = 0;
	minor.type = FAULT_MINOR;
	check_fault(&view, false, &some_fault, "[000000.001234] \033[31mMAJOR\033[0m "
		    "0x7f2c7b100000 libc.so.6 .text\n");
	check_fault(&view, false, &minor,
		    "[000000.001234] MINOR 0x7f2c7b100000 libc.so.6 .text\n");
}

/* ---- changes ---- */

static void change_line_tells_range_protection_and_size(void **state)
{
	const struct view view = view_default();

	(void)state;
	check_change(&view, &some_change, "[000000.001234] MMAP_ADD "
		     "0x7f2c7b000000-0x7f2c7b100000 rw-p anon 1.0M\n");
}

static void change_line_tells_what_it_was_before(void **state)
{
	const struct view view = view_default();
	struct change c = some_change;

	(void)state;
	c.kind = CHANGE_PERM_CHANGE;
	c.prot = PROT_READ;
	c.old_prot = RW | PROT_EXEC;
	c.shared = true;
	check_change(&view, &c, "[000000.001234] PERM_CHANGE "
		     "0x7f2c7b000000-0x7f2c7b100000 r--s anon 1.0M from=rwxs\n");
	c = some_change;
	c.kind = CHANGE_MOVE_MAPPING;
	c.old_start = 0x1000;
	c.old_end = 0x3000;
	check_change(&view, &c, "[000000.001234] MOVE_MAPPING "
		     "0x7f2c7b000000-0x7f2c7b100000 rw-p anon 1.0M from=0x1000-0x3000\n");
	c = some_change;
	c.kind = CHANGE_ADVISE;
	c.advice = "dontneed";
	check_change(&view, &c, "[000000.001234] ADVISE "
		     "0x7f2c7b000000-0x7f2c7b100000 rw-p anon 1.0M advice=dontneed\n");
}

static void change_line_has_the_actor_if_asked_for(void **state)
{
	struct view view = view_default();

	(void)state;
	view.fields = 1 << FIELD_pid | 1 << FIELD_tid | 1 << FIELD_comm;
	view.fixed_ts = true;
	check_change(&view, &some_change, "[000001.042] MMAP_ADD "
		     "0x7f2c7b000000-0x7f2c7b100000 rw-p anon 1.0M pid=P2 tid=T3 "
		     "comm=worker\n");
}

static const struct {
	enum change_kind kind;
	struct footprint vmas;
	const char *wanted; /* NULL: not worth a word */
} footprints[] = {
	{ CHANGE_MMAP_ADD, { 0, 0 }, NULL }, /* unknown */
	{ CHANGE_MMAP_ADD, { 0, 1 }, NULL },
	{ CHANGE_MMAP_ADD, { 1, 1 }, " vmas=1->1" },
	{ CHANGE_MMAP_ADD, { 1, 3 }, " vmas=1->3" },
	{ CHANGE_MUNMAP_REMOVE, { 1, 0 }, NULL },
	{ CHANGE_MUNMAP_REMOVE, { 3, 0 }, " vmas=3->0" },
	{ CHANGE_MUNMAP_REMOVE, { 1, 2 }, " vmas=1->2" },
	{ CHANGE_BRK_GROW, { 0, 1 }, NULL },
	{ CHANGE_BRK_GROW, { 1, 1 }, NULL },
	{ CHANGE_BRK_GROW, { 1, 2 }, " vmas=1->2" },
	{ CHANGE_PERM_CHANGE, { 1, 1 }, NULL },
	{ CHANGE_PERM_CHANGE, { 3, 1 }, " vmas=3->1" },
	{ CHANGE_STACK_GROW, { 1, 1 }, NULL },
	{ CHANGE_RESIZE_MAPPING, { 2, 1 }, " vmas=2->1" },
};

static void footprint_is_told_where_it_is_not_the_usual(void **state)
{
	const struct view view = view_default();
	const struct line line = line_of(&view);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(footprints); i++) {
		struct change c = some_change;
		const char *tail;
		struct text out;

		c.kind = footprints[i].kind;
		c.vmas = footprints[i].vmas;
		text_init(&out);
		text_format.change(&out, &line, &c);
		tail = strstr(text_cstr(&out), " vmas=");
		if (footprints[i].wanted) {
			assert_non_null(tail);
			assert_memory_equal(tail, footprints[i].wanted,
					    strlen(footprints[i].wanted));
		} else {
			assert_null(tail);
		}
		text_release(&out);
	}
}

static void failed_call_tells_what_was_asked_for(void **state)
{
	struct view view = view_default();
	struct change c = some_change;

	(void)state;
	c.error = EACCES;
	c.call = "mprotect";
	check_change(&view, &c, "[000000.001234] FAILED 0x7f2c7b000000-0x7f2c7b100000 "
		     "mprotect 1.0M error=EACCES\n");
	view.fields = 1 << FIELD_pid;
	c.error = 4000; /* has no name */
	check_change(&view, &c, "[000000.001234] FAILED 0x7f2c7b000000-0x7f2c7b100000 "
		     "mprotect 1.0M pid=4321 error=4000\n");
}

/* ---- lives and losses ---- */

static void life_line_tells_what_began_and_what_ended(void **state)
{
	const struct view view = view_default();
	struct life l = some_life;

	(void)state;
	check_life(&view, &l, "[000000.001234] FORK pid=4321 tid=4322 comm=worker "
		   "child=4400 what=process\n");
	l.shared_space = true;
	check_life(&view, &l, "[000000.001234] FORK pid=4321 tid=4322 comm=worker "
		   "child=4400 what=shared-space\n");
	l.thread = true;
	check_life(&view, &l, "[000000.001234] FORK pid=4321 tid=4322 comm=worker "
		   "child=4400 what=thread\n");
	l.kind = LIFE_EXIT;
	check_life(&view, &l, "[000000.001234] EXIT pid=4321 tid=4322 comm=worker "
		   "what=thread\n");
	l.thread = false;
	check_life(&view, &l, "[000000.001234] EXIT pid=4321 tid=4322 comm=worker "
		   "what=process\n");
	l.kind = LIFE_EXEC_REBUILD;
	l.image = "/bin/a\tb";
	check_life(&view, &l, "[000000.001234] EXEC_REBUILD pid=4321 tid=4322 "
		   "comm=worker image=/bin/a\\x09b\n");
	l.old_image = ""; /* unknown */
	l.vmas_dropped = 42;
	l.vmas_made = 23;
	check_life(&view, &l, "[000000.001234] EXEC_REBUILD pid=4321 tid=4322 "
		   "comm=worker image=/bin/a\\x09b vmas=42->23\n");
	l.old_image = "/bin/sh";
	check_life(&view, &l, "[000000.001234] EXEC_REBUILD pid=4321 tid=4322 "
		   "comm=worker image=/bin/a\\x09b old=/bin/sh vmas=42->23\n");
}

static void fork_that_copies_has_its_number(void **state)
{
	const struct view view = view_default();
	struct life l = some_life;

	(void)state;
	l.fork = 7;
	check_life(&view, &l, "[000000.001234] FORK pid=4321 tid=4322 comm=worker "
		   "child=4400 what=process fork=7\n");
}

static const struct {
	enum ending ending;
	int status;
	const char *text;
} endings[] = {
	{ ENDED_UNKNOWN, 0, "" },
	{ ENDED_STATUS, 0, " status=0" },
	{ ENDED_STATUS, 255, " status=255" },
	{ ENDED_SIGNAL, SIGSEGV, " signal=SEGV" },
	{ ENDED_SIGNAL, 40, " signal=40" }, /* has no name */
	{ ENDED_KILLED, SIGKILL, " killed" },
};

static void end_of_a_process_tells_why_and_its_totals(void **state)
{
	const struct totals totals = {
		.faults = { 1, 20, 300, 4000 },
		.changes = { [CHANGE_MMAP_ADD] = 5, [CHANGE_ADVISE] = 6 },
		.vma_peak = 70, .size_peak_bytes = 1 << 20,
	};
	const struct view view = view_default();
	struct life l = some_life;

	(void)state;
	l.kind = LIFE_EXIT;
	l.totals = &totals;
	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		struct text wanted;

		l.ending = endings[i].ending;
		l.status = endings[i].status;
		text_init(&wanted);
		text_printf(&wanted, "[000000.001234] EXIT pid=4321 tid=4322 comm=worker "
			    "what=process%s faults=4321 major=1 changes=11 vmas_peak=70 "
			    "mapped_peak=1.0M\n", endings[i].text);
		check_life(&view, &l, text_cstr(&wanted));
		text_release(&wanted);
	}
}

static void fixed_life_line_names_child_by_appearance(void **state)
{
	struct view view = view_default();
	struct life l = some_life;

	(void)state;
	view.fixed_ts = true;
	check_life(&view, &l,
		   "[000001.042] FORK pid=P2 tid=T3 comm=worker child=P4 what=process\n");
	l.thread = true;
	check_life(&view, &l,
		   "[000001.042] FORK pid=P2 tid=T3 comm=worker child=T6 what=thread\n");
}

static void loss_line_tells_how_many_and_where(void **state)
{
	const struct view view = view_default();
	const struct line line = line_of(&view);
	struct loss loss = { .cpu = 3, .time_ns = 1001234567, .count = 7000 };
	struct text out;

	(void)state;
	text_init(&out);
	text_format.loss(&out, &line, &loss);
	check_text(&out, "[000000.001234] LOST 7000 cpu=3\n");
	loss.count = 0; /* nobody knows */
	text_init(&out);
	text_format.loss(&out, &line, &loss);
	check_text(&out, "[000000.001234] LOST some cpu=3\n");
}

static void drift_line_tells_what_each_had(void **state)
{
	struct view view = view_default();
	struct line line = line_of(&view);
	const struct drift drift = {
		.actor = some_fault.actor, .time_ns = 1001234567,
		.start = 0x1000, .end = 0x3000, .ranges = 2,
		.modelled = "nothing", .mapped = "rw-p a\nb",
	};
	struct text out;

	(void)state;
	text_init(&out);
	text_format.drift(&out, &line, &drift);
	check_text(&out, "[000000.001234] DRIFT 0x1000-0x3000 modelled=\"nothing\" "
			 "mapped=\"rw-p a\\x0ab\" ranges=2\n");
	line.several = true;
	text_init(&out);
	text_format.drift(&out, &line, &drift);
	check_text(&out, "[000000.001234] DRIFT 0x1000-0x3000 pid=4321 "
			 "modelled=\"nothing\" mapped=\"rw-p a\\x0ab\" ranges=2\n");
}

static const struct {
	uint32_t prot;
	bool shared;
	const char *text;
} prots[] = {
	{ PROT_NONE, false, "---p" }, { PROT_READ, true, "r--s" },
	{ PROT_WRITE, false, "-w-p" }, { PROT_EXEC, false, "--xp" },
	{ RW | PROT_EXEC, true, "rwxs" }, { 1 << 24, false, "---p" },
};

static void protection_is_four_letters(void **state)
{
	char buf[5];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(prots); i++)
		assert_string_equal(prot_text(buf, prots[i].prot, prots[i].shared),
				    prots[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fault_line_has_the_default_keys),
		cmocka_unit_test(fault_line_has_all_keys_in_their_order),
		cmocka_unit_test(fault_line_leaves_out_what_is_not_known),
		cmocka_unit_test(fault_line_without_keys_is_short),
		cmocka_unit_test(several_processes_are_named),
		cmocka_unit_test(fixed_clock_counts_lines_and_names_by_appearance),
		cmocka_unit_test(time_is_microseconds_since_the_start),
		cmocka_unit_test(type_is_coloured_if_asked_for),
		cmocka_unit_test(change_line_tells_range_protection_and_size),
		cmocka_unit_test(change_line_tells_what_it_was_before),
		cmocka_unit_test(change_line_has_the_actor_if_asked_for),
		cmocka_unit_test(footprint_is_told_where_it_is_not_the_usual),
		cmocka_unit_test(failed_call_tells_what_was_asked_for),
		cmocka_unit_test(life_line_tells_what_began_and_what_ended),
		cmocka_unit_test(fork_that_copies_has_its_number),
		cmocka_unit_test(end_of_a_process_tells_why_and_its_totals),
		cmocka_unit_test(fixed_life_line_names_child_by_appearance),
		cmocka_unit_test(loss_line_tells_how_many_and_where),
		cmocka_unit_test(drift_line_tells_what_each_had),
		cmocka_unit_test(protection_is_four_letters),
	};

	return cmocka_run_group_tests(tests, nameless_setup, nameless_teardown);
}
