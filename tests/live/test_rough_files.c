/*
 * Files that are replaced, deleted or hidden while they are mapped: what is shown of
 * them are the sections of the file that is mapped, not of the one that has its name.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/csv.h"
#include "../support/live.h"
#include "../support/run.h"
#include "../support/sturdy.h"

/* All run in the work directory. */

static const char *program(void)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/sturdy", live_programs());
	return path;
}

enum { IMAGE_PAGES = 64 };

/* Of a file that is called `region`, sections of `sturdy` only. */
static void check_sections(const char *region)
{
	struct csv csv;
	size_t in_image = 0;

	csv_read(&csv, "csv");
	for (size_t i = 0; i < csv.count; i++) {
		const struct csv_row *row = &csv.rows[i];

		in_image += !strcmp(row->region, region) && !strcmp(row->type, "COW") &&
			    !strcmp(row->section, ".sturdy");
	}
	if (in_image != IMAGE_PAGES)
		fail_msg("%s has %zu faults in .sturdy", region, in_image);
	csv_release(&csv);
}

/* Program and library are handled as `how` says, before or after pfa has attached. */
static void replace(const char *how, bool before)
{
	struct run target, run, ignored;

	run_quietly(&ignored, "sh -c 'cp %s program && cp %s library && cp %s/mixed other'",
		    program(), program(), demos());
	run_release(&ignored);
	run_start(&target, "./program image library");
	run_await_out(&target, "ready ");
	if (before)
		run_quietly(&ignored, "sh -c '%s'", how);
	run_start(&run, "%s --show=faults,life --csv=csv -p %d", pfa(), target.pid);
	run_await_out(&run, "] MINOR ");
	if (!before)
		run_quietly(&ignored, "sh -c '%s'", how);
	run_release(&ignored);
	kill(target.pid, SIGUSR1);
	run_wait(&target);
	assert_run_status(&target, 0);
	run_wait(&run);
	assert_run_status(&run, 0);
	assert_says(run.out, "Summary: ");
	check_sections("program");
	check_sections("library");
	run_release(&run);
	run_release(&target);
}

static void replaced_files_keep_their_own_sections(void **state)
{
	static const char renamed_over[] = "cp other new && mv new program && "
					   "cp other new && mv new library";

	(void)state;
	replace(renamed_over, true);
	replace(renamed_over, false);
}

static void deleted_files_keep_their_own_sections(void **state)
{
	(void)state;
	replace("rm program library", true);
	replace("rm program library; cp other program; cp other library", true);
}

/* Others have their names, and even their inode numbers, in another file system. */
static void files_under_another_mount_keep_their_own_sections(void **state)
{
	struct run run;

	(void)state;
	run_quietly(&run, OWN_MOUNTS
		    "mount -t tmpfs none /sys/fs && cp %s /sys/fs/program && "
		    "cp %s /sys/fs/library && inode=$(stat -c %%i /sys/fs/library)\n"
		    "/sys/fs/program image /sys/fs/library >said & target=$!\n"
		    "until grep -q ready said; do sleep 0.01; done\n"
		    "mount -t tmpfs none /sys/fs && cp %s/mixed /sys/fs/program && "
		    "cp %s/mixed /sys/fs/library\n"
		    "[ $inode = $(stat -c %%i /sys/fs/library) ] || exit 90\n"
		    "%s -o stream --csv=csv -p $target & tracer=$!\n"
		    "until grep -qs MINOR stream; do sleep 0.01; done\n"
		    "kill -USR1 $target; wait $target && wait $tracer'",
		    program(), program(), demos(), demos(), pfa());
	check_sections("program");
	check_sections("library");
	run_release(&run);
}

static int enter_work_dir(void **state)
{
	return work_dir_make(state) || chdir(work_path("."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(replaced_files_keep_their_own_sections,
					  run_kill_all),
		cmocka_unit_test_teardown(deleted_files_keep_their_own_sections,
					  run_kill_all),
		cmocka_unit_test_teardown(files_under_another_mount_keep_their_own_sections,
					  run_kill_all),
	};

	return cmocka_run_group_tests(tests, enter_work_dir, work_dir_remove);
}
