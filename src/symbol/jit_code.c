#include "pfa/symbol/jit_code.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/search.h"

enum {
	PIECES_MAX = 1 << 19,
	NAMES_BYTES_MAX = 128 << 20,
};

/* A piece, and what makes the look-up short. */
struct entry {
	struct jit_piece piece;
	uint64_t order;	 /* in which it was added */
	uint64_t max_end; /* of the pieces up to this one */
};

/*
 * Sorted by start, but for those that were added since the last look-up. At one start
 * there may be several, the earlier first.
 */
struct jit_code {
	struct intern *names;
	struct entry *list;
	size_t count, sorted, capacity;
	uint64_t order;
	size_t name_bytes;
};

struct jit_code *jit_code_new(void)
{
	struct jit_code *code = pfa_alloc(sizeof(*code));

	code->names = intern_new();
	return code;
}

void jit_code_free(struct jit_code *code)
{
	if (!code)
		return;
	intern_free(code->names);
	free(code->list);
	free(code);
}

/* ---- order ---- */

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->piece.start != y->piece.start)
		return x->piece.start < y->piece.start ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Whether the later one leaves nothing to be found of the other, at any time. */
static bool replaces(const struct entry *later, const struct entry *earlier)
{
	return later->piece.start == earlier->piece.start &&
	       later->piece.since_ns <= earlier->piece.since_ns &&
	       later->piece.size >= earlier->piece.size;
}

/* A writer may tell of the same code again and again. */
static void append(struct entry *list, size_t *count, const struct entry *entry)
{
	while (*count && replaces(entry, &list[*count - 1]))
		--*count;
	list[(*count)++] = *entry;
}

/* Two sorted lists become one. Returns its length. */
static size_t merge(struct entry *to, const struct entry *old, const struct entry *old_end,
		    const struct entry *added, const struct entry *added_end)
{
	size_t count = 0;

	while (old < old_end || added < added_end) {
		bool take_old = added == added_end ||
				(old < old_end && compare(old, added) < 0);

		append(to, &count, take_old ? old++ : added++);
	}
	return count;
}

static void note_ends(struct entry *list, size_t count)
{
	uint64_t max_end = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t end = list[i].piece.start + list[i].piece.size;

		max_end = end > max_end ? end : max_end;
		list[i].max_end = max_end;
	}
}

static void sort(struct jit_code *code)
{
	struct entry *list, *added;

	if (code->sorted == code->count)
		return;
	added = code->list + code->sorted;
	qsort(added, code->count - code->sorted, sizeof(*added), compare);
	list = pfa_alloc(code->count * sizeof(*list));
	code->capacity = code->count;
	code->count = code->sorted = merge(list, code->list, added, added,
					   code->list + code->count);
	note_ends(list, code->count);
	free(code->list);
	code->list = list;
}

/* ---- what is added ---- */

static bool has_room(struct jit_code *code, size_t name_bytes)
{
	if (code->count >= PIECES_MAX)
		sort(code);
	return code->count < PIECES_MAX && name_bytes <= NAMES_BYTES_MAX - code->name_bytes;
}

const char *jit_code_add(struct jit_code *code, uint64_t start, uint64_t size,
			 uint64_t since_ns, const char *name, size_t length)
{
	struct entry *entry;

	length = strnlen(name, length < JIT_NAME_MAX ? length : JIT_NAME_MAX);
	if (!size || start + size < start || !has_room(code, length))
		return NULL;
	name = intern_bytes(code->names, name, length);
	code->name_bytes += length; /* or less, where it is known */
	code->list = pfa_grow(code->list, code->count, &code->capacity,
			      sizeof(*code->list));
	entry = &code->list[code->count++];
	*entry = (struct entry){ .piece = { start, size, since_ns, name },
				 .order = code->order++ };
	return name;
}

/* ---- questions ---- */

static bool is_later(const struct entry *x, const struct entry *y)
{
	if (x->piece.since_ns != y->piece.since_ns)
		return x->piece.since_ns > y->piece.since_ns;
	return x->order > y->order;
}

const struct jit_piece *jit_code_find(struct jit_code *code, uint64_t addr,
				      uint64_t time_ns)
{
	const struct entry *best = NULL;

	sort(code);
	for (size_t i = COUNT_UPTO(code->list, code->count, piece.start, addr); i-- > 0;) {
		const struct entry *entry = &code->list[i];

		if (entry->max_end <= addr)
			break;
		if (addr - entry->piece.start < entry->piece.size &&
		    entry->piece.since_ns <= time_ns && (!best || is_later(entry, best)))
			best = entry;
	}
	return best ? &best->piece : NULL;
}
