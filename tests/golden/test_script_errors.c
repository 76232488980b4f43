/* A script that says nothing sensible is refused, by line: a typo must not become golden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../support/script.h"
#include "pfa/decode/event.h"

static char path[] = "/tmp/pfa-script-XXXXXX";

static enum pfa_status read_text(struct script *script, const char *text,
				 struct pfa_error *err)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	return script_read(script, path, err);
}

static void bad_lines_are_named(void **state)
{
	static const struct {
		const char *text, *complaint;
	} rows[] = {
		{ "begin 0x1 r\n", ":1: the line lacks '@'" },
		{ "@1 100 begin 0x1 r\n\n# so\n@2 100 start\n", ":4: unknown event 'start'" },
		{ "@1 100 begin 0x1 q\n", ":1: r, w or x wanted, not 'q'" },
		{ "@1 100 begin r\n", ":1: not a number: 'r'" },
		{ "@1 100 begin 0x1 r presentt\n", ":1: what is 'presentt'" },
		{ "@1 100 begin 0x1 r ip=5 kernel\n", ":1: what is 'kernel'" },
		{ "@1 100 end 0x1\n", ":1: major or minor wanted, not '0x1'" },
		{ "@1 100 call munnmap 1 2\n", ":1: unknown call 'munnmap'" },
		{ "@1 100 call munmap 1 2 3 4 5 6 7\n", ":1: what is '7'" },
		{ "@1 100 call madvise 1 2 MADV_MAYBE\n", ":1: not a number: 'MADV_MAYBE'" },
		{ "@1 100 mmap 0x1000 rw-p //anon\n", ":1: two numbers wanted" },
		{ "@1 100 mmap 0x1000-0x2000 rwp //anon\n", ":1: not a protection: 'rwp'" },
		{ "@1 100 mmap 0x1000-0x2000 wr-p //anon\n", ":1: not a protection: 'wr-p'" },
		{ "@1 100 mmap 0x1000-0x2000 rw-p\n", ":1: the line lacks 'its last word'" },
		{ "@1 100 fork 101\n", ":1: the line lacks 'child='" },
		{ "@1 100 lost 0xg\n", ":1: not a number: '0xg'" },
		{ "@2 100 exit\n@1 100 exit\n", ":2: goes back in time: 'exit'" },
		{ "\tsection 0x0 0x1 .text\n", ":1: no object or maps that this belongs to" },
		{ "# without: nothing\n", ":1: begins, signals or clones wanted" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct script script;
		struct pfa_error err;

		assert_int_equal(read_text(&script, rows[i].text, &err), PFA_E_FORMAT);
		if (!strstr(err.text, rows[i].complaint))
			fail_msg("'%s' is said of: %s", err.text, rows[i].text);
		script_release(&script);
	}
}

static void a_line_becomes_its_event(void **state)
{
	const struct event *e;
	struct script script;
	struct pfa_error err;

	(void)state;
	assert_int_equal(read_text(&script, "# options: -s\n"
				   "@7 100/101 cpu=2 end major 0x1008 kernel size=4096 phys=0\n"
				   "@8 100 ret brk -ENOMEM|0\n", &err), PFA_OK);
	assert_string_equal(script.options, "-s");
	assert_int_equal(script.count, 2);
	e = &script.events[0];
	assert_true(e->kind == EVENT_FAULT_END && e->pid == 100 && e->tid == 101 &&
		    e->cpu == 2 && e->time_ns == 7);
	assert_true(e->end.major && e->end.kernel && e->end.has_addr && e->end.has_phys &&
		    e->end.addr == 0x1008 && e->end.page_size == 4096);
	assert_int_equal(script.events[1].call_end.result, -12);
	script_release(&script);
}

static int make_path(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd) ? -1 : 0;
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_lines_are_named),
		cmocka_unit_test(a_line_becomes_its_event),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
