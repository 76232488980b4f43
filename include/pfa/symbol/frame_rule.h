/*
 * What call frame information says of an instruction: how to find the frame of the
 * caller from the registers here. Plain data, relative to registers only, so that many
 * instructions share one rule.
 *
 * The CFA (canonical frame address) is the caller's stack pointer after it is returned
 * to; on x86-64 the return address lies right below.
 */
#ifndef PFA_SYMBOL_FRAME_RULE_H
#define PFA_SYMBOL_FRAME_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/symbol/expression.h"

/* Where the caller's value of a register, or the CFA, comes from. */
enum frame_source {
	SOURCE_SAME,          /* untouched */
	SOURCE_UNDEFINED,     /* of the return address: there is no caller */
	SOURCE_REGISTER,      /* `reg` plus `offset` */
	SOURCE_CFA,           /* the CFA plus `offset` */
	SOURCE_AT_CFA,        /* memory there */
	SOURCE_EXPRESSION,    /* ops[first] and the following `count` in all */
	SOURCE_AT_EXPRESSION, /* memory where they point */
};

enum { FRAME_RULE_OPS_MAX = 64 }; /* a signal trampoline has 19 */

struct frame_place {
	uint8_t source; /* enum frame_source */
	uint8_t reg;
	uint8_t first, count;
	int32_t offset;
};

struct frame_rule {
	struct frame_place cfa, regs[UNWIND_REGS];
	uint32_t touched; /* bit n: regs[n] is not SOURCE_SAME */
	uint32_t op_count;
	uint64_t is_signal; /* the "caller" was interrupted: its pc is no return address */
	struct expression_op ops[FRAME_RULE_OPS_MAX];
};

/* How many of its bytes are in use: the rest are operations that it does not have. */
static inline size_t frame_rule_size(const struct frame_rule *rule)
{
	return offsetof(struct frame_rule, ops) + rule->op_count * sizeof(rule->ops[0]);
}

/*
 * From a frame to its caller's. False: the CFA or the return address is not to be had
 * from what is known and copied. Other registers that are not become unknown.
 */
bool frame_rule_apply(const struct frame_rule *rule, const struct frame *frame,
		      const struct unwind_state *state, struct frame *caller);

#endif
