#include "pfa/source/event_groups.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/text.h"
#include "pfa/source/perf_open.h"
#include "pfa/source/tracefs.h"

static const char *const names[] = {
#define X(id, name, missing) name,
	EVENT_GROUPS(X)
#undef X
};

static const char *const missing_without[] = {
#define X(id, name, missing) missing,
	EVENT_GROUPS(X)
#undef X
};

static const char *const reasons[] = {
	[GROUP_PRESENT] = "",
#define X(id, words) [GROUP_##id] = words,
	ABSENCES(X)
#undef X
};

/* ---- names ---- */

/* The group's bit, 0 for the faults themselves; false for a name nobody knows. */
static bool bit_of(const char *name, size_t length, unsigned *bit)
{
	*bit = 0;
	for (unsigned i = 0; i < GROUP_COUNT; i++)
		if (strlen(names[i]) == length && !strncmp(name, names[i], length))
			*bit = 1U << i;
	return *bit || (length == strlen("faults") && !strncmp(name, "faults", length));
}

bool event_groups_parse(const char *list, unsigned *wanted)
{
	bool without = *list == '-';

	*wanted = without ? GROUPS_ALL : 0;
	for (;;) {
		size_t length;
		unsigned bit;

		if ((*list == '-') != without)
			return false;
		list += without;
		length = strcspn(list, ",");
		if (!bit_of(list, length, &bit) || (without && !bit))
			return false;
		*wanted = without ? *wanted & ~bit : *wanted | bit;
		if (!list[length])
			return true;
		list += length + 1;
	}
}

void event_groups_print_missing(const struct event_groups *groups, struct text *out)
{
	for (int reason = GROUP_PRESENT + 1; reason < ABSENCE_COUNT; reason++) {
		const char *before = "";

		for (int i = 0; i < GROUP_COUNT; i++) {
			if ((int)groups->absence[i] != reason)
				continue;
			if (!*before)
				text_printf(out, "note: %s: no ", reasons[reason]);
			text_printf(out, "%s%s", before, missing_without[i]);
			before = ", ";
		}
		if (*before)
			text_char(out, '\n');
	}
}

/* ---- what we may ---- */

static bool may_open(const struct perf_event_attr *attr)
{
	int fd = perf_open(attr, 0, -1, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Whether the kernel lets us look at kernel mode at all. */
static bool may_trace_kernel(void)
{
	const struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS_MIN,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_PHYS_ADDR,
	};

	return may_open(&attr);
}

/* -1 to 2, or what a distribution adds; 0 when it cannot be read: ask the kernel. */
static int paranoid_level(void)
{
	FILE *f = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	int level = 0;

	if (f) {
		if (fscanf(f, "%d", &level) != 1)
			level = 0;
		fclose(f);
	}
	return level;
}

/*
 * Whether it lets us read what tracepoints say. Asking takes 40 ms, the time to
 * close the last descriptor of one: only where the level leaves it open.
 */
static bool may_trace_raw(int tracefs, bool kernel)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_RAW,
	};
	int level = paranoid_level();
	size_t length;
	char *format;

	if (level < 0 || level > 1)
		return level < 0 || kernel;
	format = tracefs_read(tracefs, "events/sched/sched_process_exec/format",
			      &length);
	attr.config = format ? tracefs_id_in(format) : 0;
	free(format);
	return may_open(&attr);
}

static void set_absence(struct event_groups *groups, enum event_group group,
			enum absence absence)
{
	if (group_is_present(groups, group))
		groups->absence[group] = absence;
}

static bool any_tracepoint_is_wanted(const struct event_groups *groups)
{
	return group_is_present(groups, GROUP_ENTRIES) ||
	       group_is_present(groups, GROUP_CALLS) ||
	       group_is_present(groups, GROUP_TASKS);
}

/*
 * Source: perf_trace_event_perm() in kernel/trace/trace_event_perf.c. System calls
 * of one's own processes are open to everybody who can read tracefs.
 */
static void settle_tracepoints(struct event_groups *groups, bool kernel, bool cpu_wide,
			       int *tracefs)
{
	enum absence absence = GROUP_FORBIDDEN;
	struct pfa_error err;

	if (tracefs_open(tracefs, &err)) {
		*tracefs = -1;
		absence = kernel ? GROUP_NO_TRACEFS : GROUP_FORBIDDEN;
		set_absence(groups, GROUP_CALLS, absence);
	} else if (may_trace_raw(*tracefs, kernel)) {
		return;
	}
	set_absence(groups, GROUP_ENTRIES, absence);
	set_absence(groups, GROUP_TASKS, absence);
	if (cpu_wide)
		set_absence(groups, GROUP_CALLS, absence);
}

void event_groups_settle(struct event_groups *groups, unsigned wanted, bool cpu_wide,
			 int *tracefs)
{
	bool kernel = may_trace_kernel();

	*tracefs = -1;
	for (int i = 0; i < GROUP_COUNT; i++)
		groups->absence[i] = wanted & 1U << i ? GROUP_PRESENT : GROUP_UNWANTED;
	if (!kernel)
		set_absence(groups, GROUP_KERNEL, GROUP_FORBIDDEN);
	if (any_tracepoint_is_wanted(groups))
		settle_tracepoints(groups, kernel, cpu_wide, tracefs);
}
