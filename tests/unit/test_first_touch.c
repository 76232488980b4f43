/* Pages of files in order of their first fault: the list, and what to read ahead. */
#include "../support/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/outfile.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/report/first_touch.h"
#include "pfa/report/naming.h"
#include "pfa/report/prefetch_list.h"
#include "pfa/report/view.h"

enum { SECOND = 1000000000 };

static const struct region text = { "demo", ".text", "demo .text" };
static const struct region plain = { "data.bin", "", "data.bin" };
static const struct code writer = { .object = "demo", .addr = 0x400,
				    .text = "demo+0x400" };
static const struct backing demo = { .name = "/bin/demo", .label = "demo",
				     .kind = BACKING_FILE };
static const struct backing data = { .name = "/srv/da\tta.bin", .label = "data.bin",
				     .kind = BACKING_FILE };
static const struct backing deleted = { .name = "/srv/old (deleted)", .label = "old",
					.kind = BACKING_FILE };
static const struct backing memfd = { .name = "/memfd:x (deleted)", .label = "memfd:x",
				      .kind = BACKING_SHMEM };

struct world {
	struct view view;
	struct naming *naming;
	struct first_touch *first;
	uint64_t time_ns;
};

static struct world *begin(struct world *w)
{
	w->view = view_default();
	w->naming = naming_new(NULL);
	w->first = first_touch_new(&w->view, w->naming);
	w->time_ns = SECOND;
	return w;
}

static void end(struct world *w)
{
	first_touch_free(w->first);
	naming_free(w->naming);
}

static struct fault fault_at(const struct backing *file, uint64_t offset_bytes)
{
	return (struct fault){ .region = file == &demo ? &text : &plain, .in_file = true,
			       .backing = file, .file_offset_bytes = offset_bytes,
			       .type = FAULT_MINOR, .kind = "map", .latency_ns = 1500,
			       .page_size_bytes = 4096, .code = &writer };
}

/* Each fault a millisecond after the one before. */
static void take(struct world *w, struct fault fault)
{
	fault.time_ns = w->time_ns += 1000000;
	first_touch_fault(w->first, &fault);
}

static void touch(struct world *w, const struct backing *file, uint64_t page)
{
	take(w, fault_at(file, page * 4096));
}

static void check_list(struct world *w, const struct run_facts *facts, const char *wanted)
{
	struct text out;

	text_init(&out);
	first_touch_print(w->first, SECOND, facts, &out);
	assert_string_equal(text_cstr(&out), wanted);
	text_release(&out);
}

#define HIDDEN \
	"A fault maps its neighbours in the page cache, too (16 pages, or a large folio): " \
	"these do\nnot fault any more, and may have been touched unseen.\n"

static void a_page_is_listed_once_at_its_first_fault(void **state)
{
	const struct run_facts facts = { 0 };
	struct world w;

	(void)state;
	begin(&w);
	take(&w, fault_at(&demo, 0x2fff));
	take(&w, fault_at(&data, 0x10));
	take(&w, fault_at(&demo, 0x2000)); /* copied, say */
	take(&w, fault_at(&demo, 0x1fff));
	check_list(&w, &facts,
		   "3 pages of files, in order of their first fault\n"
		   "  rank   time  latency  kind  object    section  offset  touched by  what lies there\n"
		   "     1  1.0ms    1.5us  map   demo      .text    0x2000  demo+0x400  -\n"
		   "     2  2.0ms    1.5us  map   data.bin  -           0x0  demo+0x400  -\n"
		   "     3  4.0ms    1.5us  map   demo      .text    0x1000  demo+0x400  -\n"
		   HIDDEN);
	w.view.fixed_ts = true;
	check_list(&w, &facts,
		   "3 pages of files, in order of their first fault\n"
		   "  rank  kind  object    section  offset  touched by  what lies there\n"
		   "     1  map   demo      .text    0x2000  demo+0x400  -\n"
		   "     2  map   data.bin  -           0x0  demo+0x400  -\n"
		   "     3  map   demo      .text    0x1000  demo+0x400  -\n"
		   HIDDEN);
	end(&w);
}

static void what_is_in_no_file_or_failed_is_not_listed(void **state)
{
	const struct run_facts facts = { .lost = 7 };
	struct fault anon = { .type = FAULT_MINOR, .region = &plain };
	struct fault bus = fault_at(&data, 0x5000);
	struct world w;

	(void)state;
	bus.type = FAULT_INVALID;
	begin(&w);
	take(&w, anon);
	take(&w, bus);
	touch(&w, &memfd, 0);
	check_list(&w, &facts, "Partial: 7 records were lost\n"
			       "0 pages of files, in order of their first fault\n");
	end(&w);
}

static void what_is_not_known_is_a_dash(void **state)
{
	const struct run_facts facts = { 0 };
	struct fault fault = fault_at(&demo, 0x1000);
	struct world w;

	(void)state;
	fault.latency_ns = LATENCY_UNKNOWN;
	fault.code = NULL;
	fault.image = &demo; /* without symbols */
	begin(&w);
	take(&w, fault);
	check_list(&w, &facts,
		   "1 page of files, in order of their first fault\n"
		   "  rank   time  latency  kind  object  section  offset  touched by  what lies there\n"
		   "     1  1.0ms        -  map   demo    .text    0x1000  -           -\n"
		   HIDDEN);
	end(&w);
}

/* ---- what to read ahead ---- */

static void check_ranges(struct world *w, const char *wanted)
{
	char path[] = "/tmp/pfa-prefetch-XXXXXX", got[4096] = "";
	int fd = mkstemp(path);
	struct outfile out;
	struct pfa_error err;

	assert_true(fd >= 0);
	assert_int_equal(outfile_open(&out, path, &err), PFA_OK);
	prefetch_list_print(w->first, &out);
	assert_int_equal(outfile_close(&out, &err), PFA_OK);
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	unlink(path);
	assert_string_equal(got, wanted);
	end(w);
}

static void ranges_are_by_offset_in_files_by_first_touch(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	touch(&w, &demo, 100);
	touch(&w, &data, 3);
	touch(&w, &demo, 0);
	touch(&w, &demo, 101);
	check_ranges(&w, "/bin/demo\t0\t4096\n"
			 "/bin/demo\t409600\t8192\n"
			 "/srv/da\\x09ta.bin\t12288\t4096\n");
}

static void gaps_that_fault_around_may_have_mapped_are_bridged(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	touch(&w, &demo, 0);
	touch(&w, &demo, 17); /* 16 pages between */
	touch(&w, &demo, 35); /* 17 */
	check_ranges(&w, "/bin/demo\t0\t73728\n"
			 "/bin/demo\t143360\t4096\n");
}

static void large_pages_are_whole(void **state)
{
	struct fault large = fault_at(&demo, (4 << 20) + 12345);
	struct world w;

	(void)state;
	large.page_size_bytes = 2 << 20;
	begin(&w);
	take(&w, large);
	touch(&w, &demo, 1030);
	check_ranges(&w, "/bin/demo\t4194304\t2097152\n");
}

static void what_nobody_can_open_is_left_out(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	touch(&w, &deleted, 0);
	check_ranges(&w, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_listed_once_at_its_first_fault),
		cmocka_unit_test(what_is_in_no_file_or_failed_is_not_listed),
		cmocka_unit_test(what_is_not_known_is_a_dash),
		cmocka_unit_test(ranges_are_by_offset_in_files_by_first_touch),
		cmocka_unit_test(gaps_that_fault_around_may_have_mapped_are_bridged),
		cmocka_unit_test(large_pages_are_whole),
		cmocka_unit_test(what_nobody_can_open_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
