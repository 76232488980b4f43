/* Text of a perf map, in two parts: what is found covers the address asked for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/symbol/jit_code.h"
#include "pfa/symbol/perf_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_at(struct jit_code *code, uint64_t addr)
{
	const struct jit_piece *piece = jit_code_find(code, addr, 1);

	if (!piece)
		return;
	check(piece->start <= addr && addr - piece->start < piece->size);
	check(strlen(piece->name) <= JIT_NAME_MAX);
}

static void check_all(struct jit_code *code)
{
	check_at(code, 0);
	check_at(code, 0x1008);
	check_at(code, 0x7f0000001000);
	check_at(code, UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct jit_code *code = jit_code_new();
	size_t taken = perf_map_read(code, (const char *)bytes, size / 2);

	check(taken <= size / 2);
	check_all(code);
	check(perf_map_read(code, (const char *)bytes + taken, size - taken) <= size - taken);
	check_all(code);
	jit_code_free(code);
	return 0;
}
