/*
 * What is resident, of real processes: pfa map against smaps, smaps_rollup, status,
 * and against what a trace of the same pages says.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/ladder.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/swap.h"

/* ---- targets ---- */

/* Starts a program that says when it is ready, and stops it there. */
static void start(struct run *target, const char *command)
{
	run_start(target, "%s", command);
	run_await_out(target, "ready");
	usleep(50 * 1000); /* into its pause */
	assert_int_equal(kill(target->pid, SIGSTOP), 0);
	usleep(50 * 1000);
}

static const char *resident(const char *what)
{
	static char command[512];

	snprintf(command, sizeof(command), "%s/resident %s", live_programs(), what);
	return command;
}

/* ---- against smaps ---- */

/* Sums of columns of --csv, a line each. Numbers stand before what may have commas. */
static const char sums_of_csv[] =
	"awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next } "
	"{ for (i = 7; i <= 22; i++) sum[name[i]] += $i } "
	"END { split(\"rss private shared clean dirty anon swap huge hugetlb ksm "
	"referenced lazyfree\", want, \" \"); "
	"for (i = 1; i <= 12; i++) print want[i], sum[want[i] \"_kb\"] + 0 }' ";

/* The same of smaps_rollup. */
static const char sums_of_rollup[] =
	"awk '{ sub(\":\", \"\", $1); v[$1] = $2 } END { "
	"print \"rss\", v[\"Rss\"]; "
	"print \"private\", v[\"Private_Clean\"] + v[\"Private_Dirty\"]; "
	"print \"shared\", v[\"Shared_Clean\"] + v[\"Shared_Dirty\"]; "
	"print \"clean\", v[\"Shared_Clean\"] + v[\"Private_Clean\"]; "
	"print \"dirty\", v[\"Shared_Dirty\"] + v[\"Private_Dirty\"]; "
	"print \"anon\", v[\"Anonymous\"]; print \"swap\", v[\"Swap\"]; "
	"print \"huge\", v[\"AnonHugePages\"] + v[\"ShmemPmdMapped\"] + "
	"v[\"FilePmdMapped\"]; "
	"print \"hugetlb\", v[\"Shared_Hugetlb\"] + v[\"Private_Hugetlb\"]; "
	"print \"ksm\", v[\"KSM\"] + 0; print \"referenced\", v[\"Referenced\"]; "
	"print \"lazyfree\", v[\"LazyFree\"] }' ";

/* Private and shared are of the moment: others map and unmap the same libraries. */
static const char stable[] = "grep -v 'private\\|shared'";

static void check_against_rollup(pid_t pid)
{
	struct run run;

	run_quietly(&run, "%s map -p %d --csv=%s >%s", pfa(), pid, work_path("csv"),
		    work_path("table"));
	run_release(&run);
	run_quietly(&run, "%s %s | %s >%s", sums_of_csv, work_path("csv"), stable,
		    work_path("ours"));
	run_release(&run);
	run_quietly(&run, "%s /proc/%d/smaps_rollup | %s | diff %s - >&2", sums_of_rollup,
		    pid, stable, work_path("ours"));
	run_release(&run);
	/* The line of the total has that sum, too, behind the size. */
	run_quietly(&run, "awk '$1 == \"total\" { print \"rss\", $3 }' %s | "
		    "grep -qxFf - %s", work_path("table"), work_path("ours"));
	run_release(&run);
}

/* Page by page it is as much as smaps and status say, in RAM, in swap, and mapped. */
static void check_pages(pid_t pid)
{
	struct run run;

	run_quietly(&run, "%s map -p %d --pages --each --csv=%s", pfa(), pid,
		    work_path("pages"));
	if (strstr(run.out, " kB more: ") || strstr(run.out, " kB less: "))
		fail_msg("%s", strstr(run.out, "in all"));
	assert_says(run.out, "\n  RSS  ");
	run_release(&run);
	run_quietly(&run, "awk -F, 'NR > 1 { kb[$6] += 4 * $5; "
		    "if ($6 == \"in RAM\" && $7 !~ /zero|hugetlb/) rss += 4 * $5; "
		    "if ($7 == \"hugetlb\") huge += 4 * $5; size += 4 * $5 } "
		    "END { print \"VmSize:\", size; print \"VmRSS:\", rss; "
		    "print \"VmSwap:\", kb[\"in swap\"] + 0; "
		    "print \"HugetlbPages:\", huge + 0 }' %s >%s", work_path("pages"),
		    work_path("sums"));
	run_release(&run);
	run_quietly(&run, "awk '/VmSize|VmRSS|VmSwap|HugetlbPages/ { print $1, $2 }' "
		    "/proc/%d/status | diff %s - >&2", pid, work_path("sums"));
	run_release(&run);
}

static void check_target(const char *command)
{
	struct run target;

	start(&target, command);
	check_against_rollup(target.pid);
	check_pages(target.pid);
	run_release(&target);
}

static void sums_are_those_of_the_kernel(void **state)
{
	(void)state;
	need_programs("awk diff");
	check_target(resident("mixed"));
	check_target(resident("forked"));
	check_target(resident("huge"));
	check_target(resident("sparse 16"));
}

static void sums_of_an_interpreter_are_those_of_the_kernel(void **state)
{
	char command[512];

	(void)state;
	snprintf(command, sizeof(command), "%s -c 'import time, json; "
		 "x = list(range(300000)); print(\"ready\", flush=True); "
		 "time.sleep(1000)'", python());
	check_target(command);
}

static void sums_of_a_jvm_are_those_of_the_kernel(void **state)
{
	char command[512];
	struct run run;

	(void)state;
	need_programs("java");
	run_quietly(&run, "echo 'class Wait { public static void main(String[] a) throws "
		    "Exception { System.out.println(\"ready\"); Thread.sleep(1000000); } }' "
		    ">%s", work_path("Wait.java"));
	run_release(&run);
	snprintf(command, sizeof(command), "java -Xmx64m -XX:-UsePerfData %s",
		 work_path("Wait.java"));
	check_target(command);
}

/* How many hugetlb pages there were before; the number is the machine's. */
static unsigned hugetlb_before;

static bool set_hugetlb(unsigned pages)
{
	FILE *file = fopen("/proc/sys/vm/nr_hugepages", "we");
	bool set = file && fprintf(file, "%u\n", pages) > 0;

	return file && !fclose(file) && set;
}

static unsigned get_hugetlb(void)
{
	FILE *file = fopen("/proc/sys/vm/nr_hugepages", "re");
	unsigned pages = 0;

	if (file && fscanf(file, "%u", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages;
}

static void sums_with_hugetlb_are_those_of_the_kernel(void **state)
{
	(void)state;
	hugetlb_before = get_hugetlb();
	if (!set_hugetlb(hugetlb_before + 4) || get_hugetlb() < hugetlb_before + 4)
		skip_because("no hugetlb pages to be had");
	check_target(resident("hugetlb"));
}

static int put_hugetlb_back(void **state)
{
	int failed = run_kill_all(state);

	return set_hugetlb(hugetlb_before) ? failed : -1;
}

/* Private memory in swap is in page tables, shared memory in swap in none. */
static void what_is_in_swap_is_told(void **state)
{
	const char *why = swap_on();
	struct run target, run;

	(void)state;
	if (why)
		skip_because("%s", why);
	start(&target, resident("swapped"));
	check_against_rollup(target.pid);
	run_quietly(&run, "%s map -p %d --pages", pfa(), target.pid);
	assert_says(run.out, " 256  in swap\n");
	assert_says(run.out, "swap: smaps has 128 kB more: shared memory in swap, of which "
		    "no page table knows\n");
	run_release(&run);
	run_quietly(&run, "%s map -p %d --strip --region=anon", pfa(), target.pid);
	assert_says(run.out, "|ssssssssssssss##############|");
	run_release(&run);
	run_release(&target);
	swap_off();
}

static int swap_off_and_kill(void **state)
{
	swap_off();
	return run_kill_all(state);
}

/* ---- against a trace ---- */

/* The frames that faults brought are those that the page table has. */
static void frames_are_those_of_the_trace(void **state)
{
	struct run trace, run;
	pid_t pid;

	(void)state;
	need_programs("awk");
	run_command(&trace, "%s --duration=1s --region=anon --kind=zero-fill --fields=phys "
		    "--csv=%s -o %s -- %s", pfa(), work_path("trace"), work_path("stream"),
		    resident("mixed"));
	assert_run_status(&trace, 0);
	assert_int_equal(sscanf(strstr(trace.err, "(PID "), "(PID %d)", &pid), 1);
	run_quietly(&run, "%s map -p %d --pages --each --csv=%s >%s", pfa(), pid,
		    work_path("pages"), work_path("text"));
	kill(pid, SIGKILL);
	run_release(&run);
	/* Columns of the trace: 9 is addr, 19 phys; of the pages: 3 is start, 11 phys. */
	run_quietly(&run, "awk -F, 'FNR == 1 { file++; next } "
		    "file == 1 { sub(/...$/, \"000\", $9); sub(/...$/, \"000\", $19); "
		    "phys[$9] = $19; next } "
		    "$3 in phys { n++; if (phys[$3] != $11) print $3, phys[$3], $11 } "
		    "END { print (n > 20) ? \"enough\" : n }' %s %s",
		    work_path("trace"), work_path("pages"));
	assert_string_equal(run.out, "enough\n");
	run_release(&run);
	run_release(&trace);
}

/* ---- who ---- */

static void tree_is_all_below(void **state)
{
	struct run target, run;

	(void)state;
	run_start(&target, "sh -c 'sh -c \"sleep 1000 & echo ready; wait\" & wait'");
	run_await_out(&target, "ready");
	run_quietly(&run, "%s map -p %d --tree", pfa(), target.pid);
	assert_says(run.out, "\n3 processes, in kB");
	assert_says(run.out, "  sh\n");
	assert_says(run.out, "    sh\n");
	assert_says(run.out, "      sleep\n");
	run_release(&run);
	run_quietly(&run, "%s map -p %d,%d", pfa(), target.pid, getpid());
	assert_says(run.out, "\n2 processes, in kB");
	run_release(&run);
	run_release(&target);
}

static void who_has_no_memory_is_refused(void **state)
{
	struct run run, target;
	char *said;
	int zombie;

	(void)state;
	run_command(&run, "%s map -p 999999999", pfa());
	assert_error_line(&run, 2, "no process with PID 999999999");
	run_release(&run);
	run_command(&run, "%s map --csv=%s -p 2", pfa(), work_path("none"));
	assert_error_line(&run, 2, "2 is a kernel thread");
	assert_int_equal(access(work_path("none"), F_OK), -1);
	run_release(&run);
	run_start(&target, "sh -c 'sleep 0.1 & echo $! ready; exec sleep 1000'");
	run_await_out(&target, "ready");
	said = run_out_so_far(&target);
	assert_int_equal(sscanf(said, "%d", &zombie), 1);
	free(said);
	usleep(300 * 1000);
	run_command(&run, "%s map -p %d", pfa(), zombie);
	assert_error_line(&run, 2, "has ended (a zombie)");
	run_release(&run);
	run_release(&target);
}

/* Who ends while pfa waits for its reader is read up to there. */
static void who_ends_meanwhile_is_told_in_part(void **state)
{
	struct run target, run;

	(void)state;
	need_programs("head");
	start(&target, resident("sparse 256"));
	run_quietly(&run, "sh -c '(%s map -p %d --pages --each 2>%s; echo $? >%s) | "
		    "(head -c 1000 >%s; kill -KILL %d; sleep 0.3; cat >%s)'", pfa(),
		    target.pid, work_path("said"), work_path("status"), work_path("head"),
		    target.pid, work_path("rest"));
	run_release(&run);
	run_quietly(&run, "tail -qn 2 %s %s %s", work_path("status"),
		    work_path("said"), work_path("rest"));
	assert_int_equal(run.out[0], '1');
	assert_says(run.out, "while it was read: what is printed of it is a part\n");
	assert_says(run.out, " in RAM (");
	run_release(&run);
	run_release(&target);
}

static void without_privilege_frames_are_unknown(void **state)
{
	struct run run;

	(void)state;
	need_programs("setpriv");
	run_command(&run, AS_NOBODY "sh -c 'sleep 1000 & p=$!; sleep 0.2; "
		    "%s map --pages -p $p; kill $p'", copy_of_pfa("plain"));
	assert_says(run.out, "  unknown ");
	assert_says(run.out, "physical addresses and flags: unknown (run as root)\n");
	assert_says(run.out, "RSS");
	if (strstr(run.out, " 0x") || strstr(run.out, " kB more: "))
		fail_msg("%s", run.out);
	run_release(&run);
	run_command(&run, AS_NOBODY "%s map -p 1", copy_of_pfa("plain"));
	assert_int_equal(run.status, 2);
	assert_says(run.err, "may not be read (run as root, or as its owner)");
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(sums_are_those_of_the_kernel, run_kill_all),
		cmocka_unit_test_teardown(sums_of_an_interpreter_are_those_of_the_kernel,
					  run_kill_all),
		cmocka_unit_test_teardown(sums_of_a_jvm_are_those_of_the_kernel,
					  run_kill_all),
		cmocka_unit_test_teardown(sums_with_hugetlb_are_those_of_the_kernel,
					  put_hugetlb_back),
		cmocka_unit_test_teardown(what_is_in_swap_is_told, swap_off_and_kill),
		cmocka_unit_test_teardown(frames_are_those_of_the_trace, run_kill_all),
		cmocka_unit_test_teardown(tree_is_all_below, run_kill_all),
		cmocka_unit_test_teardown(who_has_no_memory_is_refused, run_kill_all),
		cmocka_unit_test_teardown(who_ends_meanwhile_is_told_in_part,
					  run_kill_all),
		cmocka_unit_test_teardown(without_privilege_frames_are_unknown,
					  ladder_put_back),
	};

	return cmocka_run_group_tests(tests, ladder_set_up, ladder_tear_down);
}
