#include "../support/check.h"

#include <dwarf.h>
#include <string.h>

#include "pfa/symbol/expression.h"

/* As a constant: breg7 8, breg16 0, lit15, and, lit11, ge, lit3, shl, plus. */
#define PLT_STUB \
	{ 8, DW_OP_bregx, 7, {0} }, { 0, DW_OP_bregx, 16, {0} }, \
	{ 15, DW_OP_const8u, 0, {0} }, { 0, DW_OP_and, 0, {0} }, \
	{ 11, DW_OP_const8u, 0, {0} }, { 0, DW_OP_ge, 0, {0} }, \
	{ 3, DW_OP_const8u, 0, {0} }, { 0, DW_OP_shl, 0, {0} }, \
	{ 0, DW_OP_plus, 0, {0} }
#define CONSTANT(n) { (uint64_t)(n), DW_OP_const8u, 0, {0} }
#define REG(n, plus) { (uint64_t)(plus), DW_OP_bregx, n, {0} }
#define DO(name) { 0, DW_OP_##name, 0, {0} }

enum { STACK_START = 0x7fff0000, OPS_MAX = 12, UNKNOWN_REG = 3 };

static const uint64_t stack[] = { 11, STACK_START + 16, 33 };

static struct frame frame_at(uint64_t pc)
{
	struct frame frame = { .known = ((1U << UNWIND_REGS) - 1) & ~(1U << UNKNOWN_REG) };

	frame.regs[UNWIND_SP] = STACK_START;
	frame.regs[UNWIND_PC] = pc;
	return frame;
}

static const struct unwind_state state = {
	.stack = stack, .stack_start = STACK_START, .stack_bytes = sizeof(stack),
};

static void expressions_have_the_values_of_the_standard(void **unused)
{
	static const struct {
		struct expression_op ops[OPS_MAX];
		uint64_t pc, value;
	} rows[] = {
		{ { PLT_STUB }, 0x1020, STACK_START + 8 },
		{ { PLT_STUB }, 0x102a, STACK_START + 8 },
		{ { PLT_STUB }, 0x102b, STACK_START + 16 },
		{ { PLT_STUB }, 0x102f, STACK_START + 16 },
		{ { REG(7, 0), DO(deref) }, 0, 11 },
		{ { REG(7, 8), DO(deref), DO(deref) }, 0, 33 },
		{ { DO(call_frame_cfa), { 5, DW_OP_plus_uconst, 0, {0} } }, 0, 0xcfa5 },
		{ { CONSTANT(7), CONSTANT(9), DO(minus) }, 0, (uint64_t)-2 },
		{ { CONSTANT(7), CONSTANT(9), DO(swap), DO(minus) }, 0, 2 },
		{ { CONSTANT(7), CONSTANT(9), DO(over), DO(minus) }, 0, 2 },
		{ { CONSTANT(7), CONSTANT(9), DO(drop), DO(dup), DO(mul) }, 0, 49 },
		{ { CONSTANT(6), CONSTANT(3), DO(or), CONSTANT(5), DO(xor) }, 0, 2 },
		{ { CONSTANT(1), DO(neg), DO(not) }, 0, 0 },
		{ { CONSTANT(-1), CONSTANT(1), DO(lt) }, 0, 1 },
		{ { CONSTANT(-1), CONSTANT(1), DO(gt) }, 0, 0 },
		{ { CONSTANT(-1), CONSTANT(-1), DO(le) }, 0, 1 },
		{ { CONSTANT(-1), CONSTANT(1), DO(eq) }, 0, 0 },
		{ { CONSTANT(-1), CONSTANT(1), DO(ne) }, 0, 1 },
		{ { CONSTANT(1), CONSTANT(63), DO(shl) }, 0, 1ULL << 63 },
		{ { CONSTANT(1), CONSTANT(64), DO(shl) }, 0, 0 },
		{ { CONSTANT(-1), CONSTANT(60), DO(shr), DO(nop) }, 0, 15 },
		{ { CONSTANT(-1), CONSTANT(-1), DO(shr) }, 0, 0 },
	};
	size_t i, count;

	(void)unused;
	for (i = 0; i < COUNT_OF(rows); i++) {
		struct frame frame = frame_at(rows[i].pc);
		uint64_t value;

		for (count = 0; count < OPS_MAX && rows[i].ops[count].atom; count++)
			;
		assert_true(expression_value(rows[i].ops, count, &frame, &state, 0xcfa0,
					     &value));
		assert_int_equal(value, rows[i].value);
	}
}

static void expressions_that_lack_something_fail(void **unused)
{
	static const struct expression_op rows[][4] = {
		{ { 0 } },
		{ DO(plus) },
		{ CONSTANT(1), DO(plus) },
		{ CONSTANT(1), DO(drop) },
		{ DO(dup) },
		{ DO(swap) },
		{ DO(deref) },
		{ CONSTANT(0), DO(deref) },
		{ REG(7, -1), DO(deref) },
		{ REG(7, 17), DO(deref) },
		{ REG(7, 24), DO(deref) },
		{ REG(UNKNOWN_REG, 0) },
		{ REG(UNWIND_REGS, 0) },
		{ REG(255, 0) },
		{ CONSTANT(1), DO(bra) },
		{ DO(skip) },
	};
	struct frame frame = frame_at(0);
	size_t i, count;
	uint64_t value;

	(void)unused;
	for (i = 0; i < COUNT_OF(rows); i++) {
		for (count = 0; count < 4 && rows[i][count].atom; count++)
			;
		assert_false(expression_value(rows[i], count, &frame, &state, 0, &value));
	}
}

static void machine_holds_sixteen_values(void **unused)
{
	struct expression_op ops[17];
	struct frame frame = frame_at(0);
	uint64_t value;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT_OF(ops); i++)
		ops[i] = (struct expression_op){ .atom = DW_OP_const8u, .number = i };
	assert_true(expression_value(ops, 16, &frame, &state, 0, &value));
	assert_int_equal(value, 15);
	assert_false(expression_value(ops, 17, &frame, &state, 0, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_have_the_values_of_the_standard),
		cmocka_unit_test(expressions_that_lack_something_fail),
		cmocka_unit_test(machine_holds_sixteen_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
