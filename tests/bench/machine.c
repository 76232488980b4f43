#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>

#include "command.h"
#include "pfa/base/units.h"
#include "run.h"
#include "setting.h"

/* "model name	: AMD EPYC"; other architectures have other words. */
static void put_cpu_model(struct text *text)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	size_t capacity = 0;
	char *line = NULL;

	while (file && getline(&line, &capacity, file) > 0) {
		if (strncmp(line, "model name", 10) != 0 || !strchr(line, ':'))
			continue;
		line[strcspn(line, "\n")] = '\0';
		text_printf(text, "%s, ", strchr(line, ':') + 2);
		break;
	}
	free(line);
	if (file)
		fclose(file);
}

static void put_machine(struct text *text)
{
	struct sysinfo info = { 0 };
	struct utsname name;
	char size[UNITS_MAX];

	uname(&name);
	sysinfo(&info);
	text_str(text, "machine  ");
	put_cpu_model(text);
	text_printf(text, "%d CPUs, %s, %s %s %s\n", get_nprocs(),
		    units_size(size, (uint64_t)info.totalram * info.mem_unit),
		    name.sysname, name.release, name.machine);
}

static void put_time(struct text *text, unsigned rounds)
{
	time_t now = time(NULL);
	double load = 0;
	char date[64];

	getloadavg(&load, 1);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", gmtime(&now));
	text_printf(text, "run      %s, load %.1f before it, %u %s\n", date, load,
		    rounds, rounds == 1 ? "round" : "rounds");
}

/* The first line of PROGRAM --version up to its first number's end. */
static void put_version(struct text *text, const struct setting *setting,
			const char *name, const char *command)
{
	struct run run;
	const char *version;

	if (!command_is_installed(command)) {
		text_printf(text, ", no %s", name);
		return;
	}
	run_command(&run, setting, command, false);
	version = text_cstr(&run.out);
	version += strcspn(version, "0123456789\n");
	text_printf(text, ", %s %.*s", name, (int)strcspn(version, " \n"), version);
	run_release(&run);
}

void machine_describe(struct text *text, const struct setting *setting)
{
	struct text tools;

	put_machine(text);
	put_time(text, setting->rounds);
	text_init(&tools);
	put_version(&tools, setting, "pfa", "{pfa} --version");
	put_version(&tools, setting, "perf", "perf --version");
	put_version(&tools, setting, "strace", "strace --version");
	text_printf(text, "tools    %s\n", text_cstr(&tools) + 2);
	text_release(&tools);
}
