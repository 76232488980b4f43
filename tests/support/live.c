#include "live.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 256, PATHS = 8 };

static char work_dir[] = "/tmp/pfa-live-XXXXXX";

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	if (!value)
		fail_msg("%s is not set: run me with make live", name);
	return value;
}

const char *pfa(void)
{
	return environment("PFA");
}

const char *demos(void)
{
	return environment("PFA_DEMOS");
}

const char *live_programs(void)
{
	static char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/tests/live", environment("PFA_BUILD"));
	return path;
}

int work_dir_make(void **state)
{
	(void)state;
	return mkdtemp(work_dir) && !chmod(work_dir, 0755) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

int work_dir_remove(void **state)
{
	(void)state;
	return nftw(work_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *work_path(const char *format, ...)
{
	static char paths[PATHS][PATH_BYTES];
	static unsigned next;
	char *path = paths[next++ % PATHS];
	size_t used = (size_t)snprintf(path, PATH_BYTES, "%s/", work_dir);
	va_list args;

	va_start(args, format);
	vsnprintf(path + used, PATH_BYTES - used, format, args);
	va_end(args);
	return path;
}

void skip_because(const char *format, ...)
{
	char reason[512];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	print_message("skipped: %s\n", reason);
	skip();
}

void need_programs(const char *names)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "for p in %s; do command -v $p >/dev/null || exit 1; done", names);
	if (system(command) != 0)
		skip_because("not installed: one of %s", names);
}

const char *python(void)
{
	static char path[PATH_BYTES];
	FILE *ask;

	if (path[0])
		return path;
	if (access("/usr/bin/python3", X_OK) == 0)
		return "/usr/bin/python3";
	need_programs("python3");
	ask = popen("python3 -c 'import sys; print(sys.executable)'", "r");
	if (!ask || !fgets(path, sizeof(path), ask))
		fail_msg("python3 does not say where it is");
	pclose(ask);
	path[strcspn(path, "\n")] = '\0';
	return path;
}

const char *postgres(void)
{
	static char path[PATH_BYTES];
	FILE *list = popen("ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1", "r");

	if (!list || !fgets(path, sizeof(path), list))
		skip_because("not installed: postgresql");
	pclose(list);
	path[strcspn(path, "\n")] = '\0';
	return path;
}
