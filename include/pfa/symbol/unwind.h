/*
 * Call stacks from a thread's registers and the copied top of its stack, by the call
 * frame information of the files it runs in (cfi.h); where there is none, by frame
 * pointers.
 *
 * The rules at an address are worked out once and kept, so that the same code is
 * unwound again at the cost of a look-up a frame. Every read is from the copy, and a
 * stack ends where its frames do not lie one above the other (but for the frame that a
 * signal interrupted: handlers may have stacks of their own).
 */
#ifndef PFA_SYMBOL_UNWIND_H
#define PFA_SYMBOL_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cfi;
struct unwinder;

/* x86-64, by DWARF numbers: rax rdx rcx rbx rsi rdi rbp rsp r8..r15, return address. */
enum { UNWIND_REGS = 17, UNWIND_FP = 6, UNWIND_SP = 7, UNWIND_PC = 16 };

struct unwind_state {
	uint64_t regs[UNWIND_REGS];
	const void *stack; /* bytes from stack_start on; need not be aligned */
	uint64_t stack_start, stack_bytes;
};

/*
 * What is at an address. False: no code. Else the tables of its file and the file's own
 * address; *cfi is NULL for code that is in no file (made at run time) or none that can
 * be read: frame pointers are followed through it.
 */
typedef bool unwind_find(void *context, uint64_t pc, struct cfi **cfi,
			 uint64_t *addr_in_file);

struct unwinder *unwinder_new(void);
void unwinder_free(struct unwinder *unwinder); /* before the tables it was told of */

/*
 * Fills pcs[0..max), the instruction's own first, then return addresses: the byte before
 * each is of the call. So that this holds where nobody called, the instruction that a
 * signal interrupted, and that by which its handler ends, are there plus one. Returns
 * how many. *cut: the stack goes on, but the copy of it, or what is known of it, does
 * not, or there is no room for more.
 */
size_t unwind(struct unwinder *unwinder, const struct unwind_state *state,
	      unwind_find *find, void *context, uint64_t *pcs, size_t max, bool *cut);

#endif
