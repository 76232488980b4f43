#include "pfa/symbol/kallsyms.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/search.h"

enum { PAGE_BYTES = 4096 };

/* Offsets are in the text; a name's type stands two bytes before it. */
struct entry {
	uint64_t start;
	uint32_t name, module; /* module 0: none, as the text begins with an address */
};

struct kallsyms {
	char *text;
	struct entry *entries; /* by address */
	size_t count, capacity;
};

/* ---- lines ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns where the number ends; NULL: it is none. */
static char *read_hex(char *at, const char *end, uint64_t *value)
{
	char *begin = at;

	for (*value = 0; at < end && hex_digit(*at) >= 0; at++)
		*value = *value << 4 | (uint64_t)hex_digit(*at);
	return at > begin && at - begin <= 16 ? at : NULL;
}

static bool is_text(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

/* "[ext4]" behind the name: as text of its own, without its brackets. */
static char *cut_module(char *at, char *end)
{
	if (end - at < 4 || at[1] != '[' || end[-1] != ']')
		return NULL;
	end[-1] = '\0';
	return at + 2;
}

/* Ends the words of a line with NULs. False: it is no function's. */
static bool read_line(const char *text, char *line, char *end, struct entry *entry)
{
	char *at = read_hex(line, end, &entry->start), *module = NULL, *name;

	if (!at || !entry->start || end - at < 4 || at[0] != ' ' || !is_text(at[1]) ||
	    at[2] != ' ')
		return false;
	name = at + 3;
	at = memchr(name, '\t', (size_t)(end - name));
	if (at)
		module = cut_module(at, end);
	else
		at = end;
	*at = '\0';
	entry->name = (uint32_t)(name - text);
	entry->module = module ? (uint32_t)(module - text) : 0;
	return *name != '\0';
}

static void read_lines(struct kallsyms *k, size_t length)
{
	char *at = k->text, *end = at + length, *newline;

	for (; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
		k->entries = pfa_grow(k->entries, k->count, &k->capacity,
				      sizeof(*k->entries));
		k->count += read_line(k->text, at, newline, &k->entries[k->count]);
	}
}

/* ---- order ---- */

static int rank_of_type(char type)
{
	return type == 'T' ? 0 : type == 't' ? 2 : 1;
}

/* Of two names for one address, which is the better (choose_best_symbol() in perf). */
static int compare_names(const char *x, const char *y)
{
	int by_type = rank_of_type(x[-2]) - rank_of_type(y[-2]);
	size_t x_underscores = strspn(x, "_"), y_underscores = strspn(y, "_");
	size_t x_length = strlen(x), y_length = strlen(y);

	if (by_type)
		return by_type;
	if (x_underscores != y_underscores)
		return x_underscores < y_underscores ? -1 : 1;
	if (x_length != y_length)
		return x_length > y_length ? -1 : 1;
	return strcmp(x, y);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* As they are, but for those of modules: sorting takes longer than reading. */
static bool are_in_order(const struct kallsyms *k)
{
	for (size_t i = 1; i < k->count; i++)
		if (k->entries[i].start < k->entries[i - 1].start)
			return false;
	return true;
}

struct kallsyms *kallsyms_new(char *text, size_t length)
{
	struct kallsyms *k = pfa_alloc(sizeof(*k));

	k->text = text;
	if (text && length <= UINT32_MAX) /* longer is not what it says it is */
		read_lines(k, length);
	if (!are_in_order(k))
		qsort(k->entries, k->count, sizeof(*k->entries), compare_entries);
	return k;
}

void kallsyms_free(struct kallsyms *k)
{
	if (!k)
		return;
	free(k->entries);
	free(k->text);
	free(k);
}

/* ---- questions ---- */

static const char *module_of(const struct kallsyms *k, const struct entry *entry)
{
	return entry->module ? k->text + entry->module : NULL;
}

static bool same_module(const struct kallsyms *k, const struct entry *x,
			const struct entry *y)
{
	const char *a = module_of(k, x), *b = module_of(k, y);

	return a && b ? !strcmp(a, b) : a == b;
}

/* The last of a module reaches to the end of its page. */
static uint64_t size_of(const struct kallsyms *k, const struct entry *entry)
{
	const struct entry *next = entry + 1;

	while (next < k->entries + k->count && next->start == entry->start)
		next++;
	if (next < k->entries + k->count && same_module(k, entry, next))
		return next->start - entry->start;
	return PAGE_BYTES - entry->start % PAGE_BYTES;
}

/* The best name at the last address up to this one; NULL: all are above. */
static const struct entry *entry_below(const struct kallsyms *k, uint64_t addr)
{
	size_t below = COUNT_UPTO(k->entries, k->count, start, addr);
	const struct entry *best = below ? &k->entries[below - 1] : NULL;

	for (; below > 1 && k->entries[below - 2].start == best->start; below--) {
		const struct entry *other = &k->entries[below - 2];

		if (compare_names(k->text + other->name, k->text + best->name) < 0)
			best = other;
	}
	return best;
}

bool kallsyms_function(const struct kallsyms *k, uint64_t addr,
		       struct kernel_function *function)
{
	const struct entry *entry = entry_below(k, addr);

	if (!entry || addr - entry->start >= size_of(k, entry))
		return false;
	*function = (struct kernel_function){
		.start = entry->start,
		.size = size_of(k, entry),
		.name = k->text + entry->name,
		.module = module_of(k, entry),
	};
	return true;
}

uint64_t kallsyms_address(const struct kallsyms *k, const char *name)
{
	for (size_t i = 0; i < k->count; i++)
		if (!strcmp(k->text + k->entries[i].name, name))
			return k->entries[i].start;
	return 0;
}

bool kallsyms_is_hidden(const char *text, size_t length)
{
	static const char hidden[] = "0000000000000000 ";
	const char *line = text, *end = text + length, *newline;
	bool all = false;

	for (; (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1) {
		all = (size_t)(newline - line) >= sizeof(hidden) - 1 &&
		      !memcmp(line, hidden, sizeof(hidden) - 1);
		if (!all)
			return false;
	}
	return all;
}
