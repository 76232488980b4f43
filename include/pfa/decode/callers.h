/*
 * What a sample tells of the calls that led to it, as the kernel wrote it: a chain of
 * addresses, or the registers of user mode and a copy of the stack, or both. Borrowed
 * from the record; nothing is aligned.
 *
 * Source: perf_event_open(2), PERF_SAMPLE_CALLCHAIN, _REGS_USER, _STACK_USER.
 */
#ifndef PFA_DECODE_CALLERS_H
#define PFA_DECODE_CALLERS_H

#include <stdint.h>

struct callers {
	const void *chain; /* words, markers of a context among them */
	uint64_t chain_count;
	const void *regs; /* words, one a bit of the mask; NULL: none */
	uint64_t reg_mask;
	const void *stack; /* from the stack pointer on; NULL: none */
	uint64_t stack_bytes;
};

#endif
