#include "pfa/source/call_graph.h"

#include <asm/perf_regs.h>
#include <linux/perf_event.h>
#include <string.h>

#include "pfa/base/units.h"

enum {
	STACK_DEFAULT = 8192, /* as perf record has it */
	STACK_MIN = 64,
	STACK_MAX = 48 * 1024, /* a record holds 64 KiB with all that it has beside */
};

bool call_graph_parse(const char *text, struct call_graph *graph)
{
	uint64_t size = STACK_DEFAULT;

	*graph = (struct call_graph){ CALL_GRAPH_NONE, 0 };
	if (!strcmp(text, "none"))
		return true;
	if (!strcmp(text, "fp")) {
		graph->mode = CALL_GRAPH_FP;
		return true;
	}
	if (strncmp(text, "dwarf", 5) != 0 || (text[5] && text[5] != ','))
		return false;
	if (text[5] && (!units_parse_size(text + 6, &size) || size < STACK_MIN ||
			size > STACK_MAX))
		return false;
	*graph = (struct call_graph){ CALL_GRAPH_DWARF, (uint32_t)(size + 7) & ~7U };
	return true;
}

/* The general registers, which unwinding starts from: it has no use for segments. */
static const uint64_t unwind_regs =
	(1ULL << PERF_REG_X86_64_MAX) - 1 -
	(1ULL << PERF_REG_X86_DS | 1ULL << PERF_REG_X86_ES |
	 1ULL << PERF_REG_X86_FS | 1ULL << PERF_REG_X86_GS);

void call_graph_apply(const struct call_graph *graph, bool kernel,
		      struct perf_event_attr *attr)
{
	if (!kernel && graph->mode == CALL_GRAPH_NONE)
		return;
	attr->sample_type |= PERF_SAMPLE_CALLCHAIN;
	attr->exclude_callchain_kernel = !kernel;
	attr->exclude_callchain_user = graph->mode != CALL_GRAPH_FP;
	if (graph->mode != CALL_GRAPH_DWARF)
		return;
	attr->sample_type |= PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
	attr->sample_regs_user = unwind_regs;
	attr->sample_stack_user = graph->stack_bytes;
}
