/*
 * Pieces of code with the time since when each was at its address. A later piece
 * stands for an earlier one where they overlap; of two of the same time, the one that
 * was added later.
 *
 * Memory is in proportion to the distinct pieces, and bounded: there is a limit, past
 * which nothing is added.
 */
#ifndef PFA_SYMBOL_JIT_CODE_H
#define PFA_SYMBOL_JIT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jit_code;

enum { JIT_NAME_MAX = 1024 }; /* bytes of a name: longer ones are cut */

struct jit_piece {
	uint64_t start, size;
	uint64_t since_ns; /* 0: nobody knows */
	const char *name; /* as long as the jit_code */
};

struct jit_code *jit_code_new(void);
void jit_code_free(struct jit_code *code);

/*
 * `length` bytes of name, ending at the first NUL. A piece of no bytes is none. Returns
 * the piece's name, which lasts as long as the jit_code; NULL: it was not added.
 */
const char *jit_code_add(struct jit_code *code, uint64_t start, uint64_t size,
			 uint64_t since_ns, const char *name, size_t length);

/* Of what was there at the time; NULL: nothing. Borrowed until the next is added. */
const struct jit_piece *jit_code_find(struct jit_code *code, uint64_t addr,
				      uint64_t time_ns);

#endif
