/* Rules read from this program's own .eh_frame: of functions made of directives. */
#include "../support/check.h"

#include <dwarf.h>
#include <fcntl.h>
#include <unistd.h>

#include "pfa/symbol/cfi.h"
#include "pfa/symbol/frame_rule.h"

/* One instruction that is described so; 0x0f, 0x10 and 0x16 begin expressions. */
#define DESCRIBED(name, description) \
	__asm__(".text\n.globl " #name "\n" #name ": .cfi_startproc\n" description \
		"\nnop\n.cfi_endproc\n"); \
	extern const char name[] __attribute__((visibility("hidden")))

#define EIGHT(byte) byte "," byte "," byte "," byte "," byte "," byte "," byte "," byte

DESCRIBED(at_entry, "");
DESCRIBED(by_rbp, ".cfi_def_cfa 6, 16\n.cfi_offset 6, -16\n.cfi_same_value 3");
DESCRIBED(all_places, ".cfi_val_offset 12, -24\n.cfi_register 13, 14\n"
	  ".cfi_escape 0x10,3,2,0x77,8\n.cfi_escape 0x16,6,3,0x77,8,6\n.cfi_undefined 8");
DESCRIBED(trampoline, ".cfi_signal_frame\n.cfi_escape 0x0f,4,0x77,0xa0,0x01,0x06");
DESCRIBED(first_frame, ".cfi_undefined 16");
DESCRIBED(vector_cfa, ".cfi_def_cfa 17, 8");
DESCRIBED(vector_register, ".cfi_register 12, 17");
DESCRIBED(far_cfa, ".cfi_escape 0x0c,7,0xff,0xff,0xff,0xff,0xff,0x0f");
DESCRIBED(unknown_register, ".cfi_escape 0x0f,3,0x92,0x20,8");
DESCRIBED(with_branch, ".cfi_escape 0x0f,5,0x77,8,0x2f,0,0");
DESCRIBED(too_many_operations, ".cfi_escape 0x0f,66,0x30,0x96," EIGHT("0x96") ","
	  EIGHT("0x96") "," EIGHT("0x96") "," EIGHT("0x96") "," EIGHT("0x96") ","
	  EIGHT("0x96") "," EIGHT("0x96") "," EIGHT("0x96"));
__asm__(".globl not_described\nnot_described: nop\n");
extern const char not_described[] __attribute__((visibility("hidden")));
extern const char __executable_start[];

static int fd;
static Elf *elf;

static int open_tables(void **state)
{
	elf_version(EV_CURRENT);
	fd = open("/proc/self/exe", O_RDONLY);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	*state = cfi_new(elf, NULL);
	return 0;
}

static int close_tables(void **state)
{
	cfi_free(*state);
	elf_end(elf);
	close(fd);
	return 0;
}

static bool rule_at(void **state, const char *code, struct frame_rule *rule)
{
	return cfi_rule(*state, (uint64_t)(code - __executable_start), rule);
}

static void assert_place(struct frame_place place, enum frame_source source, unsigned reg,
			 int offset)
{
	assert_int_equal(place.source, source);
	assert_int_equal(place.reg, reg);
	assert_int_equal(place.offset, offset);
}

static void assert_op(const struct frame_rule *rule, struct frame_place place, unsigned i,
		      uint8_t atom, uint64_t number)
{
	assert_true(i < place.count && place.first + i < rule->op_count);
	assert_int_equal(rule->ops[place.first + i].atom, atom);
	assert_int_equal(rule->ops[place.first + i].number, number);
}

static void return_address_is_below_the_cfa(void **state)
{
	struct frame_rule rule;

	assert_true(rule_at(state, at_entry, &rule));
	assert_place(rule.cfa, SOURCE_REGISTER, UNWIND_SP, 8);
	assert_place(rule.regs[UNWIND_PC], SOURCE_AT_CFA, 0, -8);
	assert_place(rule.regs[UNWIND_SP], SOURCE_CFA, 0, 0);
	assert_int_equal(rule.op_count, 0);
	assert_false(rule.is_signal);
}

/* libdw has rbx (3) for lost where a table does not mention it. */
static void registers_not_mentioned_are_untouched(void **state)
{
	struct frame_rule rule;
	unsigned reg;

	assert_true(rule_at(state, by_rbp, &rule));
	assert_place(rule.cfa, SOURCE_REGISTER, UNWIND_FP, 16);
	for (reg = 0; reg < UNWIND_SP; reg++)
		assert_place(rule.regs[reg],
			     reg == UNWIND_FP ? SOURCE_AT_CFA : SOURCE_SAME, 0,
			     reg == UNWIND_FP ? -16 : 0);
}

static void every_kind_of_place_is_understood(void **state)
{
	struct frame_rule rule;

	assert_true(rule_at(state, all_places, &rule));
	assert_place(rule.regs[12], SOURCE_CFA, 0, -24);
	assert_place(rule.regs[13], SOURCE_REGISTER, 14, 0);
	assert_place(rule.regs[8], SOURCE_SAME, 0, 0);
	assert_int_equal(rule.regs[3].source, SOURCE_AT_EXPRESSION);
	assert_op(&rule, rule.regs[3], 0, DW_OP_call_frame_cfa, 0);
	assert_op(&rule, rule.regs[3], 1, DW_OP_bregx, 8);
	assert_int_equal(rule.regs[3].count, 2);
	assert_int_equal(rule.regs[6].source, SOURCE_EXPRESSION);
	assert_op(&rule, rule.regs[6], 2, DW_OP_deref, 0);
	assert_int_equal(rule.regs[6].count, 3);
}

static void trampolines_and_first_frames_are_known(void **state)
{
	struct frame_rule rule;

	assert_true(rule_at(state, trampoline, &rule));
	assert_true(rule.is_signal);
	assert_int_equal(rule.cfa.source, SOURCE_EXPRESSION);
	assert_op(&rule, rule.cfa, 0, DW_OP_bregx, 160);
	assert_op(&rule, rule.cfa, 1, DW_OP_deref, 0);
	assert_true(rule_at(state, first_frame, &rule));
	assert_int_equal(rule.regs[UNWIND_PC].source, SOURCE_UNDEFINED);
}

static void what_cannot_be_used_is_no_rule(void **state)
{
	const char *const rows[] = {
		vector_cfa, vector_register, far_cfa, unknown_register, with_branch,
		too_many_operations, not_described,
	};
	struct frame_rule rule;
	size_t i;

	for (i = 0; i < COUNT_OF(rows); i++)
		assert_false(rule_at(state, rows[i], &rule));
}

static void no_file_has_no_rules(void **unused)
{
	struct cfi *cfi = cfi_new(NULL, NULL);
	struct frame_rule rule;

	(void)unused;
	assert_false(cfi_rule(cfi, 0x1000, &rule));
	cfi_free(cfi);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(return_address_is_below_the_cfa),
		cmocka_unit_test(registers_not_mentioned_are_untouched),
		cmocka_unit_test(every_kind_of_place_is_understood),
		cmocka_unit_test(trampolines_and_first_frames_are_known),
		cmocka_unit_test(what_cannot_be_used_is_no_rule),
		cmocka_unit_test(no_file_has_no_rules),
	};

	return cmocka_run_group_tests(tests, open_tables, close_tables);
}
