/* Folded stacks: what comes together, in which order, and what readers may choke on. */
#include "../support/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/outfile.h"
#include "pfa/model/observation.h"
#include "pfa/report/folded.h"
#include "pfa/report/naming.h"

static const struct region heap = { "[heap]", "", "[heap]" };
static const struct region plain = { "data.bin", "", "data.bin" };
static const struct region text = { "libc.so.6", ".text", "libc.so.6 .text" };

/* Known by name without any symbols: the kernel's. */
#define KNOWN(var, name) \
	static const struct code var = { .object = "[kernel]", .addr = 0x10, \
					 .text = name "+0x10", .function = name }

KNOWN(entry_, "entry");
KNOWN(handler, "handler");
KNOWN(nasty, "operator new; \n12");
static const struct code libc = { .object = "libc.so.6", .addr = 0x99,
				  .text = "libc.so.6+0x99" };
static const struct code libc_elsewhere = { .object = "libc.so.6", .addr = 0x77,
					    .text = "libc.so.6+0x77" };
static const struct code vdso = { .object = "[vdso]", .addr = 0x77,
				  .text = "[vdso]+0x77" };
static const struct code nowhere = { .addr = 0x7f0000001000, .text = "0x7f0000001000" };

static const struct code *const frames[] = { &handler, &libc, &entry_ };
static const struct code *const other_frames[] = { &handler, &libc_elsewhere, &entry_ };
static const struct stack stack = { frames, COUNT_OF(frames), false, NULL };
static const struct stack same_names = { other_frames, COUNT_OF(frames), false, NULL };
static const struct stack cut = { frames, 1, true, NULL };

struct world {
	struct folded_options options;
	struct naming *naming;
	struct folded *folded;
};

static struct world *begin(struct world *w)
{
	w->naming = naming_new(NULL);
	w->folded = folded_new(&w->options, w->naming);
	return w;
}

static struct fault fault_by(const struct code *code, const struct stack *of)
{
	return (struct fault){ .actor = { .comm = "demo" }, .region = &heap,
			       .type = FAULT_MINOR, .kind = "zero-fill",
			       .latency_ns = 100, .page_size_bytes = 4096, .code = code,
			       .stack = of };
}

static void take(struct world *w, struct fault fault)
{
	folded_fault(w->folded, &fault);
}

/* Ends the world. */
static void check(struct world *w, const char *wanted)
{
	char path[] = "/tmp/pfa-folded-XXXXXX", got[4096] = "";
	int fd = mkstemp(path);
	struct outfile out;
	struct pfa_error err;

	assert_true(fd >= 0);
	assert_int_equal(outfile_open(&out, path, &err), PFA_OK);
	folded_print(w->folded, &out);
	assert_int_equal(outfile_close(&out, &err), PFA_OK);
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	unlink(path);
	assert_string_equal(got, wanted);
	folded_free(w->folded);
	naming_free(w->naming);
}

static void nothing_gives_an_empty_file(void **state)
{
	struct world w = { 0 };

	(void)state;
	check(begin(&w), "");
}

static void stacks_go_from_the_outermost_inwards_in_order(void **state)
{
	struct world w = { 0 };
	struct fault other = fault_by(&handler, &stack);

	(void)state;
	other.actor.comm = "bash";
	begin(&w);
	take(&w, fault_by(&handler, &stack));
	take(&w, fault_by(&handler, &cut));
	take(&w, fault_by(&handler, &stack));
	take(&w, other);
	check(&w, "bash;entry;[libc.so.6];handler 1\n"
		  "demo;[cut];handler 1\n"
		  "demo;entry;[libc.so.6];handler 2\n");
}

static void stacks_of_the_same_names_are_one_line(void **state)
{
	struct world w = { 0 };

	(void)state;
	begin(&w);
	take(&w, fault_by(&handler, &stack));
	take(&w, fault_by(&handler, &same_names));
	take(&w, fault_by(&libc, NULL));
	take(&w, fault_by(&libc_elsewhere, NULL));
	check(&w, "demo;[libc.so.6] 2\n"
		  "demo;entry;[libc.so.6];handler 2\n");
}

static void code_without_a_stack_is_one_frame(void **state)
{
	static const struct stack empty = { NULL, 0, false, NULL };
	struct world w = { 0 };

	(void)state;
	begin(&w);
	take(&w, fault_by(&handler, NULL));
	take(&w, fault_by(&handler, &empty));
	take(&w, fault_by(&vdso, NULL));
	take(&w, fault_by(&nowhere, NULL));
	take(&w, fault_by(NULL, NULL));
	check(&w, "demo;[unknown] 2\n"
		  "demo;[vdso] 1\n"
		  "demo;handler 2\n");
}

static void names_are_made_harmless(void **state)
{
	struct world w = { 0 };
	struct fault fault = fault_by(&nasty, NULL);

	(void)state;
	w.options.leaf = FOLDED_LEAF_region;
	fault.actor.comm = "Web Content;\t1";
	fault.region = &text;
	take(begin(&w), fault);
	fault.actor.comm = "";
	take(&w, fault);
	check(&w, "Web_Content:_1;operator_new:__12;libc.so.6_.text 1\n"
		  "[unknown];operator_new:__12;libc.so.6_.text 1\n");
}

static void leaf_tells_what_was_touched(void **state)
{
	struct world kinds = { .options.leaf = FOLDED_LEAF_kind };
	struct world touched = { .options.leaf = FOLDED_LEAF_touched };
	struct fault file = fault_by(&handler, NULL);

	(void)state;
	begin(&kinds);
	take(&kinds, fault_by(&handler, NULL));
	check(&kinds, "demo;handler;zero-fill 1\n");
	file.in_file = true;
	file.region = &plain;
	begin(&touched);
	take(&touched, fault_by(&handler, NULL));
	take(&touched, file);
	check(&touched, "demo;handler;[heap] 1\n"
			"demo;handler;data.bin 1\n");
}

/* What weighs nothing is no line: a failed fault mapped nothing and has no latency. */
static void weight_is_count_time_or_bytes(void **state)
{
	static const char *const wanted[] = {
		[FOLDED_count] = "demo;entry 1\ndemo;handler 2\n",
		[FOLDED_time] = "demo;handler 5100\n",
		[FOLDED_bytes] = "demo;handler 2101248\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		struct world w = { .options.weight = (enum folded_weight)i };
		struct fault large = fault_by(&handler, NULL);
		struct fault failed = fault_by(&entry_, NULL);

		large.page_size_bytes = 2 << 20;
		large.latency_ns = 5000;
		failed.type = FAULT_INVALID;
		failed.latency_ns = LATENCY_UNKNOWN;
		failed.page_size_bytes = 0;
		begin(&w);
		take(&w, fault_by(&handler, NULL));
		take(&w, large);
		take(&w, failed);
		check(&w, wanted[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_gives_an_empty_file),
		cmocka_unit_test(stacks_go_from_the_outermost_inwards_in_order),
		cmocka_unit_test(stacks_of_the_same_names_are_one_line),
		cmocka_unit_test(code_without_a_stack_is_one_frame),
		cmocka_unit_test(names_are_made_harmless),
		cmocka_unit_test(leaf_tells_what_was_touched),
		cmocka_unit_test(weight_is_count_time_or_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
