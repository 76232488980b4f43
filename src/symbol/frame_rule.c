#include "pfa/symbol/frame_rule.h"

struct applied {
	const struct frame_rule *rule;
	const struct frame *frame;
	const struct unwind_state *state;
	uint64_t cfa;
};

static bool evaluate(const struct applied *a, const struct frame_place *place,
		     uint64_t *value)
{
	return expression_value(a->rule->ops + place->first, place->count, a->frame,
				a->state, a->cfa, value);
}

/*
 * Compilers do not say that an epilogue has restored a register (GCC), so the place may
 * be below the stack pointer already: then it has been popped, into the register.
 */
static bool was_popped(const struct applied *a, unsigned reg, uint64_t addr)
{
	return reg != UNWIND_PC && frame_knows(a->frame, UNWIND_SP) &&
	       addr < a->frame->regs[UNWIND_SP];
}

static bool keep(const struct applied *a, unsigned reg, uint64_t *value)
{
	*value = a->frame->regs[reg];
	return frame_knows(a->frame, reg);
}

/* `reg`: what the place is the place of. */
static bool find_value(const struct applied *a, const struct frame_place *place,
		       unsigned reg, uint64_t *value)
{
	uint64_t addr;

	switch ((enum frame_source)place->source) {
	case SOURCE_SAME:
		return keep(a, reg, value);
	case SOURCE_UNDEFINED:
		return false;
	case SOURCE_REGISTER:
		if (!frame_knows(a->frame, place->reg))
			return false;
		*value = a->frame->regs[place->reg] + (uint64_t)(int64_t)place->offset;
		return true;
	case SOURCE_CFA:
		*value = a->cfa + (uint64_t)(int64_t)place->offset;
		return true;
	case SOURCE_AT_CFA:
		addr = a->cfa + (uint64_t)(int64_t)place->offset;
		return was_popped(a, reg, addr) ? keep(a, reg, value)
						: stack_word(a->state, addr, value);
	case SOURCE_EXPRESSION:
		return evaluate(a, place, value);
	case SOURCE_AT_EXPRESSION:
		return evaluate(a, place, &addr) && stack_word(a->state, addr, value);
	}
	return false;
}

bool frame_rule_apply(const struct frame_rule *rule, const struct frame *frame,
		      const struct unwind_state *state, struct frame *caller)
{
	struct applied a = { .rule = rule, .frame = frame, .state = state };
	uint32_t left;

	if (!find_value(&a, &rule->cfa, UNWIND_SP, &a.cfa))
		return false;
	*caller = *frame;
	for (left = rule->touched; left; left &= left - 1) {
		unsigned reg = (unsigned)__builtin_ctz(left);

		caller->known |= 1U << reg;
		if (!find_value(&a, &rule->regs[reg], reg, &caller->regs[reg]))
			caller->known &= ~(1U << reg);
	}
	return frame_knows(caller, UNWIND_SP) && frame_knows(caller, UNWIND_PC);
}
