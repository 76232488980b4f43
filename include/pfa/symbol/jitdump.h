/*
 * A jitdump file: a header, then a record for each piece of code that a process made,
 * or moved.
 *
 * Source: tools/perf/Documentation/jitdump-specification.txt in the kernel's tree.
 * Times are of CLOCK_MONOTONIC, as ours are; where the header says that they are the
 * processor's own, only their order counts. The machine code itself, lines and unwind
 * tables are skipped.
 */
#ifndef PFA_SYMBOL_JITDUMP_H
#define PFA_SYMBOL_JITDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jit_code;
struct jitdump;

enum {
	JITDUMP_HEADER_BYTES = 40,
	JITDUMP_RECORD_BYTES = 16, /* what each record begins with */
	/* As much of a record as is looked at; names are cut there. */
	JITDUMP_LOOK_BYTES = 56 + 1024,
};

/* Of the header, as long as JITDUMP_HEADER_BYTES. NULL: it is none, or another
 * machine's. `code` is borrowed. */
struct jitdump *jitdump_new(const void *header, struct jit_code *code);
void jitdump_free(struct jitdump *dump);

/* Where the first record is. */
uint64_t jitdump_first(const struct jitdump *dump);

/*
 * Takes the record that begins with these bytes: JITDUMP_LOOK_BYTES or all that there
 * is of the file. Returns its whole size, of which the file must have so much already:
 * what has not is not taken, and asked for again. 0: no record can be there.
 */
uint64_t jitdump_read(struct jitdump *dump, const void *bytes, size_t length,
		      uint64_t left);

#endif
