#include "pfa/model/unwinding.h"

#include <asm/perf_regs.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/callers.h"
#include "pfa/model/backing.h"
#include "pfa/model/code.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/symbols.h"
#include "pfa/symbol/unwind.h"

enum { RECENT_MODULES = 16 };

struct recent {
	const struct backing *backing;
	struct module *module;
};

struct unwinding {
	struct symbols *symbols;
	struct unwinder *unwinder;
	struct recent recent[RECENT_MODULES];
	const struct space *space; /* of the stack at hand */
};

struct unwinding *unwinding_new(struct symbols *symbols)
{
	struct unwinding *u = pfa_alloc(sizeof(*u));

	u->symbols = symbols;
	u->unwinder = unwinder_new();
	return u;
}

void unwinding_free(struct unwinding *u)
{
	if (!u)
		return;
	unwinder_free(u->unwinder);
	free(u);
}

/* The kernel's numbers of registers (asm/perf_regs.h) by those of DWARF. */
static const uint8_t perf_regs[UNWIND_REGS] = {
	PERF_REG_X86_AX, PERF_REG_X86_DX, PERF_REG_X86_CX, PERF_REG_X86_BX,
	PERF_REG_X86_SI, PERF_REG_X86_DI, PERF_REG_X86_BP, PERF_REG_X86_SP,
	PERF_REG_X86_R8, PERF_REG_X86_R9, PERF_REG_X86_R10, PERF_REG_X86_R11,
	PERF_REG_X86_R12, PERF_REG_X86_R13, PERF_REG_X86_R14, PERF_REG_X86_R15,
	PERF_REG_X86_IP,
};

/* Only those of the mask are there, in the order of their numbers. */
static uint64_t register_of(const struct callers *callers, unsigned number)
{
	const uint64_t bit = 1ULL << number;
	unsigned at = (unsigned)__builtin_popcountll(callers->reg_mask & (bit - 1));

	if (!(callers->reg_mask & bit))
		return 0;
	return load_u64((const unsigned char *)callers->regs + 8 * (size_t)at);
}

static struct module *module_of(struct unwinding *u, const struct backing *backing)
{
	struct recent *recent = &u->recent[(uintptr_t)backing / 64 % RECENT_MODULES];
	struct module_id id;

	if (recent->backing != backing) {
		id = backing_module_id(backing);
		*recent = (struct recent){ backing, symbols_module(u->symbols, &id) };
	}
	return recent->module;
}

static bool find(void *context, uint64_t pc, struct cfi **cfi, uint64_t *addr)
{
	struct unwinding *u = context;
	const struct vma *vma = space_find_code(u->space, pc);
	struct image image;

	if (!vma || !(vma->prot & PROT_EXEC))
		return false;
	*cfi = NULL;
	*addr = pc;
	if (code_image(u->space, pc, &image)) {
		*cfi = module_cfi(module_of(u, image.backing));
		*addr = image.addr;
	}
	return true;
}

size_t unwinding_run(struct unwinding *u, const struct space *space,
		     const struct callers *callers, uint64_t *pcs, size_t max, bool *cut)
{
	struct unwind_state state = {
		.stack = callers->stack,
		.stack_bytes = callers->stack_bytes,
	};

	for (unsigned i = 0; i < UNWIND_REGS; i++)
		state.regs[i] = register_of(callers, perf_regs[i]);
	state.stack_start = state.regs[UNWIND_SP];
	u->space = space;
	return unwind(u->unwinder, &state, find, u, pcs, max, cut);
}
