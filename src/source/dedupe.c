#include "pfa/source/dedupe.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/source/stamp.h"

struct stream_key {
	const struct evsel *evsel;
	uint32_t tid, cpu;
};

struct entry {
	struct stream_key key;
	uint64_t id; /* the one that counts */
	uint64_t time_ns; /* of the sample before */
	UT_hash_handle hh;
};

struct dedupe {
	struct entry *entries;
};

struct dedupe *dedupe_new(void)
{
	return pfa_alloc(sizeof(struct dedupe));
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

static struct entry *entry_of(struct dedupe *d, const struct stream_key *key)
{
	struct entry *entry;

	HASH_FIND(hh, d->entries, key, sizeof(*key), entry);
	if (!entry) {
		entry = pfa_alloc(sizeof(*entry));
		entry->key = *key;
		HASH_ADD(hh, d->entries, key, sizeof(*key), entry);
	}
	return entry;
}

/* Source: do_perf_sw_event() in kernel/events/core.c. */
static bool shares_samples(const struct evsel *evsel)
{
	return evsel->role == ROLE_MINOR || evsel->role == ROLE_MAJOR;
}

bool dedupe_is_copy(struct dedupe *d, uint32_t cpu, const struct evsel *evsel,
		    const struct stamp *stamp)
{
	struct stream_key key;
	struct entry *entry;
	bool copy;

	memset(&key, 0, sizeof(key));
	key.evsel = evsel;
	key.tid = stamp->tid;
	key.cpu = cpu;
	entry = entry_of(d, &key);
	if (!entry->id)
		entry->id = stamp->id;
	copy = entry->id != stamp->id ||
	       (shares_samples(evsel) && entry->time_ns == stamp->time_ns);
	entry->time_ns = stamp->time_ns;
	return copy;
}
