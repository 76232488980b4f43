#include "pfa/model/stacks.h"

#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/base/bytes.h"
#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/decode/event.h"
#include "pfa/model/code.h"
#include "pfa/model/kernel_names.h"
#include "pfa/model/mm.h"
#include "pfa/model/observation.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"
#include "pfa/model/unwinding.h"

enum {
	FRAMES_MAX = 256,
	KNOWN_MAX = 1 << 16, /* addresses kept with their stack */
};

/* A stack as the record has it: what is looked for, whole or up to its last address. */
struct addresses {
	uint64_t stamp; /* of what is executable (space.h) */
	uint32_t pid;   /* code in no file has names of its own in each process */
	uint32_t count;
	uint64_t cut; /* or not */
	uint64_t list[FRAMES_MAX];
};

struct known {
	const struct stack *stack;
	UT_hash_handle hh;
	unsigned char key[]; /* struct addresses, so far as it is used */
};

struct entry {
	struct stack stack;
	UT_hash_handle hh;
	const struct code *frames[];
};

struct stack_table {
	struct intern *strings;
	struct code_table *codes;
	struct unwinding *unwinding; /* NULL: none */
	struct known *known;
	struct entry *entries;
	uint64_t last_stamp;
};

struct stack_table *stack_table_new(struct intern *strings, struct code_table *codes)
{
	struct stack_table *table = pfa_alloc(sizeof(*table));

	table->strings = strings;
	table->codes = codes;
	return table;
}

void stack_table_use(struct stack_table *table, struct symbols *symbols)
{
	unwinding_free(table->unwinding);
	table->unwinding = unwinding_new(symbols);
}

static void forget_known(struct stack_table *table)
{
	struct known *known, *next;

	HASH_ITER(hh, table->known, known, next) {
		HASH_DEL(table->known, known);
		free(known);
	}
}

void stack_table_free(struct stack_table *table)
{
	struct entry *entry, *next;

	if (!table)
		return;
	forget_known(table);
	HASH_ITER(hh, table->entries, entry, next) {
		HASH_DEL(table->entries, entry);
		free(entry);
	}
	unwinding_free(table->unwinding);
	free(table);
}

/* ---- what the record tells ---- */

static void add_address(struct addresses *a, uint64_t ip)
{
	if (a->count < FRAMES_MAX)
		a->list[a->count++] = ip;
	else
		a->cut = true;
}

static bool is_marker(uint64_t word)
{
	return word >= (uint64_t)PERF_CONTEXT_MAX;
}

static void add_chain(struct addresses *a, const struct callers *callers)
{
	const unsigned char *at = callers->chain;

	for (uint64_t i = 0; i < callers->chain_count; i++) {
		uint64_t word = load_u64(at + 8 * i);

		if (!is_marker(word))
			add_address(a, word);
	}
}

/* The frames of the program behind those of the kernel. */
static void add_unwound(const struct stack_table *table, const struct space *space,
			const struct callers *callers, struct addresses *a)
{
	bool cut = false;
	size_t count;

	if (!table->unwinding || !callers->regs || a->count == FRAMES_MAX)
		return;
	count = unwinding_run(table->unwinding, space, callers, a->list + a->count,
			      FRAMES_MAX - a->count, &cut);
	a->count += (uint32_t)count;
	/* Inside of exec there is no program to return to. */
	a->cut |= cut && count;
}

/* ---- what it means ---- */

static bool is_in_kernel(uint64_t ip)
{
	return ip >> 63;
}

/* Where frame pointers are not kept, what is taken for one leads anywhere. */
static bool can_be_code(const struct space *space, uint64_t ip)
{
	const struct vma *vma;

	if (is_in_kernel(ip))
		return true;
	vma = space_find_code(space, ip);
	return vma && vma->prot & PROT_EXEC;
}

static const struct stack *intern_stack(struct stack_table *table,
					const struct code *const *frames,
					uint32_t count, bool cut)
{
	const size_t bytes = count * sizeof(struct code *);
	struct entry *entry;
	unsigned hash;

	hash = hash_bytes(frames, bytes) + cut;
	HASH_FIND_BYHASHVALUE(hh, table->entries, frames, bytes, hash, entry);
	if (entry && entry->stack.cut == cut)
		return &entry->stack;
	entry = pfa_alloc(sizeof(*entry) + bytes);
	memcpy(entry->frames, frames, bytes);
	entry->stack = (struct stack){
		.frames = entry->frames,
		.count = count,
		.cut = cut,
		.call = kernel_call_of(table->strings, entry->frames, count),
	};
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, table->entries, entry->frames, bytes, hash,
				    entry);
	return &entry->stack;
}

/*
 * Behind the kernel's entry for an exception or an interrupt (asm_exc_page_fault) comes
 * not a return address but the instruction it came at: told plus one, as by unwind().
 */
static bool is_interrupted_by(const struct code *callee)
{
	return callee->function && !strncmp(callee->function, "asm_", 4);
}

static const struct stack *stack_of(struct stack_table *table,
				    const struct process *process,
				    const struct addresses *a)
{
	const struct space *space = process->mm->space;
	const struct code *frames[FRAMES_MAX];
	bool cut = a->cut, stopped;
	uint32_t count;

	for (count = 0; count < a->count; count++) {
		if (!can_be_code(space, a->list[count])) {
			cut = true;
			break;
		}
		stopped = count && is_interrupted_by(frames[count - 1]);
		frames[count] = code_at(table->codes, space, process->pid,
					a->list[count] + stopped);
	}
	return count ? intern_stack(table, frames, count, cut) : NULL;
}

/* ---- seen before? ---- */

static uint64_t stamp_of(struct stack_table *table, struct space *space)
{
	if (!space_code_stamp(space))
		space_set_code_stamp(space, ++table->last_stamp);
	return space_code_stamp(space);
}

static size_t key_bytes(const struct addresses *a)
{
	return offsetof(struct addresses, list) + a->count * sizeof(a->list[0]);
}

static PFA_RARE struct known *learn(struct stack_table *table,
				    const struct process *process,
				    const struct addresses *a, unsigned hash)
{
	const size_t bytes = key_bytes(a);
	struct known *known;

	if (HASH_COUNT(table->known) >= KNOWN_MAX)
		forget_known(table);
	known = pfa_alloc(sizeof(*known) + bytes);
	known->stack = stack_of(table, process, a);
	memcpy(known->key, a, bytes);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, table->known, known->key, bytes, hash, known);
	return known;
}

const struct stack *stack_at(struct stack_table *table, const struct process *process,
			     const struct event *event)
{
	struct addresses a;
	struct known *known;
	unsigned hash;

	if (!event->has_callers)
		return NULL;
	a.count = 0;
	a.cut = false;
	add_chain(&a, &event->callers);
	add_unwound(table, process->mm->space, &event->callers, &a);
	if (!a.count)
		return NULL;
	a.stamp = stamp_of(table, process->mm->space);
	a.pid = process->pid;
	hash = hash_bytes(&a, key_bytes(&a));
	HASH_FIND_BYHASHVALUE(hh, table->known, &a, key_bytes(&a), hash, known);
	return (known ? known : learn(table, process, &a, hash))->stack;
}
