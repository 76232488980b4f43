/*
 * Registers, a stack and an ELF file from outside: whatever they hold, unwinding ends,
 * reads nothing but the copy of the stack, and says the same again.
 *
 * The input: how many words of stack, as a byte; the registers; the stack; the file.
 */
#include <libelf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/bytes.h"
#include "pfa/symbol/cfi.h"
#include "pfa/symbol/unwind.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Code of the file, at its own addresses, and code of no file. */
enum { FILE_CODE = 0x400000, OTHER_CODE = 0x500000, CODE_BYTES = 0x1000 };
enum { STACK_START = 0x7000, PCS_MAX = 256 };

static void check(int holds)
{
	if (!holds)
		abort();
}

static bool find(void *context, uint64_t pc, struct cfi **cfi, uint64_t *addr)
{
	*cfi = pc - FILE_CODE < CODE_BYTES ? context : NULL;
	*addr = pc;
	return *cfi || pc - OTHER_CODE < CODE_BYTES;
}

static void ask(struct cfi *cfi, const struct unwind_state *state)
{
	struct unwinder *unwinder = unwinder_new();
	uint64_t first[PCS_MAX], second[PCS_MAX];
	bool first_cut, second_cut;
	size_t count = unwind(unwinder, state, find, cfi, first, PCS_MAX, &first_cut);

	check(count > 0 && count <= PCS_MAX && first[0] == state->regs[UNWIND_PC]);
	check(unwind(unwinder, state, find, cfi, second, PCS_MAX, &second_cut) == count);
	check(first_cut == second_cut && !memcmp(first, second, count * sizeof(*first)));
	check(unwind(unwinder, state, find, cfi, second, 1, &second_cut) == 1);
	unwinder_free(unwinder);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct cursor c = cursor_of(bytes, size);
	const uint8_t *words = cursor_take(&c, 1);
	struct unwind_state state = { .stack_start = STACK_START };
	const void *regs = cursor_take(&c, sizeof(state.regs));
	struct cfi *cfi;
	void *image;
	Elf *elf;

	state.stack_bytes = words ? *words * sizeof(uint64_t) : 0;
	state.stack = cursor_take(&c, state.stack_bytes);
	if (c.bad)
		return 0;
	memcpy(state.regs, regs, sizeof(state.regs));
	/* Copies of just that size, so that a read beside them is seen. */
	state.stack = memcpy(malloc(state.stack_bytes + 1), state.stack, state.stack_bytes);
	image = memcpy(malloc(c.left + 1), c.at, c.left);
	elf_version(EV_CURRENT);
	elf = elf_memory(image, c.left);
	cfi = cfi_new(elf, elf);
	ask(cfi, &state);
	cfi_free(cfi);
	elf_end(elf);
	free(image);
	free((void *)state.stack);
	return 0;
}
