#include "pfa/model/givers.h"

#include <stdlib.h>

#include "pfa/base/hash.h"
#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/model/backing.h"

struct giver_key {
	const char *call;
	const struct code *code;
	const struct backing *backing;
	uint64_t how;
};

struct entry {
	struct giver_key key;
	struct giver giver;
	uint32_t number;
	UT_hash_handle hh;
};

struct givers {
	struct intern *strings;
	struct entry *entries; /* by key */
	struct entry **list;   /* by number - 1 */
	size_t count, capacity;
};

struct givers *givers_new(struct intern *strings)
{
	struct givers *givers = pfa_alloc(sizeof(*givers));

	givers->strings = strings;
	return givers;
}

void givers_free(struct givers *givers)
{
	if (!givers)
		return;
	HASH_CLEAR(hh, givers->entries);
	while (givers->count)
		free(givers->list[--givers->count]);
	free(givers->list);
	free(givers);
}

static uint32_t add(struct givers *givers, const struct giver_key *key)
{
	struct entry *entry = pfa_alloc(sizeof(*entry));

	entry->key = *key;
	entry->giver = (struct giver){
		.how = (enum refault)key->how,
		.call = key->call,
		.code = key->code,
		.object = key->backing->label,
	};
	givers->list = pfa_grow(givers->list, givers->count, &givers->capacity,
				sizeof(*givers->list));
	givers->list[givers->count++] = entry;
	entry->number = (uint32_t)givers->count;
	HASH_ADD(hh, givers->entries, key, sizeof(entry->key), entry);
	return entry->number;
}

uint32_t givers_number(struct givers *givers, enum refault how, const char *call,
		       const struct code *code, const struct backing *backing)
{
	const struct giver_key key = { intern_text(givers->strings, call), code,
				       backing, how };
	struct entry *entry;

	HASH_FIND(hh, givers->entries, &key, sizeof(key), entry);
	return entry ? entry->number : add(givers, &key);
}

static const struct entry *by_number(const struct givers *givers, uint32_t number)
{
	return number && number <= givers->count ? givers->list[number - 1] : NULL;
}

const struct giver *giver_by_number(const struct givers *givers, uint32_t number)
{
	const struct entry *entry = by_number(givers, number);

	return entry ? &entry->giver : NULL;
}

const struct backing *giver_backing(const struct givers *givers, uint32_t number)
{
	const struct entry *entry = by_number(givers, number);

	return entry ? entry->key.backing : NULL;
}
