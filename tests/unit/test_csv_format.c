/* The CSV export: exact rows, as many cells as the header in each. */
#include "../support/check.h"
#include "../support/nameless.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "pfa/report/format.h"
#include "pfa/report/view.h"

static const struct region libc_text = { "libc.so.6", ".text", "libc.so.6 .text" };
static const struct region quoted = { "a \"b\",c", "", "a \"b\",c" };

static const struct actor worker = { .pid = 4321, .tid = 4322, .serial = 2,
				     .thread_serial = 3, .comm = "worker" };

static const struct fault some_fault = {
	.actor = { .pid = 4321, .tid = 4322, .serial = 2, .thread_serial = 3,
		   .comm = "worker" },
	.cpu = 5, .time_ns = 1001234567, .latency_ns = 12400000,
	.addr = 0x7f2c7b100000, .ip = 0x401234, .page_size_bytes = 4096,
	.phys = 0x87654000, .has_phys = true, .in_file = true,
	.file_offset_bytes = 0x2000, .kernel = true, .type = FAULT_MAJOR,
	.kind = "page-in", .access = ACCESS_READ, .refault = REFAULT_DONTNEED,
	.region = &libc_text,
};

/* The cells of lives, empty, and the end of a row. */
#define NO_MEMORY ",,,,,,,,," NAMES
#define END ",,,,,,," NO_MEMORY
/* Likewise those of names. */
#define NAMES ",,,,,,,,,\n"

static const char header[] =
	"ts_ns,event,pid,tid,comm,cpu,type,kind,addr,end,region,section,offset,"
	"latency_ns,ip,mode,access,page_size,phys,refault,prot,old_prot,"
	"old_start,old_end,detail,vmas_before,vmas_after,vma_count,mapped_bytes,"
	"change_ip,error,call,pages_given,fork,status,delay_ns,"
	"what,old,faults,major,changes,vmas_peak,mapped_peak,"
	"rss,rss_anon,rss_file,rss_shmem,swap,page_tables,heap,stack,rss_peak,"
	"code,symbol,symbol_offset,file,line,object,maker,frames,build_id\n";

static struct line line_of(const struct view *view)
{
	return (struct line){ .view = view, .naming = nameless, .number = 1042,
			      .origin_ns = 1000000000 };
}

/* Commas outside of quotes. */
static size_t count_cells(const char *row)
{
	size_t cells = 1;
	bool in_quotes = false;

	for (; *row; row++) {
		in_quotes ^= *row == '"';
		cells += !in_quotes && *row == ',';
	}
	assert_false(in_quotes);
	return cells;
}

static void check_row(struct text *out, const char *wanted)
{
	assert_string_equal(text_cstr(out), wanted);
	assert_int_equal(count_cells(wanted), count_cells(header));
	text_release(out);
}

static void check_fault(const struct view *view, const struct fault *f,
			const char *wanted)
{
	const struct line line = line_of(view);
	struct text out;

	text_init(&out);
	csv_format.fault(&out, &line, f);
	check_row(&out, wanted);
}

static void check_change(const struct view *view, const struct change *c,
			 const char *wanted)
{
	const struct line line = line_of(view);
	struct text out;

	text_init(&out);
	csv_format.change(&out, &line, c);
	check_row(&out, wanted);
}

static void check_life(const struct view *view, const struct life *l,
		       const char *wanted)
{
	const struct line line = line_of(view);
	struct text out;

	text_init(&out);
	csv_format.life(&out, &line, l);
	check_row(&out, wanted);
}

static void file_begins_with_the_names_of_its_columns(void **state)
{
	struct text out;

	(void)state;
	text_init(&out);
	csv_format.begin(&out);
	check_row(&out, header);
	assert_ptr_equal(export_formats[0], &csv_format);
	assert_string_equal(csv_format.name, "csv");
}

static void fault_row_holds_all_that_is_known(void **state)
{
	const struct view view = view_default();
	struct fault bare = { .actor = { .comm = "" }, .latency_ns = LATENCY_UNKNOWN,
			      .type = FAULT_MINOR, .kind = "unknown",
			      .region = &libc_text };

	(void)state;
	check_fault(&view, &some_fault,
		    "1234567,fault,4321,4322,worker,5,MAJOR,page-in,0x7f2c7b100000,,"
		    "libc.so.6,.text,0x2000,12400000,0x401234,kernel,r,4096,0x87654000,"
		    "dontneed,,,,,,,,,,,,,,,," END);
	check_fault(&view, &bare, "0,fault,0,0,,0,MINOR,unknown,0x0,,libc.so.6,.text,,,,"
		    "user,,,,,,,,,,,,,,,,,,,," END);
}

/* What differs from run to run is left out. */
static void fixed_fault_row_is_the_same_every_time(void **state)
{
	struct view view = view_default();

	(void)state;
	view.fixed_ts = true;
	check_fault(&view, &some_fault,
		    "1042,fault,2,3,worker,,MAJOR,page-in,0x7f2c7b100000,,libc.so.6,"
		    ".text,0x2000,,0x401234,kernel,r,4096,,dontneed,,,,,,,,,,,,,,,," END);
}

static void cells_with_commas_quotes_and_newlines_are_quoted(void **state)
{
	const struct view view = view_default();
	struct fault f = some_fault;

	(void)state;
	f.region = &quoted;
	f.actor.comm = "x\ny";
	check_fault(&view, &f,
		    "1234567,fault,4321,4322,\"x\ny\",5,MAJOR,page-in,0x7f2c7b100000,,"
		    "\"a \"\"b\"\",c\",,0x2000,12400000,0x401234,kernel,r,4096,"
		    "0x87654000,dontneed,,,,,,,,,,,,,,,," END);
}

static void change_row_holds_ranges_and_protections(void **state)
{
	const struct view view = view_default();
	struct change c = { .actor = worker, .cpu = 1, .time_ns = 1000000007,
			    .kind = CHANGE_MMAP_ADD, .start = 0x1000, .end = 0x3000,
			    .prot = PROT_READ | PROT_WRITE, .region = &libc_text };

	(void)state;
	check_change(&view, &c, "7,MMAP_ADD,4321,4322,worker,1,,,0x1000,0x3000,libc.so.6,"
		     ".text,,,,,,,,,rw-p,,,,,,,,,,,,,,," END);
	c.kind = CHANGE_PERM_CHANGE;
	c.old_prot = PROT_READ;
	c.shared = true;
	check_change(&view, &c, "7,PERM_CHANGE,4321,4322,worker,1,,,0x1000,0x3000,"
		     "libc.so.6,.text,,,,,,,,,rw-s,r--s,,,,,,,,,,,,,," END);
	c.kind = CHANGE_RESIZE_MAPPING;
	c.old_start = 0x1000;
	c.old_end = 0x2000;
	check_change(&view, &c, "7,RESIZE_MAPPING,4321,4322,worker,1,,,0x1000,0x3000,"
		     "libc.so.6,.text,,,,,,,,,rw-s,,0x1000,0x2000,,,,,,,,,,,," END);
	c.kind = CHANGE_ADVISE;
	c.old_start = c.old_end = 0;
	c.advice = "free";
	check_change(&view, &c, "7,ADVISE,4321,4322,worker,1,,,0x1000,0x3000,libc.so.6,"
		     ".text,,,,,,,,,rw-s,,,,free,,,,,,,,,,," END);
}

static void life_row_tells_the_child_or_the_image(void **state)
{
	struct view view = view_default();
	struct life l = { .actor = worker, .time_ns = 1000000007, .kind = LIFE_FORK,
			  .child = { .pid = 4400, .tid = 4401, .serial = 4,
				     .thread_serial = 6, .comm = "c" } };

	(void)state;
	check_life(&view, &l, "7,FORK,4321,4322,worker,0,,,,,,,,,,,,,,,,,,,4400"
		   ",,,,,,,,,,,,process,,,,,," NO_MEMORY);
	l.thread = true;
	check_life(&view, &l, "7,FORK,4321,4322,worker,0,,,,,,,,,,,,,,,,,,,4401"
		   ",,,,,,,,,,,,thread,,,,,," NO_MEMORY);
	view.fixed_ts = true;
	check_life(&view, &l, "1042,FORK,2,3,worker,,,,,,,,,,,,,,,,,,,,6"
		   ",,,,,,,,,,,,thread,,,,,," NO_MEMORY);
	l.kind = LIFE_EXEC_REBUILD;
	l.image = "/bin/a,b";
	check_life(&view, &l,
		   "1042,EXEC_REBUILD,2,3,worker,,,,,,,,,,,,,,,,,,,,\"/bin/a,b\""
		   ",,,,,,,,,,," END);
	l.kind = LIFE_EXIT;
	check_life(&view, &l, "1042,EXIT,2,3,worker,,,,,,,,,,,,,,,,,,,,"
		   ",,,,,,,,,,,,thread,,,,,," NO_MEMORY);
}

static void change_row_holds_what_it_did_to_the_address_space(void **state)
{
	static const struct giver giver = { .call = "munmap" };
	const struct view view = view_default();
	struct change c = { .actor = worker, .cpu = 1, .time_ns = 1000000007,
			    .kind = CHANGE_MUNMAP_REMOVE, .start = 0x1000, .end = 0x3000,
			    .prot = PROT_READ, .region = &libc_text, .vmas = { 1, 2 },
			    .vma_count = 24, .mapped_bytes = 98304, .ip = 0x401234,
			    .call = "munmap" };

	(void)state;
	check_change(&view, &c, "7,MUNMAP_REMOVE,4321,4322,worker,1,,,0x1000,0x3000,"
		     "libc.so.6,.text,,,,,,,,,r--p,,,,,1,2,24,98304,0x401234,,munmap,,,,"
		     END);
	c.giver = &giver;
	check_change(&view, &c, "7,MUNMAP_REMOVE,4321,4322,worker,1,,,0x1000,0x3000,"
		     "libc.so.6,.text,,,,,,,,,r--p,,,,,1,2,24,98304,0x401234,,munmap,0,,,"
		     END);
	c.pages_given = 2;
	check_change(&view, &c, "7,MUNMAP_REMOVE,4321,4322,worker,1,,,0x1000,0x3000,"
		     "libc.so.6,.text,,,,,,,,,r--p,,,,,1,2,24,98304,0x401234,,munmap,2,,,"
		     END);
}

static void failed_row_holds_the_error(void **state)
{
	const struct view view = view_default();
	const struct change c = { .actor = worker, .time_ns = 1000000007, .start = 0x1000,
				  .end = 0x3000, .region = &libc_text, .vma_count = 24,
				  .mapped_bytes = 98304, .ip = 0x401234,
				  .call = "mprotect", .error = EACCES };

	(void)state;
	check_change(&view, &c, "7,FAILED,4321,4322,worker,0,,,0x1000,0x3000,libc.so.6,"
		     ".text,,,,,,,,,,,,,,,,24,98304,0x401234,EACCES,mprotect,,,," END);
}

static void life_row_tells_the_fork_the_vmas_and_the_end(void **state)
{
	const struct totals totals = { .vma_count = 24, .size_bytes = 98304,
					 .vma_peak = 30, .size_peak_bytes = 102400,
					 .faults[FAULT_MAJOR] = 2,
					 .faults[FAULT_COW] = 3,
					 .changes[CHANGE_ADVISE] = 3 };
	const struct view view = view_default();
	struct life l = { .actor = worker, .time_ns = 1000000007, .kind = LIFE_FORK,
			  .child = { .pid = 4400 }, .fork = 7 };

	(void)state;
	check_life(&view, &l, "7,FORK,4321,4322,worker,0,,,,,,,,,,,,,,,,,,,4400"
		   ",,,,,,,,,7,,,process,,,,,," NO_MEMORY);
	l = (struct life){ .actor = worker, .time_ns = 1000000007,
			   .kind = LIFE_EXEC_REBUILD, .image = "/a", .vmas_dropped = 42,
			   .vmas_made = 23, .mapped_bytes = 98304,
			   .old_image = "/b" };
	check_life(&view, &l, "7,EXEC_REBUILD,4321,4322,worker,0,,,,,,,,,,,,,,,,,,,/a"
		   ",42,23,23,98304,,,,,,,,,/b,,,,," NO_MEMORY);
	l = (struct life){ .actor = worker, .time_ns = 1000000007, .kind = LIFE_EXIT,
			   .ending = ENDED_STATUS, .totals = &totals };
	check_life(&view, &l, "7,EXIT,4321,4322,worker,0,,,,,,,,,,,,,,,,,,,"
		   ",,,24,98304,,,,,,0,,process,,5,2,3,30,102400" NO_MEMORY);
	l.ending = ENDED_SIGNAL;
	l.status = SIGSEGV;
	check_life(&view, &l, "7,EXIT,4321,4322,worker,0,,,,,,,,,,,,,,,,,,,"
		   ",,,24,98304,,,,,,SEGV,,process,,5,2,3,30,102400" NO_MEMORY);
	l.ending = ENDED_KILLED;
	check_life(&view, &l, "7,EXIT,4321,4322,worker,0,,,,,,,,,,,,,,,,,,,"
		   ",,,24,98304,,,,,,killed,,process,,5,2,3,30,102400" NO_MEMORY);
}

static uint64_t some_now_ns(void)
{
	return 1001300000;
}

/* Only where there is a clock: a replay has none. */
static void delay_is_from_the_event_to_now(void **state)
{
	struct view view = view_default();
	struct life l = { .actor = worker, .time_ns = 1001234567, .kind = LIFE_EXIT };

	(void)state;
	view.now_ns = some_now_ns;
	check_life(&view, &l, "1234567,EXIT,4321,4322,worker,0,,,,,,,,,,,,,,,,,,,"
		   ",,,,,,,,,,,65433,process,,,,,," NO_MEMORY);
	l.time_ns = 1001400000; /* another CPU's clock is a little ahead */
	check_life(&view, &l, "1400000,EXIT,4321,4322,worker,0,,,,,,,,,,,,,,,,,,,"
		   ",,,,,,,,,,,0,process,,,,,," NO_MEMORY);
}

static void loss_row_tells_how_many(void **state)
{
	const struct view view = view_default();
	const struct line line = line_of(&view);
	struct loss loss = { .cpu = 3, .time_ns = 1000000007, .count = 7000 };
	struct text out;

	(void)state;
	text_init(&out);
	csv_format.loss(&out, &line, &loss);
	check_row(&out, "7,LOST,,,,3,,,,,,,,,,,,,,,,,,,7000,,,,,,,,,,," END);
	loss.count = 0; /* nobody knows */
	text_init(&out);
	csv_format.loss(&out, &line, &loss);
	check_row(&out, "7,LOST,,,,3,,,,,,,,,,,,,,,,,,,,,,,,,,,,,," END);
}

static void drift_row_tells_the_range_and_what_each_had(void **state)
{
	const struct view view = view_default();
	const struct line line = line_of(&view);
	const struct drift drift = {
		.actor = { .pid = 4321, .tid = 4321, .comm = "demo" },
		.time_ns = 1000000007, .start = 0x1000, .end = 0x3000, .ranges = 2,
		.modelled = "nothing", .mapped = "rw-p anon",
	};
	struct text out;

	(void)state;
	text_init(&out);
	csv_format.drift(&out, &line, &drift);
	check_row(&out, "7,DRIFT,4321,4321,demo,0,,,0x1000,0x3000,,,,,,,,,,,,,,,"
			"\"nothing, mapped rw-p anon\",,,,,,,,,,," END);
}

static void memory_row_holds_the_sizes_of_a_moment(void **state)
{
	const struct view view = view_default();
	const struct line line = line_of(&view);
	struct memory_sample s = {
		.actor = { .pid = 4321, .tid = 4321, .comm = "demo" },
		.time_ns = 1000000007, .reason = SAMPLE_interval, .size_bytes = 9000,
		.anon_bytes = 1, .file_bytes = 20, .shmem_bytes = 300, .swap_bytes = 4,
		.table_bytes = 5, .heap_bytes = 6, .stack_bytes = 7,
		.size_peak_bytes = 9999, .rss_peak_bytes = 400,
	};
	struct text out;

	(void)state;
	text_init(&out);
	csv_format.memory(&out, &line, &s);
	check_row(&out, "7,MEMORY,4321,4321,demo,,,,,,,,,,,,,,,,,,,,interval,,,,9000,"
			",,,,,,,,,,,,,9999,321,1,20,300,4,5,6,7,400" NAMES);
	s.reason = SAMPLE_exit;
	s.size_bytes = 0;
	text_init(&out);
	csv_format.memory(&out, &line, &s);
	check_row(&out, "7,MEMORY,4321,4321,demo,,,,,,,,,,,,,,,,,,,,exit,,,,,"
			",,,,,,,,,,,,,9999,,,,,,,6,7,400" NAMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_begins_with_the_names_of_its_columns),
		cmocka_unit_test(fault_row_holds_all_that_is_known),
		cmocka_unit_test(fixed_fault_row_is_the_same_every_time),
		cmocka_unit_test(cells_with_commas_quotes_and_newlines_are_quoted),
		cmocka_unit_test(change_row_holds_ranges_and_protections),
		cmocka_unit_test(life_row_tells_the_child_or_the_image),
		cmocka_unit_test(change_row_holds_what_it_did_to_the_address_space),
		cmocka_unit_test(failed_row_holds_the_error),
		cmocka_unit_test(life_row_tells_the_fork_the_vmas_and_the_end),
		cmocka_unit_test(delay_is_from_the_event_to_now),
		cmocka_unit_test(loss_row_tells_how_many),
		cmocka_unit_test(drift_row_tells_the_range_and_what_each_had),
		cmocka_unit_test(memory_row_holds_the_sizes_of_a_moment),
	};

	return cmocka_run_group_tests(tests, nameless_setup, nameless_teardown);
}
