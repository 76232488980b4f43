/* Lines of /proc/PID/maps, as the kernel writes them and as it never would. */
#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/decode/procmaps.h"

enum { R = PROT_READ, W = PROT_WRITE, X = PROT_EXEC };

static const struct {
	const char *line;
	uint64_t start, end, pgoff_bytes;
	uint32_t prot;
	bool shared;
	uint32_t dev_major, dev_minor;
	uint64_t inode;
	const char *path;
} lines[] = {
	{ "55d0c8a00000-55d0c8a28000 r-xp 00002000 fd:01 1835031                    "
	  "/usr/bin/bash", 0x55d0c8a00000, 0x55d0c8a28000, 0x2000, R | X, false,
	  0xfd, 1, 1835031, "/usr/bin/bash" },
	{ "7f2c7b100000-7f2c7b200000 rw-p 00000000 00:00 0 ", 0x7f2c7b100000,
	  0x7f2c7b200000, 0, R | W, false, 0, 0, 0, "" },
	{ "1000-2000 ---s 00000000 00:05 7", 0x1000, 0x2000, 0, 0, true, 0, 5, 7, "" },
	{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  "
	  "[vsyscall]", 0xffffffffff600000, 0xffffffffff601000, 0, X, false, 0, 0, 0,
	  "[vsyscall]" },
	{ "1000-2000 rw-s 00000000 00:01 3 /memfd:a b (deleted)", 0x1000, 0x2000, 0,
	  R | W, true, 0, 1, 3, "/memfd:a b (deleted)" },
	{ "1000-2000 rw-p 00000000 08:02 9 /tmp/two\\012lines\\012", 0x1000, 0x2000, 0,
	  R | W, false, 8, 2, 9, "/tmp/two\nlines\n" },
	{ "1000-2000 rw-p 00000000 08:02 9 /tmp/\\01", 0x1000, 0x2000, 0, R | W, false,
	  8, 2, 9, "/tmp/\\01" },
	{ "1000-2000 rw-p 00000000 103:11 18446744073709551615 x", 0x1000, 0x2000, 0,
	  R | W, false, 0x103, 0x11, UINT64_MAX, "x" },
};

static void line_tells_a_mapping(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct procmap map;

		assert_true(procmaps_parse_line(lines[i].line, strlen(lines[i].line),
						&map));
		assert_int_equal(map.start, lines[i].start);
		assert_int_equal(map.end, lines[i].end);
		assert_int_equal(map.pgoff_bytes, lines[i].pgoff_bytes);
		assert_int_equal(map.prot, lines[i].prot);
		assert_int_equal(map.shared, lines[i].shared);
		assert_int_equal(map.dev_major, lines[i].dev_major);
		assert_int_equal(map.dev_minor, lines[i].dev_minor);
		assert_int_equal(map.inode, lines[i].inode);
		assert_string_equal(map.path, lines[i].path);
	}
}

static const char *const refused[] = {
	"", "-", "1000", "1000-", "1000-2000", "1000-2000 ", "1000-2000 rw-",
	"1000-2000 rw-q 0 0:0 0", "1000-2000 xw-p 0 0:0 0", "1000-2000 wr-p 0 0:0 0",
	"1000-2000 rw-p", "1000-2000 rw-p 0", "1000-2000 rw-p 0 0", "1000-2000 rw-p 0 0:",
	"1000-2000 rw-p 0 0:0", "1000-2000 rw-p 0 0:0 ", "1000-2000 rw-p 0 0:0 a",
	"2000-1000 rw-p 0 0:0 0", "1000-1000 rw-p 0 0:0 0", "g-2000 rw-p 0 0:0 0",
	"1000-2000  rw-p 0 0:0 0", "1000 2000 rw-p 0 0:0 0", "0x1-0x2 rw-p 0 0:0 0",
	"-1000-2000 rw-p 0 0:0 0", "1000-2000 rw-p  0 0:0 0",
	"100000000000000000000000-2000 rw-p 0 0:0 0",
};

static void anything_else_is_refused(void **state)
{
	struct procmap map;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		if (procmaps_parse_line(refused[i], strlen(refused[i]), &map))
			fail_msg("accepted: %s", refused[i]);
}

static void line_ends_where_its_length_says(void **state)
{
	static const char text[] = "1000-2000 rw-p 00000000 00:00 0 /first\n3000-";
	struct procmap map;

	(void)state;
	assert_true(procmaps_parse_line(text, strcspn(text, "\n"), &map));
	assert_string_equal(map.path, "/first");
	assert_false(procmaps_parse_line(text, 9, &map));
}

static void path_longer_than_any_is_refused(void **state)
{
	static const char head[] = "1000-2000 rw-p 00000000 00:00 0 ";
	char line[sizeof(head) + PROCMAPS_PATH_MAX];
	struct procmap map;

	(void)state;
	memcpy(line, head, sizeof(head));
	memset(line + sizeof(head) - 1, 'p', PROCMAPS_PATH_MAX);
	assert_true(procmaps_parse_line(line, sizeof(head) - 1 + PROCMAPS_PATH_MAX - 1,
					&map));
	assert_int_equal(strlen(map.path), PROCMAPS_PATH_MAX - 1);
	assert_false(procmaps_parse_line(line, sizeof(head) - 1 + PROCMAPS_PATH_MAX,
					 &map));
}

static void every_line_of_our_own_maps_is_read(void **state)
{
	FILE *f = fopen("/proc/self/maps", "r");
	struct procmap map;
	char *line = NULL;
	size_t capacity = 0, count = 0;
	uint64_t previous_end = 0;
	ssize_t n;

	(void)state;
	assert_non_null(f);
	while ((n = getline(&line, &capacity, f)) > 0) {
		assert_true(procmaps_parse_line(line, (size_t)n - 1, &map));
		assert_true(map.start >= previous_end);
		previous_end = map.end;
		count++;
	}
	assert_true(count > 5);
	free(line);
	fclose(f);
}

static void text_is_read_mapping_by_mapping(void **state)
{
	static const char text[] =
		"1000-2000 r-xp 00000000 08:01 5 /bin/demo\n"
		"\n"
		"no mapping\n"
		"3000-4000 rw-p 00000000 00:00 0 \n"
		"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n"
		"5000-6000 rw-p 00000000 00:00 0"; /* cut before its newline */
	const char *at = text, *end = text + strlen(text);
	struct procmap map;

	(void)state;
	for (uint64_t start = 0x1000; start <= 0x5000; start += 0x2000) {
		assert_true(procmaps_next(&at, end, &map));
		assert_int_equal(map.start, start);
	}
	assert_false(procmaps_next(&at, end, &map));
	assert_false(procmaps_next(&at, end, &map));
}

static const char *const names[][2] = {
	{ "", "//anon" }, { "[anon:arena]", "//anon" }, { "[heap]", "[heap]" },
	{ "[anon_shmem:pool]", "/dev/zero (deleted)" }, { "/bin/demo", "/bin/demo" },
};

static void names_are_those_of_records(void **state)
{
	struct procmap map;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(map.path, sizeof(map.path), "%s", names[i][0]);
		assert_string_equal(procmaps_name(&map), names[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_tells_a_mapping),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(line_ends_where_its_length_says),
		cmocka_unit_test(path_longer_than_any_is_refused),
		cmocka_unit_test(every_line_of_our_own_maps_is_read),
		cmocka_unit_test(text_is_read_mapping_by_mapping),
		cmocka_unit_test(names_are_those_of_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
