/*
 * The kernel's functions in a capture are those of /proc/kallsyms and of `perf script`,
 * and those that copied what a program has read.
 */
#include <stdio.h>
#include <string.h>

#include "../support/live.h"
#include "../support/run.h"

/*
 * Prints the notes of a capture that /proc/kallsyms does not bear out, then the kernel
 * frames of perf's minor faults that no note covers by the name that perf has for them;
 * at the end how many of each were right.
 */
static const char script[] =
	"import bisect, re, sys\n"
	"names, notes = {}, {}\n"
	"for line in open('/proc/kallsyms'):\n"
	"    addr, kind, name = line.split()[:3]\n"
	"    names.setdefault(int(addr, 16), set()).add(name)\n"
	"note = rb'kernel ([0-9a-f]{16}) ([0-9a-f]+) ([!-~]+)'\n"
	"for start, size, name in re.findall(note, open(sys.argv[1], 'rb').read()):\n"
	"    notes[int(start, 16)] = int(size, 16)\n"
	"    if name.decode() not in names.get(int(start, 16), ()):\n"
	"        print('no such function', start, name)\n"
	"starts, first, frames = sorted(notes), True, 0\n"
	"for line in open(sys.argv[2]):\n"
	"    frame = re.match(r'\\s+(f{6}[0-9a-f]{10}) (\\S+)', line)\n"
	"    if frame:\n"
	"        ip, frames = int(frame[1], 16) - (not first), frames + 1\n"
	"        start = starts[bisect.bisect_right(starts, ip) - 1]\n"
	"        if ip >= start + notes[start] or frame[2] not in names[start]:\n"
	"            print('not noted', line)\n"
	"    first = not frame\n"
	"print('notes:', len(notes) > 5, 'frames:', frames > 10)\n";

static void make_capture(void)
{
	struct run run;

	run_command(&run, "head -c 8M /dev/urandom >%s", work_path("input"));
	run_release(&run);
	run_command(&run, "%s record -o %s -- dd if=%s of=/dev/null bs=8M count=1 "
		    "status=none", pfa(), work_path("x.data"), work_path("input"));
	assert_run_status(&run, 0);
	run_release(&run);
}

static void functions_are_those_of_kallsyms_and_perf(void **state)
{
	struct run run;
	FILE *file;

	(void)state;
	need_programs("perf dd");
	make_capture();
	file = fopen(work_path("check.py"), "we");
	assert_non_null(file);
	fputs(script, file);
	fclose(file);
	run_command(&run, "perf script -i %s -F event,ip,sym >%s 2>/dev/null",
		    work_path("x.data"), work_path("frames"));
	run_release(&run);
	run_quietly(&run, "%s %s %s %s", python(), work_path("check.py"),
		    work_path("x.data"), work_path("frames"));
	assert_string_equal(run.out, "notes: True frames: True\n");
	run_release(&run);
}

static void reading_into_fresh_memory_faults_in_a_copy(void **state)
{
	struct run run;

	(void)state;
	make_capture();
	run_quietly(&run, "grep -aoE 'kernel [0-9a-f]+ [0-9a-f]+ (_copy_to_iter|"
		    "copyout|copy_user[a-z_]*|rep_movs_alternative|_copy_to_user)' %s",
		    work_path("x.data"));
	assert_says(run.out, "kernel ");
	run_release(&run);
}

#define live(test) cmocka_unit_test_teardown(test, run_kill_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		live(functions_are_those_of_kallsyms_and_perf),
		live(reading_into_fresh_memory_faults_in_a_copy),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
