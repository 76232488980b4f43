#include "pfa/symbol/jitdump.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/bytes.h"
#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/symbol/jit_code.h"

enum {
	MAGIC = 0x4a695444, /* "JiTD" */
	FLAG_OWN_CLOCK = 1,
	CODE_LOAD = 0,
	CODE_MOVE = 1,
	FUNCTIONS_MAX = 1 << 20,
};

/* A piece's name by its number, as a move has it. */
struct numbered {
	uint64_t number;
	const char *name; /* jit_code's */
	UT_hash_handle hh;
};

struct jitdump {
	struct jit_code *code;
	struct numbered *functions;
	uint64_t first;
	bool own_clock;
};

struct jitdump *jitdump_new(const void *header, struct jit_code *code)
{
	struct cursor c = cursor_of(header, JITDUMP_HEADER_BYTES);
	struct jitdump *dump;
	uint32_t size;

	if (cursor_u32(&c) != MAGIC)
		return NULL;
	cursor_u32(&c); /* the version: its records are of any */
	size = cursor_u32(&c);
	if (size < JITDUMP_HEADER_BYTES)
		return NULL;
	cursor_take(&c, 20); /* machine, padding, pid, time */
	dump = pfa_alloc(sizeof(*dump));
	dump->code = code;
	dump->first = size;
	dump->own_clock = cursor_u64(&c) & FLAG_OWN_CLOCK;
	return dump;
}

void jitdump_free(struct jitdump *dump)
{
	struct numbered *function, *next;

	if (!dump)
		return;
	HASH_ITER(hh, dump->functions, function, next) {
		HASH_DEL(dump->functions, function);
		free(function);
	}
	free(dump);
}

uint64_t jitdump_first(const struct jitdump *dump)
{
	return dump->first;
}

static struct numbered *function_by(struct jitdump *dump, uint64_t number)
{
	struct numbered *function;

	HASH_FIND(hh, dump->functions, &number, sizeof(number), function);
	return function;
}

static void remember(struct jitdump *dump, uint64_t number, const char *name)
{
	struct numbered *function = function_by(dump, number);

	if (!function && HASH_COUNT(dump->functions) >= FUNCTIONS_MAX)
		return;
	if (!function) {
		function = pfa_alloc(sizeof(*function));
		function->number = number;
		HASH_ADD(hh, dump->functions, number, sizeof(function->number), function);
	}
	function->name = name;
}

/* pid, tid, then where it is linked and where it lies: the same. */
static void read_load(struct jitdump *dump, struct cursor *c, uint64_t since_ns)
{
	uint64_t start, size, number;
	const char *name;

	cursor_take(c, 16);
	start = cursor_u64(c);
	size = cursor_u64(c);
	number = cursor_u64(c);
	if (c->bad)
		return;
	name = jit_code_add(dump->code, start, size, since_ns, (const char *)c->at,
			    c->left);
	if (name)
		remember(dump, number, name);
}

static void read_move(struct jitdump *dump, struct cursor *c, uint64_t since_ns)
{
	const struct numbered *function;
	uint64_t start, size, number;

	cursor_take(c, 24); /* pid, tid, link address, where it was */
	start = cursor_u64(c);
	size = cursor_u64(c);
	number = cursor_u64(c);
	function = c->bad ? NULL : function_by(dump, number);
	if (function)
		jit_code_add(dump->code, start, size, since_ns, function->name,
			     strlen(function->name));
}

uint64_t jitdump_read(struct jitdump *dump, const void *bytes, size_t length,
		      uint64_t left)
{
	struct cursor c = cursor_of(bytes, length);
	uint32_t kind = cursor_u32(&c), size = cursor_u32(&c);
	uint64_t time_ns = cursor_u64(&c);

	if (!c.bad && size < JITDUMP_RECORD_BYTES)
		return 0;
	if (c.bad || size > left)
		return JITDUMP_RECORD_BYTES > left ? JITDUMP_RECORD_BYTES : size;
	if (length > size)
		c.left -= length - size;
	if (dump->own_clock)
		time_ns = 0;
	if (kind == CODE_LOAD)
		read_load(dump, &c, time_ns);
	if (kind == CODE_MOVE)
		read_move(dump, &c, time_ns);
	return size;
}
