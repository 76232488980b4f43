/*
 * Unwinding in an address space of the model: from the registers and the stack that a
 * sample has to the addresses of the calls that led there.
 */
#ifndef PFA_MODEL_UNWINDING_H
#define PFA_MODEL_UNWINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct callers;
struct space;
struct symbols;
struct unwinding;

/* Files are looked for in `symbols`, which is borrowed. */
struct unwinding *unwinding_new(struct symbols *symbols);
void unwinding_free(struct unwinding *unwinding);

/*
 * Fills pcs[0..max), the interrupted instruction first. Returns how many; *cut: there
 * are more.
 */
size_t unwinding_run(struct unwinding *unwinding, const struct space *space,
		     const struct callers *callers, uint64_t *pcs, size_t max, bool *cut);

#endif
