#include "ladder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "announced.h"
#include "csv.h"
#include "live.h"
#include "pfa/decode/mm_calls.h"

/* ---- who ---- */

static const struct copy {
	const char *name, *capabilities;
} copies[] = {
	{ "plain", "" },
	{ "perfmon", "cap_perfmon+ep" },
	{ "perfmon,ptrace", "cap_perfmon,cap_sys_ptrace+ep" },
	{ "perfmon,dac", "cap_perfmon,cap_dac_read_search+ep" },
	{ "dac", "cap_dac_read_search+ep" },
	{ "ptrace", "cap_sys_ptrace+ep" },
	{ "admin", "cap_sys_admin+ep" },
	{ "full", "cap_perfmon,cap_dac_read_search,cap_sys_ptrace+ep" },
	{ "full,lock", "cap_perfmon,cap_dac_read_search,cap_sys_ptrace,cap_ipc_lock+ep" },
};

enum { COPIES = sizeof(copies) / sizeof(copies[0]) };

const char *copy_of_pfa(const char *name)
{
	const char *path = work_path("pfa-%s", name);
	struct statvfs fs;

	if (!strcmp(name, "plain"))
		return path;
	need_programs("setcap");
	assert_int_equal(statvfs(path, &fs), 0);
	if (fs.f_flag & ST_NOSUID)
		skip_because("/tmp is mounted with nosuid: no capabilities of files");
	return path;
}

static void install(const char *from, const char *to, const char *mode)
{
	struct run run;

	run_quietly(&run, "install -m %s %s %s", mode, from, to);
	run_release(&run);
}

static void install_copies(void)
{
	bool have_setcap = system("command -v setcap >/dev/null") == 0;

	for (size_t i = 0; i < COPIES; i++) {
		const char *path = work_path("pfa-%s", copies[i].name);
		struct run run;

		install(pfa(), path, "755");
		if (!copies[i].capabilities[0] || !have_setcap)
			continue;
		run_quietly(&run, "setcap %s %s", copies[i].capabilities, path);
		run_release(&run);
	}
}

const char *install_demo(const char *demo, const char *as, const char *mode)
{
	char from[256];
	const char *to = work_path("%s", as);

	snprintf(from, sizeof(from), "%s/%s", demos(), demo);
	install(from, to, mode);
	return to;
}

/* ---- at which level ---- */

static const char level_path[] = "/proc/sys/kernel/perf_event_paranoid";
static int level_before, level_now;

void set_level(int level)
{
	FILE *file;

	if (level == level_now)
		return;
	file = fopen(level_path, "we");
	assert_non_null(file);
	fprintf(file, "%d\n", level);
	assert_int_equal(fclose(file), 0);
	level_now = level;
}

static bool read_level(void)
{
	FILE *file = fopen(level_path, "re");
	bool ok = file && fscanf(file, "%d", &level_before) == 1;

	if (file)
		fclose(file);
	level_now = level_before;
	return ok;
}

/* ---- what there is of tracefs ---- */

static const char copy_formats[] =
	OWN_MOUNTS MOUNTED "cd $LADDER && mkdir open closed && cd /sys/kernel/tracing && "
	"cp --parents events/header_page events/exceptions/*/format "
	"events/task/*/format events/sched/sched_process_*/format "
	"events/signal/*/format $LADDER/open && for call in"
#define X(name) " " #name
	MM_CALLS(X)
#undef X
	"; do cp --parents events/syscalls/sys_enter_$call/format "
	"events/syscalls/sys_exit_$call/format $LADDER/open || exit; done; "
	"cp -r $LADDER/open/. $LADDER/closed; cd $LADDER; "
	"chmod -R a+rX open; chmod -R u+rX,go-rwx closed; "
	"find closed -type d -exec chmod 755 {} +'";

void copy_tracefs(void)
{
	struct run run;

	run_quietly(&run, "%s", copy_formats);
	run_release(&run);
}

/* ---- what is seen ---- */

const char *csv_path(void)
{
	return work_path("everybodys/csv");
}

const char *report_path(void)
{
	return work_path("everybodys/report");
}

const char *output_options(void)
{
	static char options[512];

	unlink(csv_path());
	unlink(report_path());
	snprintf(options, sizeof(options),
		 "--show=faults,vma,life --fields=phys --csv=%s -o %s", csv_path(),
		 report_path());
	return options;
}

void without_entries(struct announced *announced)
{
	for (size_t i = 0; i < announced->touch_count; i++) {
		struct announced_touch *touch = &announced->touches[i];

		touch->access[0] = '\0';
		if (!strcmp(touch->type, "MAJOR"))
			continue;
		snprintf(touch->type, sizeof(touch->type), "MINOR");
		snprintf(touch->kind, sizeof(touch->kind), "unknown");
	}
}

void check_fault(const struct csv_row *row, unsigned has)
{
	bool began = row->has_latency || row->access[0] || !strcmp(row->type, "COW");

	if (!strcmp(row->type, "INVALID") || !strcmp(row->region, "unknown") ||
	    (began && !(has & ENTRIES)))
		fail_msg("%s", csv_describe(row));
}

void check_counters(const char *report)
{
	const char *line = strstr(report, "perf counters");

	assert_non_null(line);
	if (strncmp(strchr(line, '\n') - strlen(": equal"), ": equal", strlen(": equal")))
		fail_msg("%.*s", (int)strcspn(line, "\n"), line);
}

void assert_refused(const struct run *run, const char *words)
{
	assert_run_status(run, 2);
	assert_string_equal(run->out, "");
	if (strncmp(run->err, "error: ", 7) != 0 || !strstr(run->err, words) ||
	    strchr(run->err, '\n') != run->err + strlen(run->err) - 1)
		fail_msg("\"%s\" is not one line with \"%s\"", run->err, words);
	assert_nothing_left(run);
}

/* ---- around the tests ---- */

int ladder_set_up(void **state)
{
	struct run run;

	if (work_dir_make(state) || geteuid() != 0 || !read_level())
		return -1;
	setenv("LADDER", work_path("."), 1);
	run_quietly(&run, "mkdir %s", work_path("empty"));
	run_release(&run);
	run_quietly(&run, "install -d -m 777 %s", work_path("everybodys"));
	run_release(&run);
	install_copies();
	return 0;
}

int ladder_put_back(void **state)
{
	set_level(level_before);
	return run_kill_all(state);
}

int ladder_tear_down(void **state)
{
	set_level(level_before);
	return work_dir_remove(state);
}
