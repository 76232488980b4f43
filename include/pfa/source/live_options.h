/*
 * What a live session is asked for. Everything is borrowed.
 */
#ifndef PFA_SOURCE_LIVE_OPTIONS_H
#define PFA_SOURCE_LIVE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pfa/source/call_graph.h"

enum scope_kind {
	SCOPE_PROCESSES, /* the program, or the processes named */
	SCOPE_CGROUP,	 /* a control group, while the program runs if there is one */
	SCOPE_MACHINE,	 /* all processes but pfa, likewise */
};

struct files;

struct live_options {
	enum scope_kind scope;
	char *const *argv; /* the program to launch, or NULL */
	const pid_t *pids; /* the processes to attach to */
	size_t pid_count;
	const char *cgroup; /* SCOPE_CGROUP: its name or directory */
	unsigned wanted_groups; /* a bit each (event_groups.h) */
	bool follow_children;
	bool randomize;        /* leave address randomisation on */
	bool off_terminal; /* the program must not read from or write to our terminal */
	struct call_graph call_graph;
	uint64_t buffer_bytes; /* of each CPU's ring; 0: our choice */
	struct files *files; /* where those that are mapped are kept open; NULL: nowhere */
	bool for_capture; /* add what only other readers of a capture need */
	bool verify; /* read layouts again, for comparison */
	uint64_t sample_interval_ns; /* of the memory of processes; 0: never */
};

#endif
