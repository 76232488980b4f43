/*
 * DWARF expressions as unwind tables use them: a small stack machine over registers and
 * a copy of the stack (DWARF 5, 2.5). Without branches, so that it ends; PLT stubs,
 * signal trampolines and realigned frames need none.
 */
#ifndef PFA_SYMBOL_EXPRESSION_H
#define PFA_SYMBOL_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/symbol/unwind.h"

/*
 * One operation. All constants are DW_OP_const8u here and all uses of a register
 * DW_OP_bregx: `reg` plus `number`.
 */
struct expression_op {
	uint64_t number;
	uint8_t atom; /* DW_OP_* */
	uint8_t reg;
	uint8_t unused[6];
};

/* The registers of a frame, as far as they are known. */
struct frame {
	uint64_t regs[UNWIND_REGS];
	uint32_t known; /* bit n: regs[n] is */
};

static inline bool frame_knows(const struct frame *frame, unsigned reg)
{
	return reg < UNWIND_REGS && (frame->known >> reg & 1);
}

/* The word at an address of the stack; false: the copy does not hold it. */
bool stack_word(const struct unwind_state *state, uint64_t addr, uint64_t *word);

/* Whether the machine has such an operation. */
bool expression_knows(uint8_t atom);

/*
 * What the expression yields. False: it needs a register or memory that is not known,
 * or it is broken. `cfa` is what DW_OP_call_frame_cfa stands for.
 */
bool expression_value(const struct expression_op *ops, size_t count,
		      const struct frame *frame, const struct unwind_state *state,
		      uint64_t cfa, uint64_t *value);

#endif
