#include "pfa/base/hash.h"
#include "pfa/symbol/known_rules.h"

#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/cfi.h"
#include "pfa/symbol/frame_rule.h"

enum { ANSWER_BITS = 14 }; /* 384 KiB of answers */

struct answer {
	struct cfi *cfi; /* NULL: not in use */
	uint64_t addr;
	const struct frame_rule *rule; /* NULL: there is none */
};

struct shared_rule {
	UT_hash_handle hh;
	struct frame_rule rule; /* as many bytes of it as it uses */
};

struct known_rules {
	struct shared_rule *rules;
	struct answer answers[1U << ANSWER_BITS];
};

struct known_rules *known_rules_new(void)
{
	return pfa_alloc(sizeof(struct known_rules));
}

void known_rules_free(struct known_rules *known)
{
	struct shared_rule *shared, *next;

	if (!known)
		return;
	HASH_ITER(hh, known->rules, shared, next) {
		HASH_DEL(known->rules, shared);
		free(shared);
	}
	free(known);
}

static const struct frame_rule *share(struct known_rules *known,
				      const struct frame_rule *rule)
{
	size_t size = frame_rule_size(rule);
	struct shared_rule *shared;

	HASH_FIND(hh, known->rules, rule, size, shared);
	if (!shared) {
		shared = pfa_alloc(offsetof(struct shared_rule, rule) + size);
		memcpy(&shared->rule, rule, size);
		HASH_ADD_KEYPTR(hh, known->rules, &shared->rule, size, shared);
	}
	return &shared->rule;
}

static struct answer *answer_for(struct known_rules *known, struct cfi *cfi,
				 uint64_t addr)
{
	const uint64_t key[] = { (uintptr_t)cfi, addr };

	return &known->answers[hash_bytes(key, sizeof(key)) >> (32 - ANSWER_BITS)];
}

const struct frame_rule *known_rules_find(struct known_rules *known, struct cfi *cfi,
					  uint64_t addr)
{
	struct answer *answer = answer_for(known, cfi, addr);
	struct frame_rule rule;

	if (answer->cfi != cfi || answer->addr != addr) {
		bool is = cfi_rule(cfi, addr, &rule);

		*answer = (struct answer){ .cfi = cfi, .addr = addr,
					   .rule = is ? share(known, &rule) : NULL };
	}
	return answer->rule;
}
