/*
 * Events in groups: which of them a session has, and why not the others.
 *
 * Faults completing in user mode are always there; each group adds what it names.
 * Without it the same faults are seen, with less known of each.
 */
#ifndef PFA_SOURCE_EVENT_GROUPS_H
#define PFA_SOURCE_EVENT_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

struct text;

/* X(name in --events, what nobody knows without it) */
#define EVENT_GROUPS(X)                                                      \
	X(ENTRIES, "entries", "COW, kind, access, latency")                  \
	X(CALLS, "calls", "munmap, mremap, madvise")                         \
	X(TASKS, "tasks", "telling vfork from fork")                         \
	X(KERNEL, "kernel", "kernel-mode faults, physical addresses")

enum event_group {
#define X(id, name, missing) GROUP_##id,
	EVENT_GROUPS(X)
#undef X
	GROUP_COUNT
};

enum { GROUPS_ALL = (1 << GROUP_COUNT) - 1 };

/* X(why a group is not there, as the notice says it) */
#define ABSENCES(X)                                                          \
	X(UNWANTED, "left out by --events")                                  \
	X(FORBIDDEN, "not privileged (see PRIVILEGE in pfa(1))")             \
	X(NO_TRACEFS, "tracefs cannot be read (see PRIVILEGE in pfa(1))")    \
	X(NOT_IN_KERNEL, "this kernel has no such tracepoints")

enum absence {
	GROUP_PRESENT,
#define X(id, words) GROUP_##id,
	ABSENCES(X)
#undef X
	ABSENCE_COUNT
};

struct event_groups {
	enum absence absence[GROUP_COUNT];
};

static inline bool group_is_present(const struct event_groups *groups,
				    enum event_group group)
{
	return groups->absence[group] == GROUP_PRESENT;
}

/*
 * Reads a list of names: those to have ("entries,calls"; "faults" adds nothing),
 * or, each with a minus, those to do without ("-calls,-kernel"). The result has a
 * bit for each group. False when a name is unknown or the two are mixed.
 */
bool event_groups_parse(const char *list, unsigned *wanted);

/*
 * Which of the wanted groups we can have, as far as privilege and tracefs go. Opens
 * *tracefs_fd if tracepoints are wanted and it can be read, else it is -1.
 */
void event_groups_settle(struct event_groups *groups, unsigned wanted, bool cpu_wide,
			 int *tracefs_fd);

/* A line, "note: WHY: no WHAT, WHAT\n", for each reason that there is. */
void event_groups_print_missing(const struct event_groups *groups,
				struct text *out);

#endif
