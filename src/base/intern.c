#include "pfa/base/hash.h"
#include "pfa/base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"

struct entry {
	UT_hash_handle hh;
	char text[];
};

struct intern {
	struct entry *entries;
};

struct intern *intern_new(void)
{
	return pfa_alloc(sizeof(struct intern));
}

void intern_free(struct intern *pool)
{
	struct entry *entry, *next;

	if (!pool)
		return;
	HASH_ITER(hh, pool->entries, entry, next) {
		HASH_DEL(pool->entries, entry);
		free(entry);
	}
	free(pool);
}

const char *intern_bytes(struct intern *pool, const char *bytes, size_t length)
{
	struct entry *entry;
	size_t used = strnlen(bytes, length);

	HASH_FIND(hh, pool->entries, bytes, used, entry);
	if (!entry) {
		entry = pfa_alloc(sizeof(*entry) + used + 1);
		memcpy(entry->text, bytes, used);
		HASH_ADD_KEYPTR(hh, pool->entries, entry->text, used, entry);
	}
	return entry->text;
}

const char *intern_text(struct intern *pool, const char *text)
{
	return intern_bytes(pool, text, strlen(text));
}
