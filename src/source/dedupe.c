#include "pfa/source/dedupe.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/record.h"

struct stream_key {
	const struct evsel *evsel;
	uint32_t tid, cpu;
};

struct entry {
	struct stream_key key;
	uint64_t id; /* the one that counts */
	UT_hash_handle hh;
};

struct dedupe {
	const struct evlist *list;
	struct entry *entries;
};

struct dedupe *dedupe_new(const struct evlist *list)
{
	struct dedupe *d = pfa_alloc(sizeof(*d));

	d->list = list;
	return d;
}

void dedupe_free(struct dedupe *d)
{
	struct entry *entry, *next;

	if (!d)
		return;
	HASH_ITER(hh, d->entries, entry, next) {
		HASH_DEL(d->entries, entry);
		free(entry);
	}
	free(d);
}

/* Our own events all carry base_sample of events.c: id first and tid third in a
 * sample; tid, time, cpu and id at the end of any other record. */
static void id_and_tid(const struct perf_event_header *record, uint64_t *id,
		       uint32_t *tid)
{
	const char *bytes = (const char *)record;
	size_t size = record_size(record);

	if (size < sizeof(*record) + 32) {
		*id = 0;
		*tid = 0;
	} else if (record_type(record) == PERF_RECORD_SAMPLE) {
		*id = load_u64(bytes + 8);
		*tid = load_u32(bytes + 28);
	} else {
		*id = load_u64(bytes + size - 8);
		*tid = load_u32(bytes + size - 28);
	}
}

bool dedupe_is_copy(struct dedupe *d, uint32_t cpu,
		    const struct perf_event_header *record)
{
	struct stream_key key;
	struct entry *entry;
	uint64_t id;

	memset(&key, 0, sizeof(key));
	id_and_tid(record, &id, &key.tid);
	key.evsel = evlist_by_id(d->list, id);
	key.cpu = cpu;
	if (!key.evsel || record_type(record) == PERF_RECORD_LOST)
		return false;
	HASH_FIND(hh, d->entries, &key, sizeof(key), entry);
	if (!entry) {
		entry = pfa_alloc(sizeof(*entry));
		entry->key = key;
		entry->id = id;
		HASH_ADD(hh, d->entries, key, sizeof(key), entry);
	}
	return entry->id != id;
}
