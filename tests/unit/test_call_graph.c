/* What --call-graph may say, and what it makes of an event. */
#include "../support/check.h"

#include <linux/perf_event.h>
#include <stdbool.h>

#include "pfa/source/call_graph.h"

static const struct {
	const char *text;
	bool ok;
	enum call_graph_mode mode;
	uint32_t stack_bytes;
} texts[] = {
	{ "none", true, CALL_GRAPH_NONE, 0 },
	{ "fp", true, CALL_GRAPH_FP, 0 },
	{ "dwarf", true, CALL_GRAPH_DWARF, 8192 },
	{ "dwarf,16K", true, CALL_GRAPH_DWARF, 16384 },
	{ "dwarf,1001", true, CALL_GRAPH_DWARF, 1008 },
	{ "dwarf,64", true, CALL_GRAPH_DWARF, 64 },
	{ "dwarf,48K", true, CALL_GRAPH_DWARF, 49152 },
	{ "dwarf,63", false, 0, 0 },
	{ "dwarf,49K", false, 0, 0 },
	{ "dwarf,", false, 0, 0 },
	{ "dwarf,much", false, 0, 0 },
	{ "dwarfs", false, 0, 0 },
	{ "fp,8", false, 0, 0 },
	{ "lbr", false, 0, 0 },
	{ "", false, 0, 0 },
};

static void each_way_is_read_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct call_graph graph;

		assert_int_equal(call_graph_parse(texts[i].text, &graph), texts[i].ok);
		if (!texts[i].ok)
			continue;
		assert_int_equal(graph.mode, texts[i].mode);
		assert_int_equal(graph.stack_bytes, texts[i].stack_bytes);
	}
}

static const struct {
	enum call_graph_mode mode;
	bool kernel; /* may be asked for */
	uint64_t fields;
	bool without_kernel, without_user; /* frames in the chain */
} applied[] = {
	{ CALL_GRAPH_NONE, false, 0, false, false },
	{ CALL_GRAPH_NONE, true, PERF_SAMPLE_CALLCHAIN, false, true },
	{ CALL_GRAPH_FP, false, PERF_SAMPLE_CALLCHAIN, true, false },
	{ CALL_GRAPH_FP, true, PERF_SAMPLE_CALLCHAIN, false, false },
	{ CALL_GRAPH_DWARF, true,
	  PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER, false,
	  true },
};

static void each_way_asks_for_what_it_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(applied); i++) {
		const struct call_graph graph = { applied[i].mode, 512 };
		struct perf_event_attr attr = { .sample_type = PERF_SAMPLE_IP };

		call_graph_apply(&graph, applied[i].kernel, &attr);
		assert_int_equal(attr.sample_type, PERF_SAMPLE_IP | applied[i].fields);
		assert_int_equal(attr.exclude_callchain_kernel,
				 applied[i].without_kernel);
		assert_int_equal(attr.exclude_callchain_user, applied[i].without_user);
		assert_int_equal(attr.sample_stack_user,
				 graph.mode == CALL_GRAPH_DWARF ? 512 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_is_read_and_nothing_else),
		cmocka_unit_test(each_way_asks_for_what_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
