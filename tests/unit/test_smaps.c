/* The texts of /proc/PID/smaps and /proc/PID/status. */
#include "../support/check.h"

#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/base/text.h"
#include "pfa/decode/procmaps.h"
#include "pfa/pages/process.h"
#include "pfa/pages/smaps.h"
#include "pfa/pages/status_text.h"
#include "pfa/pages/vm_flags.h"

static const char two_vmas[] =
	"7f5acd89c000-7f5acd89e000 rw-p 00000000 00:00 0 \n"
	"Size:                  8 kB\n"
	"KernelPageSize:        4 kB\n"
	"Rss:                   8 kB\n"
	"Pss:                   5 kB\n"
	"Private_Dirty:         4 kB\n"
	"Something_New:        77 kB\n"
	"Swap:               1024 kB\n"
	"THPeligible:           0\n"
	"VmFlags: rd wr mr mw me ac \n"
	"7f5acd89e000-7f5acd8a0000 r--p 00001000 fe:00 333322   /usr/lib/Rss: 9 kB\n"
	"Rss:                   4 kB\n"
	"VmFlags: rd ht zz\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]\n"
	"Size:                  4 kB\n"
	"Rss:                   4 kB\n";

static void each_vma_has_its_values(void **state)
{
	const char *at = two_vmas, *end = at + strlen(at);
	struct smaps smaps, sum = { 0 };
	struct procmap map;

	(void)state;
	assert_true(smaps_next(&at, end, &map, &smaps));
	assert_int_equal(map.start, 0x7f5acd89c000);
	assert_int_equal(smaps.rss, 8);
	assert_int_equal(smaps.pss, 5);
	assert_int_equal(smaps.private_dirty, 4);
	assert_int_equal(smaps.private_clean, 0);
	assert_int_equal(smaps.swap, 1024);
	assert_int_equal(smaps.page, 4);
	assert_true(smaps_has_flag(&smaps, "rd") && smaps_has_flag(&smaps, "ac"));
	assert_false(smaps_has_flag(&smaps, "d "));
	assert_false(smaps_has_flag(&smaps, "ht"));
	smaps_add(&sum, &smaps);
	assert_true(smaps_next(&at, end, &map, &smaps));
	assert_string_equal(map.path, "/usr/lib/Rss: 9 kB");
	assert_int_equal(smaps.rss, 4);
	assert_int_equal(smaps.swap, 0);
	assert_true(smaps_has_flag(&smaps, "zz"));
	smaps_add(&sum, &smaps);
	assert_false(smaps_next(&at, end, &map, &smaps));
	assert_int_equal(sum.rss, 12);
	assert_int_equal(sum.swap, 1024);
	assert_int_equal(sum.page, 0);
}

/* The kernel cut it off: the process has ended. */
static void text_may_end_anywhere(void **state)
{
	(void)state;
	for (size_t length = 0; length < strlen(two_vmas); length++) {
		const char *at = two_vmas;
		struct procmap map;
		struct smaps smaps;
		int count = 0;

		while (smaps_next(&at, two_vmas + length, &map, &smaps))
			count++;
		assert_true(count <= 2);
		assert_ptr_equal(at, two_vmas + length);
	}
}

static void flags_are_spelled_out(void **state)
{
	static const struct {
		const char *flags, *words;
	} rows[] = {
		{ "rd wr mr mw me ac ", "read,write,may-read,may-write,may-exec,accounted" },
		{ "ht", "hugetlb" },
		{ "rd zz lf", "read,zz,lock-on-fault" },
		{ "", "" },
		{ "r", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text text;

		text_init(&text);
		vm_flags_put(&text, rows[i].flags, strlen(rows[i].flags));
		assert_string_equal(text_cstr(&text), rows[i].words);
		text_release(&text);
	}
}

static void status_has_name_state_and_counters(void **state)
{
	struct intern *strings = intern_new();
	struct map_process process = { 0 };

	(void)state;
	status_parse("Name:\ta: b\nState:\tT (stopped)\nPPid:\t12\nVmPeak:\t  9 kB\n"
		     "VmRSS:\t    2076 kB\nRssShmem:\t   4 kB\nVmSwap:\t", strings, &process);
	assert_string_equal(process.comm, "a: b");
	assert_true(process.stopped);
	assert_int_equal(process.parent, 12);
	assert_true(process.counters.known);
	assert_int_equal(process.counters.vm_rss, 2076);
	assert_int_equal(process.counters.rss_shmem, 4);
	assert_int_equal(process.counters.vm_size, 0);
	process = (struct map_process){ 0 };
	status_parse("Name:\tkthreadd\nState:\tS (sleeping)\n", strings, &process);
	assert_false(process.counters.known || process.stopped);
	intern_free(strings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_vma_has_its_values),
		cmocka_unit_test(text_may_end_anywhere),
		cmocka_unit_test(flags_are_spelled_out),
		cmocka_unit_test(status_has_name_state_and_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
