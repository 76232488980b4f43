/* Who asked for memory, behind the libraries that ask in somebody's stead. */
#include "pfa/report/naming.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/rare.h"
#include "pfa/model/observation.h"
#include "pfa/report/naming_state.h"

struct maker_entry {
	const struct stack *stack;
	const struct code_name *maker; /* NULL: the stack tells of none */
	UT_hash_handle hh;
};

void makers_release(struct naming *n)
{
	struct maker_entry *entry, *next;

	HASH_ITER(hh, n->makers, entry, next) {
		HASH_DEL(n->makers, entry);
		free(entry);
	}
}

/* ---- go-betweens ---- */

/* Without their leading underscores, "libc_" and "GI_", and a 64 at the end. */
static const char *const go_betweens[] = {
	"mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "sbrk", "shmat",
	"shmdt", "syscall",
	"malloc", "calloc", "realloc", "memalign", "posix_memalign", "aligned_alloc",
	"valloc", "free", "reallocarray",
	"minimal_malloc", "minimal_calloc", "minimal_realloc", /* the loader's own */
	/* glibc's malloc, where it is linked statically */
	"int_malloc", "int_realloc", "int_memalign", "int_free", "sysmalloc",
	"sysmalloc_mmap", "systrim", "systrim.constprop.0", "sysmalloc_mmap.isra.0",
	"mmap_alloc", "new_heap", "alloc_new_heap", "grow_heap", "int_new_arena",
	"arena_get2", "arena_get2.part.0", "tcache_init", "tcache_init.part.0",
	"ptmalloc_init", "glibc_morecore", "default_morecore", "mid_memalign",
	"_mid_memalign.isra.0", "malloc_hook_ini", "munmap_chunk", "mremap_chunk",
	NULL
};

/* As they are: what begins a program or thread has asked for nothing itself. A stack by
 * frame pointers that has no more has lost who did. */
static const char *const beginnings[] = {
	"_start", "__libc_start_main", "__libc_start_main_impl", "__libc_start_call_main",
	"start_thread", "__clone", "clone", "__clone3", "clone3", NULL
};

/* What malloc and its like are in where they are not linked statically. */
static const char *const go_between_objects[] = {
	"libc.so", "libc-2.", "libc.musl", "ld-musl", "ld-linux", "ld-2.", "libpthread",
	"libstdc++", "libc++", "libjemalloc", "libtcmalloc", "libmimalloc", NULL
};

static bool is_among(const char *const *list, const char *word, size_t length)
{
	for (; *list; list++)
		if (strlen(*list) == length && !memcmp(*list, word, length))
			return true;
	return false;
}

static const char *without_prefixes(const char *name)
{
	name += strspn(name, "_");
	if (!strncmp(name, "GI_", 3))
		name += 3;
	name += strspn(name, "_");
	if (!strncmp(name, "libc_", 5))
		name += 5;
	return name + strspn(name, "_");
}

bool is_go_between(const char *function)
{
	const char *name = without_prefixes(function);
	size_t length = strlen(name);

	if (!strncmp(function, "operator new", 12) ||
	    is_among(beginnings, function, strlen(function)))
		return true;
	if (length > 2 && !strcmp(name + length - 2, "64"))
		length -= 2;
	return is_among(go_betweens, name, length);
}

static bool is_in_go_between(const struct code *code)
{
	for (const char *const *at = go_between_objects; code->object && *at; at++)
		if (!strncmp(code->object, *at, strlen(*at)))
			return true;
	return false;
}

/* ---- makers ---- */

static bool is_kernel(const struct code *code)
{
	return code->object && !strcmp(code->object, "[kernel]");
}

static const struct code_name *frame_name(struct naming *n, const struct stack *stack,
					  uint32_t i, uint64_t time_ns)
{
	return naming_code(n, stack->frames[i], i ? CODE_CALLER : CODE_ITSELF, time_ns);
}

/* The loader's own mappings have nobody else behind them. */
static PFA_RARE const struct code_name *maker_in(struct naming *n,
						 const struct stack *stack,
						 uint64_t time_ns)
{
	const struct code_name *inside = NULL, *first = NULL;

	for (uint32_t i = 0; i < stack->count; i++) {
		const struct code_name *name = frame_name(n, stack, i, time_ns);

		if (is_kernel(stack->frames[i]))
			continue;
		if (!first)
			first = name;
		if (name->function->go_between)
			continue;
		if (!is_in_go_between(stack->frames[i]))
			return name;
		if (!inside && name->function->known)
			inside = name;
	}
	return inside ? inside : first;
}

static const struct code_name *maker_of_stack(struct naming *n,
					      const struct stack *stack,
					      uint64_t time_ns)
{
	struct maker_entry *entry;

	HASH_FIND(hh, n->makers, &stack, sizeof(stack), entry);
	if (entry)
		return entry->maker;
	entry = pfa_alloc(sizeof(*entry));
	entry->stack = stack;
	entry->maker = maker_in(n, stack, time_ns);
	HASH_ADD(hh, n->makers, stack, sizeof(entry->stack), entry);
	return entry->maker;
}

/* A stack may have the kernel's frames alone. */
const struct code_name *naming_maker(struct naming *n, const struct stack *stack,
				     const struct code *code, uint64_t time_ns)
{
	const struct code_name *maker = stack ? maker_of_stack(n, stack, time_ns) : NULL;

	if (!maker && code)
		maker = naming_code(n, code, CODE_ITSELF, time_ns);
	return maker;
}
