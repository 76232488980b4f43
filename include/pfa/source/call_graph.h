/*
 * Which call stacks are recorded, and how.
 *
 * Frames of kernel mode are always asked for where it is permitted: a fault that the
 * kernel takes for the process then tells which system call it is in. They cost a user
 * mode fault nothing, as it has none.
 */
#ifndef PFA_SOURCE_CALL_GRAPH_H
#define PFA_SOURCE_CALL_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

enum call_graph_mode {
	CALL_GRAPH_NONE,
	CALL_GRAPH_FP,    /* the kernel follows frame pointers */
	CALL_GRAPH_DWARF, /* registers and a copy of the stack, unwound later */
};

struct call_graph {
	enum call_graph_mode mode;
	uint32_t stack_bytes; /* DWARF: of the copy; a multiple of 8 */
};

struct perf_event_attr;

/* "none", "fp", "dwarf" or "dwarf,SIZE". False: it is something else. */
bool call_graph_parse(const char *text, struct call_graph *graph);

/* On an event at which a thread's stack tells something. */
void call_graph_apply(const struct call_graph *graph, bool kernel,
		      struct perf_event_attr *attr);

#endif
