/*
 * Call stacks from a thread's registers and the copied top of its stack, by the call
 * frame information of the modules it runs in (.eh_frame, .debug_frame); where there is
 * none, by frame pointers.
 *
 * The rules at an address are worked out once by libdw and kept, so that the same
 * code is unwound again at the cost of a look-up a frame.
 */
#ifndef PFA_SYMBOL_UNWIND_H
#define PFA_SYMBOL_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct module;
struct unwinder;

/* x86-64, by DWARF numbers: rax rdx rcx rbx rsi rdi rbp rsp r8..r15, return address. */
enum { UNWIND_REGS = 17, UNWIND_SP = 7, UNWIND_PC = 16 };

struct unwind_state {
	uint64_t regs[UNWIND_REGS];
	const void *stack; /* bytes from stack_start on; need not be aligned */
	uint64_t stack_start, stack_bytes;
};

/* Where an instruction lies; false: in no file. */
typedef bool unwind_find(void *context, uint64_t pc, struct module **module,
			 uint64_t *addr_in_module);

struct unwinder *unwinder_new(void);
void unwinder_free(struct unwinder *unwinder);

/*
 * Fills pcs[0..max), the instruction's own first, then return addresses. Returns how
 * many. *cut: the stack goes on, but the copy of it, or what is known of it, does not.
 */
size_t unwind(struct unwinder *unwinder, const struct unwind_state *state,
	      unwind_find *find, void *context, uint64_t *pcs, size_t max, bool *cut);

#endif
