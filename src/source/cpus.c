#include "pfa/source/cpus.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pfa/base/mem.h"

/* More than any machine has: a bound for what a file may say. */
enum { CPUS_MAX = 1 << 16 };

static void add_range(struct cpus *cpus, unsigned long first, unsigned long last)
{
	size_t capacity = cpus->count;

	for (unsigned long cpu = first; cpu <= last && cpu < CPUS_MAX; cpu++) {
		cpus->list = pfa_grow(cpus->list, cpus->count, &capacity,
				      sizeof(*cpus->list));
		cpus->list[cpus->count++] = (uint32_t)cpu;
	}
}

struct cpus cpus_parse(const char *text)
{
	struct cpus cpus = { 0 };

	while (isdigit((unsigned char)*text)) {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		add_range(&cpus, first, last);
		if (*end != ',')
			break;
		text = end + 1;
	}
	return cpus;
}

/* Without /sys: all that the C library knows of. */
struct cpus cpus_present(void)
{
	FILE *f = fopen("/sys/devices/system/cpu/present", "re");
	char text[4096] = "";
	struct cpus cpus;

	if (f) {
		text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
		fclose(f);
	}
	cpus = cpus_parse(text);
	if (!cpus.count)
		add_range(&cpus, 0, (unsigned long)sysconf(_SC_NPROCESSORS_CONF) - 1);
	return cpus;
}

void cpus_release(struct cpus *cpus)
{
	free(cpus->list);
	*cpus = (struct cpus){ 0 };
}
