/* A jitdump file, record by record: none reaches beyond what is there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/jit_code.h"
#include "pfa/symbol/jitdump.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_at(struct jit_code *code, uint64_t addr, uint64_t time_ns)
{
	const struct jit_piece *piece = jit_code_find(code, addr, time_ns);

	if (!piece)
		return;
	check(piece->start <= addr && addr - piece->start < piece->size);
	check(piece->since_ns <= time_ns && strlen(piece->name) <= JIT_NAME_MAX);
}

/* Each record in memory of its own, so that a sanitizer sees its end. */
static uint64_t read_one(struct jitdump *dump, const uint8_t *at, uint64_t left)
{
	size_t length = left < JITDUMP_LOOK_BYTES ? (size_t)left : JITDUMP_LOOK_BYTES;
	void *copy = pfa_memdup(at, length);
	uint64_t taken = jitdump_read(dump, copy, length, left);

	free(copy);
	check(!taken || taken >= JITDUMP_RECORD_BYTES);
	return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct jit_code *code = jit_code_new();
	struct jitdump *dump = size < JITDUMP_HEADER_BYTES ? NULL : jitdump_new(bytes, code);
	uint64_t at = dump ? jitdump_first(dump) : size, taken;

	for (; at < size; at += taken) {
		taken = read_one(dump, bytes + at, size - at);
		if (!taken || taken > size - at)
			break;
	}
	check_at(code, 0x1008, 150);
	check_at(code, 0x5008, UINT64_MAX);
	check_at(code, 0, 0);
	jitdump_free(dump);
	jit_code_free(code);
	return 0;
}
