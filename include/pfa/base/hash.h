/*
 * uthash with a hash function for short keys, and memory as of everybody.
 *
 * Nearly all our keys are one or two machine words, looked up for every record:
 * a multiplication a word beats uthash's own byte-wise mixing. Without memory uthash
 * would exit(-1) without a word. Include this instead of <uthash.h>.
 */
#ifndef PFA_BASE_HASH_H
#define PFA_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pfa/base/mem.h"

static inline unsigned hash_bytes(const void *key, size_t length)
{
	const unsigned char *at = key;
	uint64_t hash = length, word;

	for (; length >= sizeof(word); length -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL; /* 2^64 / golden ratio */
		hash ^= hash >> 32;
	}
	if (length) {
		word = 0;
		memcpy(&word, at, length);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 32;
	}
	return (unsigned)hash;
}

#define HASH_FUNCTION(key, length, hash) ((hash) = hash_bytes(key, length))
#define uthash_malloc(size) pfa_alloc(size)

#include <uthash.h>

#endif
