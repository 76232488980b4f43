/*
 * The build-id of an ELF file: the bytes that its linker gave it, the same in its
 * separate debug file and in no other build. Of longer ones the first 20 bytes count,
 * as for the kernel and perf.
 *
 * Source: ld(1), --build-id; a note in a PT_NOTE segment, owner "GNU".
 */
#ifndef PFA_SYMBOL_BUILD_ID_H
#define PFA_SYMBOL_BUILD_ID_H

#include <stdbool.h>
#include <stdint.h>

enum {
	BUILD_ID_MAX = 20,
	BUILD_ID_TEXT_MAX = 2 * BUILD_ID_MAX + 1, /* with its terminator */
};

struct build_id {
	uint8_t length; /* 0: the file has none */
	uint8_t bytes[BUILD_ID_MAX];
};

struct Elf; /* libelf's */

/* By the file's segments, which stripping leaves in place. */
void build_id_read(struct Elf *elf, struct build_id *id);

/* Keeps the first bytes of it. */
void build_id_set(struct build_id *id, const void *bytes, uint64_t length);

/* Both have one, and it is the same. */
bool build_id_same(const struct build_id *a, const struct build_id *b);

/* In hexadecimal digits; returns `text`. */
const char *build_id_text(const struct build_id *id, char text[BUILD_ID_TEXT_MAX]);

#endif
