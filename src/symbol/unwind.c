#include "pfa/symbol/unwind.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/frame_rule.h"
#include "pfa/symbol/known_rules.h"

struct unwinder {
	struct known_rules *rules;
};

/* One stack: where it stands. */
struct walk {
	struct unwinder *unwinder;
	const struct unwind_state *state;
	unwind_find *find;
	void *context;
	struct frame frame;
	bool interrupted; /* the frame's pc is no return address but where it stopped */
};

enum step { STEP_ON, STEP_END, STEP_CUT };

struct unwinder *unwinder_new(void)
{
	struct unwinder *unwinder = pfa_alloc(sizeof(*unwinder));

	unwinder->rules = known_rules_new();
	return unwinder;
}

void unwinder_free(struct unwinder *unwinder)
{
	if (!unwinder)
		return;
	known_rules_free(unwinder->rules);
	free(unwinder);
}

static uint64_t reg(const struct walk *w, unsigned n)
{
	return w->frame.regs[n];
}

/* A return address of 0 is how the first frame of a thread may be marked. */
static enum step step_to(struct walk *w, const struct frame *caller, bool interrupted)
{
	w->frame = *caller;
	w->interrupted = interrupted;
	return reg(w, UNWIND_PC) ? STEP_ON : STEP_END;
}

static enum step step_by_rule(struct walk *w, const struct frame_rule *rule)
{
	struct frame caller;

	if (rule->regs[UNWIND_PC].source == SOURCE_UNDEFINED)
		return STEP_END;
	if (!frame_rule_apply(rule, &w->frame, w->state, &caller))
		return STEP_CUT;
	if (!rule->is_signal && caller.regs[UNWIND_SP] <= reg(w, UNWIND_SP))
		return STEP_CUT;
	return step_to(w, &caller, rule->is_signal);
}

static bool is_code(const struct walk *w, uint64_t pc)
{
	struct cfi *cfi;
	uint64_t addr;

	return w->find(w->context, pc, &cfi, &addr);
}

/*
 * push %rbp; mov %rsp, %rbp: the caller's rbp is where ours points, the return address
 * above it. Only that much is known then. A frame pointer of 0 marks the first frame.
 */
static enum step step_by_frame_pointer(struct walk *w)
{
	uint64_t fp = reg(w, UNWIND_FP), caller_fp, pc;

	if (!frame_knows(&w->frame, UNWIND_FP))
		return STEP_CUT;
	if (!fp)
		return STEP_END;
	if (fp < reg(w, UNWIND_SP) || fp % 8 || !stack_word(w->state, fp, &caller_fp) ||
	    !stack_word(w->state, fp + 8, &pc) || (pc && !is_code(w, pc - 1)))
		return STEP_CUT;
	return step_to(w, &(struct frame){
		.regs = { [UNWIND_FP] = caller_fp, [UNWIND_SP] = fp + 16,
			  [UNWIND_PC] = pc },
		.known = 1U << UNWIND_FP | 1U << UNWIND_SP | 1U << UNWIND_PC }, false);
}

/* Called through a bad pointer: nothing has happened since but the call. */
static enum step step_from_nowhere(struct walk *w)
{
	struct frame caller = w->frame;
	uint64_t pc;

	if (!stack_word(w->state, reg(w, UNWIND_SP), &pc) || !is_code(w, pc - 1))
		return STEP_CUT;
	caller.regs[UNWIND_SP] += 8;
	caller.regs[UNWIND_PC] = pc;
	return step_to(w, &caller, false);
}

/* What is at a return address may be another function: the call came before it. */
static enum step step(struct walk *w)
{
	uint64_t at = reg(w, UNWIND_PC) - !w->interrupted, addr;
	const struct frame_rule *rule = NULL;
	struct cfi *cfi;

	if (!w->find(w->context, at, &cfi, &addr))
		return w->interrupted ? step_from_nowhere(w) : STEP_CUT;
	if (cfi)
		rule = known_rules_find(w->unwinder->rules, cfi, addr);
	return rule ? step_by_rule(w, rule) : step_by_frame_pointer(w);
}

size_t unwind(struct unwinder *unwinder, const struct unwind_state *state,
	      unwind_find *find, void *context, uint64_t *pcs, size_t max, bool *cut)
{
	struct walk w = {
		.unwinder = unwinder, .state = state, .find = find, .context = context,
		.frame.known = (1U << UNWIND_REGS) - 1, .interrupted = true,
	};
	enum step result = STEP_ON;
	size_t count = 0;

	memcpy(w.frame.regs, state->regs, sizeof(w.frame.regs));
	for (; count < max && result == STEP_ON; count++) {
		bool stopped = w.interrupted;
		uint64_t pc = reg(&w, UNWIND_PC);

		result = step(&w);
		stopped |= result == STEP_ON && w.interrupted; /* the frame of the signal */
		pcs[count] = pc + (count && stopped);
	}
	*cut = result != STEP_END;
	return count;
}
