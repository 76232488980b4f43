#include "pfa/symbol/cfi.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/frame_rule.h"

struct cfi {
	Elf *elf, *debug_elf;
	Dwarf_CFI *eh_frame;
	Dwarf *dwarf[2]; /* of the file, of its debug file; opened when first needed */
	Dwarf_CFI *debug_frame[2];
	bool looked_for_debug_frames;
};

static bool is_x86_64(Elf *elf)
{
	GElf_Ehdr header;

	return elf && gelf_getehdr(elf, &header) && header.e_machine == EM_X86_64 &&
	       header.e_ident[EI_CLASS] == ELFCLASS64 &&
	       header.e_ident[EI_DATA] == ELFDATA2LSB;
}

struct cfi *cfi_new(Elf *elf, Elf *debug_elf)
{
	struct cfi *cfi = pfa_alloc(sizeof(*cfi));

	cfi->elf = is_x86_64(elf) ? elf : NULL;
	cfi->debug_elf = is_x86_64(debug_elf) ? debug_elf : NULL;
	if (cfi->elf)
		cfi->eh_frame = dwarf_getcfi_elf(cfi->elf);
	return cfi;
}

void cfi_free(struct cfi *cfi)
{
	if (!cfi)
		return;
	dwarf_cfi_end(cfi->eh_frame);
	dwarf_end(cfi->dwarf[0]);
	dwarf_end(cfi->dwarf[1]);
	free(cfi);
}

static bool has_debug_frame(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return false;
	while ((section = elf_nextscn(elf, section))) {
		const char *name = gelf_getshdr(section, &header) ?
			elf_strptr(elf, names, header.sh_name) : NULL;

		if (name && (!strcmp(name, ".debug_frame") ||
			     !strcmp(name, ".zdebug_frame")))
			return true;
	}
	return false;
}

/* Opening it as DWARF loads all its debug sections: not without need. */
static void open_debug_frame(struct cfi *cfi, size_t i, Elf *elf)
{
	if (!elf || !has_debug_frame(elf))
		return;
	cfi->dwarf[i] = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	if (!cfi->dwarf[i])
		return;
	dwarf_new_oom_handler(cfi->dwarf[i], pfa_out_of_memory);
	cfi->debug_frame[i] = dwarf_getcfi(cfi->dwarf[i]);
}

/* ---- a rule, from libdw's words into ours ---- */

/* Constants and registers each come in many forms (expression.h). */
static bool simplify(const Dwarf_Op *op, struct expression_op *out)
{
	uint64_t reg = op->number;

	*out = (struct expression_op){ .atom = op->atom, .number = op->number };
	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		*out = (struct expression_op){ .atom = DW_OP_const8u,
					       .number = op->atom - DW_OP_lit0 };
	else if (op->atom >= DW_OP_const1u && op->atom <= DW_OP_consts)
		out->atom = DW_OP_const8u;
	else if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		reg = op->atom - DW_OP_breg0;
	else if (op->atom == DW_OP_bregx)
		out->number = op->number2;
	else
		return expression_knows(op->atom);
	if (out->atom == DW_OP_const8u)
		return true;
	out->atom = DW_OP_bregx;
	out->reg = (uint8_t)reg;
	return reg < UNWIND_REGS;
}

static bool add_expression(struct frame_rule *rule, const Dwarf_Op *ops, size_t count,
			   struct frame_place *place)
{
	size_t i;

	if (count > FRAME_RULE_OPS_MAX - rule->op_count)
		return false;
	place->first = (uint8_t)rule->op_count;
	place->count = (uint8_t)count;
	for (i = 0; i < count; i++)
		if (!simplify(&ops[i], &rule->ops[rule->op_count++]))
			return false;
	return true;
}

static bool set_offset(struct frame_place *place, enum frame_source source,
		       uint64_t offset)
{
	place->source = (uint8_t)source;
	place->offset = (int32_t)offset;
	return (uint64_t)(int64_t)place->offset == offset;
}

static bool read_cfa(Dwarf_Frame *frame, struct frame_rule *rule)
{
	Dwarf_Op *ops;
	size_t count;

	if (dwarf_frame_cfa(frame, &ops, &count) != 0 || !count)
		return false;
	if (count == 1 && ops->atom == DW_OP_bregx) {
		rule->cfa.reg = (uint8_t)ops->number;
		return ops->number < UNWIND_REGS &&
		       set_offset(&rule->cfa, SOURCE_REGISTER, ops->number2);
	}
	rule->cfa.source = SOURCE_EXPRESSION;
	return add_expression(rule, ops, count, &rule->cfa);
}

/*
 * libdw gives a location, as an expression: the CFA plus an offset as [cfa plus_uconst],
 * a register as [regx], what the table itself has as an expression as [cfa ...], and
 * with [stack_value] at the end it is the value and no location.
 */
static bool read_place(const Dwarf_Op *ops, size_t count, struct frame_rule *rule,
		       struct frame_place *place)
{
	bool value = ops[count - 1].atom == DW_OP_stack_value;
	uint64_t offset;

	count -= value;
	if (count == 1 && ops->atom == DW_OP_regx) {
		place->reg = (uint8_t)ops->number;
		return ops->number < UNWIND_REGS &&
		       set_offset(place, SOURCE_REGISTER, 0);
	}
	if (count && count <= 2 && ops[0].atom == DW_OP_call_frame_cfa &&
	    (count == 1 || ops[1].atom == DW_OP_plus_uconst)) {
		offset = count == 2 ? ops[1].number : 0;
		return set_offset(place, value ? SOURCE_CFA : SOURCE_AT_CFA, offset);
	}
	place->source = value ? SOURCE_EXPRESSION : SOURCE_AT_EXPRESSION;
	return add_expression(rule, ops, count, place);
}

/*
 * Where a table does not mention a register, libdw says what the ABI does, and of rbx
 * that it is lost: it takes it for number 0 (elfutils 0.188). So what is lost counts as
 * untouched, as in the compiler's own unwinder; but for the return address.
 */
static bool read_register(Dwarf_Frame *frame, int reg, struct frame_rule *rule)
{
	struct frame_place *place = &rule->regs[reg];
	Dwarf_Op memory[3], *ops;
	size_t count;

	if (dwarf_frame_register(frame, reg, memory, &ops, &count) != 0)
		return false;
	if (count)
		return read_place(ops, count, rule, place);
	place->source = ops && reg == UNWIND_PC ? SOURCE_UNDEFINED : SOURCE_SAME;
	return true;
}

static bool read_rule(Dwarf_Frame *frame, struct frame_rule *rule)
{
	bool is_signal = false;
	int reg;

	*rule = (struct frame_rule){ .op_count = 0 };
	if (dwarf_frame_info(frame, NULL, NULL, &is_signal) != UNWIND_PC ||
	    !read_cfa(frame, rule))
		return false;
	rule->is_signal = is_signal;
	for (reg = 0; reg < UNWIND_REGS; reg++) {
		if (!read_register(frame, reg, rule))
			return false;
		if (rule->regs[reg].source != SOURCE_SAME)
			rule->touched |= 1U << reg;
	}
	return true;
}

static bool rule_of(Dwarf_CFI *table, uint64_t addr, struct frame_rule *rule)
{
	Dwarf_Frame *frame;
	bool known;

	if (!table || dwarf_cfi_addrframe(table, addr, &frame) != 0)
		return false;
	known = read_rule(frame, rule);
	free(frame);
	return known;
}

bool cfi_rule(struct cfi *cfi, uint64_t addr, struct frame_rule *rule)
{
	if (rule_of(cfi->eh_frame, addr, rule))
		return true;
	if (!cfi->looked_for_debug_frames) {
		cfi->looked_for_debug_frames = true;
		open_debug_frame(cfi, 0, cfi->elf);
		open_debug_frame(cfi, 1, cfi->debug_elf);
	}
	return rule_of(cfi->debug_frame[0], addr, rule) ||
	       rule_of(cfi->debug_frame[1], addr, rule);
}
