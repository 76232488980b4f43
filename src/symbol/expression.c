#include "pfa/symbol/expression.h"

#include <dwarf.h>

#include "pfa/base/bytes.h"

enum { DEPTH_MAX = 16 };

struct machine {
	const struct frame *frame;
	const struct unwind_state *state;
	uint64_t cfa;
	uint64_t stack[DEPTH_MAX];
	unsigned depth;
	bool bad; /* stays so */
};

bool stack_word(const struct unwind_state *state, uint64_t addr, uint64_t *word)
{
	uint64_t offset = addr - state->stack_start;

	if (state->stack_bytes < sizeof(*word) ||
	    offset > state->stack_bytes - sizeof(*word))
		return false;
	*word = load_u64((const char *)state->stack + offset);
	return true;
}

static void push(struct machine *m, uint64_t value)
{
	if (m->depth == DEPTH_MAX)
		m->bad = true;
	else
		m->stack[m->depth++] = value;
}

static uint64_t pop(struct machine *m)
{
	if (m->depth)
		return m->stack[--m->depth];
	m->bad = true;
	return 0;
}

/* The n-th from the top. */
static uint64_t peek(struct machine *m, unsigned n)
{
	if (n < m->depth)
		return m->stack[m->depth - 1 - n];
	m->bad = true;
	return 0;
}

/* ---- operations: each tells whether it was its own ---- */

static bool do_source(struct machine *m, const struct expression_op *op)
{
	switch (op->atom) {
	case DW_OP_const8u:
		push(m, op->number);
		return true;
	case DW_OP_bregx:
		if (frame_knows(m->frame, op->reg))
			push(m, m->frame->regs[op->reg] + op->number);
		else
			m->bad = true;
		return true;
	case DW_OP_call_frame_cfa:
		push(m, m->cfa);
		return true;
	default:
		return false;
	}
}

static bool do_arrange(struct machine *m, const struct expression_op *op)
{
	uint64_t top, second;

	switch (op->atom) {
	case DW_OP_nop:
		return true;
	case DW_OP_dup:
		push(m, peek(m, 0));
		return true;
	case DW_OP_over:
		push(m, peek(m, 1));
		return true;
	case DW_OP_drop:
		pop(m);
		return true;
	case DW_OP_swap:
		top = pop(m);
		second = pop(m);
		push(m, top);
		push(m, second);
		return true;
	default:
		return false;
	}
}

static bool do_one(struct machine *m, const struct expression_op *op)
{
	uint64_t word = 0;

	switch (op->atom) {
	case DW_OP_deref:
		m->bad |= !stack_word(m->state, pop(m), &word);
		push(m, word);
		return true;
	case DW_OP_plus_uconst:
		push(m, pop(m) + op->number);
		return true;
	case DW_OP_neg:
		push(m, -pop(m));
		return true;
	case DW_OP_not:
		push(m, ~pop(m));
		return true;
	default:
		return false;
	}
}

static uint64_t shift_left(uint64_t value, uint64_t bits)
{
	return bits < 64 ? value << bits : 0;
}

static uint64_t shift_right(uint64_t value, uint64_t bits)
{
	return bits < 64 ? value >> bits : 0;
}

/* Comparisons are of signed values (DWARF 5, 2.5.1.5). */
static bool two_of(uint8_t atom, uint64_t a, uint64_t b, uint64_t *result)
{
	switch (atom) {
	case DW_OP_and: *result = a & b; return true;
	case DW_OP_or: *result = a | b; return true;
	case DW_OP_xor: *result = a ^ b; return true;
	case DW_OP_plus: *result = a + b; return true;
	case DW_OP_minus: *result = a - b; return true;
	case DW_OP_mul: *result = a * b; return true;
	case DW_OP_shl: *result = shift_left(a, b); return true;
	case DW_OP_shr: *result = shift_right(a, b); return true;
	case DW_OP_eq: *result = a == b; return true;
	case DW_OP_ne: *result = a != b; return true;
	case DW_OP_ge: *result = (int64_t)a >= (int64_t)b; return true;
	case DW_OP_gt: *result = (int64_t)a > (int64_t)b; return true;
	case DW_OP_le: *result = (int64_t)a <= (int64_t)b; return true;
	case DW_OP_lt: *result = (int64_t)a < (int64_t)b; return true;
	default: return false;
	}
}

static bool do_two(struct machine *m, const struct expression_op *op)
{
	uint64_t result;

	if (!two_of(op->atom, peek(m, 1), peek(m, 0), &result))
		return false;
	pop(m);
	pop(m);
	push(m, result);
	return true;
}

/* False: there is no such operation. */
static bool do_op(struct machine *m, const struct expression_op *op)
{
	return do_source(m, op) || do_arrange(m, op) || do_one(m, op) || do_two(m, op);
}

bool expression_knows(uint8_t atom)
{
	const struct unwind_state no_stack = { .stack_bytes = 0 };
	const struct frame no_frame = { .known = 0 };
	struct machine m = { .frame = &no_frame, .state = &no_stack };

	return do_op(&m, &(struct expression_op){ .atom = atom });
}

bool expression_value(const struct expression_op *ops, size_t count,
		      const struct frame *frame, const struct unwind_state *state,
		      uint64_t cfa, uint64_t *value)
{
	struct machine m = { .frame = frame, .state = state, .cfa = cfa };
	size_t i;

	for (i = 0; i < count && !m.bad; i++)
		m.bad |= !do_op(&m, &ops[i]);
	*value = pop(&m);
	return !m.bad;
}
