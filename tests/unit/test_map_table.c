/* The table of pfa map: which VMAs, in which order, with which columns; and its CSV. */
#include "../support/check.h"

#include <string.h>
#include <sys/mman.h>

#include "pfa/base/text.h"
#include "pfa/model/observation.h"
#include "pfa/pages/page_run.h"
#include "pfa/pages/page_sums.h"
#include "pfa/pages/process.h"
#include "pfa/report/map_account.h"
#include "pfa/report/map_csv.h"
#include "pfa/report/map_pages.h"
#include "pfa/report/map_table.h"
#include "pfa/report/map_view.h"

static const struct region libc = { .object = "libc.so.6", .text = "libc.so.6" };
static const struct region anon = { .object = "anon", .text = "anon" };

#define FLAGS "rd wr ac "

static struct map_vma vmas[] = {
	{ .start = 0x10000, .end = 0x14000, .prot = PROT_READ | PROT_EXEC,
	  .path = "/lib/a,b", .class = "text", .region = &libc,
	  .smaps = { .rss = 8, .pss = 3, .shared_clean = 8, .page = 4, .flags = "",
		     .flags_length = 0 } },
	{ .start = 0x20000, .end = 0x30000, .prot = PROT_READ | PROT_WRITE, .path = "",
	  .class = "anon", .region = &anon,
	  .smaps = { .rss = 40, .pss = 40, .private_dirty = 40, .anonymous = 40,
		     .swap = 4, .page = 4, .flags = FLAGS,
		     .flags_length = sizeof(FLAGS) - 1 } },
	{ .start = 0x40000, .end = 0x41000, .prot = PROT_READ, .path = "/lib/a,b",
	  .class = "rodata", .region = &libc,
	  .smaps = { .rss = 4, .pss = 1, .shared_clean = 4, .page = 4, .flags = "" } },
};

static struct map_process process = {
	.pid = 77,
	.comm = "demo",
	.stopped = true,
	.vmas = vmas,
	.vma_count = COUNT_OF(vmas),
	.rollup = { .rss = 52, .pss = 45 },
	.has_rollup = true,
	.counters = { .vm_size = 84, .vm_rss = 52, .rss_anon = 40, .rss_file = 12,
		      .vm_swap = 4, .known = true },
};

static void check_printed(const struct map_view *view, const char *printed)
{
	struct map_selection selection;
	struct text text;

	text_init(&text);
	map_selection_init(&selection, view, &process);
	map_put_title(&text, &selection);
	map_table_print(&text, view, &selection);
	assert_string_equal(text_cstr(&text), printed);
	map_selection_release(&selection);
	text_release(&text);
}

static void usual_columns_are_those_and_what_is_not_zero(void **state)
{
	const struct map_view view = map_view_default();

	(void)state;
	check_printed(&view,
		"77 demo: 3 VMAs, in kB: 84 mapped, 52 in RAM\n"
		"  range              perms  class   size  rss  pss  dirty  swap  name\n"
		"  00010000-00014000  r-xp   text      16    8    3      0     0  libc.so.6\n"
		"  00020000-00030000  rw-p   anon      64   40   40     40     4  anon\n"
		"  00040000-00041000  r--p   rodata     4    4    1      0     0  libc.so.6\n"
		"  total                               84   52   45     40     4\n"
		"  the total of pss is that of smaps_rollup; the rows, each rounded down, "
		"add up to 44\n");
}

static void largest_come_first_and_the_rest_is_one_row(void **state)
{
	struct map_view view = map_view_default();
	struct pfa_error err;

	(void)state;
	view.top = 1;
	assert_int_equal(map_view_set_sort(&view, "shared", &err), PFA_OK);
	assert_int_equal(map_view_set_columns(&view, "range,rss", &err), PFA_OK);
	process.has_rollup = false;
	check_printed(&view,
		"77 demo: 3 VMAs, in kB: 84 mapped, 52 in RAM\n"
		"  range              rss  shared\n"
		"  00010000-00014000    8       8\n"
		"  2 more              44       4\n"
		"  total               52      12\n");
	process.has_rollup = true;
}

static void some_vmas_are_a_part(void **state)
{
	struct map_view view = map_view_default();
	struct pfa_error err;

	(void)state;
	view.region = "libc*";
	assert_int_equal(map_view_set_range(&view, "12000-40001", &err), PFA_OK);
	assert_int_equal(map_view_set_columns(&view, "perms,path,vmflags", &err), PFA_OK);
	check_printed(&view,
		"77 demo: 2 VMAs of 3, in kB: 20 mapped, 12 in RAM\n"
		"  range              perms  path      vmflags\n"
		"  00010000-00014000  r-xp   /lib/a,b\n"
		"  00040000-00041000  r--p   /lib/a,b\n"
		"  total\n");
}

static void options_that_make_no_sense_are_refused(void **state)
{
	static const char *const ranges[] = { "", "x", "-1", "2000-1000", "1000-", "1000-x",
					      "1000 - 2000", "+5" };
	struct map_view view = map_view_default();
	struct pfa_error err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ranges); i++)
		assert_int_equal(map_view_set_range(&view, ranges[i], &err), PFA_E_USAGE);
	assert_int_equal(map_view_set_range(&view, "0x1234", &err), PFA_OK);
	assert_int_equal(view.from, 0x1000);
	assert_int_equal(view.to, 0x2000);
	assert_int_equal(map_view_set_sort(&view, "path", &err), PFA_E_USAGE);
	assert_int_equal(map_view_set_sort(&view, "nothing", &err), PFA_E_USAGE);
	assert_int_equal(map_view_set_columns(&view, "rss,nothing", &err), PFA_E_USAGE);
	assert_int_equal(map_view_set_columns(&view, "+path", &err), PFA_OK);
	assert_true(view.more_columns);
}

static void csv_has_all_columns(void **state)
{
	const struct map_view view = map_view_default();
	struct map_selection selection;
	struct text text;

	(void)state;
	text_init(&text);
	map_selection_init(&selection, &view, &process);
	map_csv_put_header(&text, false);
	map_csv_put_vmas(&text, &selection);
	assert_non_null(strstr(text_cstr(&text),
		"pid,comm,start,end,perms,class,size_kb,rss_kb,pss_kb,private_kb,shared_kb,"
		"clean_kb,dirty_kb,anon_kb,swap_kb,huge_kb,hugetlb_kb,locked_kb,ksm_kb,"
		"referenced_kb,lazyfree_kb,pss_dirty_kb,swap_pss_kb,page,offset,dev,inode,"
		"name,path,vmflags\n"
		"77,demo,0x10000,0x14000,r-xp,text,16,8,3,0,8,8,0,0,0,0,0,0,0,0,0,0,0,4,"
		"00000000,00:00,0,libc.so.6,\"/lib/a,b\",\n"
		"77,demo,0x20000,0x30000,rw-p,anon,64,40,40,40,0,0,40,40,4,0,0,0,0,0,0,0,0,"
		"4,00000000,00:00,0,anon,,\"read,write,accounted\"\n"));
	map_selection_release(&selection);
	text_release(&text);
}

static void run_is_a_line_and_a_row(void **state)
{
	struct page_run run = {
		.start = 0x20000,
		.end = 0x23000,
		.state = PAGE_IN_RAM,
		.has_flags = true,
		.flags = 1ULL << PAGE_FLAG_dirty,
		.phys = 0x5000,
		.extents = 2,
		.maps_min = 2,
		.maps_max = 3,
	};
	struct text text;

	(void)state;
	text_init(&text);
	map_pages_put_run(&text, &run);
	map_csv_put_run(&text, &process, &vmas[1], &run);
	run.phys = run.flags = run.maps_min = 0;
	run.has_flags = false;
	map_pages_put_run(&text, &run);
	run.state = PAGE_IN_SWAP;
	map_pages_put_run(&text, &run);
	assert_string_equal(text_cstr(&text),
		"  00020000-00023000                 3  in RAM      anon     shared 2-3   "
		"0x5000 +1           dirty\n"
		"77,demo,0x20000,0x23000,3,in RAM,anon,shared,2,3,0x5000,2,dirty,anon,anon\n"
		"  00020000-00023000                 3  in RAM      anon     shared       "
		"unknown             unknown\n"
		"  00020000-00023000                 3  in swap\n");
	text_release(&text);
}

static void check_account(const struct page_sums *pages, const char *said)
{
	const struct map_view view = map_view_default();
	struct map_selection selection;
	struct map_account account = { &selection, pages, true };
	struct text text;

	text_init(&text);
	map_selection_init(&selection, &view, &process);
	map_account_print(&text, &account);
	assert_string_equal(text_cstr(&text), said);
	map_selection_release(&selection);
	text_release(&text);
}

static void sources_stand_side_by_side(void **state)
{
	struct page_sums pages = { .total = 21, .rss = 13, .anon = 10, .file = 3,
				   .in_swap = 1, .zero = 2 };

	(void)state;
	check_account(&pages,
		"  kB              page tables  smaps  status\n"
		"  RSS                      52     52      52\n"
		"  anonymous                40     40      40\n"
		"  file and shmem           12     12      12\n"
		"  swap                      4      4       4\n"
		"  hugetlb                   0      0       0\n"
		"  size                     84     84      84\n"
		"  8 kB in RAM is the zero page, which no RSS counts\n");
	pages.in_swap = 0;
	pages.zero = 0;
	process.counters.vm_rss = 48;
	check_account(&pages,
		"  kB              page tables  smaps  status\n"
		"  RSS                      52     52      48\n"
		"  anonymous                40     40      40\n"
		"  file and shmem           12     12      12\n"
		"  swap                      0      4       4\n"
		"  hugetlb                   0      0       0\n"
		"  size                     84     84      84\n"
		"  RSS: status has 4 kB less: the kernel has not added up yet what each CPU "
		"has counted\n"
		"  swap: smaps has 4 kB more: shared memory in swap, of which no page table "
		"knows\n"
		"  swap: status has 4 kB more: shared memory in swap, of which no page table "
		"knows\n");
	process.counters.vm_rss = 52;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_columns_are_those_and_what_is_not_zero),
		cmocka_unit_test(largest_come_first_and_the_rest_is_one_row),
		cmocka_unit_test(some_vmas_are_a_part),
		cmocka_unit_test(options_that_make_no_sense_are_refused),
		cmocka_unit_test(csv_has_all_columns),
		cmocka_unit_test(run_is_a_line_and_a_row),
		cmocka_unit_test(sources_stand_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
