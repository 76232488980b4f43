#include "setting.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "command.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "run.h"

enum { ROUNDS = 5, ROUNDS_MAX = 1000 };

static char *to_remove; /* the directory; files in it are ours */

static void remove_dir(void)
{
	DIR *dir = to_remove ? opendir(to_remove) : NULL;
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(to_remove);
}

static char *joined(const char *dir, const char *name)
{
	struct text path;

	text_init(&path);
	text_printf(&path, "%s/%s", dir, name);
	text_cstr(&path);
	return path.bytes;
}

static unsigned rounds_wanted(void)
{
	const char *text = getenv("BENCH_ROUNDS");
	unsigned long rounds = text && *text ? strtoul(text, NULL, 10) : ROUNDS;

	return rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : (unsigned)rounds;
}

/* "ring buffer of each CPU [8M]" */
static char *ring_of_help(const char *help)
{
	static const char before[] = "ring buffer of each CPU [";
	const char *at = strstr(help, before);
	char *ring;

	if (!at)
		return pfa_strdup("8M");
	ring = pfa_strdup(at + strlen(before));
	ring[strcspn(ring, "]")] = '\0';
	return ring;
}

static void learn_ring(struct setting *setting)
{
	struct run run;

	if (!run_command(&run, setting, "{pfa} --help", false)) {
		fprintf(stderr, "error: %s\n", run_complaint(&run));
		exit(1);
	}
	setting->ring = ring_of_help(text_cstr(&run.out));
	run_release(&run);
}

void setting_init(struct setting *setting)
{
	const char *tmp = getenv("TMPDIR");
	const char *build = getenv("PFA_BUILD");

	*setting = (struct setting){
		.build = build && *build ? build : "build",
		.rounds = rounds_wanted(),
		.dir = joined(tmp && *tmp ? tmp : "/tmp", "pfa-bench-XXXXXX"),
	};
	if (!mkdtemp(setting->dir)) {
		fprintf(stderr, "error: %s: %s\n", setting->dir, strerror(errno));
		exit(1);
	}
	to_remove = setting->dir;
	atexit(remove_dir);
	setting->out = joined(setting->dir, "out");
	learn_ring(setting);
}

void setting_release(struct setting *setting)
{
	remove_dir();
	to_remove = NULL;
	free(setting->dir);
	free(setting->out);
	free(setting->ring);
	free(setting->events);
}

static bool is_pfas_own(const char *event)
{
	return *event == '#' || !*event || !strncmp(event, "dummy", 5) ||
	       !strncmp(event, "pfa:", 4);
}

static void take_events(struct setting *setting, char *list)
{
	struct text events;
	char *line;

	text_init(&events);
	while ((line = strsep(&list, "\n"))) {
		if (is_pfas_own(line))
			continue;
		text_printf(&events, "%s%s", events.length ? "," : "", line);
		setting->event_count++;
	}
	text_cstr(&events);
	setting->events = events.bytes;
}

bool setting_learn_events(struct setting *setting)
{
	struct run run;

	if (!run_command(&run, setting, "{pfa} record -o {out} -- true", false))
		return false;
	run_release(&run);
	if (!run_command(&run, setting, "perf evlist -i {out}", false))
		return false;
	text_cstr(&run.out);
	take_events(setting, run.out.bytes);
	run_release(&run);
	return setting->event_count > 0;
}

void setting_clean_out(const struct setting *setting)
{
	unlink(setting->out);
}

unsigned long long setting_room(const struct setting *setting)
{
	struct statvfs fs;

	if (statvfs(setting->dir, &fs) != 0)
		return 0;
	return (unsigned long long)fs.f_bavail * fs.f_frsize;
}
